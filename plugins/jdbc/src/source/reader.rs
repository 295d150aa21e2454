//! One table, or the custom query: what was read of it, and the query that is under way.
//!
//! What may be stored as an offset differs with the mode. A number alone, and a time with a number, say exactly which
//! rows were sent. A time alone does not, as several rows may have it: the offset moves on to a time only with the
//! last row that has it, so that a task which ends in the middle sends the others again and misses none. For that, one
//! row is held back until the next one, or the end of the query, tells whether it was the last of its time.

use std::time::Instant;

use watertight_sdk::sql::Rows;
use watertight_sdk::{
    Checkpoint, Datum, Failure, Message, PollLimits, Position, Result, Scalar, SourceRecord, Tape, Value, debug, info,
    runtime,
};

use super::columns::{self, Found};
use super::criteria::{Bounds, Criteria, Statement};
use super::fields::Mapper;
use super::names::Name;
use super::offset::{self, Offset};
use super::row::Layout;
use super::session::Session;
use super::settings::{InitialTime, Mode, Settings};
use super::trouble::Trouble;
use crate::dialect::Product;

/// What is read.
#[derive(Clone, Debug)]
pub enum What {
    /// A table.
    Table(Name),
    /// The text of `query`.
    Query(String),
}

/// Reads it.
pub struct Reader {
    what: What,
    /// For messages.
    pub label: String,
    /// Where its records go.
    pub topic: String,
    /// Of the stored offsets.
    pub partition: Position,
    /// Names in the stored offsets.
    pub fields: Vec<String>,
    mode: Mode,
    /// After this row, the next query begins. In mode timestamp only complete times count.
    offset: Offset,
    /// The stored offset was looked up.
    resumed: bool,
    /// The columns that order the rows, once they were looked up.
    found: Option<Found>,
    layout: Option<Layout>,
    open: Option<Open>,
    /// When to ask again.
    pub due: Instant,
    /// Failures in a row.
    pub failures: u32,
    /// The table was not there the last time.
    pub missing: bool,
}

struct Open {
    rows: Rows,
    /// Read, not sent yet: the next row tells what its offset is.
    held: Option<(Tape, Offset)>,
}

/// What a look at the query brought.
pub struct Portion {
    /// What is to be sent.
    pub records: Vec<SourceRecord>,
    /// There are no more rows.
    pub finished: bool,
}

impl Reader {
    /// Of a table or the query, nothing read yet.
    pub fn new(what: What, settings: &Settings) -> Self {
        let (label, topic, partition) = match &what {
            What::Table(name) => {
                let topic = format!("{}{}", settings.topic_prefix, name.table());
                let partition = match settings.mode {
                    Mode::Bulk => offset::of_table_before(name.table()),
                    Mode::Incrementing | Mode::Timestamp | Mode::TimestampIncrementing => {
                        offset::of_table(&name.qualified())
                    }
                };
                (format!("table {}", name.qualified()), topic, partition)
            }
            What::Query(_) => ("the query".to_owned(), settings.topic_prefix.clone(), offset::of_query()),
        };
        Self {
            what,
            label,
            topic,
            partition,
            fields: Offset::fields(settings.mode.by_number(), settings.mode.by_time()),
            mode: settings.mode,
            offset: Offset::default(),
            resumed: false,
            found: None,
            layout: None,
            open: None,
            due: Instant::now(),
            failures: 0,
            missing: false,
        }
    }

    /// Asks the database.
    pub fn begin(&mut self, session: &mut Session, settings: &Settings) -> Result<(), Trouble> {
        self.resume(session)?;
        let found = match self.found.take() {
            Some(found) => found,
            None => columns::find(&self.what, &self.label, session, settings)?,
        };
        let statement = self.statement(&found, session, settings);
        let criteria = found.criteria.clone();
        self.found = Some(found);
        let statement = statement?;
        debug!("Asking {} for rows after {:?}", self.label, self.offset);
        session.begin(settings.isolation.as_deref())?;
        let forms: Vec<&str> = statement.forms.iter().map(String::as_str).collect();
        let rows = session.connection.query(&statement.sql, &forms, &statement.values)?;
        self.lay_out(&rows, &criteria, session, settings)?;
        let forms: Vec<&str> = self.layout.iter().flat_map(|layout| &layout.forms).map(String::as_str).collect();
        rows.read_as(&forms)?;
        self.open = Some(Open { rows, held: None });
        if std::mem::take(&mut self.missing) {
            info!("{} is there again", self.label);
        }
        Ok(())
    }

    fn statement(&mut self, found: &Found, session: &Session, settings: &Settings) -> Result<Statement, Trouble> {
        let criteria = &found.criteria;
        let time_form = session.time_form(found.zoned, &settings.zone);
        let mut before = i64::MAX;
        if !criteria.times.is_empty() {
            let now = session.now(found.digits, found.zoned, settings)?;
            before = now.saturating_sub(settings.delay_micros);
            if self.offset.micros.is_none() {
                self.offset.micros = match settings.initial_time {
                    InitialTime::First => None,
                    InitialTime::After(ms) => Some(ms.saturating_mul(1_000)),
                    InitialTime::Now => Some(now),
                };
            }
        }
        let number = self.offset.number.unwrap_or(settings.initial_number);
        let after = Offset { number: criteria.number.is_some().then_some(number), ..self.offset };
        let base = match &self.what {
            What::Table(name) => {
                let table = name.for_driver(session.dialect.product());
                format!("SELECT * FROM {}", session.dialect.table(&table))
            }
            What::Query(query) => query.clone(),
        };
        let bounds = Bounds { after, before, time_form: &time_form, any_storage: session.any_storage };
        Ok(criteria.statement(&base, &settings.query_suffix, &session.dialect, &bounds))
    }

