//! Parameters in the binary protocol. MySQL does not say what type a parameter has to have; what is sent is what the
//! form says, and the server converts it to the column's type by its own rules, strictly.

use watertight_sandbox::sql::{Fault, ValueNode};

use super::bytes::push_counted;
use crate::sql::forms::civil;
use crate::sql::forms::clock::Clock;
use crate::sql::forms::{Form, decimal, faults};

mod kind {
    pub const TINY: u8 = 1;
    pub const DOUBLE: u8 = 5;
    pub const NULL: u8 = 6;
    pub const LONG_LONG: u8 = 8;
    pub const DATE: u8 = 10;
    pub const TIME: u8 = 11;
    pub const DATETIME: u8 = 12;
    pub const DECIMAL: u8 = 246;
    pub const BLOB: u8 = 252;
    pub const VAR_STRING: u8 = 253;
}

/// Digits that a decimal may have, and those after the point; what has more is sent as text, for the server to judge.
const DECIMAL_DIGITS: usize = 65;
const DECIMAL_SCALE: usize = 30;

/// Appends the values of one execution: which are null, what each is, and the values. `row` is for messages.
pub fn push(out: &mut Vec<u8>, forms: &[Form], values: &[ValueNode], row: u32) -> Result<(), Fault> {
    if values.is_empty() {
        return Ok(());
    }
    let nulls = out.len();
    out.resize(nulls + values.len().div_ceil(8), 0);
    // Types follow.
    out.push(1);
    let types = out.len();
    out.resize(types + 2 * values.len(), 0);
    for (index, value) in values.iter().enumerate() {
        let form = forms.get(index % forms.len().max(1)).unwrap_or(&Form::Natural);
        let kind = one(out, form, value).map_err(|why| faults::bound(index + 1, row, form, value, why))?;
        out[types + 2 * index] = kind;
        if kind == kind::NULL {
            out[nulls + index / 8] |= 1 << (index % 8);
        }
    }
    Ok(())
}

const NOT_THIS: &str = "that is another kind of value";

fn one(out: &mut Vec<u8>, form: &Form, value: &ValueNode) -> Result<u8, &'static str> {
    match (form, value) {
        (_, ValueNode::Null) => Ok(kind::NULL),
        (Form::Natural | Form::Boolean, ValueNode::Boolean(value)) => {
            out.push((*value).into());
            Ok(kind::TINY)
        }
        (Form::Boolean, ValueNode::Integer(value)) => {
            out.push((*value != 0).into());
            Ok(kind::TINY)
        }
        (Form::Integer, ValueNode::Boolean(value)) => Ok(integer(out, (*value).into())),
        (Form::Natural | Form::Integer | Form::Decimal, ValueNode::Integer(value)) => Ok(integer(out, *value)),
        (Form::Natural | Form::Float, ValueNode::Float(value)) => float(out, *value),
        #[allow(clippy::cast_precision_loss)]
        (Form::Float, ValueNode::Integer(value)) => float(out, *value as f64),
        (Form::Natural | Form::Text, ValueNode::Text(text)) => Ok(string(out, kind::VAR_STRING, text.as_bytes())),
        (Form::Natural | Form::Bytes, ValueNode::Bytes(bytes)) => Ok(string(out, kind::BLOB, bytes)),
        (Form::Decimal, ValueNode::Text(text)) => {
            let plain = decimal::plain_text(text).map_err(|_| "it is not a decimal number")?;
            Ok(exact(out, &plain))
        }
        (Form::Unscaled(scale), ValueNode::Bytes(bytes)) => {
            let plain = decimal::text(bytes, *scale).map_err(|_| "it has more digits than any database takes")?;
            Ok(exact(out, &plain))
        }
        (Form::Date, ValueNode::Integer(days)) => date(out, *days),
        (Form::Time(unit), ValueNode::Integer(count)) => time(out, Clock::of(*count, *unit)),
        (Form::Timestamp(unit, zone), ValueNode::Integer(count)) => {
            let mut clock = Clock::of(*count, *unit);
            clock.seconds = zone.local(clock.seconds);
            timestamp(out, clock)
        }
        (Form::Array(_), _) => Err("MySQL and MariaDB have no arrays"),
        _ => Err(NOT_THIS),
    }
}

fn integer(out: &mut Vec<u8>, value: i64) -> u8 {
    out.extend_from_slice(&value.to_le_bytes());
    kind::LONG_LONG
}

fn float(out: &mut Vec<u8>, value: f64) -> Result<u8, &'static str> {
    if !value.is_finite() {
        return Err("MySQL and MariaDB have neither NaN nor infinity");
    }
    out.extend_from_slice(&value.to_le_bytes());
    Ok(kind::DOUBLE)
}

fn string(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) -> u8 {
    push_counted(out, bytes);
    kind
}

fn exact(out: &mut Vec<u8>, plain: &str) -> u8 {
    let digits = plain.trim_start_matches('-');
    let scale = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let small = digits.len() <= DECIMAL_DIGITS && scale <= DECIMAL_SCALE;
    string(out, if small { kind::DECIMAL } else { kind::VAR_STRING }, plain.as_bytes())
}

