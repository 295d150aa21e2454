//! Values as the server sends them, into nodes of a guest's tape. How a column is read is found once, so that what is
//! left for each value is one match and the bytes themselves.

mod array;
mod number;
mod numeric;
mod time;

pub(super) use time::{BEFORE, DAYS, INFINITY, SECONDS};

use watertight_sandbox::sql::ValueNode;

use super::types::{Kind, Type};
use crate::sql::forms::{Form, Unit, Zone, faults};

/// Why a value cannot be read so.
#[derive(Debug, PartialEq)]
pub(super) struct Unreadable {
    pub(super) value: String,
    pub(super) why: String,
    /// It may be read so, but not by this worker.
    pub(super) too_long: bool,
}

impl Unreadable {
    fn new(value: impl Into<String>, why: impl Into<String>) -> Self {
        Self { value: value.into(), why: why.into(), too_long: false }
    }

    fn too_long() -> Self {
        Self { too_long: true, ..Self::new("", "") }
    }

    /// The server sends something else than it should.
    fn nonsense() -> Self {
        Self::new("", "the server sent it in a way that is not understood")
    }
}

/// How the values of one column are read.
#[derive(Debug, Clone)]
pub(super) enum Reader {
    /// The server's own text.
    Text,
    /// That text, as bytes.
    TextBytes,
    Bool,
    Integer(Width),
    IntegerAsBool(Width),
    IntegerAsFloat(Width),
    IntegerAsDecimal(Width),
    IntegerAsUnscaled(Width, i32),
    Float4,
    Float8,
    FloatAsDecimal(Width),
    FloatAsUnscaled(Width, i32),
    Numeric,
    NumericAsUnscaled(i32),
    NumericAsFloat,
    NumericAsInteger,
    /// Cents.
    Money,
    MoneyAsDecimal,
    MoneyAsUnscaled(i32),
    Bytes,
    Date,
    DateAsTimestamp(Unit, Zone),
    Time(Unit),
    TimeTz(Unit),
    Timestamp(Unit, Zone),
    TimestampAsDate(Zone),
    TimestampAsTime(Unit, Zone),
    BitAsBool,
    BitAsInteger,
    BitAsBytes,
    /// Where the server is asked for binary all the same.
    UuidAsText,
    Array(Box<Reader>),
}

/// Bytes of a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Width {
    Two,
    Four,
    Eight,
    /// Four, unsigned.
    Oid,
}

impl Reader {
    /// How this type is read in this form. None: it cannot be.
    pub(super) fn of(kind: &Type, form: &Form) -> Option<Self> {
        if let Form::Natural = form {
            return Self::of(kind, &kind.form().parse().ok()?);
        }
        let width = match kind.kind {
            Kind::Int2 => Some(Width::Two),
            Kind::Int4 => Some(Width::Four),
            Kind::Int8 => Some(Width::Eight),
            Kind::Oid => Some(Width::Oid),
            _ => None,
        };
        Some(match (&kind.kind, form) {
            (_, Form::Text) => Self::Text,
            (Kind::Text | Kind::Jsonb, Form::Bytes) => Self::TextBytes,
            (Kind::Bool, Form::Boolean) => Self::Bool,
            (Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid, form) => {
                let width = width?;
                match form {
                    Form::Integer => Self::Integer(width),
                    Form::Boolean => Self::IntegerAsBool(width),
                    Form::Float => Self::IntegerAsFloat(width),
                    Form::Decimal => Self::IntegerAsDecimal(width),
                    Form::Unscaled(scale) => Self::IntegerAsUnscaled(width, *scale),
                    _ => return None,
                }
            }
            (Kind::Float4, Form::Float) => Self::Float4,
            (Kind::Float8, Form::Float) => Self::Float8,
            (Kind::Float4, Form::Decimal) => Self::FloatAsDecimal(Width::Four),
            (Kind::Float8, Form::Decimal) => Self::FloatAsDecimal(Width::Eight),
            (Kind::Float4, Form::Unscaled(scale)) => Self::FloatAsUnscaled(Width::Four, *scale),
            (Kind::Float8, Form::Unscaled(scale)) => Self::FloatAsUnscaled(Width::Eight, *scale),
            (Kind::Numeric, Form::Decimal) => Self::Numeric,
            (Kind::Numeric, Form::Unscaled(scale)) => Self::NumericAsUnscaled(*scale),
            (Kind::Numeric, Form::Float) => Self::NumericAsFloat,
            (Kind::Numeric, Form::Integer) => Self::NumericAsInteger,
            (Kind::Money, Form::Float) => Self::Money,
            (Kind::Money, Form::Decimal) => Self::MoneyAsDecimal,
            (Kind::Money, Form::Unscaled(scale)) => Self::MoneyAsUnscaled(*scale),
            (Kind::Bytea | Kind::Uuid, Form::Bytes) => Self::Bytes,
            (Kind::Date, Form::Date) => Self::Date,
            (Kind::Date, Form::Timestamp(unit, zone)) => Self::DateAsTimestamp(*unit, zone.clone()),
            (Kind::Time, Form::Time(unit)) => Self::Time(*unit),
            (Kind::TimeTz, Form::Time(unit)) => Self::TimeTz(*unit),
            (Kind::Timestamp, Form::Timestamp(unit, zone)) => Self::Timestamp(*unit, zone.clone()),
            // An instant whatever the clocks show.
            (Kind::TimestampTz, Form::Timestamp(unit, _)) => Self::Timestamp(*unit, Zone::UTC),
            (Kind::Timestamp | Kind::TimestampTz, Form::Date) => Self::TimestampAsDate(Zone::UTC),
            (Kind::Timestamp | Kind::TimestampTz, Form::Time(unit)) => Self::TimestampAsTime(*unit, Zone::UTC),
            (Kind::Bit, Form::Boolean) => Self::BitAsBool,
            (Kind::Bit, Form::Integer) => Self::BitAsInteger,
            (Kind::Bit, Form::Bytes) => Self::BitAsBytes,
            (Kind::Array(element), Form::Array(form)) => {
                // An array is binary as a whole.
                Self::Array(Box::new(match (&element.kind, &**form) {
                    (Kind::Uuid, Form::Text) => Self::UuidAsText,
                    (Kind::Text, form) => Self::of(element, form)?,
                    (_, form) => Self::of(element, form).filter(Self::is_binary)?,
                }))
            }
            _ => return None,
        })
    }

