//! One connection as a guest has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::BytesMut;
use tokio::sync::{Mutex, OwnedMutexGuard};
use watertight_sandbox::sql::{Column, Fault, SqlConnection, SqlRows, Table, TableName, ValueNode, code};

use super::bind::{Values, bind, forms, spent};
use super::decode::Reader;
use super::rows::{Query, Rows, UNLIMITED};
use super::session::{Failed, Session};
use super::statements::Statement;
use super::{catalog, describe, execute, load};
use crate::sql::forms::Form;

/// Parameters of one statement: the protocol counts them in 16 bits.
const PARAMETERS: &str = "65535";

pub(super) struct Connection {
    session: Arc<Mutex<Session>>,
    /// Rows have the session.
    open: Arc<AtomicBool>,
    facts: Facts,
}

/// What does not change as long as the connection lives.
pub(super) struct Facts {
    pub(super) version: String,
    /// Without credentials.
    pub(super) url: String,
    pub(super) catalog: String,
    pub(super) schema: Option<String>,
}

impl Connection {
    pub(super) fn new(session: Session, facts: Facts) -> Self {
        Self { session: Arc::new(Mutex::new(session)), open: Arc::default(), facts }
    }

    /// The session, unless rows have it. Rows that were given up are waited for.
    async fn session(&self) -> Result<OwnedMutexGuard<Session>, Fault> {
        if self.open.load(Ordering::Acquire) {
            return Err(Fault::new(code::BUSY, "rows of this connection are open: read them to the end, or drop them"));
        }
        let mut session = Arc::clone(&self.session).lock_owned().await;
        if !session.wire.is_idle() {
            session.wire.lose("a call was given up before it was answered");
        }
        if session.wire.is_lost() {
            return Err(session.wire.gone());
        }
        Ok(session)
    }

    /// A table of another database cannot be reached from here.
    fn elsewhere(&self, catalog: Option<&str>) -> bool {
        catalog.is_some_and(|catalog| catalog != self.facts.catalog)
    }
}

/// Prepares, encodes and binds.
async fn bound(session: &mut Session, sql: &str, forms: &[Form], values: &[ValueNode]) -> Result<Query, Failed> {
    let statement = session.prepare(sql).await?;
    if statement.fields.is_empty() {
        return Err(Fault::new(code::SQL, "this statement answers no rows: execute is for those that do not").into());
    }
    let mut parameters = BytesMut::new();
    let mut values = Values::new(forms, values);
    values.parameters(&statement.parameters, &mut parameters).await?;
    spent(&values, statement.parameters.len())?;
    let columns = describe::columns(session, &statement).await?;
    let readers = readers(&statement)?;
    let own = !session.wire.in_transaction();
    session.wire.simple(&if own { format!("BEGIN; {UNLIMITED}") } else { UNLIMITED.to_owned() });
    let binary: Vec<bool> = readers.iter().map(Reader::is_binary).collect();
    bind(&mut session.wire.output, &statement.name, &parameters, &binary);
    session.wire.sync();
    if let Err(failed) = session.settle(|_, _| Ok(())).await {
        if own && !session.wire.is_lost() {
            session.command("ROLLBACK").await?;
        }
        return Err(failed);
    }
    Ok(Query { statement, parameters, columns, readers, own })
}

fn readers(statement: &Statement) -> Result<Vec<Reader>, Fault> {
    let reader = |field: &super::statements::Field| {
        Reader::of(&field.kind, &Form::Natural)
            .ok_or_else(|| Fault::new(code::UNSUPPORTED, format!("column {} cannot be read", field.name)))
    };
    statement.fields.iter().map(reader).collect()
}

#[async_trait::async_trait]
impl SqlConnection for Connection {
    fn fact(&self, name: &str) -> Option<String> {
        match name {
            "product" => Some("postgresql".to_owned()),
            "version" => Some(self.facts.version.clone()),
            "url" => Some(self.facts.url.clone()),
            "catalog" => Some(self.facts.catalog.clone()),
            "schema" => self.facts.schema.clone(),
            "quote" => Some("\"".to_owned()),
            "parameters.max" => Some(PARAMETERS.to_owned()),
            _ => None,
        }
    }

