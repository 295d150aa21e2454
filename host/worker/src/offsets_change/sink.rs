//! A sink's offsets: what its consumer group has committed, at the group's coordinator.

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use watertight_kafka::{Admin, RawError, TopicPartition};
use watertight_sandbox::bindings::watertight::types::data::TopicPartition as GuestPartition;

use super::hook::{self, Offered};
use super::{BUDGET, Change, Owner, java_map};
use crate::entities::ConnectorOffset;
use crate::herder::HerderError;

const TOPIC: &str = "kafka_topic";
const PARTITION: &str = "kafka_partition";
const OFFSET: &str = "kafka_offset";

type Entry = (TopicPartition, Option<i64>);

/// An offset of a group, as REST shows it.
pub fn shown(place: &TopicPartition, offset: i64) -> ConnectorOffset {
    ConnectorOffset {
        partition: serde_json::json!({PARTITION: place.partition, TOPIC: place.topic}),
        offset: serde_json::json!({OFFSET: offset}),
    }
}

/// Changes what a sink's group has committed; what the client is told. The plugin's answer is waited for until `cut_off`
/// ends.
///
/// # Errors
/// The request is wrong, the plugin says no, or the coordinator does.
pub async fn of_sink(
    owner: &Owner<'_>,
    admin: &Admin,
    group: &str,
    change: &Change,
    cut_off: BoxFuture<'_, ()>,
) -> Result<String, HerderError> {
    let deadline = Instant::now() + BUDGET;
    let name = owner.name;
    let entries = match change {
        Change::Alter(offsets) => parsed(name, offsets)?,
        Change::Reset => {
            let listed = admin.group_offsets(group).await.map_err(|error| {
                HerderError::Internal(format!(
                    "Failed to list offsets prior to resetting offsets for sink connector {name}: {error}"
                ))
            })?;
            listed.into_iter().map(|(at, _)| (at, None)).collect()
        }
    };
    let offered: Vec<_> = entries
        .iter()
        .map(|(at, offset)| (GuestPartition { topic: at.topic.clone(), partition: at.partition }, *offset))
        .collect();
    let by_plugin = hook::ask(owner, Offered::Sink(&offered), deadline, cut_off).await?;
    let work = async {
        match change {
            Change::Alter(_) => alter(admin, group, entries).await.map_err(|error| altering(name, &error)),
            Change::Reset => reset(admin, group).await.map_err(|error| resetting(name, &error)),
        }
    };
    match timeout_at(deadline, work).await {
        Ok(done) => done?,
        Err(_) => {
            return Err(HerderError::Internal(format!(
                "Timed out while attempting to modify offsets for sink connector {name}"
            )));
        }
    }
    Ok(change.done(by_plugin))
}

async fn alter(admin: &Admin, group: &str, entries: Vec<Entry>) -> Result<(), RawError> {
    let mut set = Vec::new();
    let mut removed = Vec::new();
    for (at, offset) in entries {
        match offset {
            Some(offset) => set.push((at, offset)),
            None => removed.push(at),
        }
    }
    admin.alter_group_offsets(group, &set).await?;
    admin.delete_group_offsets(group, &removed).await
}

async fn reset(admin: &Admin, group: &str) -> Result<(), RawError> {
    match admin.delete_group(group).await {
        // It may be asked for twice, or before anything was committed.
        Err(error) if error.is_group_missing() => Ok(()),
        other => other,
    }
}

fn altering(name: &str, error: &RawError) -> HerderError {
    let text = if error.is_group_in_use() {
        in_use(name, "alter")
    } else {
        format!("Failed to alter consumer group offsets for connector {name}: {error}")
    };
    tracing::error!("Failed to alter consumer group offsets for connector {name}: {error}");
    HerderError::Internal(text)
}

fn resetting(name: &str, error: &RawError) -> HerderError {
    let text = if error.is_group_in_use() {
        in_use(name, "reset")
    } else {
        format!("Failed to reset consumer group offsets for sink connector {name}: {error}")
    };
    tracing::error!("Failed to reset consumer group offsets for sink connector {name}: {error}");
    HerderError::Internal(text)
}

/// The group has members; Kafka's words.
fn in_use(name: &str, doing: &str) -> String {
    format!(
        "Failed to {doing} consumer group offsets for connector {name} either because its tasks haven't stopped completely yet or the connector was resumed before the request to {doing} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks."
    )
}

