//! A source's offsets: the connector's own partitions and positions, in the worker's store.

use std::collections::HashMap;

use futures::future::BoxFuture;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use watertight_data::java::hash::string_map_order;

use super::hook::{self, Offered};
use super::{BUDGET, Change, Owner, java_map};
use crate::entities::ConnectorOffset;
use crate::herder::HerderError;
use crate::offsets::position::{self, Offset};
use crate::offsets::{OffsetStore, Stored};

/// Changes a source's offsets; what the client is told. They are durable then. The plugin's answer is waited for until
/// `cut_off` ends.
///
/// # Errors
/// The request is wrong, the plugin says no, or the store fails. Nothing is changed then, unless it is the store that
/// failed.
pub async fn of_source(
    owner: &Owner<'_>,
    store: &dyn OffsetStore,
    change: &Change,
    cut_off: BoxFuture<'_, ()>,
) -> Result<String, HerderError> {
    let deadline = Instant::now() + BUDGET;
    let name = owner.name;
    let failed = |what: &dyn std::fmt::Display| {
        HerderError::Internal(format!("Failed to modify offsets for source connector {name}: {what}"))
    };
    let mut entries = match change {
        Change::Alter(offsets) => checked(offsets)?,
        Change::Reset => {
            let known = store.all(name).await.map_err(|error| failed(&error))?;
            known.into_iter().map(|stored| (normal(stored.partition), None)).collect()
        }
    };
    java_map::order(&mut entries);
    let offered: Vec<_> = entries
        .iter()
        .map(|(partition, offset)| (position::to_guest(partition), offset.as_ref().map(position::to_guest)))
        .collect();
    let by_plugin = hook::ask(owner, Offered::Source(&offered), deadline, cut_off).await?;
    if entries.is_empty() {
        tracing::info!(
            "No offsets found for source connector {name} - this can occur due to a prior attempt to reset offsets or if the source connector hasn't committed any offsets yet"
        );
        return Ok(change.done(by_plugin));
    }
    let list = entries.into_iter().map(|(partition, offset)| Stored { partition, offset }).collect();
    match timeout_at(deadline, store.put(name, list)).await {
        Ok(written) => written.map_err(|error| failed(&error))?,
        Err(_) => {
            return Err(HerderError::Internal(format!(
                "Timed out while attempting to modify offsets for source connector {name}"
            )));
        }
    }
    Ok(change.done(by_plugin))
}

/// One entry a partition, the last one said, in the form in which a task would read it back.
fn checked(offsets: &[ConnectorOffset]) -> Result<Vec<(Offset, Option<Offset>)>, HerderError> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(offsets.len());
    let mut entries: Vec<(Offset, Option<Offset>)> = Vec::with_capacity(offsets.len());
    for given in offsets {
        let partition = object(&given.partition, "partition")?;
        let Some(partition) = partition else {
            return Err(HerderError::BadRequest(
                "The partition for a source connector offset cannot be null or missing".into(),
            ));
        };
        let offset = object(&given.offset, "offset")?;
        match places.get(&position::canonical(&partition)).and_then(|place| entries.get_mut(*place)) {
            Some(entry) => entry.1 = offset,
            None => {
                places.insert(position::canonical(&partition), entries.len());
                entries.push((partition, offset));
            }
        }
    }
    // In this order, because of several mistakes the first is told.
    java_map::order(&mut entries);
    for (partition, offset) in &entries {
        primitives_only(partition)?;
        offset.as_ref().map_or(Ok(()), primitives_only)?;
    }
    Ok(entries.into_iter().map(|(partition, offset)| (normal(partition), offset.map(normal))).collect())
}

fn object(value: &Value, what: &str) -> Result<Option<Offset>, HerderError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(object) => Ok(Some(object.clone())),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(HerderError::BadRequest(format!("The {what} of a connector's offset must be an object, or null")))
        }
    }
}

fn primitives_only(object: &Map<String, Value>) -> Result<(), HerderError> {
    let wrong = object.iter().find_map(|(name, value)| Some((name, not_primitive(value)?)));
    match wrong {
        None => Ok(()),
        Some((name, what)) => Err(HerderError::BadRequest(format!(
            "Offsets may only contain primitive types as values, but field {name} contains {what}"
        ))),
    }
}

/// Kafka's word for what an offset may not hold.
fn not_primitive(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => None,
        // What is larger still, its reader has to refuse: as a number it would be rounded by now.
        Value::Number(number) => (number.is_u64() && !number.is_i64()).then_some("class java.math.BigInteger"),
        Value::Array(_) => Some("ARRAY"),
        Value::Object(_) => Some("MAP"),
    }
}

/// The order of fields that Kafka's round trip through its own JSON gives: that of a `HashMap`. It is part of a stored
/// key's bytes.
fn normal(object: Offset) -> Offset {
    let mut fields: Vec<(String, Value)> = object.into_iter().collect();
    string_map_order(&mut fields);
    fields.into_iter().collect()
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
        match checked(&[given(partition, offset)]) {
            Err(HerderError::BadRequest(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_one_partition_given_twice_the_last_offset_counts() {
        let list = [
            given(json!({"a": 1, "b": 2}), json!({"v": 1})),
            given(json!({"a": 1.0, "b": 2}), json!({"v": 7})),
            given(json!({"b": 2, "a": 1}), Value::Null),
        ];
        let entries = checked(&list).unwrap();
        let found = |partition: Value| {
            let partition = partition.as_object().unwrap();
            entries.iter().find(|(one, _)| one == partition).map(|(_, offset)| offset.clone().map(Value::Object))
        };
        assert_eq!(entries.len(), 2);
        assert_eq!(found(json!({"a": 1, "b": 2})), Some(None));
        assert_eq!(found(json!({"a": 1.0, "b": 2})), Some(Some(json!({"v": 7}))));
    }

    #[test]
    fn what_is_no_primitive_is_refused_in_kafkas_words() {
        const BEGIN: &str = "Offsets may only contain primitive types as values, but field";
        assert_eq!(refused(json!({"e": {"f": 1}}), json!({})), format!("{BEGIN} e contains MAP"));
        assert_eq!(refused(json!({"e": 1}), json!({"v": [1]})), format!("{BEGIN} v contains ARRAY"));
        let huge = json!({"v": 9_223_372_036_854_775_808_u64});
        assert_eq!(refused(json!({"e": 1}), huge), format!("{BEGIN} v contains class java.math.BigInteger"));
        let fine =
            json!({"max": i64::MAX, "min": i64::MIN, "d": 0.5, "large": 1.5e300, "n": null, "t": "x", "b": true});
        assert!(checked(&[given(fine.clone(), fine)]).is_ok());
    }

    #[test]
    fn a_partition_must_be_there() {
        assert!(refused(Value::Null, json!({})).contains("cannot be null or missing"));
        assert!(refused(json!([1]), Value::Null).contains("partition"));
        assert!(refused(json!({}), json!(5)).contains("offset"));
    }

    /// As the genuine worker stored it: `{"b":…,"t":…,"f":…,"x":…,"n":…}`.
    #[test]
    fn fields_come_in_the_order_of_a_hash_map() {
        let partition = json!({"x": 1, "b": true, "n": null, "f": 1.5, "t": "é"});
        let entries = checked(&[given(partition, json!({}))]).unwrap();
        let names: Vec<&str> = entries[0].0.keys().map(String::as_str).collect();
        assert_eq!(names, ["b", "t", "f", "x", "n"]);
    }
}
