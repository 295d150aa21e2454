//! The requests the tests send, at versions from before the compact encodings.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::wire::{In, Out, batch, records};

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
const METADATA: i16 = 3;
const OFFSET_COMMIT: i16 = 8;
const OFFSET_FETCH: i16 = 9;
const CREATE_TOPICS: i16 = 19;

pub struct Client(TcpStream);

/// Error code, and offset and value of each record.
pub type Fetched = (i16, Vec<(i64, Vec<u8>)>);

/// A topic's error code and the number of its partitions.
pub type Topics = BTreeMap<String, (i16, usize)>;

impl Client {
    pub fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(stream)
    }

    fn call(&mut self, api: i16, version: i16, body: &Out) -> Vec<u8> {
        let mut request = Out::default();
        request.i16(api).i16(version).i32(7).string("test");
        request.bytes(&body.0);
        let len: i32 = request.0.len().try_into().unwrap();
        self.0.write_all(&[&len.to_be_bytes(), &request.0[..]].concat()).unwrap();

        let mut len = [0; 4];
        self.0.read_exact(&mut len).unwrap();
        let mut answer = vec![0; u32::from_be_bytes(len) as usize];
        self.0.read_exact(&mut answer).unwrap();
        assert_eq!(7, i32::from_be_bytes(answer[..4].try_into().unwrap()));
        answer.split_off(4)
    }

    /// Metadata at version 4, which says whether topics may be created.
    pub fn metadata(&mut self, topics: &[&str], create: bool) -> Topics {
        let mut body = Out::default();
        names(&mut body, topics).i8(create.into());
        let answer = self.call(METADATA, 4, &body);
        let mut answer = In(&answer);
        answer.i32();
        brokers(&mut answer);
        answer.string();
        answer.i32();
        topics_of(&mut answer)
    }

    /// Metadata at version 1, which cannot forbid creation.
    pub fn old_metadata(&mut self, topics: &[&str]) -> Topics {
        let mut body = Out::default();
        names(&mut body, topics);
        let answer = self.call(METADATA, 1, &body);
        let mut answer = In(&answer);
        brokers(&mut answer);
        answer.i32();
        topics_of(&mut answer)
    }

    /// Metadata of all topics, at version 4.
    pub fn all_topics(&mut self) -> Topics {
        let mut body = Out::default();
        body.i32(-1).i8(1);
        let answer = self.call(METADATA, 4, &body);
        let mut answer = In(&answer);
        answer.i32();
        brokers(&mut answer);
        answer.string();
        answer.i32();
        topics_of(&mut answer)
    }

    /// The cluster id that Metadata tells.
    pub fn cluster_id(&mut self) -> String {
        let mut body = Out::default();
        body.i32(0).i8(0);
        let answer = self.call(METADATA, 4, &body);
        let mut answer = In(&answer);
        answer.i32();
        brokers(&mut answer);
        answer.string()
    }

    /// Creates a topic and returns the error code.
    pub fn create_topic(&mut self, name: &str, partitions: i32) -> i16 {
        self.create(name, partitions, &[])
    }

    /// Creates a topic whose partitions lie on the given brokers.
    pub fn create_assigned_topic(&mut self, name: &str, brokers: &[i32]) -> i16 {
        self.create(name, -1, brokers)
    }

    fn create(&mut self, name: &str, partitions: i32, assigned: &[i32]) -> i16 {
        let mut body = Out::default();
        body.i32(1).string(name).i32(partitions).i16(-1);
        body.i32(assigned.len().try_into().unwrap());
        for (partition, broker) in assigned.iter().enumerate() {
            body.i32(partition.try_into().unwrap()).i32(1).i32(*broker);
        }
        body.i32(0).i32(5_000).i8(0);

        let answer = self.call(CREATE_TOPICS, 4, &body);
        let mut answer = In(&answer);
        answer.i32();
        answer.array(|topic| {
            topic.string();
            let code = topic.i16();
            topic.string();
            code
        })[0]
    }

    /// Appends to partition 0 and returns error code and first offset.
    pub fn produce(&mut self, topic: &str, values: &[&[u8]]) -> (i16, i64) {
        let records = batch(values);
        let mut body = Out::default();
        body.null_string().i16(-1).i32(5_000);
        body.i32(1).string(topic).i32(1).i32(0);
        body.i32(records.len().try_into().unwrap()).bytes(&records);

        let answer = self.call(PRODUCE, 3, &body);
        In(&answer).array(|topic| {
            topic.string();
            topic.array(|partition| {
                partition.i32();
                let result = (partition.i16(), partition.i64());
                partition.i64();
                result
            })[0]
        })[0]
    }

    /// Reads partition 0 and returns error code and records.
    pub fn fetch(&mut self, topic: &str, offset: i64, wait: Duration) -> Fetched {
        self.fetch_all(&[(topic, offset)], wait).remove(0)
    }

    /// Reads partition 0 of several topics.
    pub fn fetch_all(&mut self, positions: &[(&str, i64)], wait: Duration) -> Vec<Fetched> {
        let mut body = Out::default();
        body.i32(-1).i32(wait.as_millis().try_into().unwrap());
        body.i32(1).i32(50 << 20).i8(0);
        body.i32(positions.len().try_into().unwrap());
        for (topic, offset) in positions {
            body.string(topic).i32(1).i32(0).i64(*offset).i32(1 << 20);
        }

        let answer = self.call(FETCH, 4, &body);
        let mut answer = In(&answer);
        answer.i32();
        answer.array(|topic| {
            topic.string();
            topic
                .array(|partition| {
                    partition.i32();
                    let code = partition.i16();
                    partition.i64();
                    partition.i64();
                    partition.array(|aborted| (aborted.i64(), aborted.i64()));
                    let len = usize::try_from(partition.i32()).unwrap_or(0);
                    (code, records(partition.take(len)))
                })
                .remove(0)
        })
    }

    /// Commits partition 0's offset for a group without members.
    pub fn commit(&mut self, group: &str, topic: &str, offset: i64) -> i16 {
        let mut body = Out::default();
        body.string(group).i32(-1).string("").i64(-1);
        body.i32(1).string(topic).i32(1).i32(0).i64(offset);
        body.null_string();

        let answer = self.call(OFFSET_COMMIT, 2, &body);
        In(&answer).array(|topic| {
            topic.string();
            topic.array(|partition| {
                partition.i32();
                partition.i16()
            })[0]
        })[0]
    }

    /// The committed offset of partition 0.
    pub fn committed(&mut self, group: &str, topic: &str) -> i64 {
        let mut body = Out::default();
        body.string(group).i32(1).string(topic).i32(1).i32(0);

        let answer = self.call(OFFSET_FETCH, 1, &body);
        In(&answer).array(|topic| {
            topic.string();
            topic.array(|partition| {
                partition.i32();
                let offset = partition.i64();
                partition.string();
                assert_eq!(0, partition.i16());
                offset
            })[0]
        })[0]
    }
}

fn names<'a>(out: &'a mut Out, topics: &[&str]) -> &'a mut Out {
    out.i32(topics.len().try_into().unwrap());
    for topic in topics {
        out.string(topic);
    }
    out
}

fn brokers(answer: &mut In<'_>) {
    answer.array(|broker| {
        broker.i32();
        broker.string();
        broker.i32();
        broker.string();
    });
}

fn topics_of(answer: &mut In<'_>) -> Topics {
    answer
        .array(|topic| {
            let code = topic.i16();
            let name = topic.string();
            topic.i8();
            let partitions = topic.array(|partition| {
                partition.i16();
                partition.i32();
                partition.i32();
                partition.array(In::i32);
                partition.array(In::i32);
            });
            (name, (code, partitions.len()))
        })
        .into_iter()
        .collect()
}
