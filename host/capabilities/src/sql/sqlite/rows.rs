//! Rows of a query. The statement and its connection wait here while nobody asks for rows, and go to a thread that may
//! wait when somebody does; that thread steps and decodes until the batch is full, and is free again. So a guest that
//! reads slowly, or never goes on, holds no thread, and a slow database holds up nobody but its guest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Column, Fault, Portion, RowBatch, SqlLimits, SqlRows, ValueNode, code};

use super::super::forms::{Form, faults as misfits};
use super::dates::Dates;
use super::lease::{Lease, Slot, aside};
use super::read;
use super::statement::{Statement, Stored};

/// Rows that are here are handed on after so long, even if more might follow.
const SOON: Duration = Duration::from_millis(200);

/// How a result is read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// One for each column.
    pub forms: Arc<[Form]>,
    /// What the columns are called.
    pub names: Arc<[String]>,
    /// How dates are stored.
    pub dates: Arc<Dates>,
    /// Bytes that a row may have.
    pub row: usize,
}

/// A query that has been asked for its first row already: what an expression answers is known by that only.
pub struct Cursor {
    /// With the connection.
    pub statement: Statement<Lease>,
    /// The statement stands on a row that nobody has read.
    pub waiting: bool,
    /// Rows that were read.
    pub count: u64,
}

/// What comes back from a thread that read: the query, if there is more of it.
type Read = (Option<Box<Cursor>>, Result<RowBatch, Fault>);

enum Step {
    Here(Box<Cursor>),
    Away(JoinHandle<Read>),
    Over,
}

/// What a guest reads from.
pub struct SqliteRows {
    slot: Arc<Slot>,
    columns: Vec<Column>,
    reading: Reading,
    natural: Arc<[Form]>,
    step: Step,
}

impl SqliteRows {
    /// Of this query; none: it has no rows.
    pub fn new(slot: Arc<Slot>, columns: Vec<Column>, reading: Reading, cursor: Option<Cursor>) -> Self {
        let natural = Arc::clone(&reading.forms);
        let step = cursor.map_or(Step::Over, |cursor| Step::Here(Box::new(cursor)));
        Self { slot, columns, reading, natural, step }
    }

    fn end(&mut self) {
        match std::mem::replace(&mut self.step, Step::Over) {
            Step::Over => {}
            Step::Here(cursor) => {
                self.slot.reading(false);
                aside(move || drop(cursor));
            }
            // What comes of it is dropped where it ends, and the connection goes back.
            Step::Away(_) => {
                self.slot.reading(false);
                self.slot.stop();
            }
        }
    }
}

impl Drop for SqliteRows {
    fn drop(&mut self) {
        self.end();
    }
}

#[async_trait::async_trait]
impl SqlRows for SqliteRows {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn read_as(&mut self, forms: &[String]) -> Result<(), Fault> {
        if forms.len() != self.columns.len() {
            let text = format!("{} forms for {} columns", forms.len(), self.columns.len());
            return Err(Fault::new(code::DATA, text));
        }
        let mut wanted = Vec::with_capacity(forms.len());
        for (place, text) in forms.iter().enumerate() {
            let form: Form = text.parse().map_err(|error| misfits::form(place + 1, &error))?;
            wanted.push(match form {
                Form::Natural => self.natural[place].clone(),
                Form::Array(_) => {
                    let text = format!("column {}: SQLite has no arrays", self.columns[place].name);
                    return Err(Fault::new(code::UNSUPPORTED, text));
                }
                form => form,
            });
        }
        self.reading.forms = wanted.into();
        Ok(())
    }

