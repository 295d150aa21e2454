//! Rows of the binary protocol, straight into what a guest gets: nothing in between is allocated, as this runs for
//! every value of every row.

use watertight_sandbox::sql::{Fault, ValueNode};

use super::bytes::Bytes;
use super::column::{Field, Kind};
use super::moment::{Moment, Span, Zeros};
use super::trouble::Trouble;
use crate::sql::forms::{Form, decimal, faults};

/// How one column is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    name: String,
    kind: Kind,
    decimals: u8,
    form: Form,
    zeros: Zeros,
}

/// Why a value is none.
enum Bad {
    /// The packet is no row.
    Wire(Trouble),
    /// This value cannot be said in that form.
    Misfit(String, &'static str),
}

impl From<Trouble> for Bad {
    fn from(trouble: Trouble) -> Self {
        Self::Wire(trouble)
    }
}

type Value = Result<ValueNode, Bad>;

const NOT_THIS: &str = "its type has no such form";
const WIDE: &str = "it is outside of 64 bits";
const NO_DECIMAL: &str = "it is not a decimal number of so many digits after the point";

impl Reading {
    /// Values of this column in this form, which is not the natural one.
    pub fn new(field: &Field, form: Form, zeros: Zeros) -> Self {
        Self { name: field.name.clone(), kind: field.kind, decimals: field.decimals, form, zeros }
    }

    fn value(&self, bytes: &mut Bytes<'_>) -> Value {
        match self.kind {
            Kind::Integer { size, unsigned } => match (size, unsigned) {
                (1, false) => self.integer(i64::from(i8::from_le_bytes(bytes.array()?))),
                (1, true) => self.integer(i64::from(bytes.byte()?)),
                (2, false) => self.integer(i64::from(i16::from_le_bytes(bytes.array()?))),
                (2, true) => self.integer(i64::from(bytes.u16()?)),
                (4, false) => self.integer(i64::from(i32::from_le_bytes(bytes.array()?))),
                (4, true) => self.integer(i64::from(bytes.u32()?)),
                (_, false) => self.integer(i64::from_le_bytes(bytes.array()?)),
                (_, true) => {
                    let value = bytes.u64()?;
                    i64::try_from(value).map_or_else(|_| self.large(value), |value| self.integer(value))
                }
            },
            Kind::Single => {
                let value = f32::from_le_bytes(bytes.array()?);
                self.float(value.into(), || value.to_string())
            }
            Kind::Double => {
                let value = f64::from_le_bytes(bytes.array()?);
                self.float(value, || value.to_string())
            }
            Kind::Year => self.year(bytes.u16()?),
            Kind::Date | Kind::Datetime | Kind::Timestamp => {
                let moment = Moment::read(bytes)?;
                self.moment(moment)
            }
            Kind::Time => {
                let span = Span::read(bytes)?;
                self.span(span)
            }
            Kind::Decimal => self.decimal(bytes.counted()?),
            Kind::Text => self.text(bytes.counted()?),
            Kind::Bytes => self.bytes(bytes.counted()?),
            Kind::Bits => self.bits(bytes.counted()?),
            Kind::Null => Ok(ValueNode::Null),
        }
    }

    fn integer(&self, value: i64) -> Value {
        match &self.form {
            Form::Integer => Ok(ValueNode::Integer(value)),
            _ => self.number(value.into()),
        }
    }

    /// Above the largest signed one.
    fn large(&self, value: u64) -> Value {
        match &self.form {
            Form::Integer => Err(Bad::Misfit(value.to_string(), WIDE)),
            _ => self.number(value.into()),
        }
    }

