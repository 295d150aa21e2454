//! Transforms, predicates and converters as plugins, with real ones: the examples and those made for tests.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod faults;
mod names;
mod round_trip;
mod support;
mod transforms;
mod versions;
