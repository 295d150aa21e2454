//! The Connect runtime: task loops, herders, offsets, status.
//!
//! Data flows one way through a task: poll -> transform -> convert -> produce -> acknowledge -> offset, or consume ->
//! convert -> transform -> put -> pre-commit -> commit. Herders decide; tasks work; nothing a guest does holds a herder up.

pub mod chain;
pub mod config;
pub mod connector;
pub mod converters;
pub mod counts;
pub mod distributed;
pub mod entities;
pub mod errors;
pub mod failure;
pub mod guest;
pub mod health;
pub mod herder;
pub mod instances;
pub mod loggers;
pub mod offsets;
pub mod offsets_change;
pub mod pace;
pub mod patch;
pub mod providers;
pub mod registry;
pub mod restart_plan;
pub mod secrets;
pub mod standalone;
pub mod status;
pub mod storage;
pub mod task;
pub mod task_limit;
pub mod tls;
pub mod topic_creation;
pub mod topics;
pub mod topics_in_use;
pub mod validate;
pub mod versions;
pub mod worker;

/// Java's `.properties` files, for who reads some beside the worker's own.
pub use watertight_data::properties;
