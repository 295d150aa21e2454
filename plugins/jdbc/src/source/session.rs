//! A connection with what is known of it, and how one is sought when there is none.
//!
//! A task that cannot connect does not sleep: it says when it wants to be asked again. The first connection is sought
//! as often as `connection.attempts` says, as a wrong setting looks much like a database that is away. One that
//! breaks later is sought for as long as it takes, for then the settings are known to be right.

use std::time::{Duration, Instant};

use watertight_sdk::sql::{Connection, Fault};
use watertight_sdk::{Failure, Result, ValueNode, info, warn};

use super::fields::time_form;
use super::keys;
use super::settings::Settings;
use crate::connection::{failed, may_pass};
use crate::dialect::{Dialect, Product};

const UTC: &str = "UTC";

/// How often an outage that goes on is spoken of.
const REMINDER: Duration = Duration::from_secs(60);

/// An open connection.
pub struct Session {
    /// To ask.
    pub connection: Connection,
    /// How to ask.
    pub dialect: Dialect,
    /// PostgreSQL's current database.
    pub catalog: Option<String>,
    /// Whether times in SQLite may be stored in any of its ways. Not so where the settings say in which, or where text
    /// has another clock than UTC.
    pub any_storage: bool,
    in_transaction: bool,
}

/// The driver's parameters that say how times are stored in SQLite.
pub const STORAGE: [&str; 3] = ["date_class", "date_precision", "date_string_format"];

impl Session {
    /// With this connection, if it is one that the settings fit.
    pub fn new(connection: Connection, settings: &Settings) -> Result<Self> {
        let dialect = Dialect::of(&connection, settings.quote)?;
        check_dialect(&settings.dialect, dialect.product())?;
        let catalog = connection.fact("catalog");
        let url = connection.fact("url").unwrap_or_default();
        let sqlite = dialect.product() == Product::Sqlite;
        let said = settings.stores_times || STORAGE.iter().any(|parameter| url.contains(parameter));
        let utc = settings.zone.eq_ignore_ascii_case(UTC);
        if sqlite && settings.mode.by_time() && !said && !utc {
            return Err(Failure::invalid_value(
                keys::TIMEZONE.name(),
                &settings.zone,
                "SQLite has no type for times: with another zone than UTC, say how they are stored \
                 (connection.date_class=TEXT, or INTEGER)",
            ));
        }
        let any_storage = sqlite && !said;
        Ok(Self { connection, dialect, catalog, any_storage, in_transaction: false })
    }

    /// Before a query for rows, where an isolation is asked for.
    pub fn begin(&mut self, isolation: Option<&str>) -> Result<(), Fault> {
        if isolation.is_some() && !self.in_transaction {
            self.connection.begin(isolation, true)?;
            self.in_transaction = true;
        }
        Ok(())
    }

    /// After it, however it ended.
    pub fn end(&mut self) -> Result<(), Fault> {
        if std::mem::take(&mut self.in_transaction) { self.connection.rollback() } else { Ok(()) }
    }

    /// The database's own clock, in microseconds since the epoch, with so many digits of the second: with rows of such
    /// a column, no row of that time can still be on its way.
    ///
    /// Where nobody said in which zone columns without one of MySQL and MariaDB are, they are taken to be written by
    /// the server's own clock: rows are then neither early nor late, though their times may be hours off.
    pub fn now(&self, digits: u32, zoned: bool, settings: &Settings) -> Result<i64, Fault> {
        let digits = digits.min(6);
        let zone = &settings.zone;
        let (sql, form) = match self.dialect.product() {
            Product::Postgres => ("SELECT CURRENT_TIMESTAMP".to_owned(), time_form(zone)),
            Product::Mysql | Product::Mariadb if zoned || settings.zone_is_said => {
                (format!("SELECT UTC_TIMESTAMP({digits})"), time_form(UTC))
            }
            Product::Mysql | Product::Mariadb => {
                let now = format!("UTC_TIMESTAMP({digits})");
                let local = format!("SELECT COALESCE(CONVERT_TZ({now},'+00:00',@@global.time_zone),{now})");
                (local, time_form(zone))
            }
            Product::Sqlite => ("SELECT strftime('%Y-%m-%d %H:%M:%f','now')".to_owned(), time_form(UTC)),
        };
        let rows = self.connection.query(&sql, &[], &[])?;
        rows.read_as(&[&form])?;
        let answer = rows.all()?;
        match answer.first().map(Vec::as_slice) {
            Some([ValueNode::Fields(1), ValueNode::Integer(micros)]) => {
                let unit = 10_i64.pow(6 - digits);
                Ok(micros.div_euclid(unit) * unit)
            }
            _ => Err(Fault::new("data", format!("The database did not answer \"{sql}\" with a time"))),
        }
    }

    /// How times are written that are compared with columns: MySQL and MariaDB do not say what a parameter is compared
    /// with, and sessions there are in UTC.
    pub fn time_form(&self, zoned: bool, zone: &str) -> String {
        if zoned && self.dialect.product().is_mysql() { time_form(UTC) } else { time_form(zone) }
    }
}

/// Seeks a connection.
#[derive(Default)]
pub struct Seeker {
    connected_before: bool,
    attempts: u32,
    next: Option<Instant>,
    said: Option<Instant>,
}

impl Seeker {
    /// A session, or how long to wait for the next attempt.
    pub fn seek(&mut self, settings: &Settings) -> Result<Result<Session, Duration>> {
        let now = Instant::now();
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Ok(Err(next - now));
        }
        let fault = match settings.connecting.once() {
            Ok(connection) => {
                let session = Session::new(connection, settings)?;
                if self.attempts > 0 && self.said.is_some() {
                    info!("Connected to the database again");
                }
                *self = Self { connected_before: true, ..Self::default() };
                return Ok(Ok(session));
            }
            Err(fault) => fault,
        };
        self.attempts += 1;
        let doing = "Cannot connect to the database (connection.url)";
        if !may_pass(&fault) {
            return Err(failed(doing, fault));
        }
        if !self.connected_before && self.attempts >= settings.connecting.attempts {
            let mut failure = failed(doing, fault);
            failure.message.push_str(&format!(
                ". There were {} attempts (connection.attempts, connection.backoff.ms)",
                self.attempts
            ));
            failure.retriable = false;
            return Err(failure);
        }
        let backoff = settings.connecting.backoff;
        self.next = Some(now + backoff);
        self.say(now, &format!("{doing}, trying again in {} ms: {}", backoff.as_millis(), fault.message));
        Ok(Err(backoff))
    }

    fn say(&mut self, now: Instant, text: &str) {
        if self.said.is_none_or(|said| now - said >= REMINDER) {
            self.said = Some(now);
            warn!("{text}");
        }
    }
}

/// Whether the configured dialect is that of the database.
pub fn check_dialect(configured: &str, product: Product) -> Result<()> {
    if configured.is_empty() || configured == "GenericDatabaseDialect" || product.is_called(configured) {
        return Ok(());
    }
    Err(Failure::invalid_value(
        "dialect.name",
        configured,
        &format!("connection.url leads to {}; leave this setting out", product.name()),
    ))
}
