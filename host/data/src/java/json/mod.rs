//! JSON as Jackson reads and writes it, where that differs from what a JSON library here would do.
//!
//! Writing: non-ASCII raw, but what lies beyond the basic plane as two `\uXXXX`; control characters with
//! upper-case hex; numbers as Java prints them. Reading: numbers keep their text (a decimal must not lose
//! digits), leading zeros are allowed because Kafka's JsonDeserializer allows them, what follows the first
//! value is ignored, a repeated field takes the last value at the first one's place.

mod base64;
mod node;
mod parse;
mod write;

pub use base64::{decode as decode_base64, push as push_base64};
pub use node::Node;
pub use parse::{Error, MAX_DEPTH, Parser, parse};
pub use write::{push_double, push_float, push_integer, push_string};
