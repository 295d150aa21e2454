//! Statements that write, for so many rows at a time.
//!
//! Parameters come row by row: key columns, then the others; of an update the others first, as they stand first.

use watertight_sdk::sql::TableName;

use super::{Dialect, Product};

/// A column of a table that is created or altered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewColumn {
    /// Its name.
    pub name: String,
    /// Its type, in the database's words.
    pub kind: String,
    /// Whether it may hold null.
    pub nullable: bool,
    /// An expression.
    pub default: Option<String>,
}

/// A statement's text in the making.
struct Text<'a> {
    dialect: &'a Dialect,
    sql: String,
    parameters: usize,
}

impl<'a> Text<'a> {
    fn new(dialect: &'a Dialect, begin: &str, table: &TableName) -> Self {
        Self { dialect, sql: format!("{begin}{}", dialect.table(table)), parameters: 0 }
    }

    fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.dialect.push_quoted(&mut self.sql, name);
        self
    }

    fn parameter(&mut self) -> &mut Self {
        self.parameters += 1;
        if self.dialect.product() == Product::Postgres {
            self.sql.push_str(&format!("${}", self.parameters));
        } else {
            self.sql.push('?');
        }
        self
    }

    fn each<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &str,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            write(self, item);
        }
        self
    }

    fn rows(&mut self, rows: usize, columns: usize) -> &mut Self {
        self.each(0..rows, ",", |text, _| {
            text.push("(").each(0..columns, ",", |text, _| {
                text.parameter();
            });
            text.push(")");
        })
    }
}

/// `INSERT INTO t (a, b) VALUES (?, ?), (?, ?)`.
pub fn insert(dialect: &Dialect, table: &TableName, columns: &[&str], rows: usize) -> String {
    inserting(dialect, table, columns, rows).sql
}

fn inserting<'a>(dialect: &'a Dialect, table: &TableName, columns: &[&str], rows: usize) -> Text<'a> {
    let mut text = Text::new(dialect, "INSERT INTO ", table);
    text.push(" (").each(columns, ",", |text, name| {
        text.name(name);
    });
    text.push(") VALUES ").rows(rows, columns.len());
    text
}

/// Inserts, or updates the row that has the key already.
///
/// SQLite's `INSERT OR REPLACE`, which the JVM connectors use, deletes the row and inserts another: columns that the
/// record does not have fall back to their defaults, rows that refer to it are deleted with it, triggers see a
/// deletion. `ON CONFLICT .. DO UPDATE` changes what the record says and nothing else, as in PostgreSQL.
pub fn upsert(dialect: &Dialect, table: &TableName, keys: &[&str], others: &[&str], rows: usize) -> String {
    let columns: Vec<&str> = keys.iter().chain(others).copied().collect();
    let mut text = inserting(dialect, table, &columns, rows);
    if dialect.product().is_mysql() {
        on_duplicate_key(&mut text, keys, others);
    } else {
        text.push(" ON CONFLICT (").each(keys, ",", |text, name| {
            text.name(name);
        });
        if others.is_empty() {
            text.push(") DO NOTHING");
        } else {
            text.push(") DO UPDATE SET ").each(others, ",", |text, name| {
                text.name(name).push("=EXCLUDED.").name(name);
            });
        }
    }
    text.sql
}

/// Where there is nothing but the key, the key is set to what it is: MySQL has no `DO NOTHING`, and `IGNORE` would
/// swallow every other error too. MySQL would rather have an alias for the new row, which MariaDB does not know.
fn on_duplicate_key(text: &mut Text, keys: &[&str], others: &[&str]) {
    let set = if others.is_empty() { keys.get(..1).unwrap_or_default() } else { others };
    text.push(" ON DUPLICATE KEY UPDATE ").each(set, ",", |text, name| {
        text.name(name).push("=VALUES(").name(name).push(")");
    });
}

/// `UPDATE t SET b = ? WHERE a = ?`. Where there is nothing to set, the key is set to what it is, so that the row is
/// found or not as with any other.
pub fn update(dialect: &Dialect, table: &TableName, keys: &[&str], others: &[&str]) -> String {
    let mut text = Text::new(dialect, "UPDATE ", table);
    text.push(" SET ");
    if let ([], Some(key)) = (others, keys.first()) {
        text.name(key).push("=").name(key);
    } else {
        text.each(others, ",", |text, name| {
            text.name(name).push("=").parameter();
        });
    }
    text.push(" WHERE ").each(keys, " AND ", |text, name| {
        text.name(name).push("=").parameter();
    });
    text.sql
}

/// `DELETE FROM t WHERE a IN (?, ?)`, for keys of several columns `(a, b) IN ((?, ?), (?, ?))`.
pub fn delete(dialect: &Dialect, table: &TableName, keys: &[&str], rows: usize) -> String {
    let mut text = Text::new(dialect, "DELETE FROM ", table);
    text.push(" WHERE ");
    if rows == 1 {
        text.each(keys, " AND ", |text, name| {
            text.name(name).push("=").parameter();
        });
    } else if let [key] = keys {
        text.name(key).push(" IN ").rows(1, rows);
    } else {
        text.push("(").each(keys, ",", |text, name| {
            text.name(name);
        });
        // SQLite takes a list of rows from VALUES only; the others take it too, but plan it worse.
        let begin = if dialect.product() == Product::Sqlite { ") IN (VALUES " } else { ") IN (" };
        text.push(begin).rows(rows, keys.len()).push(")");
    }
    text.sql
}

/// `CREATE TABLE t (a INT NOT NULL, b TEXT NULL, PRIMARY KEY(a))`.
pub fn create(dialect: &Dialect, table: &TableName, columns: &[NewColumn], keys: &[&str]) -> String {
    let mut text = Text::new(dialect, "CREATE TABLE ", table);
    text.push(" (").each(columns, ", ", define);
    if !keys.is_empty() {
        text.push(", PRIMARY KEY(").each(keys, ",", |text, name| {
            text.name(name);
        });
        text.push(")");
    }
    text.push(")");
    text.sql
}

/// One statement per column: SQLite adds no more than one at a time, and where two tasks race for them, what one has
/// added is not in the way of the rest.
pub fn add_column(dialect: &Dialect, table: &TableName, column: &NewColumn) -> String {
    let mut text = Text::new(dialect, "ALTER TABLE ", table);
    text.push(if dialect.product() == Product::Sqlite { " ADD COLUMN " } else { " ADD " });
    define(&mut text, column);
    text.sql
}

fn define(text: &mut Text, column: &NewColumn) {
    text.name(&column.name).push(" ").push(&column.kind);
    match (&column.default, column.nullable) {
        (Some(expression), _) => text.push(" DEFAULT ").push(expression),
        (None, true) => text.push(" NULL"),
        (None, false) => text.push(" NOT NULL"),
    };
}
