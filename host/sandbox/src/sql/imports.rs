//! `watertight:sql/client`, function by function.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::component::Resource;

use super::waiting::{no_row, reading, stopped, writing};
use super::{
    Column, Fault, OpenConnection, OpenRows, Portion, RowBatch, SqlConnection, Table, TableName, ValueNode, code,
};
use crate::bindings::watertight::sql::client;
use crate::limits::key;
use crate::state::GuestState;

/// Of the names of settings by which a connection is asked for.
const LONGEST_PREFIX: usize = 200;

type Answer<T> = wasmtime::Result<Result<T, Fault>>;

impl OpenConnection {
    fn live(&mut self) -> Result<&mut Box<dyn SqlConnection>, Fault> {
        self.connection.as_mut().ok_or_else(|| {
            Fault::gone("the connection was closed when a statement took too long or was given up; open another")
        })
    }
}

/// Calls a connection with the patience of `$wait`, and closes it when that is over.
macro_rules! ask {
    ($state:ident, $handle:ident, $wait:ident, |$connection:ident| $work:expr $(, $stopping:ident)?) => {{
        let limit = $state.sql_limits.statement;
        $(let $stopping = std::sync::Arc::clone(&$state.stopping);)?
        let open = $state.table.get_mut(&$handle)?;
        let given = match open.live() {
            Err(fault) => return Ok(Err(fault)),
            Ok($connection) => $wait($work, limit $(, &$stopping)?).await,
        };
        match given {
            Ok(answer) => answer,
            Err(why) => {
                open.connection = None;
                Err(Fault::from(why))
            }
        }
    }};
}

impl client::Host for GuestState {}

impl client::HostConnection for GuestState {
    async fn open(&mut self, prefix: String) -> Answer<Resource<OpenConnection>> {
        let Some(access) = self.sql.clone() else {
            let text = "this instance has no settings, and so no database";
            return Ok(Err(Fault::new(code::UNSUPPORTED, text)));
        };
        if prefix.len() > LONGEST_PREFIX {
            // It stands in messages.
            let text = format!("no setting's name begins with {} bytes: there may be {LONGEST_PREFIX}", prefix.len());
            return Ok(Err(Fault::new(code::CONFIG, text)));
        }
        let limits = self.sql_limits;
        let Ok(place) = Arc::clone(&self.sql_places).try_acquire_owned() else {
            let text = format!("more open connections than {} = {}", key::SQL_CONNECTIONS, limits.connections);
            return Ok(Err(Fault::new(code::LIMIT, text)));
        };
        match reading(access.open(&prefix, &limits), limits.statement, &self.stopping).await {
            Ok(Ok(connection)) => {
                let open = OpenConnection { connection: Some(connection), place: Arc::new(place) };
                Ok(Ok(self.table.push(open)?))
            }
            Ok(Err(fault)) => Ok(Err(fault)),
            Err(why) => Ok(Err(why.into())),
        }
    }

    async fn fact(&mut self, this: Resource<OpenConnection>, name: String) -> wasmtime::Result<Option<String>> {
        if name == "bytes.max" {
            // What one call may carry is the host's to say, with room for what the copying itself needs.
            return Ok(Some((self.hostcall_limit / 4).to_string()));
        }
        let open = self.table.get(&this)?;
        Ok(open.connection.as_ref().and_then(|connection| connection.fact(&name)))
    }

    async fn valid(&mut self, this: Resource<OpenConnection>, timeout_ms: u32) -> wasmtime::Result<bool> {
        let limit = self.sql_limits.statement.min(Duration::from_millis(timeout_ms.into()));
        let open = self.table.get_mut(&this)?;
        let Some(connection) = &mut open.connection else { return Ok(false) };
        let answer = writing(connection.valid(), limit).await;
        if answer.is_err() {
            open.connection = None;
        }
        Ok(answer.unwrap_or(false))
    }

    async fn tables(
        &mut self,
        this: Resource<OpenConnection>,
        catalog: Option<String>,
        schema_pattern: Option<String>,
        kinds: Vec<String>,
    ) -> Answer<Vec<Table>> {
        Ok(ask!(self, this, reading, |open| open.tables(catalog, schema_pattern, kinds), stopping))
    }

    async fn columns(&mut self, this: Resource<OpenConnection>, name: TableName) -> Answer<Option<Vec<Column>>> {
        Ok(ask!(self, this, reading, |open| open.columns(name), stopping))
    }

