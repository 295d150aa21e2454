//! Confluent's `JdbcSourceConnector` and `JdbcSinkConnector` as one component, for every database that the worker
//! has a driver for.
//!
//! Names, keys, defaults, record schemas and stored offsets are those of the JVM connectors, so that a configuration
//! and its progress carry over; Aiven's fork is known by its class names and its spellings of keys as well. The driver,
//! the socket and the password stay with the worker: what is here speaks SQL and sees rows.

mod civil;
mod connection;
mod dialect;
mod sink;
mod source;

pub use sink::{JdbcSinkConnector, JdbcSinkTask};
pub use source::{JdbcSourceConnector, JdbcSourceTask};

watertight_sdk::export! {
    sources: [JdbcSourceConnector],
    sinks: [JdbcSinkConnector],
}
