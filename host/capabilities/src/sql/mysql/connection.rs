//! One connection as a guest has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;
use watertight_sandbox::sql::{Column, Fault, Portion, SqlConnection, SqlRows, Table, TableName, ValueNode, code};

use super::answer::{self, Answer};
use super::bind;
use super::catalog;
use super::executions::{Failure, Work, fits};
use super::rows::{Manners, Rows, Slot};
use super::session::{Manner, Session};
use super::transaction::{Transaction, isolation, undone};
use super::trouble::Trouble;
use crate::sql::forms::{Form, faults};
use crate::sql::url::{MysqlSettings, Scheme};

/// How long rows that were given up may take to end.
const ENDING: Duration = Duration::from_secs(15);
/// Bytes of names, types and defaults that are read of a database at a time.
const CATALOGUE: usize = 64 * 1024 * 1024;
const SAVEPOINT: &str = "watertight";

/// A connection.
pub struct Connection {
    session: Arc<Mutex<Option<Session>>>,
    ending: Arc<AtomicUsize>,
    manners: Manners,
    limit: Duration,
    transaction: Transaction,
    product: &'static str,
    version: String,
    catalog: Option<String>,
    url: String,
}

impl Connection {
    /// In this session. A statement that answers no rows may take so long.
    pub fn new(session: Session, manners: Manners, settings: &MysqlSettings, limit: Duration) -> Self {
        let scheme = match settings.scheme {
            Scheme::Mysql => "mysql",
            Scheme::Mariadb => "mariadb",
        };
        let hosts: Vec<String> = settings
            .hosts
            .iter()
            .map(|host| match host.name.contains(':') {
                true => format!("[{}]:{}", host.name, host.port),
                false => format!("{}:{}", host.name, host.port),
            })
            .collect();
        Self {
            product: if session.mariadb { "mariadb" } else { "mysql" },
            version: session.version.clone(),
            catalog: session.catalog.clone(),
            url: format!("jdbc:{scheme}://{}/{}", hosts.join(","), settings.database.as_deref().unwrap_or_default()),
            session: Arc::new(Mutex::new(Some(session))),
            ending: Arc::default(),
            manners,
            limit,
            transaction: Transaction::None,
        }
    }

    /// The session, unless rows have it.
    async fn take(&self) -> Result<Slot, Fault> {
        let slot = match Arc::clone(&self.session).try_lock_owned() {
            Ok(slot) => slot,
            Err(_) if self.ending.load(Ordering::Acquire) > 0 => {
                let freed = timeout(ENDING, Arc::clone(&self.session).lock_owned()).await;
                freed.map_err(|_| Fault::gone("rows that were given up did not end; open another connection"))?
            }
            Err(_) => return Err(Fault::new(code::BUSY, "rows of this connection are still open: read or drop them")),
        };
        self.usable(slot)
    }

    fn usable(&self, mut slot: Slot) -> Result<Slot, Fault> {
        match slot.as_ref() {
            Some(session) if !session.wire.busy => Ok(slot),
            _ => {
                *slot = None;
                Err(Fault::gone("the connection is lost; open another"))
            }
        }
    }

    /// How statements are treated: with a limit, or for as long as their rows are wanted.
    fn manner(&self, limit: Duration) -> Manner {
        Manner { autocommit: self.transaction == Transaction::None, limit }
    }

    /// What is left when a call failed.
    fn failed(&mut self, slot: &mut Slot, trouble: Trouble) -> Fault {
        self.transaction.failed(&trouble);
        if trouble.ends() {
            **slot = None;
        }
        trouble.into()
    }

    /// Statements of ours, up to the first that fails.
    async fn run(&mut self, statements: &[&str]) -> Result<(), Fault> {
        let mut slot = self.take().await?;
        let Some(session) = slot.as_mut() else { return Err(Fault::gone("the connection is lost")) };
        for sql in statements {
            if let Err(trouble) = session.run(sql).await {
                return Err(self.failed(&mut slot, trouble));
            }
        }
        Ok(())
    }

