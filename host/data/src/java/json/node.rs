//! A parsed document, borrowing from its text where it can. Conversions are Jackson's `intValue()` and the
//! like: they never fail, they give zero or nothing.

use std::borrow::Cow;

use num_bigint::BigInt;
use num_bigint::Sign;

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
            Node::Decimal(text) => Decimal::parse(text).map_or(0, |decimal| whole(&decimal)),
            _ => 0,
        }
    }

    /// The nearest double; 0 for what is no number. A decimal has no negative zero.
    pub fn double(&self) -> f64 {
        match self {
            Node::Integer(n) => *n as f64,
            Node::BigInteger(text) | Node::Decimal(text) => text.parse().map_or(0.0, |n: f64| n + 0.0),
            _ => 0.0,
        }
    }

    /// The nearest float; 0 for what is no number.
    pub fn float(&self) -> f32 {
        match self {
            Node::Integer(n) => *n as f32,
            Node::BigInteger(text) | Node::Decimal(text) => text.parse().map_or(0.0, |n: f32| n + 0.0),
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

/// `BigInteger.longValue()`.
fn low_bits(n: &BigInt) -> i64 {
    let low = n.iter_u64_digits().next().unwrap_or(0).cast_signed();
    if n.sign() == Sign::Minus { low.wrapping_neg() } else { low }
}

/// `BigDecimal.longValue()`: low 64 bits of the whole part.
fn whole(decimal: &Decimal) -> i64 {
    let unscaled = decimal.unscaled_int();
    let scale = decimal.scale;
    if scale <= -64 {
        // a multiple of 2^64
        return 0;
    }
    let power = |exponent: u32| BigInt::from(10u8).pow(exponent);
    if scale <= 0 {
        return low_bits(&(unscaled * power(scale.unsigned_abs())));
    }
    if i64::from(scale) > unscaled.bits() as i64 {
        return 0;
    }
    low_bits(&(unscaled / power(scale.unsigned_abs())))
}
