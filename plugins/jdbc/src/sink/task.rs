//! The task: takes records, and answers for them only when the database has committed them.

use watertight_sdk::sql::{Connection, Fault};
use watertight_sdk::{Config, Failure, PutReport, Rejection, Result, SinkBatch, SinkTask, runtime, warn};

use super::batch::{Batch, Making, Plans};
use super::segment::Segment;
use super::settings::Settings;
use super::shape::Action;
use super::table::Tables;
use super::trouble::{Nature, Trouble, nature, trimmed};
use super::write::{Failed, Singled, Writer};
use crate::connection::failed;
use crate::dialect::{Dialect, Product};

/// Writes records into tables.
#[derive(Default)]
pub struct JdbcSinkTask {
    state: Option<State>,
}

struct State {
    settings: Settings,
    link: Option<Link>,
    tables: Tables,
    plans: Plans,
    /// Failures that may pass before it is enough.
    retries_left: u32,
    /// Attempts to connect before that is such a failure.
    attempts_left: u32,
    /// Tables were looked up anew because a statement did not fit them, and nothing was written since.
    looked_again: bool,
}

struct Link {
    connection: Connection,
    dialect: Dialect,
}

/// Statements are not made shorter than this for the sake of a limit that the database has not told.
const SHORTEST: usize = 64 << 10;

impl Link {
    fn writer<'a>(&'a self, settings: &'a Settings) -> Writer<'a> {
        Writer { connection: &self.connection, dialect: &self.dialect, settings }
    }

    /// Whether the same rows are worth another attempt by other statements: without `COPY`, or with fewer rows at a
    /// time (`max_allowed_packet`).
    fn mends(&mut self, failed: &Failed, segments: &[Segment]) -> bool {
        if failed.fault.code == "limit" && !failed.fault.lost && failed.rows > 1 && self.dialect.bytes > SHORTEST {
            self.dialect.bytes /= 2;
            return true;
        }
        let segment = failed.segment.and_then(|index| segments.get(index));
        cannot_load(&failed.fault) && segment.is_some_and(|segment| segment.shape.loads.replace(false))
    }
}

impl SinkTask for JdbcSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        let settings = Settings::new(config)?;
        self.state = Some(State {
            retries_left: settings.max_retries,
            attempts_left: settings.connecting.attempts,
            settings,
            link: None,
            tables: Tables::default(),
            plans: Plans::default(),
            looked_again: false,
        });
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let Some(state) = &mut self.state else {
            return Err(Failure::new("illegal-state", "put before start"));
        };
        if batch.records.is_empty() {
            return Ok(PutReport::all(0));
        }
        state.put(batch)
    }

    fn stop(&mut self) {
        self.state = None;
    }
}

