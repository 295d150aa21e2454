//! MariaDB behind the capability, with a real server: what a guest would see, without a guest.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod batches;
mod binding;
mod catalogue;
mod ending;
mod refusals;
mod support;
mod types;
