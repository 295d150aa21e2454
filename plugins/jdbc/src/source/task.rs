//! The task: reads its tables in turn, each to its end before the next, and each again after the poll interval.
//!
//! What may pass by itself is waited for, and never stops other tables: a connection that breaks, a lock, a table that
//! was dropped and may come back. What only a person mends stops the task with a message that names table and setting:
//! a task that seems to run and brings nothing is worse than one that has failed.

use std::time::{Duration, Instant};

use watertight_sdk::sql::Fault;
use watertight_sdk::{
    Config, Failure, PollLimits, Result, SourceBatch, SourcePartition, SourceRecord, SourceTask, info, runtime, warn,
};

use super::connector::TABLES;
use super::names::Name;
use super::reader::{Reader, What};
use super::session::{Seeker, Session};
use super::settings::{Mode, Settings};
use super::trouble::Trouble;
use crate::connection::{failed, may_pass};

/// A query that fails is not asked again sooner, however short the poll interval is.
const SHORTEST_BACKOFF: Duration = Duration::from_millis(1_000);
/// A trouble that goes on is spoken of the first time, and then as often as this.
const REMIND_EVERY: u32 = 60;
/// Nothing to do.
const IDLE_MS: u64 = 60_000;

/// Reads tables or a query.
#[derive(Default)]
pub struct JdbcSourceTask {
    settings: Option<Settings>,
    readers: Vec<Reader>,
    /// The reader whose query is under way.
    current: Option<usize>,
    session: Option<Session>,
    seeker: Seeker,
}

impl SourceTask for JdbcSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        let settings = Settings::new(config)?;
        let tables = Name::list(config.get(TABLES).unwrap_or_default());
        self.readers = match &settings.query {
            Some(query) => vec![Reader::new(What::Query(query.clone()), &settings)],
            None => tables.into_iter().map(|table| Reader::new(What::Table(table), &settings)).collect(),
        };
        if self.readers.is_empty() {
            return Err(Failure::config("The task has neither a table nor a query"));
        }
        let labels: Vec<&str> = self.readers.iter().map(|reader| reader.label.as_str()).collect();
        info!("Reading {}", labels.join(", "));
        if settings.mode == Mode::Timestamp && limits_rows(&settings.query_suffix) {
            warn!(
                "query.suffix \"{}\" can part rows with the same timestamp, and then the rest of them is missed. Use \
                 mode=timestamp+incrementing with it, or batch.max.rows instead of it",
                settings.query_suffix
            );
        }
        self.settings = Some(settings);
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        let begun = Instant::now();
        loop {
            if runtime::stopping() {
                return Ok(SourceBatch::wait(0));
            }
            if let Some(at) = self.current {
                let (records, finished) = self.read(at, limits)?;
                if !records.is_empty() {
                    return Ok(self.batch(at, records));
                }
                if !finished {
                    return Ok(SourceBatch::wait(0));
                }
                continue;
            }
            let Some((at, due)) = self.next() else {
                return Ok(SourceBatch::wait(IDLE_MS));
            };
            let now = Instant::now();
            if due > now {
                return Ok(SourceBatch::wait(millis(due - now)));
            }
            if millis(now - begun) > u64::from(limits.max_ms) {
                return Ok(SourceBatch::wait(0));
            }
            if let Some(wait) = self.begin(at)? {
                return Ok(SourceBatch::wait(millis(wait)));
            }
        }
    }

    fn stop(&mut self) {
        self.current = None;
        self.readers.clear();
        self.session = None;
    }
}

impl JdbcSourceTask {
    /// The reader that waits longest, and since when it may be asked.
    fn next(&self) -> Option<(usize, Instant)> {
        self.readers.iter().enumerate().map(|(at, reader)| (at, reader.due)).min_by_key(|(_, due)| *due)
    }

    /// Starts a query. Answers how long to wait if there is no connection.
    fn begin(&mut self, at: usize) -> Result<Option<Duration>> {
        let Self { settings: Some(settings), session, seeker, readers, .. } = self else {
            return Err(Failure::new("illegal-state", "poll before start"));
        };
        let Some(reader) = readers.get_mut(at) else {
            return Ok(None);
        };
        let session = match session {
            Some(session) => session,
            None => match seeker.seek(settings)? {
                Ok(found) => session.insert(found),
                Err(wait) => return Ok(Some(wait)),
            },
        };
        match reader.begin(session, settings) {
            Ok(()) => self.current = Some(at),
            Err(trouble) => self.weigh(at, trouble)?,
        }
        Ok(None)
    }

