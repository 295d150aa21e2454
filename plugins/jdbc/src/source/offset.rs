//! Where to go on: offsets and source partitions in the shape that the JVM connectors store.
//!
//! A table's partition is `{"protocol":"1","table":"<qualified name>"}`; older connectors wrote `{"table":"<name>"}`.
//! An offset has `incrementing`, and `timestamp` in milliseconds with `timestamp_nanos`, the nanoseconds of the second.

use watertight_sdk::{Failure, Position, Result, Scalar};

/// The number's name in an offset.
pub const NUMBER: &str = "incrementing";
/// The time's.
pub const TIME: &str = "timestamp";
/// That of the nanoseconds of its second.
pub const NANOS: &str = "timestamp_nanos";
const TABLE: &str = "table";
const PROTOCOL: &str = "protocol";
const PROTOCOL_ONE: &str = "1";
const QUERY: &str = "query";

const MICROS_PER_SECOND: i64 = 1_000_000;

/// The last row that was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    /// Of the incrementing column.
    pub number: Option<i64>,
    /// Of the timestamp columns, in microseconds since the epoch: the finest that any of the databases keeps.
    pub micros: Option<i64>,
}

impl Offset {
    /// As stored. What is not there is none; what is of another kind is an error.
    pub fn read(position: &Position) -> Result<Self> {
        let number = |name: &str| match position.iter().find(|(have, _)| have == name) {
            None | Some((_, Scalar::Null)) => Ok(None),
            Some((_, Scalar::Integer(value))) => Ok(Some(*value)),
            Some(_) => Err(Failure::config(format!("The value for the '{name}' key in the offset is not an integer"))),
        };
        let nanos = number(NANOS)?;
        if nanos.is_some_and(|nanos| !(0..1_000_000_000).contains(&nanos)) {
            return Err(Failure::config(format!(
                "The value for the '{NANOS}' key in the offset is not in the range of 0 to 999999999"
            )));
        }
        let micros = number(TIME)?.map(|ms| match nanos {
            Some(nanos) => ms.div_euclid(1_000).saturating_mul(MICROS_PER_SECOND).saturating_add(nanos / 1_000),
            None => ms.saturating_mul(1_000),
        });
        Ok(Self { number: number(NUMBER)?, micros })
    }

    /// Names of its fields, for offsets by number, by time or both.
    pub fn fields(by_number: bool, by_time: bool) -> Vec<String> {
        let names = [(by_number, NUMBER), (by_time, TIME), (by_time, NANOS)];
        names.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()).collect()
    }

    /// Values in the order of [`fields`](Self::fields), of what is there.
    pub fn values(self) -> Vec<Scalar> {
        let mut values = Vec::with_capacity(3);
        values.extend(self.number.map(Scalar::Integer));
        if let Some(micros) = self.micros {
            values.push(Scalar::Integer(micros.div_euclid(1_000)));
            values.push(Scalar::Integer(micros.rem_euclid(MICROS_PER_SECOND) * 1_000));
        }
        values
    }
}

/// The partition of a table, in the order in which the JVM writes its fields.
pub fn of_table(qualified: &str) -> Position {
    vec![(PROTOCOL.to_owned(), PROTOCOL_ONE.into()), (TABLE.to_owned(), qualified.into())]
}

/// The partition of a table as older connectors wrote it, and as mode bulk does.
pub fn of_table_before(name: &str) -> Position {
    vec![(TABLE.to_owned(), name.into())]
}

/// The partition of a custom query.
pub fn of_query() -> Position {
    vec![(QUERY.to_owned(), QUERY.into())]
}

/// Whether an operator may store this.
pub fn check(partition: &Position, offset: Option<&Position>) -> Result<()> {
    let text = |name: &str| {
        partition.iter().find(|(have, _)| have == name).map(|(_, value)| match value {
            Scalar::Text(text) => Ok(text.as_str()),
            _ => Err(Failure::config(format!("The value for the '{name}' key in the partition is not a string"))),
        })
    };
    match (text(TABLE).transpose()?, text(QUERY).transpose()?) {
        (Some(_), None) | (None, Some(QUERY)) => {}
        _ => {
            return Err(Failure::config(
                "Partition objects should be {\"protocol\":\"1\",\"table\":\"<qualified name>\"} or {\"query\":\"query\"}",
            ));
        }
    }
    if text(PROTOCOL).transpose()?.is_some_and(|version| version != PROTOCOL_ONE) {
        return Err(Failure::config("The value for the 'protocol' key in the partition should be \"1\""));
    }
    let Some(position) = offset else {
        return Ok(());
    };
    let read = Offset::read(position)?;
    if read.number.is_none() && read.micros.is_none() {
        return Err(Failure::config(format!(
            "Offset objects should either be null or contain the keys '{NUMBER}', or '{TIME}' (with '{NANOS}'), or all"
        )));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn position(pairs: &[(&str, i64)]) -> Position {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Scalar::Integer(*value))).collect()
    }

    #[test]
    fn a_time_keeps_its_microseconds_on_both_sides_of_1970() {
        for micros in [0, 1, 999_999, 1_234_567_890_123_456, -1, -1_000_001, -62_135_596_800_000_000] {
            let offset = Offset { number: None, micros: Some(micros) };
            let names = Offset::fields(false, true);
            let stored: Position = names.into_iter().zip(offset.values()).collect();
            assert_eq!(Offset::read(&stored).unwrap(), offset, "{stored:?}");
        }
    }

    #[test]
    fn what_the_jvm_stored_is_read() {
        let stored = position(&[(NANOS, 123_456_000), (NUMBER, 7), (TIME, 1_700_000_000_123)]);
        assert_eq!(Offset::read(&stored).unwrap(), Offset { number: Some(7), micros: Some(1_700_000_000_123_456) });
        let without_nanos = position(&[(TIME, 1_700_000_000_123)]);
        assert_eq!(Offset::read(&without_nanos).unwrap().micros, Some(1_700_000_000_123_000));
    }

    #[test]
    fn shapes_are_checked_before_they_are_stored() {
        let good = position(&[(NUMBER, 1)]);
        assert!(check(&of_table("public.t"), Some(&good)).is_ok());
        assert!(check(&of_table_before("t"), Some(&good)).is_ok());
        assert!(check(&of_query(), None).is_ok());
        assert!(check(&vec![("file".to_owned(), "x".into())], None).is_err());
        assert!(check(&of_table("t"), Some(&position(&[("number", 1)]))).is_err());
        assert!(check(&of_table("t"), Some(&vec![(NUMBER.to_owned(), "1".into())])).is_err());
        assert!(check(&of_table("t"), Some(&position(&[(TIME, 1), (NANOS, -1)]))).is_err());
        assert!(check(&vec![("protocol".to_owned(), "2".into()), ("table".to_owned(), "t".into())], None).is_err());
    }
}
