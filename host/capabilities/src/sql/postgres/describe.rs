//! Columns as a guest is told of them: of a table, and of a result, whose columns may be those of a table.

use watertight_sandbox::sql::{Column, Fault};

use super::catalog;
use super::session::Session;
use super::statements::Statement;
use super::types::{Kind, Type};

/// What only the catalog knows of a column.
pub(super) struct Facts {
    pub(super) name: String,
    pub(super) kind: u32,
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    pub(super) auto_increment: bool,
    pub(super) generated: bool,
    pub(super) default: Option<String>,
    pub(super) table: String,
    /// Place in the primary key, from 1.
    pub(super) key: Option<u32>,
}

/// Columns of a result, with what their tables say of them now.
pub(super) async fn columns(session: &mut Session, statement: &Statement) -> Result<Vec<Column>, Fault> {
    let mut tables: Vec<u32> = statement.fields.iter().map(|field| field.table).filter(|table| *table != 0).collect();
    tables.sort_unstable();
    tables.dedup();
    let facts = if tables.is_empty() { Default::default() } else { catalog::facts(session, &tables).await? };
    let fields = statement.fields.iter();
    Ok(fields
        .map(|field| column(&field.name, &field.kind, field.modifier, facts.get(&(field.table, field.number))))
        .collect())
}

pub(super) fn column(name: &str, kind: &Type, modifier: i32, facts: Option<&Facts>) -> Column {
    let mut details = Vec::new();
    let mut detail = |name: &str, value: String| details.push((name.to_owned(), value));
    let size = Size::of(kind, modifier);
    if let Some(length) = size.length {
        detail("length", length.to_string());
    }
    if let Some(bytes) = size.bytes {
        detail("size", bytes.to_string());
        detail("signed", (!matches!(kind.kind, Kind::Oid)).to_string());
    }
    if let Some(fraction) = size.fraction {
        detail("fraction", fraction.to_string());
        detail("zone", matches!(kind.kind, Kind::TimeTz | Kind::TimestampTz).to_string());
    }
    if let Kind::Array(element) = &kind.kind {
        detail("element", element.name.clone());
    }
    if let Some(facts) = facts {
        detail("auto-increment", facts.auto_increment.to_string());
        detail("generated", facts.generated.to_string());
        detail("table", facts.table.clone());
        if let Some(place) = facts.key {
            detail("primary-key", place.to_string());
        }
        if let Some(default) = &facts.default {
            detail("default", default.clone());
        }
    }
    Column {
        name: name.to_owned(),
        type_name: kind.name.clone(),
        form: kind.form(),
        nullable: facts.map(|facts| !facts.not_null),
        precision: size.precision,
        scale: size.scale,
        details,
    }
}

/// How much goes into a column.
#[derive(Default)]
struct Size {
    precision: Option<u32>,
    scale: Option<i32>,
    length: Option<u32>,
    bytes: Option<u32>,
    fraction: Option<u32>,
}

impl Size {
    fn of(kind: &Type, modifier: i32) -> Self {
        let none = Self::default();
        let integer = |digits, bytes| Self { precision: Some(digits), scale: Some(0), bytes: Some(bytes), ..none };
        let limited = u32::try_from(modifier).ok();
        // Texts and numbers count a header of four bytes.
        let length = limited.and_then(|modifier| modifier.checked_sub(4));
        match kind.kind {
            Kind::Int2 => integer(5, 2),
            Kind::Int4 => integer(10, 4),
            Kind::Int8 => integer(19, 8),
            Kind::Oid => integer(10, 4),
            Kind::Numeric => Self {
                precision: length.map(|packed| packed >> 16),
                // Eleven bits with a sign, since there are negative ones.
                scale: length.and_then(|packed| i32::try_from(packed & 0x7ff).ok()).map(|scale| (scale ^ 1024) - 1024),
                ..none
            },
            Kind::Text => Self { precision: length, length, ..none },
            Kind::Bit => Self { precision: limited, length: limited, ..none },
            Kind::Time | Kind::TimeTz | Kind::Timestamp | Kind::TimestampTz => {
                Self { fraction: Some(limited.unwrap_or(6)), ..none }
            }
            _ => none,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::sql::postgres::types::Types;

    fn described(oid: u32, modifier: i32) -> Column {
        column("c", Types::new().get(oid).unwrap(), modifier, None)
    }

    #[test]
    fn a_numeric_has_the_digits_that_it_was_declared_with() {
        for (modifier, precision, scale) in [
            (-1, None, None),
            ((10 << 16 | 2) + 4, Some(10), Some(2)),
            // numeric(5, -3), as PostgreSQL 15 has it.
            ((5 << 16 | 2045) + 4, Some(5), Some(-3)),
            ((1000 << 16 | 1000) + 4, Some(1000), Some(1000)),
        ] {
            let column = described(1700, modifier);
            assert_eq!((column.precision, column.scale), (precision, scale));
        }
    }

    #[test]
    fn texts_have_lengths_and_times_have_digits() {
        assert_eq!(described(1043, 24).details, [("length".to_owned(), "20".to_owned())]);
        assert_eq!(described(25, -1).precision, None);
        let details = described(1184, 3).details;
        assert_eq!(details[0], ("fraction".to_owned(), "3".to_owned()));
        assert_eq!(details[1], ("zone".to_owned(), "true".to_owned()));
        assert_eq!(described(1007, -1).details, [("element".to_owned(), "int4".to_owned())]);
        assert_eq!(described(1007, -1).form, "array:integer");
    }
}
