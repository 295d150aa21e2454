//! The three topics of a cluster, on a genuine broker.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;
mod configs;
mod offsets;
mod statuses;
mod topics;