    async fn valid(&mut self) -> bool {
        if self.open.load(Ordering::Acquire) {
            return true;
        }
        let Ok(mut session) = self.session().await else { return false };
        session.wire.sync();
        session.settle(|_, _| Ok(())).await.is_ok()
    }

    async fn tables(
        &mut self,
        catalog: Option<String>,
        schema_pattern: Option<String>,
        kinds: Vec<String>,
    ) -> Result<Vec<Table>, Fault> {
        let mut session = self.session().await?;
        if self.elsewhere(catalog.as_deref()) {
            return Ok(Vec::new());
        }
        catalog::tables(&mut session, &self.facts.catalog, schema_pattern.as_deref(), &kinds).await
    }

    async fn columns(&mut self, name: TableName) -> Result<Option<Vec<Column>>, Fault> {
        let mut session = self.session().await?;
        if self.elsewhere(name.catalog.as_deref()) {
            return Ok(None);
        }
        match catalog::find(&mut session, &name).await? {
            Some(oid) => Ok(Some(catalog::columns(&mut session, &oid).await?)),
            None => Ok(None),
        }
    }

    async fn primary_key(&mut self, name: TableName) -> Result<Vec<String>, Fault> {
        let mut session = self.session().await?;
        if self.elsewhere(name.catalog.as_deref()) {
            return Ok(Vec::new());
        }
        match catalog::find(&mut session, &name).await? {
            Some(oid) => catalog::primary_key(&mut session, &oid).await,
            None => Ok(Vec::new()),
        }
    }

    async fn query(
        &mut self,
        sql: String,
        names: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<Box<dyn SqlRows>, Fault> {
        let mut session = self.session().await?;
        let forms = forms(&names)?;
        let again = !session.wire.in_transaction();
        let query = match bound(&mut session, &sql, &forms, &values).await {
            Err(failed) if failed.stale => {
                session.statements.forget(&sql);
                if !again {
                    return Err(failed.fault);
                }
                bound(&mut session, &sql, &forms, &values).await?
            }
            bound => bound?,
        };
        Ok(Box::new(Rows::new(session, Arc::clone(&self.open), query)))
    }

    async fn execute(
        &mut self,
        sql: String,
        forms: Vec<String>,
        times: u32,
        values: Vec<ValueNode>,
    ) -> Result<Vec<u64>, Fault> {
        let mut session = self.session().await?;
        execute::execute(&mut session, &sql, &forms, times, &values).await
    }

    async fn load(
        &mut self,
        name: TableName,
        columns: Vec<String>,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<u64, Fault> {
        let mut session = self.session().await?;
        if self.elsewhere(name.catalog.as_deref()) {
            let text = format!("table {} is not of this database, {}", name.name, self.facts.catalog);
            return Err(Fault::new(code::SQL, text));
        }
        load::load(&mut session, &name, &columns, &forms, &values).await
    }

    async fn begin(&mut self, isolation: Option<String>, read_only: bool) -> Result<(), Fault> {
        let mut session = self.session().await?;
        let level = match isolation.as_deref() {
            None => "",
            Some("READ_UNCOMMITTED") => " ISOLATION LEVEL READ UNCOMMITTED",
            Some("READ_COMMITTED") => " ISOLATION LEVEL READ COMMITTED",
            Some("REPEATABLE_READ") => " ISOLATION LEVEL REPEATABLE READ",
            Some("SERIALIZABLE") => " ISOLATION LEVEL SERIALIZABLE",
            Some(other) => {
                let text = format!("PostgreSQL has no transaction isolation {other}");
                return Err(Fault::new(code::UNSUPPORTED, text));
            }
        };
        if session.wire.in_transaction() {
            let fault = Fault::new(code::SQL, "a transaction is open already: commit or roll back first");
            return Err(Fault { sqlstate: Some("25001".to_owned()), ..fault });
        }
        session.command(&format!("BEGIN{level}{}", if read_only { " READ ONLY" } else { "" })).await
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        let mut session = self.session().await?;
        let failed = session.wire.failed();
        session.command("COMMIT").await?;
        if failed {
            let text = "the transaction was rolled back, as one of its statements had failed";
            return Err(Fault { sqlstate: Some("25P02".to_owned()), ..Fault::new(code::SQL, text) });
        }
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        self.session().await?.command("ROLLBACK").await
    }
}
