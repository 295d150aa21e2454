//! The genuine broker, asked from outside of what is measured: topics are made before a pass, and their end
//! is looked at to know when a source is done.

use tokio::runtime::Runtime;
use watertight_kafka::{Admin, Creation, NewTopic, TopicPartition};

/// A client for topics of one partition.
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
        let wanted = NewTopic { partitions: 1, replication_factor: 1, ..NewTopic::new(name) };
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
        let partition = [TopicPartition::new(name, 0)];
        let ends = self.runtime.block_on(self.admin.end_offsets(&partition))?;
        Ok(ends.first().map_or(0, |(_, end)| u64::try_from(*end).unwrap_or(0)))
    }
}