/// One entry a partition, the last one said. Numbers may come as texts.
fn parsed(name: &str, offsets: &[ConnectorOffset]) -> Result<Vec<Entry>, HerderError> {
    let refused = |text: String| HerderError::BadRequest(text);
    let mut given = Vec::with_capacity(offsets.len());
    for one in offsets {
        let Value::Object(partition) = &one.partition else {
            return Err(refused("The partition for a sink connector offset cannot be null or missing".into()));
        };
        given.push((partition.clone(), &one.offset));
    }
    // In this order, because of several mistakes the first is told.
    java_map::order(&mut given);
    let mut entries = std::collections::BTreeMap::new();
    for (partition, offset) in given {
        let (Some(topic), Some(number)) = (partition.get(TOPIC), partition.get(PARTITION)) else {
            return Err(refused(format!(
                "The partition for a sink connector offset must contain the keys '{TOPIC}' and '{PARTITION}'"
            )));
        };
        if topic.is_null() {
            return Err(refused("Kafka topic names must be valid strings and may not be null".into()));
        }
        if number.is_null() {
            return Err(refused("Kafka partitions must be valid numbers and may not be null".into()));
        }
        let text = java_map::text(number);
        let number = text.parse().map_err(|_| refused(format!(
            "Failed to parse the following Kafka partition value in the provided offsets: '{text}'. Partition values for sink connectors need to be integers."
        )))?;
        let offset = offset_of(offset).map_err(refused)?;
        if offset.is_some_and(|offset| offset < 0) {
            return Err(refused(format!(
                "Failed to modify offsets for sink connector {name}: Invalid negative offset"
            )));
        }
        entries.insert(TopicPartition::new(java_map::text(topic), number), offset);
    }
    Ok(entries.into_iter().collect())
}

fn offset_of(offset: &Value) -> Result<Option<i64>, String> {
    let given = match offset {
        Value::Null => return Ok(None),
        Value::Object(object) => object.get(OFFSET),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    };
    let Some(given) = given else {
        return Err(format!("The offset for a sink connector should either be null or contain the key '{OFFSET}'"));
    };
    let text = java_map::text(given);
    text.parse().map(Some).map_err(|_| {
        format!(
            "Failed to parse the following Kafka offset value in the provided offsets: '{text}'. Offset values for sink connectors need to be integers."
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(partition: Value, offset: Value) -> ConnectorOffset {
        ConnectorOffset { partition, offset }
    }

    fn refused(partition: Value, offset: Value) -> String {
        match parsed("k", &[given(partition, offset)]) {
            Err(HerderError::BadRequest(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    fn place(partition: Value) -> Value {
        json!({"kafka_topic": "t", "kafka_partition": partition})
    }

    #[test]
    fn numbers_may_come_as_texts_and_other_keys_are_passed_over() {
        let list = [
            given(json!({"kafka_topic": "t", "kafka_partition": "+0", "x": 1}), json!({"kafka_offset": "3", "y": 2})),
            given(place(json!(1)), json!({"kafka_offset": 5})),
            given(json!({"kafka_topic": 5, "kafka_partition": 1}), Value::Null),
        ];
        let expected = [
            (TopicPartition::new("5", 1), None),
            (TopicPartition::new("t", 0), Some(3)),
            (TopicPartition::new("t", 1), Some(5)),
        ];
        assert_eq!(parsed("k", &list).unwrap(), expected);
    }

    #[test]
    fn every_misfit_has_kafkas_words() {
        let zero = || json!({"kafka_offset": 0});
        for (partition, offset, words) in [
            (Value::Null, Value::Null, "cannot be null or missing"),
            (json!({}), Value::Null, "must contain the keys 'kafka_topic' and 'kafka_partition'"),
            (json!({"kafka_topic": "t"}), zero(), "must contain the keys 'kafka_topic' and 'kafka_partition'"),
            (json!({"kafka_topic": null, "kafka_partition": 0}), zero(), "Kafka topic names must be valid strings"),
            (place(Value::Null), zero(), "Kafka partitions must be valid numbers and may not be null"),
            (place(json!("x")), zero(), "Kafka partition value in the provided offsets: 'x'. Partition values for"),
            (place(json!(" 1")), zero(), "offsets: ' 1'. Partition values for sink connectors need to be integers."),
            (place(json!(1.0)), zero(), "offsets: '1.0'. Partition values"),
            (place(json!(2_147_483_648_i64)), zero(), "offsets: '2147483648'. Partition values"),
            (place(json!(0)), json!({}), "should either be null or contain the key 'kafka_offset'"),
            (place(json!(0)), json!({"kafka_offset": null}), "offsets: 'null'. Offset values"),
            (place(json!(0)), json!({"kafka_offset": 1.5}), "offsets: '1.5'. Offset values for sink connectors need"),
            (place(json!(0)), json!({"kafka_offset": -1}), "Invalid negative offset"),
        ] {
            let text = refused(partition, offset);
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn of_several_mistakes_the_one_is_told_that_kafka_tells() {
        let list = [given(place(json!("x")), Value::Null), given(json!({}), Value::Null)];
        let error = parsed("k", &list).unwrap_err().to_string();
        assert!(error.contains("must contain the keys"), "{error}");
    }
}
