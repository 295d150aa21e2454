//! A database for unit tests: whatever a test puts in its place.

use std::cell::RefCell;
use std::rc::Rc;

use crate::sql::{Column, Fault, Result, RowBatch, Table, TableName};
use crate::{Tape, ValueNode};

/// Stands for the database of this thread. Every function has an answer to begin with: nothing is there.
pub trait Database {
    /// Whether a connection is to be had.
    fn open(&self, prefix: &str) -> Result<()> {
        let _ = prefix;
        Ok(())
    }
    /// As `Connection::fact`.
    fn fact(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
    /// As `Connection::valid`.
    fn valid(&self) -> bool {
        true
    }
    /// As `Connection::tables`.
    fn tables(&self, catalog: Option<&str>, schema_pattern: Option<&str>, kinds: &[String]) -> Result<Vec<Table>> {
        let _ = (catalog, schema_pattern, kinds);
        Ok(Vec::new())
    }
    /// As `Connection::columns`.
    fn columns(&self, name: &TableName) -> Result<Option<Vec<Column>>> {
        let _ = name;
        Ok(None)
    }
    /// As `Connection::primary_key`.
    fn primary_key(&self, name: &TableName) -> Result<Vec<String>> {
        let _ = name;
        Ok(Vec::new())
    }
    /// Columns and all rows of a query.
    fn query(&self, sql: &str, forms: &[String], values: &[ValueNode]) -> Result<(Vec<Column>, Vec<Tape>)> {
        let _ = (sql, forms, values);
        Ok((Vec::new(), Vec::new()))
    }
    /// Told of the forms in which rows shall come.
    fn read_as(&self, forms: &[String]) -> Result<()> {
        let _ = forms;
        Ok(())
    }
    /// As `Connection::execute_times`.
    fn execute(&self, sql: &str, forms: &[String], times: u32, values: &[ValueNode]) -> Result<Vec<u64>> {
        let _ = (sql, forms, values);
        Ok(vec![1; times as usize])
    }
    /// As `Connection::load`.
    fn load(&self, name: &TableName, columns: &[String], forms: &[String], values: &[ValueNode]) -> Result<u64> {
        let _ = (name, columns, forms, values);
        Err(Fault::new("unsupported", "this database has no quicker way"))
    }
    /// `begin`, `commit` or `rollback`.
    fn transaction(&self, step: &str) -> Result<()> {
        let _ = step;
        Ok(())
    }
}

thread_local! {
    static DATABASE: RefCell<Option<Rc<dyn Database>>> = RefCell::default();
}

/// Every connection of this thread leads here from now on.
pub fn install(database: Rc<dyn Database>) {
    DATABASE.with_borrow_mut(|place| *place = Some(database));
}

pub(crate) struct Connection(Rc<dyn Database>);

pub(crate) struct Rows {
    database: Rc<dyn Database>,
    columns: Vec<Column>,
    left: RefCell<std::vec::IntoIter<Tape>>,
}

impl Connection {
    pub(crate) fn open(prefix: &str) -> Result<Self> {
        let database = DATABASE.with_borrow(Clone::clone);
        let database = database.ok_or_else(|| Fault::new("config", "this test has no database"))?;
        database.open(prefix)?;
        Ok(Self(database))
    }
    pub(crate) fn fact(&self, name: &str) -> Option<String> {
        self.0.fact(name)
    }
    pub(crate) fn valid(&self, _timeout_ms: u32) -> bool {
        self.0.valid()
    }
    pub(crate) fn tables(
        &self,
        catalog: Option<&str>,
        schema_pattern: Option<&str>,
        kinds: &[String],
    ) -> Result<Vec<Table>> {
        self.0.tables(catalog, schema_pattern, kinds)
    }
    pub(crate) fn columns(&self, name: &TableName) -> Result<Option<Vec<Column>>> {
        self.0.columns(name)
    }
    pub(crate) fn primary_key(&self, name: &TableName) -> Result<Vec<String>> {
        self.0.primary_key(name)
    }
    pub(crate) fn query(&self, sql: &str, forms: &[String], values: &[ValueNode]) -> Result<Rows> {
        let (columns, rows) = self.0.query(sql, forms, values)?;
        Ok(Rows { database: Rc::clone(&self.0), columns, left: RefCell::new(rows.into_iter()) })
    }
    pub(crate) fn execute(&self, sql: &str, forms: &[String], times: u32, values: &[ValueNode]) -> Result<Vec<u64>> {
        self.0.execute(sql, forms, times, values)
    }
    pub(crate) fn load(
        &self,
        name: &TableName,
        columns: &[String],
        forms: &[String],
        values: &[ValueNode],
    ) -> Result<u64> {
        self.0.load(name, columns, forms, values)
    }
    pub(crate) fn begin(&self, _isolation: Option<&str>, _read_only: bool) -> Result<()> {
        self.0.transaction("begin")
    }
    pub(crate) fn commit(&self) -> Result<()> {
        self.0.transaction("commit")
    }
    pub(crate) fn rollback(&self) -> Result<()> {
        self.0.transaction("rollback")
    }
}

impl Rows {
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.columns.clone()
    }
    pub(crate) fn read_as(&self, forms: &[String]) -> Result<()> {
        self.database.read_as(forms)
    }
    pub(crate) fn next(&self, max_rows: u32, _max_bytes: u32, _max_ms: u32) -> Result<RowBatch> {
        let mut left = self.left.borrow_mut();
        let rows: Vec<Tape> = left.by_ref().take(max_rows as usize).collect();
        Ok(RowBatch { rows, finished: left.len() == 0 })
    }
    pub(crate) fn cancel(&self) {
        *self.left.borrow_mut() = Vec::new().into_iter();
    }
}
