//! Rows of a query: a portal in a transaction, from which the server sends so many at a time. The transaction is the
//! guest's, or one that lives as long as the rows. While a guest is busy with some, the next are already asked for.

mod ending;
mod row;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Column, Fault, Portion, RowBatch, SqlRows, ValueNode, code};

use super::bind::bind;
use super::decode::Reader;
use super::errors::Complaint;
use super::message::send;
use super::session::Session;
use super::statements::Statement;
use crate::sql::forms::Form;
pub(super) use ending::UNLIMITED;
use ending::{end, restore};
use row::row;

/// Long rows take their time, and others want theirs.
const TURN: usize = 256 * 1024;
/// How long rows that are there wait for more of them.
const LINGER: Duration = Duration::from_millis(5);

/// Where a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was run yet.
    Bound,
    /// Rows were asked for.
    Fetching,
    /// The last one has come, and the transaction is being ended.
    Ending,
    Done,
}

/// What one look at the buffer came to.
enum Step {
    Full,
    Finished,
    Waiting,
    /// There is more, but others want a turn.
    Breath,
}

/// A bound query.
pub(super) struct Query {
    pub(super) statement: Arc<Statement>,
    /// Of the Bind message, to bind once more when a guest wants columns otherwise.
    pub(super) parameters: BytesMut,
    pub(super) columns: Vec<Column>,
    pub(super) readers: Vec<Reader>,
    /// The transaction is not the guest's.
    pub(super) own: bool,
}

pub(super) struct Rows {
    session: Option<OwnedMutexGuard<Session>>,
    /// Tells the connection that somebody has it.
    open: Arc<AtomicBool>,
    query: Query,
    forms: Vec<Form>,
    bound: Vec<bool>,
    phase: Phase,
    fetch: u32,
    suspended: bool,
    fault: Option<Fault>,
    ready: Vec<Vec<ValueNode>>,
    bytes: usize,
    row: u64,
}

impl Rows {
    pub(super) fn new(session: OwnedMutexGuard<Session>, open: Arc<AtomicBool>, query: Query) -> Self {
        open.store(true, Ordering::Release);
        Self {
            session: Some(session),
            open,
            forms: vec![Form::Natural; query.columns.len()],
            bound: query.readers.iter().map(Reader::is_binary).collect(),
            query,
            phase: Phase::Bound,
            fetch: 0,
            suspended: false,
            fault: None,
            ready: Vec::new(),
            bytes: 0,
            row: 0,
        }
    }

    fn begin(&mut self, most: Portion) {
        let Some(session) = &mut self.session else { return };
        let wanted: Vec<bool> = self.query.readers.iter().map(Reader::is_binary).collect();
        let out = &mut session.wire.output;
        if wanted != self.bound {
            bind(out, &self.query.statement.name, &self.query.parameters, &wanted);
        }
        self.query.parameters = BytesMut::new();
        self.fetch = u32::try_from(most.rows).unwrap_or(u32::MAX);
        send::execute(out, self.fetch);
        session.wire.sync();
        self.phase = Phase::Fetching;
    }

    /// Looks at every message that is here.
    fn step(&mut self, most: Portion) -> Result<Step, Fault> {
        let Some(session) = &mut self.session else { return Ok(Step::Finished) };
        let before = self.bytes;
        while let Some(head) = session.wire.peek()? {
            match head.tag {
                b'D' => {
                    if self.bytes - before > TURN {
                        return Ok(Step::Breath);
                    }
                    if self.ready.len() >= most.rows || (self.bytes >= most.bytes && !self.ready.is_empty()) {
                        return Ok(Step::Full);
                    }
                    let body = session.wire.body(head);
                    self.row += 1;
                    // A row that cannot be read is passed over; its query goes no further.
                    let row = row(&self.query, &self.forms, self.row, body, session.limits.row);
                    session.wire.consume(head);
                    match row {
                        Ok((row, bytes)) => {
                            self.bytes += bytes;
                            self.ready.push(row);
                        }
                        Err(fault) => return Err(fault.unwrap_or_else(|| session.wire.nonsense())),
                    }
                }
                b'C' | b'I' => {
                    self.suspended = false;
                    session.wire.consume(head);
                }
                b's' => {
                    self.suspended = true;
                    session.wire.consume(head);
                }
                b'E' => {
                    let fault = Complaint::read(session.wire.body(head)).fault();
                    session.wire.consume(head);
                    if fault.lost {
                        session.wire.lose(fault.message.clone());
                        return Err(fault);
                    }
                    self.fault.get_or_insert(fault);
                }
                b'G' | b'H' | b'W' => return Err(session.copying()),
                b'Z' => {
                    session.wire.consume(head);
                    if session.wire.awaits() {
                        continue;
                    }
                    if self.phase == Phase::Ending {
                        return Ok(Step::Finished);
                    }
                    if self.suspended && self.fault.is_none() {
                        send::execute(&mut session.wire.output, self.fetch);
                        session.wire.sync();
                    } else {
                        self.phase = Phase::Ending;
                        // A transaction that has failed is undone by this as well.
                        if self.query.own {
                            session.wire.simple("COMMIT");
                        } else if session.wire.failed() {
                            return Ok(Step::Finished);
                        } else {
                            let restored = restore(session);
                            session.wire.simple(&restored);
                        }
                    }
                    session.wire.nudge()?;
                }
                _ => session.wire.consume(head),
            }
        }
        Ok(Step::Waiting)
    }

