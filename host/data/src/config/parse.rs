//! Text to value, by Java's rules (`ConfigDef.parseType`).

use std::fmt;

use super::Kind;
use crate::error::ConfigError;
use crate::java::number;

/// A setting's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// BOOLEAN
    Boolean(bool),
    /// SHORT, INT, LONG
    Integer(i64),
    /// DOUBLE
    Double(f64),
    /// STRING, CLASS
    Text(String),
    /// LIST
    List(Vec<String>),
    /// PASSWORD
    Password(String),
}

impl Parsed {
    /// As a value is shown: passwords are not, lists are joined by commas (`ConfigDef.convertToString`).
    pub fn shown(&self) -> String {
        match self {
            Parsed::List(values) => values.join(","),
            other => other.to_string(),
        }
    }

    /// Of a number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Parsed::Integer(n) => Some(*n as f64),
            Parsed::Double(n) => Some(*n),
            _ => None,
        }
    }
}

impl fmt::Display for Parsed {
    /// As a value stands in a message: Java's `toString`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Parsed::Boolean(flag) => write!(f, "{flag}"),
            Parsed::Integer(n) => write!(f, "{n}"),
            Parsed::Double(n) => f.write_str(&number::double_to_string(*n)),
            Parsed::Text(text) => f.write_str(text),
            Parsed::List(values) => write!(f, "[{}]", values.join(", ")),
            Parsed::Password(_) => f.write_str("[hidden]"),
        }
    }
}

/// Reads a value.
///
/// # Errors
/// When the text is not of this kind.
pub fn parse(name: &str, text: &str, kind: Kind) -> Result<Parsed, ConfigError> {
    let trimmed = trim(text);
    let integer = |min: i64, max: i64| {
        trimmed
            .parse()
            .ok()
            .filter(|n| (min..=max).contains(n))
            .map(Parsed::Integer)
            .ok_or_else(|| ConfigError::invalid(name, text, format_args!("Not a number of type {kind}")))
    };
    match kind {
        Kind::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Parsed::Boolean(true)),
        Kind::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Parsed::Boolean(false)),
        Kind::Boolean => Err(ConfigError::invalid(name, text, "Expected value to be either true or false")),
        Kind::String | Kind::Class => Ok(Parsed::Text(trimmed.to_owned())),
        Kind::Password => Ok(Parsed::Password(trimmed.to_owned())),
        Kind::Short => integer(i64::from(i16::MIN), i64::from(i16::MAX)),
        Kind::Int => integer(i64::from(i32::MIN), i64::from(i32::MAX)),
        Kind::Long => integer(i64::MIN, i64::MAX),
        Kind::Double => double(trimmed)
            .map(Parsed::Double)
            .ok_or_else(|| ConfigError::invalid(name, text, "Not a number of type DOUBLE")),
        Kind::List if trimmed.is_empty() => Ok(Parsed::List(Vec::new())),
        Kind::List => Ok(Parsed::List(
            trimmed
                .split(',')
                .map(|part| part.trim_matches(|c: char| " \t\n\u{b}\u{c}\r".contains(c)).to_owned())
                .collect(),
        )),
    }
}

/// `String.trim`: everything up to the space.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

/// `Double.parseDouble`, without hexadecimal.
fn double(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" => {
            return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        _ => {}
    }
    let digits = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    // keeps out Rust's own words for infinity
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    digits.parse().ok()
}