impl State {
    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let count = batch.records.len();
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.connect()?,
        };
        let making = Making {
            connection: &link.connection,
            dialect: &link.dialect,
            settings: &self.settings,
            tables: &mut self.tables,
            plans: &mut self.plans,
        };
        let mut batch = match Batch::make(batch, making) {
            Ok(batch) => batch,
            Err(Trouble::Database(doing, fault)) => return Err(self.troubled(link, &doing, fault)),
            Err(other) => return Err(other.failure(self.settings.trim)),
        };
        let reports = has_reporter();
        if let (Some((record, why)), false) = (batch.bad.first(), reports) {
            let why = Failure { message: format!("{}: {}", batch.place(*record), why.message), ..why.clone() };
            self.link = Some(link);
            return Err(why);
        }
        let written = self.write(&mut link, &mut batch, reports);
        match written {
            Ok(None) => {
                self.succeeded(link);
                Ok(report(&batch, count, None))
            }
            Ok(Some((taken, failed))) => {
                let failure = self.failed(link, &batch, failed);
                Ok(report(&batch, taken, Some(failure)))
            }
            Err(failed) => Err(self.failed(link, &batch, failed)),
        }
    }

    fn connect(&mut self) -> Result<Link> {
        let connection = match self.settings.connecting.once() {
            Ok(connection) => connection,
            Err(fault) => return Err(self.unconnected(fault)),
        };
        self.attempts_left = self.settings.connecting.attempts;
        let dialect = Dialect::of(&connection, self.settings.quote)?;
        check_dialect(&self.settings, dialect.product())?;
        Ok(Link { connection, dialect })
    }

    /// The worker waits between attempts, not this call: it has a heart beat to keep up.
    fn unconnected(&mut self, fault: Fault) -> Failure {
        const DOING: &str = "Cannot connect to the database";
        let connecting = &self.settings.connecting;
        if nature(&fault) == Nature::Passing && self.attempts_left > 1 {
            self.attempts_left -= 1;
            let wait = u64::try_from(connecting.backoff.as_millis()).unwrap_or(u64::MAX);
            return failed(DOING, fault).retriable(Some(wait));
        }
        self.attempts_left = connecting.attempts;
        self.passing(DOING, fault)
    }

    fn succeeded(&mut self, link: Link) {
        self.link = Some(link);
        self.retries_left = self.settings.max_retries;
        self.looked_again = false;
    }

    /// None: all is written, but for the bad ones. Else so many records are, and the next one is not.
    fn write(&mut self, link: &mut Link, batch: &mut Batch, reports: bool) -> Result<Option<(usize, Failed)>, Failed> {
        let mut done = link.writer(&self.settings).quickly(&batch.segments);
        while let Err(failed) = &done
            && link.mends(failed, &batch.segments)
        {
            done = link.writer(&self.settings).quickly(&batch.segments);
        }
        let failed = match done {
            Ok(()) => return Ok(None),
            Err(failed) if nature(&failed.fault) == Nature::Data && !failed.fault.lost => failed,
            Err(failed) => return Err(failed),
        };
        warn!("Looking for the record at fault: {}", said(&self.settings, failed.fault).message);
        batch.put_in_order();
        if !reports {
            return link.writer(&self.settings).one_by_one(&batch.segments).map(|()| None);
        }
        let singled = link.writer(&self.settings).halving(&batch.segments);
        Ok(self.settle(batch, singled))
    }

    /// Names the bad ones, and counts how many leading records are done with.
    fn settle(&self, batch: &mut Batch, singled: Singled) -> Option<(usize, Failed)> {
        let mut settled = vec![false; batch.places.len()];
        let known_bad = batch.bad.iter().map(|(record, _)| *record);
        for record in singled.written.into_iter().chain(known_bad) {
            if let Some(place) = settled.get_mut(record) {
                *place = true;
            }
        }
        for (segment, row, fault) in singled.bad {
            let Some(segment) = batch.segments.get(segment) else { continue };
            if let Some(row) = segment.rows.get(row) {
                let why = failed(&self.doing(segment), said(&self.settings, fault));
                batch.bad.push((row.record, Failure { retriable: false, code: "data".to_owned(), ..why }));
                if let Some(place) = settled.get_mut(row.record) {
                    *place = true;
                }
            }
        }
        let stopped = singled.stopped?;
        let taken = settled.iter().take_while(|done| **done).count();
        Some((taken, stopped))
    }

    fn doing(&self, segment: &Segment) -> String {
        let table = self.tables.get(segment.shape.table).map_or("?", |table| table.shown.as_str());
        match segment.shape.action {
            Action::Insert => format!("Cannot insert into table {table}"),
            Action::Upsert => format!("Cannot upsert into table {table}"),
            Action::Update => format!("Cannot update table {table}"),
            Action::Delete => format!("Cannot delete from table {table}"),
        }
    }

    fn failed(&mut self, link: Link, batch: &Batch, what: Failed) -> Failure {
        let segment = what.segment.and_then(|index| batch.segments.get(index));
        let mut doing = segment.map_or_else(|| "Cannot commit".to_owned(), |segment| self.doing(segment));
        if let Some(row) = segment.zip(what.row).and_then(|(segment, row)| segment.rows.get(row)) {
            doing = format!("{}: {doing}", batch.place(row.record));
        } else if let Some(first) = segment.and_then(|segment| segment.rows.first()) {
            doing = format!("{doing} (from {} on)", batch.place(first.record));
        }
        let lacks_key = segment.filter(|_| is_without_key(&what.fault)).map(|segment| {
            let keys = segment.shape.columns.get(..segment.shape.keys).unwrap_or_default();
            format!(
                ": insert.mode=upsert needs a primary key or a unique index on just these columns: {}",
                keys.join(", ")
            )
        });
        let mut failure = self.troubled(link, &doing, what.fault);
        failure.message.push_str(&lacks_key.unwrap_or_default());
        failure
    }

    /// What a fault means for the task: try again, look at the tables again, or give up.
    fn troubled(&mut self, link: Link, doing: &str, fault: Fault) -> Failure {
        let kind = nature(&fault);
        if !is_broken(&fault) {
            self.link = Some(link);
        }
        match kind {
            Nature::Passing => self.passing(doing, fault),
            Nature::Structure if !self.looked_again => {
                self.looked_again = true;
                self.tables.forget();
                self.plans.forget();
                failed(doing, said(&self.settings, fault)).retriable(Some(0))
            }
            Nature::Structure | Nature::Data | Nature::Other => {
                let mut failure = failed(doing, said(&self.settings, fault));
                failure.retriable = false;
                failure
            }
        }
    }

    /// Whatever the database is told next, it may be another server, with other tables.
    fn passing(&mut self, doing: &str, fault: Fault) -> Failure {
        if is_broken(&fault) {
            self.tables.forget();
            self.plans.forget();
        }
        let passes = nature(&fault) == Nature::Passing;
        let failure = failed(doing, said(&self.settings, fault));
        if !passes {
            return failure;
        }
        if runtime::stopping() {
            return failure.retriable(Some(self.settings.backoff_ms));
        }
        match self.retries_left.checked_sub(1) {
            Some(left) => {
                self.retries_left = left;
                failure.retriable(Some(self.settings.backoff_ms))
            }
            None => Failure {
                retriable: false,
                message: format!("{} (given up after max.retries={})", failure.message, self.settings.max_retries),
                ..failure
            },
        }
    }
}