    /// Which of its two formats the server is asked for.
    pub(super) fn is_binary(&self) -> bool {
        !matches!(self, Self::Text | Self::TextBytes)
    }

    /// One value that is not null. Ten bytes may be a number of 131,072 digits, so that what a row takes is counted
    /// here, and not by what was sent.
    pub(super) fn read(&self, raw: &[u8], tape: &mut Vec<ValueNode>, left: &mut usize) -> Result<(), Unreadable> {
        let node = match self {
            Self::Text => match std::str::from_utf8(raw) {
                Ok(text) => ValueNode::Text(text.to_owned()),
                Err(_) => return Err(Unreadable::new(String::from_utf8_lossy(raw), "it is not UTF-8")),
            },
            Self::TextBytes | Self::Bytes => ValueNode::Bytes(raw.to_vec()),
            Self::Bool => ValueNode::Boolean(raw.first().is_some_and(|byte| *byte != 0)),
            Self::Integer(width) => ValueNode::Integer(number::integer(*width, raw)?),
            Self::IntegerAsBool(width) => number::boolean(number::integer(*width, raw)?)?,
            Self::IntegerAsFloat(width) => ValueNode::Float(number::integer(*width, raw)? as f64),
            Self::IntegerAsDecimal(width) => ValueNode::Text(number::integer(*width, raw)?.to_string()),
            Self::IntegerAsUnscaled(width, scale) => number::unscaled(number::integer(*width, raw)?, 0, *scale)?,
            Self::Float4 => ValueNode::Float(number::float4(raw)?.into()),
            Self::Float8 => ValueNode::Float(number::float8(raw)?),
            Self::FloatAsDecimal(width) => ValueNode::Text(number::shortest(*width, raw)?),
            Self::FloatAsUnscaled(width, scale) => number::unscaled_text(&number::shortest(*width, raw)?, *scale)?,
            Self::Numeric => ValueNode::Text(numeric::text(raw)?),
            Self::NumericAsUnscaled(scale) => ValueNode::Bytes(numeric::unscaled(raw, *scale)?),
            Self::NumericAsFloat => ValueNode::Float(numeric::float(raw)?),
            Self::NumericAsInteger => ValueNode::Integer(numeric::integer(raw)?),
            Self::Money => ValueNode::Float(number::integer(Width::Eight, raw)? as f64 / 100.0),
            Self::MoneyAsDecimal => ValueNode::Text(number::cents(number::integer(Width::Eight, raw)?)),
            Self::MoneyAsUnscaled(scale) => number::unscaled(number::integer(Width::Eight, raw)?, 2, *scale)?,
            Self::Date => ValueNode::Integer(time::date(raw)?),
            Self::DateAsTimestamp(unit, zone) => ValueNode::Integer(time::midnight(raw, *unit, zone)?),
            Self::Time(unit) => ValueNode::Integer(time::time(raw, *unit)?),
            Self::TimeTz(unit) => ValueNode::Integer(time::time_with_zone(raw, *unit)?),
            Self::Timestamp(unit, zone) => ValueNode::Integer(time::timestamp(raw, *unit, zone)?),
            Self::TimestampAsDate(zone) => ValueNode::Integer(time::date_of(raw, zone)?),
            Self::TimestampAsTime(unit, zone) => ValueNode::Integer(time::time_of(raw, *unit, zone)?),
            Self::UuidAsText => ValueNode::Text(number::uuid(raw)?),
            Self::BitAsBool => ValueNode::Boolean(number::bit(raw)?),
            Self::BitAsInteger => ValueNode::Integer(number::bits(raw)?),
            Self::BitAsBytes => ValueNode::Bytes(raw.get(4..).unwrap_or_default().to_vec()),
            Self::Array(element) => return array::read(element, raw, tape, left),
        };
        push(node, tape, left)
    }
}

/// Adds a node, if there is room for it.
pub(super) fn push(node: ValueNode, tape: &mut Vec<ValueNode>, left: &mut usize) -> Result<(), Unreadable> {
    *left = left.checked_sub(faults::weight(&node)).ok_or_else(Unreadable::too_long)?;
    tape.push(node);
    Ok(())
}
