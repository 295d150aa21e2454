//! A parsed document, borrowing from its text where it can. Conversions are Jackson's `intValue()` and the
//! like: they never fail, they give zero or nothing.

use std::borrow::Cow;

use crate::java::decimal::low_bits;
use crate::value::Decimal;

/// `JsonNode`.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// No document at all: empty or only white space.
    Missing,
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// A longer whole number.
    BigInteger(&'a str),
    /// Anything with a point or an exponent.
    Decimal(&'a str),
    /// Text.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object; names are unique.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// `getNodeType()`, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Missing => "MISSING",
            Node::Null => "NULL",
            Node::Boolean(_) => "BOOLEAN",
            Node::Integer(_) | Node::BigInteger(_) | Node::Decimal(_) => "NUMBER",
            Node::String(_) => "STRING",
            Node::Array(_) => "ARRAY",
            Node::Object(_) => "OBJECT",
        }
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A field of an object that most likely stands at this place.
    pub fn get_near(&self, place: usize, name: &str) -> Option<&Node<'a>> {
        match self {
            Node::Object(fields) => match fields.get(place) {
                Some((key, value)) if key == name => Some(value),
                _ => self.get(name),
            },
            _ => None,
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a whole number.
    pub fn is_integral(&self) -> bool {
        matches!(self, Node::Integer(_) | Node::BigInteger(_))
    }

    /// Low 64 bits of the number without its fraction; 0 for what is no number.
    pub fn long(&self) -> i64 {
        match self {
            Node::Integer(n) => *n,
            Node::BigInteger(text) => text.parse().map_or(0, |n| low_bits(&n)),
            Node::Decimal(text) => Decimal::parse(text).map_or(0, |decimal| decimal.low_i64()),
            _ => 0,
        }
    }

    /// The nearest double; 0 for what is no number.
    pub fn double(&self) -> f64 {
        match self {
            Node::Integer(n) => *n as f64,
            Node::BigInteger(text) | Node::Decimal(text) => signed(text, text.parse().unwrap_or(0.0)),
            _ => 0.0,
        }
    }

    /// The nearest float; 0 for what is no number.
    pub fn float(&self) -> f32 {
        match self {
            Node::Integer(n) => *n as f32,
            Node::BigInteger(text) | Node::Decimal(text) => signed(text, text.parse().unwrap_or(0.0)),
            _ => 0.0,
        }
    }

    /// `decimalValue()` of a number.
    pub fn decimal(&self) -> Option<Decimal> {
        match self {
            Node::Integer(n) => Some(Decimal::new(*n, 0)),
            Node::BigInteger(text) | Node::Decimal(text) => Decimal::parse(text),
            _ => None,
        }
    }
}

/// A BigDecimal has no negative zero, but one that is too small for a float becomes it.
fn signed<T: Default + PartialEq>(text: &str, n: T) -> T {
    let zero = || text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).all(|byte| !matches!(byte, b'1'..=b'9'));
    if n == T::default() && zero() { T::default() } else { n }
}
