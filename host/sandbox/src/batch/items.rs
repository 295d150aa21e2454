//! What converters are given: data to encode, bytes to decode.

use super::plan::{Arena, FromItem, HEADER, PlannedDatum, Room, ToItem, index_of};
use super::{RECORDS, refused, wire};
use crate::bindings::watertight::types::common::Failure;
use crate::lower::Options;
use crate::schemas::SchemaTable;

/// Part of a batch to encode.
pub(crate) struct DataChunk<'a> {
    arena: Arena<'a>,
    pub(crate) topics: Vec<&'a str>,
    items: Vec<(u32, &'a str, PlannedDatum<'a>)>,
    /// What cannot be said to this guest, by index into the chunk.
    pub(crate) failed: Vec<(usize, Failure)>,
    /// How many items it covers.
    pub(crate) count: usize,
}

/// Plans as many data as fit into a call, at least one.
pub(crate) fn plan_data<'a>(
    items: &[FromItem<'a>],
    table: &mut SchemaTable,
    options: Options,
    room: Room,
) -> DataChunk<'a> {
    let mut chunk = DataChunk {
        arena: Arena::default(),
        topics: Vec::new(),
        items: Vec::with_capacity(items.len().min(RECORDS)),
        failed: Vec::new(),
        count: 0,
    };
    for item in items {
        match chunk.arena.datum(item.datum, table, options) {
            Ok(datum) => {
                chunk.arena.bytes += HEADER + item.header_name.len();
                let topic = index_of(&mut chunk.topics, item.topic, |one, other| one == other);
                chunk.items.push((topic, item.header_name, datum));
            }
            Err(error) => {
                let message = format!("The value cannot be handed to the plugin: {error}");
                chunk.failed.push((chunk.count, refused(message)));
            }
        }
        chunk.count += 1;
        if room.is_full(chunk.items.len(), chunk.arena.bytes) {
            break;
        }
    }
    chunk
}

impl<'a> DataChunk<'a> {
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn views(&self) -> Vec<wire::FromItem<'_>> {
        let view = |(topic, header_name, datum): &(u32, &'a str, PlannedDatum<'a>)| wire::FromItem {
            topic: *topic,
            header_name,
            datum: self.arena.view(datum),
        };
        self.items.iter().map(view).collect()
    }
}

/// Part of a batch to decode.
pub(crate) struct RawChunk<'a> {
    pub(crate) topics: Vec<&'a str>,
    headers: Vec<wire::RawHeader<'a>>,
    items: Vec<(u32, ToItem<'a>, std::ops::Range<usize>)>,
}

/// Plans as many byte strings as fit into a call, at least one.
pub(crate) fn plan_raw<'a>(items: &[ToItem<'a>], room: Room) -> RawChunk<'a> {
    let mut chunk =
        RawChunk { topics: Vec::new(), headers: Vec::new(), items: Vec::with_capacity(items.len().min(RECORDS)) };
    let mut bytes = 0;
    for item in items {
        let begun = chunk.headers.len();
        for (name, value) in item.headers {
            bytes += HEADER + name.len() + value.as_ref().map_or(0, Vec::len);
            chunk.headers.push(wire::RawHeader { name, value: value.as_deref() });
        }
        bytes += HEADER + item.header_name.len() + item.bytes.map_or(0, <[u8]>::len);
        let topic = index_of(&mut chunk.topics, item.topic, |one, other| one == other);
        chunk.items.push((topic, *item, begun..chunk.headers.len()));
        if room.is_full(chunk.items.len(), bytes) {
            break;
        }
    }
    chunk
}

impl RawChunk<'_> {
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn views(&self) -> Vec<wire::ToItem<'_>> {
        self.items
            .iter()
            .map(|(topic, item, headers)| wire::ToItem {
                topic: *topic,
                header_name: item.header_name,
                bytes: item.bytes,
                headers: self.headers.get(headers.clone()).unwrap_or_default(),
            })
            .collect()
    }
}
