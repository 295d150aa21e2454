//! Transforms, a predicate and a converter as a plugin: twins of some that ship with Kafka, with their settings and
//! their words, to copy from and to measure with. They take the place of the built-in ones by their class names:
//!
//! ```properties
//! transforms=stamp,slim,hide
//! transforms.stamp.type=watertight.example.InsertField$Value
//! transforms.stamp.static.field=origin
//! transforms.stamp.static.value=here
//! transforms.slim.type=watertight.example.ReplaceField$Value
//! transforms.slim.exclude=notes
//! transforms.hide.type=watertight.example.MaskField$Value
//! transforms.hide.fields=card
//! ```
//!
//! A struct is changed where it lies, on its tape: what has to be known of its schema is worked out once for each
//! schema ([`plans::Plans`]), so that a record costs a few moves.

mod insert_field;
mod mask_field;
mod plans;
mod replace_field;
mod topic_name_matches;
mod upper_text;

pub use insert_field::InsertField;
pub use mask_field::MaskField;
pub use replace_field::ReplaceField;
pub use topic_name_matches::TopicNameMatches;
pub use upper_text::UpperTextConverter;

watertight_sdk::export! {
    transformations: [InsertField, ReplaceField, MaskField],
    predicates: [TopicNameMatches],
    converters: [UpperTextConverter],
    header_converters: [UpperTextConverter],
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;
