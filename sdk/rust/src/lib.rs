//! Write Kafka Connect connectors in Rust and run them as sandboxed WebAssembly components.
//!
//! The traits carry Connect's own method names ([`SourceConnector`], [`SourceTask`], [`SinkConnector`], [`SinkTask`],
//! [`Transformation`], [`Predicate`], [`Converter`]), with defaults where Connect has them. A plugin lists its classes once, in [`export!`]; that also writes the custom
//! section from which a worker lists the plugin without running it.
//!
//! One instance of a plugin is one connector, task, transform, predicate or converter, never two of them: the traits' `&mut self` is all
//! the state there is, and a trap takes nobody else down.
//!
//! On the native target the same connector is an ordinary library: what the worker offers comes from [`testing`].

#[cfg(all(feature = "allocator", any(test, target_arch = "wasm32"), not(target_feature = "atomics")))]
pub mod allocator;
pub mod bindings;
mod class;
mod config;
mod converter;
mod dispatch;
mod export;
mod failure;
pub mod log;
pub mod metadata;
mod reshape;
pub mod runtime;
pub mod sandbox;
mod schema;
mod sink;
mod source;
pub mod sql;
pub mod tape;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod transform;

pub use bindings::base::watertight::types::common::{Checkup, Failure, KeyReport, Setting};
pub use bindings::base::watertight::types::data::{
    Datum, Header, Message, Position, Primitive, Scalar, Schema, SchemaId, SchemaNode, Shape, Tape, TopicPartition,
    Value, ValueNode,
};
pub use class::{Class, ConfigKey, Importance, Kind, Width};
pub use config::Config;
pub use converter::{BytesOut, Converter, FromItem, Place, RawHeader, ToItem, Usage};
pub use schema::ids;
pub use sink::{
    CommitReport, PutReport, Rejection, SinkBatch, SinkConnector, SinkRecord, SinkTask, TimestampType, TopicOffset,
};
pub use source::{
    AckRun, Acknowledgements, Boundary, Checkpoint, Delivery, PollLimits, SourceBatch, SourceConnector,
    SourcePartition, SourceRecord, SourceTask, TransactionMark,
};
pub use transform::{MessageBatch, Outcome, Predicate, Record, Transformation, Transformed, Verdict};

/// What every call of a plugin answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// For the macros of this crate; not part of its interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::dispatch::{Listed, Plugin, SinkClass, SinkPlugin, SourceClass, SourcePlugin};
    pub use crate::reshape::{
        ConverterClass, ConverterPlugin, PredicateClass, PredicatePlugin, TransformationClass, TransformationPlugin,
    };
}