    fn number(&self, value: i128) -> Value {
        Ok(match &self.form {
            Form::Boolean => ValueNode::Boolean(value != 0),
            #[allow(clippy::cast_precision_loss)]
            Form::Float => ValueNode::Float(value as f64),
            Form::Text | Form::Decimal => ValueNode::Text(value.to_string()),
            Form::Unscaled(scale) => match decimal::unscaled_of(value, 0, *scale) {
                Ok(bytes) => ValueNode::Bytes(bytes),
                Err(_) => return Err(Bad::Misfit(value.to_string(), NO_DECIMAL)),
            },
            _ => return Err(Bad::Misfit(value.to_string(), NOT_THIS)),
        })
    }

    fn float(&self, value: f64, text: impl Fn() -> String) -> Value {
        Ok(match &self.form {
            Form::Float => ValueNode::Float(value),
            Form::Text => ValueNode::Text(text()),
            Form::Decimal | Form::Unscaled(_) => return self.decimal(text().as_bytes()),
            Form::Boolean => ValueNode::Boolean(value != 0.0),
            Form::Integer => match whole(value) {
                Some(value) => ValueNode::Integer(value),
                None => return Err(Bad::Misfit(text(), "it is not a whole number of 64 bits")),
            },
            _ => return Err(Bad::Misfit(text(), NOT_THIS)),
        })
    }

