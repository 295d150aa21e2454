//! What a connection is made from, when URL and properties have been read: plain data, without defaults left open.

use std::path::PathBuf;
use std::time::Duration;

use super::Password;
use crate::sql::tls::TlsSettings;

/// A database to connect to.
#[derive(Clone, Debug)]
pub enum Settings {
    /// `jdbc:sqlite:`
    Sqlite(SqliteSettings),
    /// `jdbc:postgresql:`
    Postgres(PostgresSettings),
    /// `jdbc:mysql:` and `jdbc:mariadb:`
    Mysql(MysqlSettings),
}

/// A server. Where there are several, they are tried in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// A name or an address; IPv6 without brackets.
    pub name: String,
    /// The port.
    pub port: u16,
}

/// A file, or nothing but memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A database that ends with its connection.
    Memory,
    /// A path as it stands in the URL; not yet held against the granted roots.
    File(PathBuf),
}

/// How dates and times are stored in SQLite, which has no type for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateClass {
    /// A number since the epoch.
    Integer,
    /// As `date_string_format` says.
    Text,
    /// A Julian day.
    Real,
}

/// The unit of a date stored as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatePrecision {
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
}

/// SQLite.
#[derive(Clone, Debug)]
pub struct SqliteSettings {
    /// Where it is.
    pub place: Place,
    /// `open_mode`: it is only read.
    pub read_only: bool,
    /// `busy_timeout`: how long to wait for a lock.
    pub busy_timeout: Duration,
    /// `foreign_keys`: are they enforced? None: as SQLite does by default.
    pub foreign_keys: Option<bool>,
    /// `journal_mode`, upper case: one of SQLite's words.
    pub journal_mode: Option<String>,
    /// `synchronous`, upper case: one of SQLite's words.
    pub synchronous: Option<String>,
    /// `date_class`
    pub date_class: DateClass,
    /// `date_precision`
    pub date_precision: DatePrecision,
    /// `date_string_format`: a pattern of Java's `SimpleDateFormat`.
    pub date_format: String,
}

/// `targetServerType`: which of several hosts will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The first that answers.
    Any,
    /// One that can be written.
    Primary,
    /// One that cannot.
    Secondary,
    /// One that can be written, else any.
    PreferPrimary,
    /// One that cannot, else any.
    PreferSecondary,
}

/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// At least one.
    pub hosts: Vec<Host>,
    /// The database; the user's name where the URL has none.
    pub database: String,
    /// The user.
    pub user: String,
    /// The password.
    pub password: Option<Password>,
    /// `sslmode` and its files.
    pub tls: TlsSettings,
    /// `connectTimeout`: for a connection to one host. None: no limit.
    pub connect_timeout: Option<Duration>,
    /// `loginTimeout`: for all until the session is ready.
    pub login_timeout: Option<Duration>,
    /// `socketTimeout`: how long a read may wait.
    pub socket_timeout: Option<Duration>,
    /// `ApplicationName`
    pub application_name: Option<String>,
    /// `currentSchema`, or `-c search_path=` in `options`: the value of `search_path`.
    pub search_path: Option<String>,
    /// `targetServerType`
    pub target: Target,
    /// `readOnly`: transactions are read-only by default.
    pub read_only: bool,
}

/// Whose driver the URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `jdbc:mysql:`
    Mysql,
    /// `jdbc:mariadb:`
    Mariadb,
}

/// `zeroDateTimeBehavior`: what `0000-00-00` is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZeroDates {
    /// An error.
    Refuse,
    /// NULL.
    Null,
    /// The first of January of the year 1.
    Round,
}

/// MySQL or MariaDB.
#[derive(Clone, Debug)]
pub struct MysqlSettings {
    /// Whose URL it is; the server may be either.
    pub scheme: Scheme,
    /// At least one.
    pub hosts: Vec<Host>,
    /// The database, if the URL has one.
    pub database: Option<String>,
    /// The user; empty for the anonymous one.
    pub user: String,
    /// The password.
    pub password: Option<Password>,
    /// `sslMode` and its files.
    pub tls: TlsSettings,
    /// `connectTimeout`: for a connection to one host. None: no limit.
    pub connect_timeout: Option<Duration>,
    /// `socketTimeout`: how long a read may wait.
    pub socket_timeout: Option<Duration>,
    /// `connectionTimeZone`, `serverTimezone`: an IANA name, an offset, or `SERVER`. None: the worker's, which is UTC.
    pub time_zone: Option<String>,
    /// `zeroDateTimeBehavior`
    pub zero_dates: ZeroDates,
    /// `tinyInt1isBit`: `TINYINT(1)` is a boolean.
    pub tiny_int_is_bit: bool,
    /// `yearIsDateType`: `YEAR` is a date.
    pub year_is_date: bool,
    /// `allowPublicKeyRetrieval`: may a server be asked for its key without TLS?
    pub retrieve_public_key: bool,
}
