//! SQL databases. The worker has the driver, the socket and the password; a plugin has statements and rows.
//!
//! How a value crosses is said by a *form*: `integer`, `decimal:2`, `timestamp@Europe/Vienna`, ... A row comes as the
//! tape of a struct and may go into a record as it is. The contract (`wit/deps/sql`) says it all.
//!
//! Using this module asks for the import `watertight:sql/client`.

use crate::{Failure, Tape, ValueNode};

pub use crate::bindings::sql::watertight::sql::client::{Column, Fault, RowBatch, Table, TableName};

#[cfg(target_arch = "wasm32")]
use crate::bindings::sql::watertight::sql::client as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::sql as host;

/// What a call of a database answers.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// A connection, closed when dropped.
pub struct Connection(host::Connection);

/// The rows of a query, ended when dropped.
pub struct Rows(host::Rows);

impl Connection {
    /// By the settings of this connector or task whose names begin with `prefix`: `connection.` for `connection.url`,
    /// `connection.user`, `connection.password` and the driver's own.
    pub fn open(prefix: &str) -> Result<Self> {
        host::Connection::open(prefix).map(Self)
    }

    /// `product` (`sqlite`, `postgresql`, `mysql`, `mariadb`), `version`, `url`, `catalog`, `schema`, `quote`,
    /// `parameters.max`, `bytes.max`.
    pub fn fact(&self, name: &str) -> Option<String> {
        self.0.fact(name)
    }

    /// Does it still answer, within so many milliseconds?
    pub fn valid(&self, timeout_ms: u32) -> bool {
        self.0.valid(timeout_ms)
    }

    /// Tables in the order of their names; no kinds: of any.
    pub fn tables(&self, catalog: Option<&str>, schema_pattern: Option<&str>, kinds: &[String]) -> Result<Vec<Table>> {
        self.0.tables(catalog, schema_pattern, kinds)
    }

    /// Columns of a table in their order; none if there is no such table.
    pub fn columns(&self, name: &TableName) -> Result<Option<Vec<Column>>> {
        self.0.columns(name)
    }

    /// Columns of the primary key, in its order.
    pub fn primary_key(&self, name: &TableName) -> Result<Vec<String>> {
        self.0.primary_key(name)
    }

    /// A statement that answers rows. Parameters are `?`, or `$1` in PostgreSQL.
    pub fn query(&self, sql: &str, forms: &[&str], values: &[ValueNode]) -> Result<Rows> {
        self.0.query(sql, &owned(forms), values).map(Rows)
    }

    /// A statement that answers none; rows changed.
    pub fn execute(&self, sql: &str, forms: &[&str], values: &[ValueNode]) -> Result<u64> {
        Ok(self.execute_times(sql, forms, 1, values)?.first().copied().unwrap_or_default())
    }

    /// The same statement several times, each with an equal share of the values; all or nothing. Rows changed by each.
    pub fn execute_times(&self, sql: &str, forms: &[&str], times: u32, values: &[ValueNode]) -> Result<Vec<u64>> {
        self.0.execute(sql, &owned(forms), times, values)
    }

    /// Rows into a table by the quickest way that the database has; all or nothing. A fault `unsupported` where there
    /// is none.
    pub fn load(&self, name: &TableName, columns: &[String], forms: &[&str], values: &[ValueNode]) -> Result<u64> {
        self.0.load(name, columns, &owned(forms), values)
    }

    /// Begins a transaction; isolation in JDBC's words without the prefix, none: the database's default.
    pub fn begin(&self, isolation: Option<&str>, read_only: bool) -> Result<()> {
        self.0.begin(isolation, read_only)
    }

    /// Ends the transaction, keeping what it did.
    pub fn commit(&self) -> Result<()> {
        self.0.commit()
    }

    /// Ends the transaction, undoing what it did.
    pub fn rollback(&self) -> Result<()> {
        self.0.rollback()
    }
}

impl Rows {
    /// What the rows have.
    pub fn columns(&self) -> Vec<Column> {
        self.0.columns()
    }

    /// The form of each column's values; before the first `next`. Empty: as it comes.
    pub fn read_as(&self, forms: &[&str]) -> Result<()> {
        self.0.read_as(&owned(forms))
    }

    /// Waits for a row, but not longer than so many milliseconds.
    pub fn next(&self, max_rows: u32, max_bytes: u32, max_ms: u32) -> Result<RowBatch> {
        self.0.next(max_rows, max_bytes, max_ms)
    }

    /// Ends the query in the database.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// All rows that are left: for small answers only.
    pub fn all(&self) -> Result<Vec<Tape>> {
        const PATIENCE: u32 = 1_000;
        let mut rows = Vec::new();
        loop {
            let batch = self.next(u32::MAX, u32::MAX, PATIENCE)?;
            rows.extend(batch.rows);
            if batch.finished {
                return Ok(rows);
            }
            if crate::runtime::stopping() {
                return Err(Fault::new("cancelled", "the task is to stop"));
            }
        }
    }
}

impl TableName {
    /// A table where a statement would look for it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { catalog: None, schema: None, name: name.into() }
    }
}

impl Column {
    /// One of the details.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Whether a detail is said to be so.
    pub fn is(&self, name: &str) -> bool {
        self.detail(name) == Some("true")
    }
}

impl Fault {
    /// A fault with nothing but a code and a message.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            sqlstate: None,
            vendor_code: None,
            retriable: false,
            lost: false,
            row: None,
            details: Vec::new(),
        }
    }
}

impl From<Fault> for Failure {
    /// The database's words, its SQLSTATE and number, and whether to try again.
    fn from(fault: Fault) -> Self {
        let mut message = fault.message;
        match (&fault.sqlstate, fault.vendor_code) {
            (Some(state), Some(number)) => message.push_str(&format!(" (SQLSTATE {state}, error code {number})")),
            (Some(state), None) => message.push_str(&format!(" (SQLSTATE {state})")),
            (None, Some(number)) => message.push_str(&format!(" (error code {number})")),
            (None, None) => {}
        }
        let code = match fault.code.as_str() {
            "denied" => "config",
            "cancelled" | "busy" => "unavailable",
            other => other,
        };
        let details: Vec<String> = fault.details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        Self {
            trace: (!details.is_empty()).then(|| details.join("\n")),
            retriable: fault.retriable,
            ..Self::new(code, message)
        }
    }
}

fn owned(forms: &[&str]) -> Vec<String> {
    forms.iter().map(|&form| form.to_owned()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_becomes_a_failure_with_state_and_number() {
        let fault = Fault {
            sqlstate: Some("40P01".into()),
            vendor_code: Some(7),
            retriable: true,
            details: vec![("table".into(), "t".into())],
            ..Fault::new("sql", "deadlock")
        };
        let failure = Failure::from(fault);
        assert_eq!(failure.message, "deadlock (SQLSTATE 40P01, error code 7)");
        assert!(failure.retriable && failure.trace.as_deref() == Some("table: t"));
    }
}
