//! SQL databases as a guest sees them. What a connection *is* stands behind three traits, so that this crate knows
//! neither drivers nor grants; what is true of any connection stands here: how many a guest may hold, how long a
//! statement may take, how much of a result comes at a time, and that a guest that is to stop does not go on waiting.

mod imports;
#[cfg(test)]
mod tests;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

pub use crate::bindings::watertight::sql::client::{Column, Fault, RowBatch, Table, TableName};
pub use crate::bindings::watertight::types::data::ValueNode;
use crate::limits::{Limits, key};

/// What a guest's `connection.open` leads to: the settings of its own instance and what they are granted.
#[async_trait::async_trait]
pub trait SqlAccess: Send + Sync {
    /// A connection by the settings whose names begin with `prefix`.
    async fn open(&self, prefix: &str, limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault>;
}

/// One connection. A future that is dropped half-way leaves it in a state of its own choosing: the caller then drops
/// the connection, which ends in the database whatever it was about.
#[async_trait::async_trait]
pub trait SqlConnection: Send {
    /// `product`, `version`, `url`, `catalog`, `schema`, `quote`, `parameters.max`.
    fn fact(&self, name: &str) -> Option<String>;
    /// Does it still answer?
    async fn valid(&mut self) -> bool;
    /// In the order of their names; no kinds: any.
    async fn tables(
        &mut self,
        catalog: Option<String>,
        schema_pattern: Option<String>,
        kinds: Vec<String>,
    ) -> Result<Vec<Table>, Fault>;
    /// None: there is no such table.
    async fn columns(&mut self, name: TableName) -> Result<Option<Vec<Column>>, Fault>;
    /// In the order of the key.
    async fn primary_key(&mut self, name: TableName) -> Result<Vec<String>, Fault>;
    /// Rows live on their own: they hold what they need of the connection, whose other calls answer `busy` meanwhile.
    async fn query(
        &mut self,
        sql: String,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<Box<dyn SqlRows>, Fault>;
    /// Rows changed by each execution; several are all or nothing.
    async fn execute(
        &mut self,
        sql: String,
        forms: Vec<String>,
        times: u32,
        values: Vec<ValueNode>,
    ) -> Result<Vec<u64>, Fault>;
    /// By the quickest way that the database has.
    async fn load(
        &mut self,
        name: TableName,
        columns: Vec<String>,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<u64, Fault>;
    /// Isolation in JDBC's words; none: the database's default.
    async fn begin(&mut self, isolation: Option<String>, read_only: bool) -> Result<(), Fault>;
    /// Ends the transaction, keeping what it did.
    async fn commit(&mut self) -> Result<(), Fault>;
    /// Ends the transaction, undoing what it did.
    async fn rollback(&mut self) -> Result<(), Fault>;
}

/// The rows of one query. Dropped before the end, the query is ended in the database, and the connection is free again
/// or lost.
#[async_trait::async_trait]
pub trait SqlRows: Send {
    /// Known before the first row.
    fn columns(&self) -> &[Column];
    /// As many forms as columns; empty ones as they come.
    fn read_as(&mut self, forms: &[String]) -> Result<(), Fault>;
    /// Up to so many rows and about so many bytes, waiting at most so long for the first of them. Cancel-safe: a
    /// dropped future has taken no row.
    async fn next(&mut self, most: Portion) -> Result<RowBatch, Fault>;
    /// Ends the query in the database.
    async fn cancel(&mut self);
}

/// How much of a result to bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// At most so many.
    pub rows: usize,
    /// About so many; one row may always come.
    pub bytes: usize,
    /// For the first row.
    pub wait: Duration,
}

/// Limits of `sandbox.sql.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Open at a time, in one instance.
    pub connections: usize,
    /// For a statement until it answers.
    pub statement: Duration,
    /// Rows of one batch.
    pub rows: usize,
    /// Bytes of one batch.
    pub batch: usize,
    /// Bytes of one row, and of one value.
    pub row: usize,
}

impl SqlLimits {
    /// From the table of limits.
    pub fn of(limits: &Limits) -> Self {
        Self {
            connections: limits.size(key::SQL_CONNECTIONS),
            statement: limits.time(key::SQL_STATEMENT),
            rows: limits.size(key::SQL_ROWS),
            batch: limits.size(key::SQL_BATCH),
            row: limits.size(key::SQL_ROW),
        }
    }
}

/// Codes of faults.
pub mod code {
    /// A setting is at fault.
    pub const CONFIG: &str = "config";
    /// A grant is missing, or the statement is not allowed.
    pub const DENIED: &str = "denied";
    /// No connection, or it broke.
    pub const UNAVAILABLE: &str = "unavailable";
    /// It took too long.
    pub const TIMEOUT: &str = "timeout";
    /// The worker wants the task to stop.
    pub const CANCELLED: &str = "cancelled";
    /// A limit of the worker.
    pub const LIMIT: &str = "limit";
    /// Rows of this connection are still open.
    pub const BUSY: &str = "busy";
    /// Not with this database.
    pub const UNSUPPORTED: &str = "unsupported";
    /// A value and its form do not fit.
    pub const DATA: &str = "data";
    /// The database refused.
    pub const SQL: &str = "sql";
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

    /// There is no connection (any more); another may be had later.
    pub fn gone(message: impl Into<String>) -> Self {
        Self { retriable: true, lost: true, ..Self::new(code::UNAVAILABLE, message) }
    }
}

/// One of the connections that a guest may hold. Rows go on when their connection is dropped, and keep its place.
type Place = Arc<OwnedSemaphorePermit>;

/// A connection in the guest's table of resources.
pub struct OpenConnection {
    /// None after a call that was given up: what the connection was about is unknown then.
    connection: Option<Box<dyn SqlConnection>>,
    place: Place,
}

/// Rows in the guest's table of resources.
pub struct OpenRows {
    rows: Box<dyn SqlRows>,
    ended: bool,
    /// How long the guest has waited for the next one.
    waited: Duration,
    _place: Place,
}