    /// Rows of a statement of ours, as text.
    pub async fn texts(&mut self, sql: &str, values: Vec<ValueNode>) -> Result<Vec<Vec<Option<String>>>, Fault> {
        const PORTION: Portion = Portion { rows: usize::MAX, bytes: 1024 * 1024, wait: Duration::from_secs(3_600) };
        let mut rows = self.query(sql.to_owned(), Vec::new(), values).await?;
        let forms = vec!["text".to_owned(); rows.columns().len()];
        rows.read_as(&forms)?;
        let (mut all, mut left) = (Vec::new(), CATALOGUE);
        loop {
            let batch = rows.next(PORTION).await?;
            let bytes: usize = batch.rows.iter().flatten().map(faults::weight).sum();
            left = left.checked_sub(bytes).ok_or_else(|| {
                Fault::new(code::LIMIT, format!("the catalogue of this database has more than {CATALOGUE} bytes"))
            })?;
            all.extend(batch.rows.into_iter().map(|row| row.into_iter().skip(1).map(text).collect()));
            if batch.finished {
                return Ok(all);
            }
        }
    }

    async fn batch(&mut self, slot: &mut Slot, sql: &str, work: &Work<'_>) -> Result<Vec<u64>, Fault> {
        let manner = Manner { autocommit: false, ..self.manner(self.limit) };
        let inside = self.transaction != Transaction::None;
        let Some(session) = slot.as_mut() else { return Err(Fault::gone("the connection is lost")) };
        let begun = async {
            session.behave(manner).await?;
            if inside { session.run(&format!("SAVEPOINT {SAVEPOINT}")).await } else { Ok(()) }
        };
        if let Err(trouble) = begun.await {
            return Err(self.failed(slot, trouble));
        }
        let done = work.run(session, sql).await;
        let fault = match done {
            Ok(counts) => {
                let kept = if inside { format!("RELEASE SAVEPOINT {SAVEPOINT}") } else { "COMMIT".to_owned() };
                match session.run(&kept).await {
                    Ok(()) => return Ok(counts),
                    Err(trouble) => Failure { trouble: Some(trouble), fault: None, row: None },
                }
            }
            Err(failure) => failure,
        };
        let undo = if inside { format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}") } else { "ROLLBACK".to_owned() };
        if !session.wire.busy && session.run(&undo).await.is_err() && inside {
            // The savepoint went with the transaction.
            self.transaction = Transaction::Undone;
        }
        if session.wire.busy {
            **slot = None;
        }
        Err(fault.into_fault(|trouble| self.failed(slot, trouble)))
    }
}

fn text(node: ValueNode) -> Option<String> {
    match node {
        ValueNode::Text(text) => Some(text),
        _ => None,
    }
}

fn parsed(forms: &[String]) -> Result<Vec<Form>, Fault> {
    forms
        .iter()
        .enumerate()
        .map(|(place, form)| form.parse().map_err(|error| faults::form(place + 1, &error)))
        .collect()
}

#[async_trait::async_trait]
impl SqlConnection for Connection {
    fn fact(&self, name: &str) -> Option<String> {
        Some(match name {
            "product" => self.product.to_owned(),
            "version" => self.version.clone(),
            "url" => self.url.clone(),
            "catalog" => return self.catalog.clone(),
            "quote" => "`".to_owned(),
            "parameters.max" => "65535".to_owned(),
            _ => return None,
        })
    }

    async fn valid(&mut self) -> bool {
        let mut slot = match self.take().await {
            Ok(slot) => slot,
            // Its rows are being read.
            Err(fault) => return fault.code == code::BUSY,
        };
        let alive = match slot.as_mut() {
            Some(session) => session.ping().await.is_ok(),
            None => false,
        };
        if !alive {
            *slot = None;
        }
        alive
    }

    async fn tables(
        &mut self,
        catalog: Option<String>,
        _schema_pattern: Option<String>,
        kinds: Vec<String>,
    ) -> Result<Vec<Table>, Fault> {
        catalog::tables(self, catalog, &kinds).await
    }

    async fn columns(&mut self, name: TableName) -> Result<Option<Vec<Column>>, Fault> {
        let (taste, mariadb) = (self.manners.taste, self.product == "mariadb");
        catalog::columns(self, name, taste, mariadb).await
    }

    async fn primary_key(&mut self, name: TableName) -> Result<Vec<String>, Fault> {
        catalog::primary_key(self, name).await
    }

