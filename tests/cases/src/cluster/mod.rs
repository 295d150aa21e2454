//! What cases of clusters share: a genuine broker, workers of one group, connectors that number what they send and
//! write down what they get, and the counts of it.
//!
//! `WATERTIGHT_WORKER=genuine` makes the workers genuine ones; the broker always is.

pub mod diary;
pub mod ground;
pub mod sequences;
pub mod twins;

pub use diary::Diaries;
pub use ground::{Case, Ground, on_cluster};
