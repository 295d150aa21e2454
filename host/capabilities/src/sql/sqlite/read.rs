//! Stored values as a guest wants them. A column of SQLite may hold anything in any row, so what comes is decided for
//! each value by its storage class and the form, never by the declared type alone:
//!
//! | form | INTEGER | REAL | TEXT | BLOB |
//! |---|---|---|---|---|
//! | boolean | not zero | not zero | `true`, `false`, `yes`, `no`, `on`, `off`, `t`, `f`, `y`, `n`, `1`, `0` | error |
//! | integer | itself | if it is whole | if it is one | error |
//! | float | itself | itself | if it is one | error |
//! | text | its digits | SQLite's notation | itself | if it is UTF-8 |
//! | bytes | its digits | SQLite's notation | itself | itself |
//! | decimal | itself | its shortest digits | if it is one | error |
//! | decimal:SCALE | itself | its shortest digits, or else 15 of them | if it is one | error |
//! | date, time, timestamp | milliseconds since the epoch (`date_precision`) | Julian day | ISO 8601, or `date_string_format` | error |

use std::borrow::Cow;

use watertight_sandbox::sql::ValueNode;

use super::super::forms::{Clock, Form, decimal, notation};
use super::dates::Dates;
use super::statement::Stored;

/// Why a value is not what it was to be.
pub type Why = Cow<'static, str>;

/// Makes a node of a value. A number as text is the caller's to write, as only SQLite knows its notation.
pub fn read(value: Stored<'_>, form: &Form, dates: &Dates) -> Result<ValueNode, Why> {
    if value == Stored::Null {
        return Ok(ValueNode::Null);
    }
    match form {
        Form::Natural => natural(value),
        Form::Boolean => boolean(value),
        Form::Integer => integer(value).map(ValueNode::Integer),
        Form::Float => float(value).map(ValueNode::Float),
        Form::Text => match value {
            Stored::Integer(value) => Ok(ValueNode::Text(value.to_string())),
            Stored::Text(bytes) | Stored::Blob(bytes) => utf8(bytes).map(|text| ValueNode::Text(text.to_owned())),
            Stored::Real(_) | Stored::Null => Err("it has no notation".into()),
        },
        Form::Bytes => match value {
            Stored::Integer(value) => Ok(ValueNode::Bytes(value.to_string().into_bytes())),
            Stored::Text(bytes) | Stored::Blob(bytes) => Ok(ValueNode::Bytes(bytes.to_vec())),
            Stored::Real(_) | Stored::Null => Err("it has no notation".into()),
        },
        Form::Decimal => plain(value).map(ValueNode::Text),
        Form::Unscaled(scale) => unscaled(value, *scale).map(ValueNode::Bytes),
        Form::Date => {
            let (clock, _) = clock(value, dates)?;
            Ok(ValueNode::Integer(clock.day().0))
        }
        Form::Time(unit) => {
            let (second, nanos) = time(value, dates)?;
            let clock = Clock { seconds: second.into(), nanos };
            clock.count(*unit).map(ValueNode::Integer).ok_or_else(|| FAR.into())
        }
        Form::Timestamp(unit, zone) => {
            let (clock, east) = clock(value, dates)?;
            let seconds = match east {
                Some(east) => clock.seconds.saturating_sub(east.into()),
                None => zone.epoch(clock.seconds),
            };
            Clock { seconds, ..clock }.count(*unit).map(ValueNode::Integer).ok_or_else(|| FAR.into())
        }
        Form::Array(_) => Err("SQLite has no arrays".into()),
    }
}

const FAR: &str = "it is too far from 1970 for this unit";

fn natural(value: Stored<'_>) -> Result<ValueNode, Why> {
    Ok(match value {
        Stored::Null => ValueNode::Null,
        Stored::Integer(value) => ValueNode::Integer(value),
        Stored::Real(value) => ValueNode::Float(value),
        Stored::Text(bytes) => ValueNode::Text(utf8(bytes)?.to_owned()),
        Stored::Blob(bytes) => ValueNode::Bytes(bytes.to_vec()),
    })
}

fn utf8(bytes: &[u8]) -> Result<&str, Why> {
    std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8; the form 'bytes' has it as it is".into())
}