    async fn primary_key(&mut self, this: Resource<OpenConnection>, name: TableName) -> Answer<Vec<String>> {
        Ok(ask!(self, this, reading, |open| open.primary_key(name), stopping))
    }

    async fn query(
        &mut self,
        this: Resource<OpenConnection>,
        sql: String,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Answer<Resource<OpenRows>> {
        match ask!(self, this, reading, |open| open.query(sql, forms, values), stopping) {
            Ok(rows) => {
                let place = Arc::clone(&self.table.get(&this)?.place);
                let rows = OpenRows { rows, ended: false, waited: Duration::ZERO, _place: place };
                Ok(Ok(self.table.push(rows)?))
            }
            Err(fault) => Ok(Err(fault)),
        }
    }

    async fn execute(
        &mut self,
        this: Resource<OpenConnection>,
        sql: String,
        forms: Vec<String>,
        times: u32,
        values: Vec<ValueNode>,
    ) -> Answer<Vec<u64>> {
        // What is answered is a number for each, so that what is asked must not cost less.
        if usize::try_from(times).unwrap_or(usize::MAX) > values.len().max(1) {
            let text = format!("{times} executions with {} values: each needs values of its own", values.len());
            return Ok(Err(Fault::new(code::DATA, text)));
        }
        Ok(ask!(self, this, writing, |open| open.execute(sql, forms, times, values)))
    }

    async fn load(
        &mut self,
        this: Resource<OpenConnection>,
        name: TableName,
        columns: Vec<String>,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Answer<u64> {
        Ok(ask!(self, this, writing, |open| open.load(name, columns, forms, values)))
    }

    async fn begin(
        &mut self,
        this: Resource<OpenConnection>,
        isolation: Option<String>,
        read_only: bool,
    ) -> Answer<()> {
        Ok(ask!(self, this, writing, |open| open.begin(isolation, read_only)))
    }

    async fn commit(&mut self, this: Resource<OpenConnection>) -> Answer<()> {
        Ok(ask!(self, this, writing, |open| open.commit()))
    }

    async fn rollback(&mut self, this: Resource<OpenConnection>) -> Answer<()> {
        Ok(ask!(self, this, writing, |open| open.rollback()))
    }

    async fn drop(&mut self, this: Resource<OpenConnection>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl client::HostRows for GuestState {
    async fn columns(&mut self, this: Resource<OpenRows>) -> wasmtime::Result<Vec<Column>> {
        Ok(self.table.get(&this)?.rows.columns().to_vec())
    }

    async fn read_as(&mut self, this: Resource<OpenRows>, forms: Vec<String>) -> Answer<()> {
        Ok(self.table.get_mut(&this)?.rows.read_as(&forms))
    }

    async fn next(&mut self, this: Resource<OpenRows>, max_rows: u32, max_bytes: u32, max_ms: u32) -> Answer<RowBatch> {
        let limits = self.sql_limits;
        let narrow = |wanted: u32, limit: usize| usize::try_from(wanted).unwrap_or(limit).clamp(1, limit.max(1));
        let most = Portion {
            rows: narrow(max_rows, limits.rows),
            bytes: narrow(max_bytes, limits.batch),
            wait: Duration::from_millis(max_ms.into()).min(limits.statement),
        };
        let open = self.table.get_mut(&this)?;
        if open.ended {
            return Ok(Ok(RowBatch { rows: Vec::new(), finished: true }));
        }
        let begun = Instant::now();
        let answer = tokio::select! {
            biased;
            answer = open.rows.next(most) => answer,
            () = stopped(&self.stopping) => Ok(RowBatch { rows: Vec::new(), finished: false }),
        };
        open.ended = answer.as_ref().map_or(true, |batch| batch.finished);
        let empty = answer.as_ref().is_ok_and(|batch| batch.rows.is_empty() && !batch.finished);
        open.waited = if empty { open.waited + begun.elapsed() } else { Duration::ZERO };
        if open.waited < limits.statement {
            return Ok(answer);
        }
        open.ended = true;
        let _ = writing(open.rows.cancel(), limits.statement).await;
        Ok(Err(no_row(limits.statement)))
    }

    async fn cancel(&mut self, this: Resource<OpenRows>) -> wasmtime::Result<()> {
        let open = self.table.get_mut(&this)?;
        open.ended = true;
        let _ = writing(open.rows.cancel(), self.sql_limits.statement).await;
        Ok(())
    }

    async fn drop(&mut self, this: Resource<OpenRows>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
