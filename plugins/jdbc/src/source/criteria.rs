//! The statements that ask for rows which were not sent yet.

use watertight_sdk::ValueNode;

use super::offset::Offset;
use crate::dialect::Dialect;

/// The columns that tell new rows from old.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// The growing number.
    pub number: Option<String>,
    /// The times of change; the first that is not null counts.
    pub times: Vec<String>,
}

/// A statement with its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Of its parameters.
    pub forms: Vec<String>,
    /// As many.
    pub values: Vec<ValueNode>,
}

/// How far to read.
#[derive(Clone, Debug)]
pub struct Bounds<'a> {
    /// The last row that was sent. No time: from the first row on. The number then does not count either.
    pub after: Offset,
    /// Times before this only, in microseconds. For criteria with times.
    pub before: i64,
    /// `timestamp:micros@ZONE`.
    pub time_form: &'a str,
    /// Times are compared as numbers of milliseconds, however each of them is stored. See [`as_millis`].
    pub any_storage: bool,
}

impl Criteria {
    /// What to put behind `base`, a SELECT without WHERE.
    pub fn statement(&self, base: &str, suffix: &str, dialect: &Dialect, bounds: &Bounds<'_>) -> Statement {
        let mut statement = Statement { sql: base.to_owned(), ..Statement::default() };
        let number = self.number.as_deref().map(|name| dialect.quote(name));
        let time = self.time(dialect, bounds.any_storage);
        let last = bounds.after.number.unwrap_or(i64::MIN);
        match (time, number) {
            (None, None) => {}
            (None, Some(number)) => {
                statement.push(&format!(" WHERE {number} > "));
                statement.integer(dialect, last);
                statement.push(&format!(" ORDER BY {number} ASC"));
            }
            (Some(time), number) => {
                statement.push(&format!(" WHERE {time} < "));
                statement.time(dialect, bounds, bounds.before);
                if let Some(after) = bounds.after.micros {
                    // Said so that an index on the times alone still narrows the search.
                    let compare = if number.is_some() { ">=" } else { ">" };
                    statement.push(&format!(" AND {time} {compare} "));
                    statement.time(dialect, bounds, after);
                    if let Some(number) = &number {
                        statement.push(&format!(" AND ({time} > "));
                        statement.time(dialect, bounds, after);
                        statement.push(&format!(" OR {number} > "));
                        statement.integer(dialect, last);
                        statement.push(")");
                    }
                }
                statement.push(&format!(" ORDER BY {time}"));
                if let Some(number) = &number {
                    statement.push(&format!(",{number}"));
                }
                statement.push(" ASC");
            }
        }
        if !suffix.is_empty() {
            statement.push(" ");
            statement.push(suffix);
        }
        statement
    }

    fn time(&self, dialect: &Dialect, any_storage: bool) -> Option<String> {
        let written = |name: &String| {
            let name = dialect.quote(name);
            if any_storage { as_millis(&name) } else { name }
        };
        let names: Vec<String> = self.times.iter().map(written).collect();
        match names.as_slice() {
            [] => None,
            [name] => Some(name.clone()),
            names => Some(format!("COALESCE({})", names.join(","))),
        }
    }
}

impl Statement {
    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn parameter(&mut self, dialect: &Dialect, form: &str, value: ValueNode) {
        self.values.push(value);
        self.forms.push(form.to_owned());
        self.sql.push_str(&dialect.placeholder(self.values.len()));
    }

    fn integer(&mut self, dialect: &Dialect, value: i64) {
        self.parameter(dialect, "integer", ValueNode::Integer(value));
    }

    fn time(&mut self, dialect: &Dialect, bounds: &Bounds<'_>, micros: i64) {
        if bounds.any_storage {
            self.integer(dialect, micros.div_euclid(1_000));
        } else {
            self.parameter(dialect, bounds.time_form, ValueNode::Integer(micros));
        }
    }
}

/// SQLite has no type for times: its own clock writes text, Xerial's driver numbers of milliseconds, others Julian
/// days, and a comparison of one with another is never true. This makes one kind of all.
fn as_millis(column: &str) -> String {
    const EPOCH: &str = "2440587.5";
    format!(
        "CASE typeof({column}) WHEN 'integer' THEN {column} WHEN 'real' THEN CAST(round(({column} - {EPOCH}) * \
         86400000.0) AS INTEGER) ELSE CAST(round((julianday({column}) - {EPOCH}) * 86400000.0) AS INTEGER) END"
    )
}
