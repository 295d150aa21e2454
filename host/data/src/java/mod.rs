//! Java's habits, where they are visible from outside: the order of a `HashMap`, the digits of a double, what
//! `toString` prints, how an object is serialised. Each is here because bytes in Kafka or text in a file
//! depend on it.

pub mod calendar;
pub mod charset;
pub mod date_format;
pub mod decimal;
pub mod digits;
pub mod hash;
pub mod json;
pub mod number;
pub mod parse;
pub mod regex;
pub mod serial;
pub mod text;
pub mod utf8;
