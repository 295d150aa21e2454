//! Transforms, predicates and converters for the tests of the worker.
//!
//! - `watertight.test.Identity` takes every datum apart and puts it together again, schema included, so that what
//!   arrives is what the contract carries and not what the host still had. With `watertight.test.JsonIdentity`
//!   schemaless data comes as JSON text; `watertight.test.ExactIdentity` says that its language has no 64-bit integers.
//! - `watertight.test.Upper$Value` puts text in capital letters: a change that anybody sees.
//! - `watertight.test.Faulty`, `FaultyPredicate` and `FaultyConverter` do what `fault` says ([`faults`] lists it).
//! - `watertight.test.TagConverter` says in its bytes what it was told: usage, topic, header.

mod converters;
mod faults;
mod identity;
mod predicates;
mod upper;

watertight_sdk::export! {
    transformations: [identity::Identity, identity::JsonIdentity, identity::ExactIdentity, upper::Upper, faults::Faulty],
    predicates: [predicates::FaultyPredicate],
    converters: [converters::FaultyConverter, converters::TagConverter],
    header_converters: [converters::TagConverter],
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