fn report(batch: &Batch, taken: usize, held: Option<Failure>) -> PutReport {
    let mut bad: Vec<&(usize, Failure)> = batch.bad.iter().filter(|(record, _)| *record < taken).collect();
    bad.sort_by_key(|(record, _)| *record);
    let rejected = bad.into_iter().filter_map(|(record, why)| {
        let place = batch.places.get(*record)?;
        let origin = batch.origins.get(place.origin)?.clone();
        let cause = Failure { message: format!("{}: {}", batch.place(*record), why.message), ..why.clone() };
        Some(Rejection { origin, offset: place.offset, cause })
    });
    PutReport { rejected: rejected.collect(), ..PutReport::some(taken, held) }
}

/// Stands for any database with the JVM connectors.
const GENERIC: &str = "GenericDatabaseDialect";

/// `dialect.name` against what the connection says of itself.
pub fn check_dialect(settings: &Settings, product: Product) -> Result<()> {
    match &settings.dialect {
        Some(name) if name != GENERIC && !product.is_called(name) => Err(Failure::invalid_value(
            super::keys::DIALECT.name(),
            name,
            &format!("connection.url leads to {}; leave it out", product.name()),
        )),
        _ => Ok(()),
    }
}

fn said(settings: &Settings, fault: Fault) -> Fault {
    if settings.trim { trimmed(fault) } else { fault }
}

fn is_broken(fault: &Fault) -> bool {
    fault.lost || matches!(fault.code.as_str(), "unavailable" | "timeout" | "cancelled")
}

/// `ON CONFLICT` for columns without a unique index, in PostgreSQL and SQLite.
fn is_without_key(fault: &Fault) -> bool {
    fault.sqlstate.as_deref() == Some("42P10") || fault.message.contains("ON CONFLICT clause does not match")
}

/// There is no such way, or not for this table: row security (0A000), a view (42809).
fn cannot_load(fault: &Fault) -> bool {
    fault.code == "unsupported" || matches!(fault.sqlstate.as_deref(), Some("0A000" | "42809"))
}

fn has_reporter() -> bool {
    runtime::fact("errors.reporter").as_deref() == Some("true")
}