    async fn next(&mut self, most: Portion) -> Result<RowBatch, Fault> {
        if let Step::Here(_) = self.step
            && let Step::Here(cursor) = std::mem::replace(&mut self.step, Step::Over)
        {
            self.slot.start();
            let reading = self.reading.clone();
            self.step = Step::Away(tokio::task::spawn_blocking(move || batch(cursor, &reading, most)));
        }
        let Step::Away(work) = &mut self.step else {
            return Ok(RowBatch { rows: Vec::new(), finished: true });
        };
        let Ok(done) = tokio::time::timeout(most.wait, work).await else {
            return Ok(RowBatch { rows: Vec::new(), finished: false });
        };
        let (cursor, answer) = match done {
            Ok(done) => done,
            Err(error) => (None, Err(Fault::gone(format!("reading ended in an error of the worker: {error}")))),
        };
        self.step = cursor.map_or(Step::Over, Step::Here);
        answer
    }

    async fn cancel(&mut self) {
        if let Step::Away(work) = &mut self.step {
            self.slot.stop();
            let done = work.await;
            self.step = match done {
                Ok((Some(cursor), _)) => Step::Here(cursor),
                Ok((None, _)) | Err(_) => Step::Over,
            };
        }
        self.end();
    }
}

/// How a query may be read, and what bounds it.
impl Reading {
    /// With these forms.
    pub fn new(columns: &[Column], forms: Vec<Form>, dates: &Arc<Dates>, limits: &SqlLimits) -> Self {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        Self { forms: forms.into(), names: names.into(), dates: Arc::clone(dates), row: limits.row }
    }
}

fn batch(mut cursor: Box<Cursor>, reading: &Reading, most: Portion) -> Read {
    let account = Arc::clone(&cursor.statement.link().account);
    account.during(move || match fill(&mut cursor, reading, most) {
        // The connection is free before anybody hears of the end.
        Ok(batch) if batch.finished => {
            drop(cursor);
            (None, Ok(batch))
        }
        Ok(batch) => (Some(cursor), Ok(batch)),
        Err(fault) => {
            drop(cursor);
            (None, Err(fault))
        }
    })
}

fn fill(cursor: &mut Cursor, reading: &Reading, most: Portion) -> Result<RowBatch, Fault> {
    let started = Instant::now();
    let mut rows = Vec::new();
    let mut bytes = 0;
    loop {
        if !cursor.waiting && !cursor.statement.step()? {
            return Ok(RowBatch { rows, finished: true });
        }
        cursor.waiting = false;
        cursor.count += 1;
        let (row, weight) = decode(cursor, reading)?;
        rows.push(row);
        bytes += weight;
        if rows.len() >= most.rows || bytes >= most.bytes || started.elapsed() >= SOON {
            return Ok(RowBatch { rows, finished: false });
        }
    }
}

fn decode(cursor: &Cursor, reading: &Reading) -> Result<(Vec<ValueNode>, usize), Fault> {
    let width = reading.forms.len();
    let mut row = Vec::with_capacity(width + 1);
    row.push(ValueNode::Fields(u32::try_from(width).unwrap_or(u32::MAX)));
    let mut bytes = 16;
    for (place, form) in reading.forms.iter().enumerate() {
        let value = cursor.statement.value(place)?;
        let node = match (value, form) {
            (Stored::Real(_), Form::Text) => Ok(ValueNode::Text(cursor.statement.notation(place)?)),
            (Stored::Real(_), Form::Bytes) => Ok(ValueNode::Bytes(cursor.statement.notation(place)?.into_bytes())),
            _ => read::read(value, form, &reading.dates),
        };
        let node = node.map_err(|why| misfits::read(&reading.names[place], cursor.count, form, shown(value), why))?;
        bytes += misfits::weight(&node);
        if bytes > reading.row {
            let text = format!("row {} has more bytes than {} = {}", cursor.count, key::SQL_ROW, reading.row);
            return Err(Fault::new(code::LIMIT, text));
        }
        row.push(node);
    }
    Ok((row, bytes))
}

fn shown(value: Stored<'_>) -> String {
    match value {
        Stored::Null => "NULL".to_owned(),
        Stored::Integer(value) => value.to_string(),
        Stored::Real(value) => format!("{value:?}"),
        Stored::Text(bytes) => String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).into_owned(),
        Stored::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
