//! `watertight topics`

use serde_json::json;
use watertight_kafka::{Admin, TopicDescription, TopicPartition};

use crate::args::Topics;
use crate::failure::Failure;
use crate::ui::look::Look;
use crate::ui::print;
use crate::ui::table::Table;
use crate::{kafka, ui};

pub(super) fn topics(topics: &Topics) -> Result<(), Failure> {
    let admin = kafka::admin(&kafka::settings(&topics.broker)?)?;
    let runtime = kafka::runtime()?;
    match &topics.topic {
        Some(topic) => runtime.block_on(one(&admin, topic, topics.json)),
        None => runtime.block_on(all(&admin, topics)),
    }
}

async fn all(admin: &Admin, topics: &Topics) -> Result<(), Failure> {
    let found = admin.describe_topics().await.map_err(kafka::failed)?;
    let found: Vec<TopicDescription> = found.into_iter().filter(|topic| topics.all || !topic.internal).collect();
    if topics.json {
        let listed = found.iter().map(|topic| {
            json!({"name": topic.name, "partitions": topic.partitions, "replication_factor": topic.replication_factor,
                "internal": topic.internal})
        });
        return print(&serde_json::Value::Array(listed.collect()).to_string());
    }
    let mut table = Table::new(["TOPIC", "PARTITIONS", "REPLICAS"]);
    for topic in found {
        table.row([
            topic.name.into(),
            topic.partitions.to_string().into(),
            topic.replication_factor.to_string().into(),
        ]);
    }
    print(&if table.is_empty() { "There are no topics\n".to_owned() } else { table.render(&Look::of_stdout()) })
}

async fn one(admin: &Admin, topic: &str, as_json: bool) -> Result<(), Failure> {
    let extents = extents(admin, topic).await?;
    if as_json {
        let listed = extents.iter().map(|extent| {
            json!({"topic": topic, "partition": extent.partition.partition, "start": extent.start, "end": extent.end})
        });
        return print(&serde_json::Value::Array(listed.collect()).to_string());
    }
    let mut table = Table::new(["PARTITION", "FIRST", "NEXT", "OFFSETS"]);
    for extent in extents {
        table.row([
            extent.partition.partition.to_string().into(),
            extent.start.to_string().into(),
            extent.end.to_string().into(),
            (extent.end - extent.start).to_string().into(),
        ]);
    }
    ui::print(&table.render(&Look::of_stdout()))
}

/// What a partition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) partition: TopicPartition,
    /// The first offset.
    pub(super) start: i64,
    /// The offset after the last record.
    pub(super) end: i64,
}

/// Of all partitions, in order.
pub(super) async fn extents(admin: &Admin, topic: &str) -> Result<Vec<Extent>, Failure> {
    let count = admin.topic_partitions(topic).await.map_err(kafka::failed)?.ok_or_else(|| {
        Failure::Missing(format!("there is no topic {topic}\n'watertight topics' lists those there are"))
    })?;
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    let partitions: Vec<TopicPartition> = (0..count).map(|number| TopicPartition::new(topic, number)).collect();
    let starts = admin.start_offsets(&partitions).await.map_err(kafka::failed)?;
    let ends = admin.end_offsets(&partitions).await.map_err(kafka::failed)?;
    let pairs = starts.into_iter().zip(ends);
    Ok(pairs.map(|((partition, start), (_, end))| Extent { partition, start, end }).collect())
}
