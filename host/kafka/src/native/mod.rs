//! librdkafka behind four small types: a client, its event queue, an event, a partition list.
//!
//! rdkafka's own wrappers are left out on purpose. They run rebalances inside callbacks, panic on a
//! header key that is not UTF-8, lose topic and offset of an end-of-partition, clone a counter per
//! record and destroy clients on whatever thread drops them. All `unsafe` of this crate is in here,
//! in `producer::send` and in `consumer::record`.

pub(crate) mod client;
pub(crate) mod code;
pub(crate) mod event;
pub(crate) mod partitions;
mod tokens;

pub(crate) use client::{Client, Kind};
pub(crate) use event::NativeEvent;
pub(crate) use partitions::PartitionList;