    /// Rows of the query under way, and whether it is at its end.
    fn read(&mut self, at: usize, limits: &PollLimits) -> Result<(Vec<SourceRecord>, bool)> {
        let Self { settings: Some(settings), readers, .. } = self else {
            return Err(Failure::new("illegal-state", "poll before start"));
        };
        let Some(reader) = readers.get_mut(at) else {
            self.current = None;
            return Ok((Vec::new(), true));
        };
        match reader.next(limits, settings) {
            Ok(portion) => {
                if portion.finished {
                    reader.due = Instant::now() + settings.poll_interval;
                    self.current = None;
                    self.end();
                }
                Ok((portion.records, portion.finished))
            }
            Err(trouble) => {
                self.weigh(at, trouble)?;
                Ok((Vec::new(), true))
            }
        }
    }

    /// Ends the transaction of a query.
    fn end(&mut self) {
        if let Some(session) = &mut self.session
            && session.end().is_err()
        {
            self.session = None;
        }
    }

    /// Waits for what may pass; fails with what does not.
    fn weigh(&mut self, at: usize, trouble: Trouble) -> Result<()> {
        self.current = None;
        let Self { settings: Some(settings), session, readers, .. } = self else {
            return Err(Failure::new("illegal-state", "poll before start"));
        };
        let Some(reader) = readers.get_mut(at) else {
            return Ok(());
        };
        reader.abandon();
        reader.due = Instant::now() + settings.poll_interval.max(SHORTEST_BACKOFF);
        let fault = match trouble {
            Trouble::Failure(failure) => return Err(failure),
            Trouble::Fault(fault) => fault,
        };
        let lost = fault.lost || matches!(fault.code.as_str(), "unavailable" | "timeout" | "busy");
        if lost {
            *session = None;
        } else {
            self.end();
        }
        if !may_pass(&fault) {
            let table = self.readers.get(at).is_some_and(|reader| matches!(reader.what(), What::Table(_)));
            if table && is_no_table(&fault) {
                self.left_out(at);
                return Ok(());
            }
            return Err(self.final_failure(at, failed("", fault)));
        }
        if lost {
            // The next attempt to connect decides how long to wait.
            for reader in &mut self.readers {
                reader.abandon();
            }
        }
        let Self { settings: Some(settings), readers, .. } = self else {
            return Ok(());
        };
        let Some(reader) = readers.get_mut(at) else {
            return Ok(());
        };
        reader.failures += 1;
        if let Some(most) = settings.query_attempts.filter(|most| reader.failures > *most) {
            let mut failure = failed(&format!("Cannot read {}", reader.label), fault);
            failure.retriable = false;
            failure.message.push_str(&format!(". It was tried again {most} times (query.retry.attempts)"));
            return Err(failure);
        }
        if reader.failures % REMIND_EVERY == 1 && !runtime::stopping() {
            warn!("Reading {} failed and is tried again: {}", reader.label, fault.message);
        }
        Ok(())
    }

    fn left_out(&mut self, at: usize) {
        let Some(reader) = self.readers.get_mut(at) else {
            return;
        };
        if !std::mem::replace(&mut reader.missing, true) {
            warn!(
                "There is no {}: it is left out until it comes back, or until the connector has noticed \
                 (table.poll.interval.ms)",
                reader.label
            );
        }
    }

    fn final_failure(&self, at: usize, failure: Failure) -> Failure {
        let Some(reader) = self.readers.get(at) else {
            return failure;
        };
        let setting = match reader.what() {
            What::Table(_) => "the table is selected by table.whitelist, table.blacklist or table.include.list",
            What::Query(_) => "query, query.suffix",
        };
        let message = format!("Cannot read {} ({setting}){}", reader.label, failure.message);
        Failure { message, retriable: false, ..failure }
    }

    fn batch(&self, at: usize, records: Vec<SourceRecord>) -> SourceBatch {
        let (topic, partition, offset_fields) = match self.readers.get(at) {
            Some(reader) => (reader.topic.clone(), reader.partition.clone(), reader.fields.clone()),
            None => Default::default(),
        };
        SourceBatch {
            topics: vec![topic],
            source_partitions: vec![SourcePartition { partition, offset_fields }],
            records,
            marks: Vec::new(),
            wait_ms: None,
        }
    }
}

/// Whether a suffix may leave rows out.
fn limits_rows(suffix: &str) -> bool {
    let mut words = suffix.split_whitespace();
    words.any(|word| ["limit", "fetch", "offset"].iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// Whether the database says that there is no such table: PostgreSQL, the others, and no such schema.
fn is_no_table(fault: &Fault) -> bool {
    matches!(fault.sqlstate.as_deref(), Some("42P01" | "42S02" | "3F000"))
}

fn millis(duration: Duration) -> u64 {
    // Rounded up: a wait that ends too soon is followed by another.
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
