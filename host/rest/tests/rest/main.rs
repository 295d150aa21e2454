//! The whole interface over a herder that is made up: what a client sends, what it gets, what the herder is
//! asked. Everything but the socket goes without one.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bodies;
mod client;
mod connectors;
mod fake;
mod lifecycle;
mod paths;
mod root;
mod socket;
mod tasks;