fn push_day(out: &mut Vec<u8>, days: i64) -> Result<(), &'static str> {
    let (year, month, day) = civil::date(days);
    let year = u16::try_from(year).ok().filter(|year| *year <= 9_999).ok_or("years go from 0 to 9999 here")?;
    out.extend_from_slice(&year.to_le_bytes());
    // Both are below 32.
    out.extend([month, day].map(|part| u8::try_from(part).unwrap_or(0)));
    Ok(())
}

fn push_time(out: &mut Vec<u8>, second: u32) {
    out.extend([second / 3_600, second / 60 % 60, second % 60].map(|part| u8::try_from(part).unwrap_or(0)));
}

fn date(out: &mut Vec<u8>, days: i64) -> Result<u8, &'static str> {
    out.push(4);
    push_day(out, days)?;
    Ok(kind::DATE)
}

fn time(out: &mut Vec<u8>, clock: Clock) -> Result<u8, &'static str> {
    let (0, second) = clock.day() else { return Err("it is not within a day") };
    out.push(12);
    out.extend_from_slice(&[0; 5]);
    push_time(out, second);
    out.extend_from_slice(&(clock.nanos / 1_000).to_le_bytes());
    Ok(kind::TIME)
}

fn timestamp(out: &mut Vec<u8>, clock: Clock) -> Result<u8, &'static str> {
    let (days, second) = clock.day();
    let micros = clock.nanos / 1_000;
    out.push(if micros == 0 { 7 } else { 11 });
    push_day(out, days)?;
    push_time(out, second);
    if micros > 0 {
        out.extend_from_slice(&micros.to_le_bytes());
    }
    Ok(kind::DATETIME)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sent(form: &str, value: ValueNode) -> Result<(u8, Vec<u8>), String> {
        let mut out = Vec::new();
        push(&mut out, &[form.parse().unwrap()], &[value], 0).map_err(|fault| fault.message)?;
        Ok((out[2], out.split_off(4)))
    }

    #[test]
    fn values_are_sent_as_their_forms_say() {
        use ValueNode::{Boolean, Bytes, Float, Integer, Text};
        assert_eq!(sent("", Boolean(true)).unwrap(), (1, vec![1]));
        assert_eq!(sent("integer", Integer(-2)).unwrap(), (8, (-2_i64).to_le_bytes().to_vec()));
        assert_eq!(sent("", Float(1.5)).unwrap(), (5, 1.5_f64.to_le_bytes().to_vec()));
        assert_eq!(sent("text", Text("ä\0".into())).unwrap(), (253, vec![3, 0xc3, 0xa4, 0]));
        assert_eq!(sent("bytes", Bytes(vec![0, 255])).unwrap(), (252, vec![2, 0, 255]));
        assert_eq!(sent("decimal", Text("-1.50".into())).unwrap(), (246, b"\x05-1.50".to_vec()));
        assert_eq!(sent("decimal:2", Bytes(vec![0xff, 0x6a])).unwrap(), (246, b"\x05-1.50".to_vec()));
        // Too long for the server's type: as text, so that the column says so.
        assert_eq!(sent("decimal", Text("9".repeat(66))).unwrap().0, 253);
        assert_eq!(sent("date", Integer(19_782)).unwrap(), (10, vec![4, 0xe8, 7, 2, 29]));
        assert_eq!(sent("time", Integer(1)).unwrap(), (11, vec![12, 0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0]));
        assert_eq!(sent("timestamp", Integer(-1_000)).unwrap(), (12, vec![7, 0xb1, 7, 12, 31, 23, 59, 59]));
        assert_eq!(
            sent("timestamp:micros@Europe/Berlin", Integer(1)).unwrap(),
            (12, vec![11, 0xb2, 7, 1, 1, 1, 0, 0, 1, 0, 0, 0])
        );
    }

    #[test]
    fn what_does_not_fit_names_parameter_and_row() {
        use ValueNode::{Float, Integer, Text};
        for (form, value, why) in [
            ("date", Integer(10_000_000), "years go from 0 to 9999"),
            ("time", Integer(86_400_000), "not within a day"),
            ("time", Integer(-1), "not within a day"),
            ("float", Float(f64::NAN), "neither NaN"),
            ("integer", Text("1".into()), "another kind"),
            ("decimal", Text("x".into()), "not a decimal"),
            ("array:text", Text("x".into()), "no arrays"),
        ] {
            let message = sent(form, value).unwrap_err();
            assert!(message.contains(why) && message.contains("parameter 1, row 0"), "{message}");
        }
    }

    #[test]
    fn nulls_are_bits_and_forms_are_taken_again_from_the_front() {
        let mut out = Vec::new();
        let forms = ["integer".parse().unwrap()];
        let values: Vec<ValueNode> =
            (0..9).map(|i| if i % 8 == 0 { ValueNode::Null } else { ValueNode::Integer(i) }).collect();
        push(&mut out, &forms, &values, 0).unwrap();
        assert_eq!(&out[..3], &[0b1, 0b1, 1]);
        assert_eq!(out.len(), 3 + 18 + 7 * 8);
    }
}
