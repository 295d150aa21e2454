//! A guest's values as they are stored, in the way that Xerial's driver stores what Connect's sinks hand it, so that
//! a table that one of them began can be continued by the other:
//!
//! | form | node | stored as |
//! |---|---|---|
//! | none | null, boolean, integer, float, text, bytes | NULL, 0 or 1, INTEGER, REAL, TEXT, BLOB |
//! | boolean | boolean, integer | 0 or 1 |
//! | integer | integer, boolean | INTEGER |
//! | float | float, integer | REAL; NaN is an error, as SQLite would make it NULL |
//! | text | text | TEXT |
//! | bytes | bytes | BLOB |
//! | decimal | text, integer | TEXT in plain notation, which the column's affinity may make a number |
//! | decimal:SCALE | bytes | the same |
//! | date | integer | milliseconds since the epoch, as INTEGER |
//! | time:UNIT, timestamp:UNIT | integer | the same; what is finer is cut off |
//! | array | | error |
//!
//! `date_class` and `date_precision` make the last of them seconds, Julian days (REAL) or text in
//! `date_string_format`; a timestamp is text on the clock of its form's zone. The driver differs in two: it writes
//! decimals with an exponent where Java does (`1E+3`), and stores NaN as NULL.

use std::borrow::Cow;

use watertight_sandbox::sql::ValueNode;

use super::super::forms::{Clock, Form, decimal};
use super::dates::{Dates, Written};
use super::read::Why;
use super::statement::Stored;

/// What a node is stored as; a text that has to be made stays with the caller.
pub fn write<'a>(node: &'a ValueNode, form: &Form, dates: &Dates, made: &'a mut String) -> Result<Stored<'a>, Why> {
    let misfit = || Err(Why::from("this is another kind of value"));
    Ok(match (form, node) {
        (_, ValueNode::Null) => Stored::Null,
        (_, ValueNode::Elements(_) | ValueNode::Entries(_) | ValueNode::Fields(_)) | (Form::Array(_), _) => {
            return Err("SQLite stores single values only".into());
        }
        (Form::Natural | Form::Boolean | Form::Integer, ValueNode::Boolean(value)) => Stored::Integer((*value).into()),
        (Form::Boolean, ValueNode::Integer(value)) => Stored::Integer((*value != 0).into()),
        (Form::Natural | Form::Integer, ValueNode::Integer(value)) => Stored::Integer(*value),
        (Form::Float, ValueNode::Integer(value)) => Stored::Real(*value as f64),
        (Form::Natural | Form::Float, ValueNode::Float(value)) if value.is_nan() => {
            return Err("SQLite has no NaN, and would store NULL".into());
        }
        (Form::Natural | Form::Float, ValueNode::Float(value)) => Stored::Real(*value),
        (Form::Natural | Form::Text, ValueNode::Text(value)) => Stored::Text(value.as_bytes()),
        (Form::Natural | Form::Bytes, ValueNode::Bytes(value)) => Stored::Blob(value),
        (Form::Decimal, ValueNode::Text(value)) => match decimal::plain_text(value) {
            Ok(Cow::Borrowed(plain)) => Stored::Text(plain.as_bytes()),
            Ok(Cow::Owned(plain)) => keep(plain, made),
            Err(error) => return Err(error.to_string().into()),
        },
        (Form::Decimal, ValueNode::Integer(value)) => keep(value.to_string(), made),
        (Form::Unscaled(scale), ValueNode::Bytes(value)) => {
            keep(decimal::text(value, *scale).map_err(|error| error.to_string())?, made)
        }
        (Form::Date, ValueNode::Integer(days)) => dated(dates.write_day(*days), made)?,
        (Form::Time(unit), ValueNode::Integer(count)) => {
            let clock = Clock::of(*count, *unit);
            dated(dates.write(clock, clock), made)?
        }
        (Form::Timestamp(unit, zone), ValueNode::Integer(count)) => {
            let epoch = Clock::of(*count, *unit);
            let local = Clock { seconds: zone.local(epoch.seconds), ..epoch };
            dated(dates.write(local, epoch), made)?
        }
        (Form::Boolean, _) | (Form::Integer, _) | (Form::Float, _) => return misfit(),
        (Form::Text, _) | (Form::Bytes, _) | (Form::Decimal, _) | (Form::Unscaled(_), _) => return misfit(),
        (Form::Date, _) | (Form::Time(_), _) | (Form::Timestamp(..), _) => return misfit(),
    })
}

fn dated(written: Option<Written>, made: &mut String) -> Result<Stored<'_>, Why> {
    match written {
        None => Err("it is too far from 1970".into()),
        Some(Written::Integer(value)) => Ok(Stored::Integer(value)),
        Some(Written::Real(value)) => Ok(Stored::Real(value)),
        Some(Written::Text(text)) => Ok(keep(text, made)),
    }
}

fn keep(text: String, made: &mut String) -> Stored<'_> {
    *made = text;
    Stored::Text(made.as_bytes())
}
