//! `org.apache.kafka.connect.data.Values`: from any value to another form, and from text to whatever it looks like.
//!
//! SimpleHeaderConverter, Cast and InsertHeader all go through here. The rules are guesses that Kafka made once
//! and cannot change any more: `[1, 2]` is an array of INT8, `12,34` is 12, a text in quotes may be a date. What
//! looks like an oversight in these files is one that existing headers depend on.

mod convert;
mod merge;
mod number;
mod parse;
mod temporal;
mod tokens;
mod write;

pub use convert::{
    convert_to, convert_to_boolean, convert_to_byte, convert_to_date, convert_to_decimal, convert_to_double,
    convert_to_float, convert_to_integer, convert_to_list, convert_to_long, convert_to_map, convert_to_short,
    convert_to_struct, convert_to_time, convert_to_timestamp,
};
pub use merge::infer_schema;
pub use parse::parse_string;
pub use temporal::format_date;
pub use write::convert_to_string;