    /// The connection is the guest's again.
    fn finish(&mut self) {
        self.phase = Phase::Done;
        self.session = None;
        self.open.store(false, Ordering::Release);
    }

    fn batch(&mut self, finished: bool) -> RowBatch {
        self.bytes = 0;
        RowBatch { rows: std::mem::take(&mut self.ready), finished }
    }

    fn silent(&self) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        let limit = session.limits.statement;
        if session.wire.heard().elapsed() <= limit {
            return Ok(());
        }
        let text = format!("no row came within {} = {} ms", key::SQL_STATEMENT, limit.as_millis());
        Err(Fault { retriable: true, ..Fault::new(code::TIMEOUT, text) })
    }

    /// What is left to do when nobody wants the rest.
    fn give_up(&mut self) -> Option<impl Future<Output = ()> + use<>> {
        let session = self.session.take()?;
        let own = self.query.own;
        self.phase = Phase::Done;
        self.ready.clear();
        let open = Arc::clone(&self.open);
        Some(async move {
            open.store(false, Ordering::Release);
            end(session, own).await;
        })
    }
}

#[async_trait::async_trait]
impl SqlRows for Rows {
    fn columns(&self) -> &[Column] {
        &self.query.columns
    }

    fn read_as(&mut self, forms: &[String]) -> Result<(), Fault> {
        if self.phase != Phase::Bound {
            return Err(Fault::new(code::DATA, "how columns come is said before the first row"));
        }
        if forms.len() != self.query.columns.len() {
            let text = format!("{} forms for {} columns", forms.len(), self.query.columns.len());
            return Err(Fault::new(code::DATA, text));
        }
        let forms = super::bind::forms(forms)?;
        let fields = self.query.statement.fields.iter().zip(&self.query.columns);
        let readers = forms.iter().zip(fields).map(|(form, (field, column))| {
            Reader::of(&field.kind, form).ok_or_else(|| {
                let text = format!("column {} of type {} cannot be read as {form}", column.name, column.type_name);
                Fault::new(code::DATA, text)
            })
        });
        self.query.readers = readers.collect::<Result<_, _>>()?;
        self.forms = forms;
        Ok(())
    }

    async fn next(&mut self, most: Portion) -> Result<RowBatch, Fault> {
        if self.phase == Phase::Bound {
            self.begin(most);
        }
        let deadline = Instant::now() + most.wait;
        loop {
            match self.step(most)? {
                Step::Full => return Ok(self.batch(false)),
                Step::Finished => {
                    self.finish();
                    return match self.fault.take() {
                        Some(fault) => Err(fault),
                        None => Ok(self.batch(true)),
                    };
                }
                Step::Waiting => {}
                Step::Breath => {
                    tokio::task::yield_now().await;
                    continue;
                }
            }
            let until = if self.ready.is_empty() { deadline } else { deadline.min(Instant::now() + LINGER) };
            let Some(session) = &mut self.session else { return Ok(self.batch(true)) };
            match tokio::time::timeout_at(until, session.wire.more()).await {
                Ok(more) => more?,
                Err(_) if self.ready.is_empty() => {
                    self.silent()?;
                    return Ok(self.batch(false));
                }
                Err(_) => return Ok(self.batch(false)),
            }
        }
    }

    async fn cancel(&mut self) {
        if let Some(end) = self.give_up() {
            // Goes on by itself if nobody waits for it.
            let _ = tokio::spawn(end).await;
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        match (tokio::runtime::Handle::try_current(), self.session.is_some()) {
            (Ok(runtime), true) => {
                if let Some(end) = self.give_up() {
                    // From here on a call waits for the end instead of being told that rows are open.
                    self.open.store(false, Ordering::Release);
                    runtime.spawn(end);
                }
            }
            (Err(_), true) => {
                if let Some(session) = &mut self.session {
                    session.wire.lose("its rows were given up where nobody could end them");
                }
                self.open.store(false, Ordering::Release);
            }
            (_, false) => {}
        }
    }
}
