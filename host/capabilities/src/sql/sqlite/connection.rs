//! A connection as the contract has it: each call takes the connection to a thread that may wait, and back.

use std::sync::Arc;

use watertight_sandbox::sql::{Column, Fault, SqlConnection, SqlLimits, SqlRows, Table, TableName, ValueNode, code};

use super::dates::Dates;
use super::lease::{Lease, Slot};
use super::rows::SqliteRows;
use super::{batch, guard, query, tables, transaction};
use crate::sql::forms::{Form, faults as misfits};

/// SQLite behind the contract.
pub struct SqliteConnection {
    slot: Arc<Slot>,
    dates: Arc<Dates>,
    limits: SqlLimits,
    url: String,
    writable: bool,
}

impl SqliteConnection {
    /// With a connection that is ready.
    pub fn new(slot: Arc<Slot>, dates: Dates, limits: SqlLimits, url: String, writable: bool) -> Self {
        Self { slot, dates: Arc::new(dates), limits, url, writable }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Lease) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.slot.run(move |lease| work(&lease)).await
    }
}

impl Drop for SqliteConnection {
    fn drop(&mut self) {
        self.slot.close();
    }
}

#[async_trait::async_trait]
impl SqlConnection for SqliteConnection {
    fn fact(&self, name: &str) -> Option<String> {
        match name {
            "product" => Some("sqlite".into()),
            "version" => Some(rusqlite::version().into()),
            "url" => Some(self.url.clone()),
            "quote" => Some("\"".into()),
            "parameters.max" => Some(guard::PARAMETERS.to_string()),
            _ => None,
        }
    }

    async fn valid(&mut self) -> bool {
        let answer = self.run(|lease| {
            let _trust = lease.control.trust();
            lease.connection.query_row("SELECT 1", (), |_| Ok(())).map_err(|error| super::faults::of(lease, &error))
        });
        // Rows that are read are a sign of life.
        answer.await.map_or_else(|fault| fault.code == code::BUSY, |()| true)
    }

    async fn tables(&mut self, _: Option<String>, _: Option<String>, kinds: Vec<String>) -> Result<Vec<Table>, Fault> {
        self.run(move |lease| tables::tables(lease, &kinds)).await
    }

    async fn columns(&mut self, name: TableName) -> Result<Option<Vec<Column>>, Fault> {
        self.run(move |lease| tables::columns(lease, &name.name)).await
    }

    async fn primary_key(&mut self, name: TableName) -> Result<Vec<String>, Fault> {
        self.run(move |lease| tables::primary_key(lease, &name.name)).await
    }

    async fn query(
        &mut self,
        sql: String,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<Box<dyn SqlRows>, Fault> {
        let forms = parse(&forms)?;
        let (dates, limits) = (Arc::clone(&self.dates), self.limits);
        let ask = move |lease| query::ask(lease, &sql, &forms, &values, &dates, &limits);
        let (columns, reading, cursor) = self.slot.run(ask).await?;
        if cursor.is_some() {
            self.slot.reading(true);
        }
        Ok(Box::new(SqliteRows::new(Arc::clone(&self.slot), columns, reading, cursor)))
    }

    async fn execute(
        &mut self,
        sql: String,
        forms: Vec<String>,
        times: u32,
        values: Vec<ValueNode>,
    ) -> Result<Vec<u64>, Fault> {
        let forms = parse(&forms)?;
        let dates = Arc::clone(&self.dates);
        self.run(move |lease| batch::execute(lease, &sql, &forms, times, &values, &dates)).await
    }

    async fn load(
        &mut self,
        name: TableName,
        columns: Vec<String>,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<u64, Fault> {
        if columns.is_empty() || !values.len().is_multiple_of(columns.len()) {
            let text = format!("{} values for rows of {} columns", values.len(), columns.len());
            return Err(Fault::new(code::DATA, text));
        }
        let times = u32::try_from(values.len() / columns.len())
            .map_err(|_| Fault::new(code::LIMIT, "more rows than can be counted"))?;
        let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
        let list: Vec<String> = columns.iter().map(quoted).collect();
        let marks = vec!["?"; columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({marks})", quoted(&name.name), list.join(", "));
        Ok(self.execute(sql, forms, times, values).await?.into_iter().sum())
    }

    async fn begin(&mut self, isolation: Option<String>, read_only: bool) -> Result<(), Fault> {
        let writes = self.writable && !read_only;
        self.run(move |lease| transaction::begin(lease, isolation.as_deref(), writes, read_only)).await
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        self.run(|lease| transaction::commit(lease)).await
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        self.run(|lease| transaction::rollback(lease)).await
    }
}

fn parse(forms: &[String]) -> Result<Vec<Form>, Fault> {
    let form = |(place, text): (usize, &String)| text.parse().map_err(|error| misfits::form(place + 1, &error));
    forms.iter().enumerate().map(form).collect()
}
