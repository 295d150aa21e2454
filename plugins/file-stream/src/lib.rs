//! Kafka's `FileStreamSourceConnector` and `FileStreamSinkConnector` as one component.
//!
//! Names, keys, defaults and the shape of stored offsets are Kafka's, so that a connector's configuration and its
//! progress carry over. Where the sandbox forces a difference (no standard input or output) or Kafka's connector has
//! a known fault (positions counted in characters but skipped in bytes), the modules say what is done instead.

mod files;
mod lines;
mod paths;
mod sink;
mod source;
mod text;
mod torn;

pub use sink::{FileStreamSinkConnector, FileStreamSinkTask};
pub use source::{FileStreamSourceConnector, FileStreamSourceTask};

watertight_sdk::export! {
    sources: [FileStreamSourceConnector],
    sinks: [FileStreamSinkConnector],
}