    fn decimal(&self, bytes: &[u8]) -> Value {
        let text = self.utf8(bytes)?;
        let misfit = |why| Bad::Misfit(text.to_owned(), why);
        Ok(match &self.form {
            Form::Text => ValueNode::Text(text.to_owned()),
            Form::Decimal => match decimal::plain_text(text) {
                Ok(plain) => ValueNode::Text(plain.into_owned()),
                Err(_) => return Err(misfit(NO_DECIMAL)),
            },
            Form::Unscaled(scale) => match decimal::unscaled(text, *scale) {
                Ok(bytes) => ValueNode::Bytes(bytes),
                Err(_) => return Err(misfit(NO_DECIMAL)),
            },
            Form::Float => ValueNode::Float(text.parse().map_err(|_| misfit(NO_DECIMAL))?),
            Form::Integer => {
                let unscaled = decimal::unscaled(text, 0).map_err(|_| misfit("it is not a whole number"))?;
                let value = decimal::integer(&unscaled).and_then(|value| i64::try_from(value).ok());
                ValueNode::Integer(value.ok_or_else(|| misfit(WIDE))?)
            }
            Form::Boolean => ValueNode::Boolean(text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))),
            _ => return Err(misfit(NOT_THIS)),
        })
    }

    fn year(&self, year: u16) -> Value {
        match &self.form {
            Form::Text => Ok(ValueNode::Text(format!("{year:04}"))),
            Form::Integer => Ok(ValueNode::Integer(year.into())),
            Form::Date | Form::Timestamp(..) if year == 0 => self.moment(Moment::ZERO),
            Form::Date | Form::Timestamp(..) => self.moment(Moment::new(year)),
            _ => Err(Bad::Misfit(year.to_string(), NOT_THIS)),
        }
    }

    fn moment(&self, moment: Moment) -> Value {
        let shown = || moment.text(self.kind == Kind::Date || self.kind == Kind::Year, self.decimals);
        let (unit, zone) = match &self.form {
            Form::Text => return Ok(ValueNode::Text(shown())),
            Form::Date => (None, None),
            // An instant: the session's zone is UTC.
            Form::Timestamp(unit, _) if self.kind == Kind::Timestamp => (Some(*unit), None),
            Form::Timestamp(unit, zone) => (Some(*unit), Some(zone)),
            Form::Time(_) if self.kind != Kind::Date => {
                return moment.of_day().map_or_else(|| self.none(shown()), |span| self.span(span));
            }
            _ => return Err(Bad::Misfit(shown(), NOT_THIS)),
        };
        let first = || Moment::new(1).clock().filter(|_| self.zeros == Zeros::Round);
        let Some(mut clock) = moment.clock().or_else(first) else { return self.none(shown()) };
        let Some(unit) = unit else { return Ok(ValueNode::Integer(clock.day().0)) };
        if let Some(zone) = zone {
            clock.seconds = zone.epoch(clock.seconds);
        }
        clock.count(unit).map(ValueNode::Integer).ok_or_else(|| Bad::Misfit(shown(), WIDE))
    }

    /// A day that is none.
    fn none(&self, shown: String) -> Value {
        match self.zeros {
            Zeros::Null => Ok(ValueNode::Null),
            Zeros::Refuse | Zeros::Round => Err(Bad::Misfit(
                shown,
                "there is no such day; zeroDateTimeBehavior=convertToNull or round in connection.url reads it, and so \
                 does the form text",
            )),
        }
    }

    fn span(&self, span: Span) -> Value {
        match &self.form {
            Form::Time(unit) => match span.of_day(*unit) {
                Some(count) => Ok(ValueNode::Integer(count)),
                None => Err(Bad::Misfit(span.text(self.decimals), "it is not within a day; as text it can be read")),
            },
            Form::Text => Ok(ValueNode::Text(span.text(self.decimals))),
            _ => Err(Bad::Misfit(span.text(self.decimals), NOT_THIS)),
        }
    }

    fn text(&self, bytes: &[u8]) -> Value {
        match &self.form {
            Form::Text => Ok(ValueNode::Text(self.utf8(bytes)?.to_owned())),
            Form::Bytes => Ok(ValueNode::Bytes(bytes.to_vec())),
            Form::Decimal | Form::Unscaled(_) | Form::Integer | Form::Float => self.decimal(bytes),
            _ => Err(Bad::Misfit(String::from_utf8_lossy(bytes).into_owned(), NOT_THIS)),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> Value {
        match &self.form {
            Form::Bytes => Ok(ValueNode::Bytes(bytes.to_vec())),
            Form::Text => Ok(ValueNode::Text(self.utf8(bytes)?.to_owned())),
            _ => Err(Bad::Misfit(format!("{} bytes", bytes.len()), NOT_THIS)),
        }
    }

    fn bits(&self, bytes: &[u8]) -> Value {
        match &self.form {
            Form::Bytes => Ok(ValueNode::Bytes(bytes.to_vec())),
            Form::Boolean => Ok(ValueNode::Boolean(bytes.iter().any(|byte| *byte != 0))),
            _ => {
                let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
                i64::try_from(value).map_or_else(|_| self.large(value), |value| self.integer(value))
            }
        }
    }

    fn utf8<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, Bad> {
        std::str::from_utf8(bytes)
            .map_err(|_| Bad::Misfit(String::from_utf8_lossy(bytes).into_owned(), "it is not text in UTF-8"))
    }
}

/// Without a fraction, and within 64 bits.
fn whole(value: f64) -> Option<i64> {
    const END: f64 = 9_223_372_036_854_775_808.0;
    #[allow(clippy::cast_possible_truncation)]
    let inside = (value.fract() == 0.0 && (-END..END).contains(&value)).then_some(value as i64);
    inside
}

/// One row as a struct. Rows count from 1.
pub fn row(packet: &[u8], columns: &[Reading], number: u64) -> Result<Vec<ValueNode>, Fault> {
    let mut bytes = Bytes(packet);
    bytes.byte()?;
    // One bit for each column, after two that are not used.
    let nulls = bytes.take((columns.len() + 9) / 8)?;
    let mut nodes = Vec::with_capacity(columns.len() + 1);
    nodes.push(ValueNode::Fields(u32::try_from(columns.len()).unwrap_or(u32::MAX)));
    for (index, column) in columns.iter().enumerate() {
        let bit = index + 2;
        if nulls[bit / 8] & (1 << (bit % 8)) != 0 {
            nodes.push(ValueNode::Null);
            continue;
        }
        match column.value(&mut bytes) {
            Ok(node) => nodes.push(node),
            Err(Bad::Wire(trouble)) => return Err(trouble.into()),
            Err(Bad::Misfit(value, why)) => return Err(faults::read(&column.name, number, &column.form, value, why)),
        }
    }
    Ok(nodes)
}
