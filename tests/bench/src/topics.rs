//! The genuine broker, asked from outside of what is measured: topics are made before a pass, and their end
//! is looked at to know when a source is done.

use tokio::runtime::Runtime;
use watertight_kafka::{Admin, Creation, NewTopic, TopicPartition};

/// A client for topics, of one partition unless said otherwise.
pub struct Topics {
    admin: Admin,
    runtime: Runtime,
}

impl Topics {
    /// For this broker.
    pub fn new(bootstrap: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { admin: Admin::new(bootstrap, "bench")?, runtime })
    }

    /// Makes one, with the broker's own settings: the same for everybody.
    pub fn create(&self, name: &str) -> anyhow::Result<()> {
        self.create_with(name, 1)
    }

    /// Likewise, with so many partitions.
    pub fn create_with(&self, name: &str, partitions: i32) -> anyhow::Result<()> {
        let wanted = NewTopic { partitions, replication_factor: 1, ..NewTopic::new(name) };
        let made = self.runtime.block_on(self.admin.create_topic(&wanted))?;
        anyhow::ensure!(made == Creation::Created, "the topic {name} is there already");
        Ok(())
    }

    /// How far a sink's group has committed in the topic.
    pub fn committed(&self, group: &str, topic: &str) -> anyhow::Result<u64> {
        let offsets = self.runtime.block_on(self.admin.group_offsets(group))?;
        let wanted = TopicPartition::new(topic, 0);
        let found = offsets.into_iter().find(|(partition, _)| *partition == wanted);
        Ok(found.map_or(0, |(_, offset)| u64::try_from(offset).unwrap_or(0)))
    }

    /// How many records it holds.
    pub fn records(&self, name: &str) -> anyhow::Result<u64> {
        self.records_in(&[name.to_owned()], 1)
    }

    /// How many records these topics hold together, each in so many partitions.
    pub fn records_in(&self, names: &[String], partitions: i32) -> anyhow::Result<u64> {
        let all: Vec<_> =
            names.iter().flat_map(|name| (0..partitions).map(move |n| TopicPartition::new(name, n))).collect();
        let ends = self.runtime.block_on(self.admin.end_offsets(&all))?;
        Ok(ends.iter().map(|(_, end)| u64::try_from(*end).unwrap_or(0)).sum())
    }
}
