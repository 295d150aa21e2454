//! Topics from outside: what a case writes into one, and what it finds there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, ConfigSource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};

/// One record; texts where the bytes are text, as they are in all cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its partition and offset, once it was read.
    pub place: (i32, i64),
    /// Its key.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Its headers, in order.
    pub headers: Vec<(String, Option<String>)>,
    /// Milliseconds since the epoch.
    pub timestamp: Option<i64>,
}

impl Letter {
    /// The last header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().rev().find(|(key, _)| key == name).and_then(|(_, value)| value.as_deref())
    }
}

/// Writes records into partition 0, in order, and waits until they are there.
pub fn write(bootstrap: &str, topic: &str, letters: &[Letter]) -> anyhow::Result<()> {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("linger.ms", "5").set("acks", "all").create()?;
    for letter in letters {
        let mut record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(0);
        record.key = letter.key.as_deref();
        record.payload = letter.value.as_deref();
        record.timestamp = letter.timestamp;
        if !letter.headers.is_empty() {
            let insert = |headers: OwnedHeaders, (key, value): &(String, Option<String>)| {
                headers.insert(Header { key, value: value.as_deref() })
            };
            record.headers = Some(letter.headers.iter().fold(OwnedHeaders::new(), insert));
        }
        producer.send(record).map_err(|(error, _)| error)?;
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(30))?;
    Ok(())
}

/// Reads a topic from its beginning until `count` records were there and none came for a while, or the time is up.
pub fn read(bootstrap: &str, topic: &str, count: usize, patience: Duration) -> anyhow::Result<Vec<Letter>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "case")
        .set("enable.auto.commit", "false")
        .set("fetch.wait.max.ms", "50")
        .create()?;
    let deadline = Instant::now() + patience;
    let partitions = loop {
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10))?;
        match metadata.topics().iter().find(|found| found.name() == topic && !found.partitions().is_empty()) {
            Some(found) => break found.partitions().len(),
            None if Instant::now() > deadline => anyhow::bail!("topic {topic} never came to be"),
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(topic, i32::try_from(partition)?, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    let mut letters = Vec::new();
    let mut quiet = Instant::now();
    while Instant::now() < deadline && (letters.len() < count || quiet.elapsed() < Duration::from_millis(500)) {
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        let message = message?;
        let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        letters.push(Letter {
            place: (message.partition(), message.offset()),
            key: text(message.key()),
            value: text(message.payload()),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
            timestamp: message.timestamp().to_millis(),
        });
        quiet = Instant::now();
    }
    Ok(letters)
}

/// How many partitions a topic has; 0 if there is none of the name.
pub fn partitions(bootstrap: &str, topic: &str) -> anyhow::Result<usize> {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", bootstrap).create()?;
    let metadata = consumer.fetch_metadata(None, Duration::from_secs(10))?;
    Ok(metadata.topics().iter().find(|found| found.name() == topic).map_or(0, |found| found.partitions().len()))
}

/// Makes a topic with one replica and these settings.
pub fn create(bootstrap: &str, topic: &str, partitions: i32, settings: &[(&str, &str)]) -> anyhow::Result<()> {
    let new = settings
        .iter()
        .fold(NewTopic::new(topic, partitions, TopicReplication::Fixed(1)), |new, (key, value)| new.set(key, value));
    let made = block_on(admin(bootstrap)?.create_topics(&[new], &AdminOptions::new()))?;
    for result in made {
        result.map_err(|(name, code)| anyhow::anyhow!("{name}: {code}"))?;
    }
    Ok(())
}

/// Takes a topic away.
pub fn delete(bootstrap: &str, topic: &str) -> anyhow::Result<()> {
    for result in block_on(admin(bootstrap)?.delete_topics(&[topic], &AdminOptions::new()))? {
        result.map_err(|(name, code)| anyhow::anyhow!("{name}: {code}"))?;
    }
    Ok(())
}

/// The settings of a topic that it does not have from the broker.
pub fn settings(bootstrap: &str, topic: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let wanted = [ResourceSpecifier::Topic(topic)];
    let mut all = BTreeMap::new();
    for found in block_on(admin(bootstrap)?.describe_configs(&wanted, &AdminOptions::new()))? {
        let found = found.map_err(|code| anyhow::anyhow!("{topic}: {code}"))?;
        let own = found.entries.into_iter().filter(|entry| entry.source == ConfigSource::DynamicTopic);
        all.extend(own.map(|entry| (entry.name, entry.value.unwrap_or_default())));
    }
    Ok(all)
}

fn admin(bootstrap: &str) -> anyhow::Result<AdminClient<DefaultClientContext>> {
    Ok(ClientConfig::new().set("bootstrap.servers", bootstrap).create()?)
}

/// Somebody else's thread does the work: there is nothing to drive, only to wait for.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::task::Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
        std::thread::park();
    }
}
