//! Offsets as a topic tells them. Compaction compares keys as bytes, and a JVM's worker finds an offset only under the
//! bytes that it would write itself: so a partition's key is kept as it was first seen, and written again. Where one
//! partition has come to have several keys, because somebody wrote its fields in another order, the newest counts.

use std::collections::HashMap;

use watertight_data::java::hash::string_map_order;
use watertight_kafka::InRecord;

use crate::offsets::Stored;
use crate::offsets::position::{self, Offset};
use crate::storage::log::Pair;

/// Offsets by connector.
#[derive(Debug, Default)]
pub(super) struct Cache {
    connectors: HashMap<String, HashMap<String, Place>>,
    arrived: u64,
}

/// One source partition.
#[derive(Debug)]
struct Place {
    partition: Offset,
    /// Its key, as the newest record has it.
    key: Vec<u8>,
    /// What is stored under each of its keys.
    live: Vec<Live>,
}

#[derive(Debug)]
struct Live {
    key: Vec<u8>,
    value: Vec<u8>,
    /// By the broker's clock or the writer's; then by arrival, for partitions of a topic come in no order.
    age: (i64, u64),
}

impl Cache {
    /// Takes the next record.
    pub(super) fn apply(&mut self, record: InRecord) {
        let at = || format!("{}-{} at offset {}", record.topic, record.partition, record.offset);
        let Some(key) = record.key.as_deref() else {
            tracing::warn!("Ignoring offset partition key with an unexpected null value ({})", at());
            return;
        };
        let Some((connector, partition)) = position::parse_key(key) else {
            tracing::warn!(
                "Ignoring offset partition key with an unexpected format; expected is a JSON array of a connector's name and a partition: {} ({})",
                String::from_utf8_lossy(key),
                at()
            );
            return;
        };
        self.arrived += 1;
        let age = (record.timestamp.unwrap_or(-1), self.arrived);
        let name = position::canonical(&partition);
        let place = self.connectors.entry(connector).or_default().entry(name).or_insert_with(|| Place {
            partition,
            key: key.to_vec(),
            live: Vec::new(),
        });
        if place.live.iter().all(|live| live.age <= age) {
            place.key = key.to_vec();
        }
        place.live.retain(|live| live.key != key);
        if let Some(value) = record.value {
            place.live.push(Live { key: key.to_vec(), value, age });
        }
    }

    /// The offset of a partition, if there is one that can be understood.
    pub(super) fn get(&self, connector: &str, partition: &Offset) -> Option<Offset> {
        self.connectors.get(connector)?.get(&position::canonical(partition))?.offset(connector)
    }

    /// All partitions of a connector that have an offset.
    pub(super) fn all(&self, connector: &str) -> Vec<Stored> {
        let places = self.connectors.get(connector).into_iter().flat_map(HashMap::values);
        let mut live: Vec<&Place> = places.filter(|place| !place.live.is_empty()).collect();
        live.sort_by(|a, b| a.key.cmp(&b.key));
        let stored = |place: &Place| Stored { partition: place.partition.clone(), offset: place.offset(connector) };
        live.into_iter().map(stored).collect()
    }

    /// The records of what is to be written. What is deleted, is deleted under all its keys.
    pub(super) fn records(&self, connector: &str, entries: &[Stored]) -> Vec<Pair> {
        let known = self.connectors.get(connector);
        let mut records = Vec::with_capacity(entries.len());
        for entry in entries {
            let place = known.and_then(|places| places.get(&position::canonical(&entry.partition)));
            let key = || place.map_or_else(|| new_key(connector, &entry.partition), |place| place.key.clone());
            match (&entry.offset, place) {
                (Some(offset), _) => records.push((key(), Some(position::value_bytes(offset)))),
                (None, Some(place)) if !place.live.is_empty() => {
                    records.extend(place.live.iter().map(|live| (live.key.clone(), None)));
                }
                (None, _) => records.push((key(), None)),
            }
        }
        records
    }
}

impl Place {
    fn offset(&self, connector: &str) -> Option<Offset> {
        let newest = self.live.iter().max_by_key(|live| live.age)?;
        match serde_json::from_slice(&newest.value) {
            Ok(offset) => offset,
            Err(error) => {
                tracing::error!(
                    "CRITICAL: Failed to deserialize offset data when getting offsets for task with namespace {connector}. No value for this data will be returned, which may break the task or cause it to skip some data: {error}"
                );
                None
            }
        }
    }
}

/// The key of a partition that nobody has stored yet, with its fields in the order that they have in most JVM
/// connectors' maps.
fn new_key(connector: &str, partition: &Offset) -> Vec<u8> {
    let mut fields: Vec<(String, serde_json::Value)> =
        partition.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    string_map_order(&mut fields);
    position::key_bytes(connector, &fields.into_iter().collect())
}