fn boolean(value: Stored<'_>) -> Result<ValueNode, Why> {
    let word = |text: &str| -> Result<bool, Why> {
        let any = |words: [&str; 6]| words.iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
        if any(["true", "t", "yes", "y", "on", "1"]) {
            Ok(true)
        } else if any(["false", "f", "no", "n", "off", "0"]) {
            Ok(false)
        } else {
            Err("it is neither true nor false".into())
        }
    };
    Ok(ValueNode::Boolean(match value {
        Stored::Integer(value) => value != 0,
        Stored::Real(value) => value != 0.0,
        Stored::Text(bytes) => word(utf8(bytes)?)?,
        Stored::Blob(_) | Stored::Null => return Err("it is a BLOB".into()),
    }))
}

fn integer(value: Stored<'_>) -> Result<i64, Why> {
    match value {
        Stored::Integer(value) => Ok(value),
        // What is below 2^63 has an integer of its own.
        Stored::Real(value) if value.fract() == 0.0 && (-TOP..TOP).contains(&value) => Ok(value as i64),
        Stored::Real(_) => Err("it is not a whole number of 64 bits".into()),
        Stored::Text(bytes) => utf8(bytes)?.trim().parse().map_err(|_| "it is not a whole number of 64 bits".into()),
        Stored::Blob(_) | Stored::Null => Err("it is a BLOB".into()),
    }
}

const TOP: f64 = 9_223_372_036_854_775_808.0;

fn float(value: Stored<'_>) -> Result<f64, Why> {
    match value {
        Stored::Integer(value) => Ok(value as f64),
        Stored::Real(value) => Ok(value),
        Stored::Text(bytes) => utf8(bytes)?.trim().parse().map_err(|_| "it is not a number".into()),
        Stored::Blob(_) | Stored::Null => Err("it is a BLOB".into()),
    }
}

fn plain(value: Stored<'_>) -> Result<String, Why> {
    match value {
        Stored::Integer(value) => Ok(value.to_string()),
        Stored::Real(value) if value.is_finite() => Ok(value.to_string()),
        Stored::Real(_) => Err("it is not finite".into()),
        Stored::Text(bytes) => {
            decimal::plain_text(utf8(bytes)?.trim()).map(Cow::into_owned).map_err(|error| error.to_string().into())
        }
        Stored::Blob(_) | Stored::Null => Err("it is a BLOB".into()),
    }
}

fn unscaled(value: Stored<'_>, scale: i32) -> Result<Vec<u8>, Why> {
    let why = |error: decimal::DecimalError| Why::from(error.to_string());
    match value {
        Stored::Integer(value) => decimal::unscaled_of(value.into(), 0, scale).map_err(why),
        Stored::Real(value) if value.is_finite() => {
            if let Some(value) = short(value, scale) {
                return Ok(decimal::bytes(value.into()));
            }
            // A sum of tenths ends in 04 at the seventeenth digit; what SQLite promises is fifteen.
            decimal::unscaled(&value.to_string(), scale)
                .or_else(|error| decimal::unscaled(&format!("{value:.14e}"), scale).map_err(|_| error))
                .map_err(why)
        }
        Stored::Real(_) => Err("it is not finite".into()),
        Stored::Text(bytes) => decimal::unscaled(utf8(bytes)?.trim(), scale).map_err(why),
        Stored::Blob(_) | Stored::Null => Err("it is a BLOB".into()),
    }
}

/// The unscaled number of a float that has no more digits than this, if it has fifteen at most: most prices do.
fn short(value: f64, scale: i32) -> Option<i64> {
    let power = 10_f64.powi(scale);
    let unscaled = (value * power).round();
    // Both are exact, so that their quotient is the float that these digits are read as; no others of fifteen are.
    ((0..=15).contains(&scale) && unscaled.abs() < 1.0e15 && unscaled / power == value).then_some(unscaled as i64)
}

fn clock(value: Stored<'_>, dates: &Dates) -> Result<(Clock, Option<i32>), Why> {
    match value {
        Stored::Integer(value) => dates.integer(value).map(|clock| (clock, Some(0))).ok_or_else(|| FAR.into()),
        Stored::Real(value) => {
            dates.real(value).map(|clock| (clock, Some(0))).ok_or_else(|| "it is no Julian day".into())
        }
        Stored::Text(bytes) => dates
            .text(utf8(bytes)?.trim())
            .ok_or_else(|| "it is no date in ISO 8601, nor as date_string_format has it".into()),
        Stored::Blob(_) | Stored::Null => Err("it is a BLOB".into()),
    }
}

fn time(value: Stored<'_>, dates: &Dates) -> Result<(u32, u32), Why> {
    if let Stored::Text(bytes) = value
        && let Some(time) = notation::time(utf8(bytes)?.trim())
    {
        return Ok(time);
    }
    let (clock, _) = clock(value, dates)?;
    Ok((clock.day().1, clock.nanos))
}
