//! Starts and drives what Watertight is made of, from outside: worker, embedded broker, and the genuine
//! Apache Kafka and Connect as the oracle beside them. Used by the black-box cases, by the benchmarks and
//! by `cargo xtask`, so that all three agree on how a worker is started and when it is ready.
//!
//! Blocking, on std alone: a test that drives processes gains nothing from an async runtime, and a
//! newcomer's first command compiles this crate.

pub mod apicurio;
pub mod broker;
pub mod cluster;
pub mod connect;
pub mod database;
pub mod debezium;
pub mod debian;
pub mod http;
pub mod lines;
pub mod mariadb;
mod maven;
pub mod paced;
pub mod paths;
pub mod peer;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod procfs;
pub mod properties;
pub mod proxy;
pub mod registry;
pub mod signals;
pub mod skips;
pub mod tail;
pub mod tools;
pub mod wait;
pub mod worker;