    /// Rows that are there, or that come soon.
    pub fn next(&mut self, limits: &PollLimits, settings: &Settings) -> Result<Portion, Trouble> {
        let (Some(open), Some(layout)) = (&mut self.open, &self.layout) else {
            return Ok(Portion { records: Vec::new(), finished: true });
        };
        let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let most = settings.batch_rows.min(whole(limits.max_records)).max(1);
        let wait = limits.max_ms.min(settings.linger_ms);
        let batch = open.rows.next(most, whole(limits.max_bytes), wait)?;
        let mut records = Vec::with_capacity(batch.rows.len() + 1);
        for mut row in batch.rows {
            match self.mode {
                Mode::Bulk => records.push(record(layout, row, Checkpoint::Keep)?),
                Mode::Incrementing | Mode::TimestampIncrementing => {
                    self.offset = layout.offset(&row)?;
                    records.push(record(layout, row, Checkpoint::At(self.offset.values()))?);
                }
                Mode::Timestamp => {
                    let offset = layout.offset(&row)?;
                    layout.finish(&mut row)?;
                    if let Some((held, before)) = open.held.replace((row, offset)) {
                        if before.micros != offset.micros {
                            self.offset = before;
                        }
                        records.push(held_back(layout.schema, held, self.offset));
                    }
                }
            }
        }
        if batch.finished {
            if let Some((held, last)) = open.held.take() {
                self.offset = last;
                records.push(held_back(layout.schema, held, last));
            }
            self.open = None;
        }
        if batch.finished || !records.is_empty() {
            self.failures = 0;
        }
        Ok(Portion { records, finished: batch.finished })
    }

    /// Forgets the query under way and what was learned of the table.
    pub fn abandon(&mut self) {
        self.open = None;
        self.found = None;
    }

    /// What is read.
    pub fn what(&self) -> &What {
        &self.what
    }

    fn lay_out(&mut self, rows: &Rows, criteria: &Criteria, session: &Session, settings: &Settings) -> Result<()> {
        let columns = rows.columns();
        if self.layout.as_ref().is_some_and(|layout| layout.is_of(&columns)) {
            return Ok(());
        }
        let mapper = Mapper {
            product: session.dialect.product(),
            numeric: settings.numeric,
            granularity: settings.granularity,
            zone: &settings.zone,
        };
        let name = match &self.what {
            What::Table(name) => Some(name.table()),
            What::Query(_) => None,
        };
        let mut layout = Layout::new(columns, criteria, &mapper, name, &self.label)?;
        layout.whole_millis = session.any_storage;
        if let Some(old) = self.layout.replace(layout) {
            let same = self.layout.as_ref().is_some_and(|new| new.schema == old.schema);
            if !same {
                info!("The columns of {} have changed: records have another schema from now on", self.label);
                old.forget();
            }
        }
        Ok(())
    }

    /// Looks for a stored offset under every name that a connector may have given this table.
    fn resume(&mut self, session: &Session) -> Result<()> {
        if std::mem::replace(&mut self.resumed, true) || self.mode == Mode::Bulk {
            return Ok(());
        }
        let mut partitions = vec![self.partition.clone()];
        if let What::Table(name) = &self.what {
            // Newer drivers of PostgreSQL put the database before the schema, and then the JVM connectors do.
            if let (Product::Postgres, Some(catalog)) = (session.dialect.product(), &session.catalog) {
                partitions.push(offset::of_table(&format!("{catalog}.{}", name.qualified())));
            }
            partitions.push(offset::of_table_before(name.table()));
        }
        let stored = runtime::stored_offsets(&partitions)?;
        let found = partitions.into_iter().zip(stored).find_map(|(partition, stored)| Some((partition, stored?)));
        if let Some((partition, stored)) = found {
            self.offset = Offset::read(&stored)?;
            let stays = partition.iter().any(|(name, _)| name == "protocol") || matches!(self.what, What::Query(_));
            if stays {
                self.partition = partition;
            }
            info!("Going on with {} after {:?}", self.label, stored);
        }
        Ok(())
    }
}

fn record(layout: &Layout, mut row: Tape, checkpoint: Checkpoint) -> Result<SourceRecord, Failure> {
    layout.finish(&mut row)?;
    Ok(SourceRecord {
        message: Message::new(0, Datum { schema: layout.schema, value: Value::Tape(row) }),
        source_partition: 0,
        checkpoint,
    })
}

/// A row whose offset is that of the last complete time, if there is one already.
fn held_back(schema: u32, row: Tape, offset: Offset) -> SourceRecord {
    let values: Vec<Scalar> = offset.values();
    SourceRecord {
        message: Message::new(0, Datum { schema, value: Value::Tape(row) }),
        source_partition: 0,
        checkpoint: if values.is_empty() { Checkpoint::Keep } else { Checkpoint::At(values) },
    }
}