    async fn query(
        &mut self,
        sql: String,
        forms: Vec<String>,
        values: Vec<ValueNode>,
    ) -> Result<Box<dyn SqlRows>, Fault> {
        let forms = parsed(&forms)?;
        let mut slot = self.take().await?;
        let manner = self.manner(Duration::ZERO);
        let Some(session) = slot.as_mut() else { return Err(Fault::gone("the connection is lost")) };
        let work = async {
            session.behave(manner).await?;
            let statement = session.prepare(&sql).await?;
            fits(statement, values.len(), 1)?;
            session.execute(statement, |out| bind::push(out, &forms, &values, 0).map_err(Failure::from))?;
            session.wire.send_and_fill().await?;
            let answered = match answer::first(session.wire.packet().await?) {
                Ok(Answer::Columns(count)) => Ok(session.fields(count).await?),
                Ok(Answer::Done(done)) if done.more => session.outcome().await.map(|_| Vec::new()),
                Ok(Answer::Done(_)) => Ok(Vec::new()),
                Err(trouble) => Err(trouble),
            };
            if let Err(trouble) = &answered {
                session.renew(&sql, trouble)?;
            }
            if !matches!(&answered, Ok(fields) if !fields.is_empty()) {
                session.settled(&answered);
            }
            Ok::<_, Failure>(answered?)
        };
        match work.await {
            Ok(fields) if fields.is_empty() => Ok(Box::new(Rows::none(Arc::clone(&self.ending), self.manners.clone()))),
            Ok(fields) => Ok(Box::new(Rows::new(slot, Arc::clone(&self.ending), fields, self.manners.clone())?)),
            Err(failure) => Err(failure.into_fault(|trouble| self.failed(&mut slot, trouble))),
        }
    }

    async fn execute(
        &mut self,
        sql: String,
        forms: Vec<String>,
        times: u32,
        values: Vec<ValueNode>,
    ) -> Result<Vec<u64>, Fault> {
        let forms = parsed(&forms)?;
        let times = times as usize;
        if times == 0 || !values.len().is_multiple_of(times) {
            let text = format!("{} values cannot be shared by {times} executions", values.len());
            return Err(Fault::new(code::DATA, text));
        }
        let mut slot = self.take().await?;
        let work = Work { forms: &forms, values: &values, times };
        if times > 1 {
            return self.batch(&mut slot, &sql, &work).await;
        }
        let manner = self.manner(self.limit);
        let Some(session) = slot.as_mut() else { return Err(Fault::gone("the connection is lost")) };
        let done = match session.behave(manner).await {
            Ok(()) => work.run(session, &sql).await,
            Err(trouble) => Err(trouble.into()),
        };
        done.map_err(|failure| failure.into_fault(|trouble| self.failed(&mut slot, trouble)))
    }

    async fn load(&mut self, _: TableName, _: Vec<String>, _: Vec<String>, _: Vec<ValueNode>) -> Result<u64, Fault> {
        let text = "MySQL and MariaDB load rows from files only, which is not granted here: use execute";
        Err(Fault::new(code::UNSUPPORTED, text))
    }

    async fn begin(&mut self, level: Option<String>, read_only: bool) -> Result<(), Fault> {
        if self.transaction != Transaction::None {
            return Err(Fault::new(code::SQL, "a transaction is open already: commit or roll back first"));
        }
        let level = level.as_deref().map(isolation).transpose()?;
        let start = if read_only { "START TRANSACTION READ ONLY" } else { "START TRANSACTION" };
        let mut slot = self.take().await?;
        let manner = Manner { autocommit: false, limit: self.limit };
        let Some(session) = slot.as_mut() else { return Err(Fault::gone("the connection is lost")) };
        let begun = async {
            session.behave(manner).await?;
            if let Some(level) = level {
                session.run(level).await?;
            }
            session.run(start).await
        };
        begun.await.map_err(|trouble| self.failed(&mut slot, trouble))?;
        self.transaction = Transaction::Open;
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        self.transaction.check()?;
        if self.transaction == Transaction::Undone {
            self.rollback().await?;
            return Err(undone());
        }
        self.run(&["COMMIT"]).await?;
        self.transaction = Transaction::None;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        self.transaction.check()?;
        self.run(&["ROLLBACK"]).await?;
        self.transaction = Transaction::None;
        Ok(())
    }
}
