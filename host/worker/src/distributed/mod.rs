//! The herder of a cluster: workers with the same `group.id` share connectors and tasks. Kafka is the distributed
//! engine: its group coordinator for membership, compacted topics for state. What is decided here, is decided in turn;
//! what is done, is done by the keepers of the single connectors, so that no plugin holds the herder up.

pub mod assignor;
pub mod colleagues;
pub mod config;
pub mod herder;
pub mod keepers;
pub mod protocol;
pub mod signature;
pub mod task_configs;
pub mod transactions;
pub mod work;

pub use herder::{Cluster, ClusterParts};
