//! The Connect runtime: task loops, herders, offsets, status.
//!
//! Data flows one way through a task: poll -> convert -> produce -> acknowledge -> offset, or consume ->
//! convert -> put -> pre-commit -> commit. Herders decide; tasks work; nothing a guest does holds a herder up.

pub mod config;
pub mod connector;
pub mod converters;
pub mod entities;
pub mod failure;
pub mod guest;
pub mod herder;
pub mod offsets;
pub mod standalone;
pub mod status;
pub mod task;
pub mod topics;
pub mod validate;
