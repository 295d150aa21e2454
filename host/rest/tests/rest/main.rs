//! The whole interface over a herder that is made up: what a client sends, what it gets, what the herder is
//! asked. Everything but the socket goes without one.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod admin;
mod auth;
mod bodies;
mod client;
mod connectors;
mod cross_origin;
mod crowd;
mod fake;
mod forward;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod forward_tls;
mod health;
#[cfg(any(feature = "tls", feature = "system-tls"))]
mod https;
mod internal;
mod lifecycle;
mod methods;
mod offsets;
mod openapi;
mod paths;
mod plugins;
mod root;
mod socket;
mod tasks;
mod topics;
