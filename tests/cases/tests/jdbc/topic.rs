//! A topic that is followed while records arrive, until there is enough in it.

use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

/// Reads partition 0 from its beginning.
pub struct Follower {
    consumer: BaseConsumer,
    topic: String,
    /// Values so far, as JSON; null for a tombstone.
    pub values: Vec<Value>,
    /// As many keys.
    pub keys: Vec<Option<String>>,
}

impl Follower {
    /// Of a topic that may not be there yet.
    pub fn new(bootstrap: &str, topic: &str) -> anyhow::Result<Self> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "follower")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "50")
            .set("allow.auto.create.topics", "true")
            .set("topic.metadata.refresh.interval.ms", "500")
            .create()?;
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning)?;
        consumer.assign(&list)?;
        Ok(Self { consumer, topic: topic.to_owned(), values: Vec::new(), keys: Vec::new() })
    }

    /// Takes what comes until `enough`; the time allowed starts anew with each record.
    pub fn until(
        &mut self,
        what: &str,
        patience: Duration,
        mut enough: impl FnMut(&[Value]) -> bool,
    ) -> anyhow::Result<()> {
        let mut last = Instant::now();
        while !enough(&self.values) {
            if self.take(Duration::from_millis(100))? > 0 {
                last = Instant::now();
            }
            let seen = self.values.len();
            let newest = self.values.last().map(|value| value.to_string().chars().take(300).collect::<String>());
            anyhow::ensure!(
                last.elapsed() < patience,
                "waited {} s in {} for {what}; {seen} records, the last is {newest:?}",
                patience.as_secs(),
                self.topic
            );
        }
        Ok(())
    }

    /// So many records, at least.
    pub fn count(&mut self, count: usize, patience: Duration) -> anyhow::Result<()> {
        self.until(&format!("{count} records"), patience, |values| values.len() >= count)
    }

    /// All that is in the topic now.
    pub fn read_to_end(&mut self, patience: Duration) -> anyhow::Result<()> {
        let (_, end) = self.consumer.fetch_watermarks(&self.topic, 0, patience)?;
        self.count(usize::try_from(end)?, patience)
    }

    /// What comes within that time; how many.
    pub fn quiet(&mut self, time: Duration) -> anyhow::Result<usize> {
        let (begun, before) = (Instant::now(), self.values.len());
        while begun.elapsed() < time {
            self.take(Duration::from_millis(100))?;
        }
        Ok(self.values.len() - before)
    }

    fn take(&mut self, patience: Duration) -> anyhow::Result<usize> {
        let before = self.values.len();
        let mut wait = patience;
        // All that lies there already, so that `enough` is not asked for each.
        while let Some(message) = self.consumer.poll(wait) {
            let message = match message {
                Ok(message) => message,
                // The topic may not be there yet.
                Err(_) => break,
            };
            let value = match message.payload() {
                Some(bytes) => serde_json::from_slice(bytes)
                    .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())),
                None => Value::Null,
            };
            self.values.push(value);
            self.keys.push(message.key().map(|key| String::from_utf8_lossy(key).into_owned()));
            if self.values.len() - before >= 1000 {
                break;
            }
            wait = Duration::ZERO;
        }
        Ok(self.values.len() - before)
    }
}
