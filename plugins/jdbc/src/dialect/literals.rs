//! Defaults of columns. They stand in the text of a statement, as no database takes parameters there, so this is the
//! one place where a value is written as SQL: every text is quoted, and nothing else can contain a quotation mark.

use watertight_sdk::ValueNode;

use crate::civil::civil;

use super::Product;
use super::types::{Type, Unit};

/// A schema's default as SQL. None where it cannot be said: the column then has none, and the value goes with each
/// record anyway.
pub fn literal(product: Product, kind: &Type, value: &[ValueNode]) -> Option<String> {
    let [value] = value else {
        return None;
    };
    Some(match (kind, value) {
        (_, ValueNode::Null) => return None,
        (Type::Boolean, ValueNode::Boolean(value)) if product == Product::Postgres => {
            (if *value { "TRUE" } else { "FALSE" }).to_owned()
        }
        (Type::Boolean, ValueNode::Boolean(value)) => u8::from(*value).to_string(),
        (Type::Int8 | Type::Int16 | Type::Int32 | Type::Int64, ValueNode::Integer(value)) => value.to_string(),
        (Type::Float32 | Type::Float64, ValueNode::Float(value)) if value.is_finite() => format!("{value:?}"),
        (Type::Text, ValueNode::Text(value)) => text(product, value)?,
        (Type::Bytes, ValueNode::Bytes(value)) => bytes(product, value),
        (Type::Decimal(scale), ValueNode::Bytes(value)) => decimal(value, *scale)?,
        (Type::Date, ValueNode::Integer(days)) => date(product, *days)?,
        (Type::Time, ValueNode::Integer(millis)) => time(product, *millis)?,
        (Type::Timestamp, ValueNode::Integer(millis)) => timestamp(product, *millis, 1_000)?,
        (Type::Instant(Unit::Micros), ValueNode::Integer(count)) => timestamp(product, *count, 1_000_000)?,
        (Type::Instant(Unit::Nanos), ValueNode::Integer(count)) => timestamp(product, *count, 1_000_000_000)?,
        _ => return None,
    })
}

/// Backslashes are doubled where a server may take them for escapes; where it does not, the default has two of them,
/// and in neither case does the literal end early.
fn text(product: Product, value: &str) -> Option<String> {
    if value.contains('\0') {
        return None;
    }
    let quoted = value.replace('\'', "''");
    Some(match product {
        Product::Sqlite => format!("'{quoted}'"),
        Product::Postgres if value.contains('\\') => format!("E'{}'", quoted.replace('\\', "\\\\")),
        Product::Postgres => format!("'{quoted}'"),
        // In parentheses it is an expression, which long text columns want.
        Product::Mysql | Product::Mariadb => format!("('{}')", quoted.replace('\\', "\\\\")),
    })
}

fn bytes(product: Product, value: &[u8]) -> String {
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    match product {
        Product::Sqlite => format!("x'{hex}'"),
        Product::Postgres => format!("'\\x{hex}'::bytea"),
        Product::Mysql | Product::Mariadb => format!("(x'{hex}')"),
    }
}

/// As far as 128 bits go.
fn decimal(unscaled: &[u8], scale: i32) -> Option<String> {
    let negative = unscaled.first()? & 0x80 != 0;
    if unscaled.len() > 16 {
        return None;
    }
    let mut number: i128 = if negative { -1 } else { 0 };
    for byte in unscaled {
        number = (number << 8) | i128::from(*byte);
    }
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    let places = usize::try_from(scale).ok()?;
    if places == 0 {
        return Some(format!("{sign}{digits}"));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    Some(format!("{sign}{whole}.{fraction}"))
}

fn date(product: Product, days: i64) -> Option<String> {
    if product == Product::Sqlite {
        return days.checked_mul(86_400_000).map(|millis| millis.to_string());
    }
    let (year, month, day) = day(days)?;
    Some(format!("'{year:04}-{month:02}-{day:02}'"))
}

fn time(product: Product, millis: i64) -> Option<String> {
    if product == Product::Sqlite {
        return Some(millis.to_string());
    }
    if !(0..86_400_000).contains(&millis) {
        return None;
    }
    Some(format!("'{}'", clock(millis / 1_000, millis % 1_000, 3)))
}

fn timestamp(product: Product, count: i64, per_second: i64) -> Option<String> {
    if product == Product::Sqlite {
        return Some(count.div_euclid(per_second / 1_000).to_string());
    }
    let micros =
        if per_second > 1_000_000 { count.div_euclid(1_000) } else { count.checked_mul(1_000_000 / per_second)? };
    let seconds = micros.div_euclid(1_000_000);
    let (year, month, day) = day(seconds.div_euclid(86_400))?;
    let fraction = micros.rem_euclid(1_000_000);
    let clock = match per_second {
        1_000 => clock(seconds.rem_euclid(86_400), fraction / 1_000, 3),
        _ => clock(seconds.rem_euclid(86_400), fraction, 6),
    };
    Some(format!("'{year:04}-{month:02}-{day:02} {clock}'"))
}

fn clock(second: i64, fraction: i64, digits: usize) -> String {
    format!("{:02}:{:02}:{:02}.{fraction:0digits$}", second / 3_600, second / 60 % 60, second % 60)
}

/// Year, month and day of a day since 1970, for years that every database can read back.
fn day(days: i64) -> Option<(i64, i64, i64)> {
    const FIRST: i64 = -719_162;
    const LAST: i64 = 2_932_896;
    (FIRST..=LAST).contains(&days).then(|| civil(days))
}
