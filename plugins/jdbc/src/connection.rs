//! Getting a connection, and the keys that say how. Shared by source and sink.
//!
//! Everything under `connection.` belongs to the worker: it resolves the URL, the user, the password and the driver's
//! own parameters. A plugin learns the product from the open connection, never from the text of the URL, which may
//! have come as a reference.

use std::time::Duration;

use watertight_sdk::sql::{Connection, Fault};
use watertight_sdk::{Config, ConfigKey, Failure, Importance, Kind, Result, Width, runtime, warn};

/// Where all of a connector's settings for the driver begin.
pub const PREFIX: &str = "connection.";

/// The group of the keys below in a form.
pub const GROUP: &str = "Database";

/// `connection.url`.
pub const URL: ConfigKey = ConfigKey::new("connection.url", Kind::String)
    .importance(Importance::High)
    .group(GROUP, 1)
    .width(Width::Long)
    .display_name("JDBC URL")
    .attributes(&[("url", "")])
    .documentation(
        "Where the database is: jdbc:postgresql://HOST:PORT/DATABASE, jdbc:mysql://HOST:PORT/DATABASE, \
         jdbc:mariadb://HOST:PORT/DATABASE or jdbc:sqlite:/PATH. The worker connects, so the host must stand in \
         sandbox.net.allow, and the file of an SQLite database under one of sandbox.fs.roots.",
    );
/// `connection.user`.
pub const USER: ConfigKey = ConfigKey::new("connection.user", Kind::String)
    .optional()
    .importance(Importance::High)
    .group(GROUP, 2)
    .width(Width::Medium)
    .display_name("JDBC User")
    .documentation("Whom to log in as.");
/// `connection.password`.
pub const PASSWORD: ConfigKey = ConfigKey::new("connection.password", Kind::Password)
    .optional()
    .importance(Importance::High)
    .group(GROUP, 3)
    .width(Width::Short)
    .display_name("JDBC Password")
    .documentation("The user's password. It stays with the worker: the plugin never sees it.");
/// `connection.attempts`.
pub const ATTEMPTS: ConfigKey = ConfigKey::new("connection.attempts", Kind::Int)
    .default_value("3")
    .importance(Importance::Low)
    .group(GROUP, 4)
    .width(Width::Short)
    .display_name("JDBC connection attempts")
    .attributes(&[("min", "1")])
    .documentation(
        "How often to try to get the first connection before giving up. A connection that breaks later is sought \
         again for as long as it takes.",
    );
/// `connection.backoff.ms`.
pub const BACKOFF: ConfigKey = ConfigKey::new("connection.backoff.ms", Kind::Long)
    .default_value("10000")
    .importance(Importance::Low)
    .group(GROUP, 5)
    .width(Width::Short)
    .display_name("JDBC connection backoff in milliseconds")
    .attributes(&[("min", "0")])
    .documentation("How long to wait between two attempts to connect, in milliseconds.");

/// Slices of a wait, so that a task that is to stop does.
const SLICE: Duration = Duration::from_millis(100);

/// How patiently a connection is sought.
#[derive(Clone, Debug, Default)]
pub struct Connecting {
    /// `connection.attempts`.
    pub attempts: u32,
    /// `connection.backoff.ms`.
    pub backoff: Duration,
}

impl Connecting {
    /// As configured.
    pub fn new(config: &Config) -> Result<Self> {
        Ok(Self {
            attempts: u32::try_from(config.int(&ATTEMPTS)?).unwrap_or(1),
            backoff: Duration::from_millis(u64::try_from(config.long(&BACKOFF)?).unwrap_or_default()),
        })
    }

    /// One attempt, for those who have something else to do until the next.
    pub fn once(&self) -> Result<Connection, Fault> {
        Connection::open(PREFIX)
    }

    /// As many attempts as configured, waiting in between. What no repetition mends (a setting, a grant) ends it at once.
    pub fn patiently(&self) -> Result<Connection, Fault> {
        let mut attempt = 1;
        loop {
            let fault = match self.once() {
                Ok(connection) => return Ok(connection),
                Err(fault) => fault,
            };
            if attempt >= self.attempts || !may_pass(&fault) || runtime::stopping() {
                return Err(fault);
            }
            warn!("Attempt {attempt} of {} to connect failed: {}", self.attempts, fault.message);
            attempt += 1;
            self.wait();
        }
    }

    fn wait(&self) {
        let mut left = self.backoff;
        while !left.is_zero() && !runtime::stopping() {
            let now = left.min(SLICE);
            std::thread::sleep(now);
            left -= now;
        }
    }
}

/// Whether the same may succeed later without anybody changing the configuration.
pub fn may_pass(fault: &Fault) -> bool {
    fault.retriable || fault.lost || matches!(fault.code.as_str(), "unavailable" | "timeout" | "busy" | "cancelled")
}

/// The fault with a sentence before it that says what was being done.
pub fn failed(doing: &str, fault: Fault) -> Failure {
    let passes = may_pass(&fault);
    let mut failure = Failure::from(fault);
    failure.message = format!("{doing}: {}", failure.message);
    failure.retriable = passes;
    failure
}

/// Whether there is a time zone, in Kafka's words if not. Only the worker knows: a form that names it is tried.
pub fn check_zone(connection: &Connection, zone: &str) -> Result<(), String> {
    let asked = connection.query("SELECT CURRENT_TIMESTAMP", &[], &[]);
    let tried = asked.and_then(|rows| rows.read_as(&[&format!("timestamp@{zone}")]));
    tried.map_err(|fault| format!("Invalid value {zone} for configuration db.timezone: {}", fault.message))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use watertight_sdk::testing::sql::{Database, install};

    use super::*;

    /// Refuses so many times.
    struct Shy(Cell<u32>, &'static str);

    impl Database for Shy {
        fn open(&self, _prefix: &str) -> watertight_sdk::sql::Result<()> {
            match self.0.get() {
                0 => Ok(()),
                left => {
                    self.0.set(left - 1);
                    Err(Fault::new(self.1, "no"))
                }
            }
        }
    }

    fn connecting() -> Connecting {
        let config: Config = [("connection.attempts", "3"), ("connection.backoff.ms", "1")].into_iter().collect();
        Connecting::new(&config).unwrap()
    }

    #[test]
    fn a_connection_is_sought_as_often_as_configured() {
        install(Rc::new(Shy(Cell::new(2), "unavailable")));
        assert!(connecting().patiently().is_ok());
        install(Rc::new(Shy(Cell::new(3), "unavailable")));
        assert_eq!(connecting().patiently().err().map(|fault| fault.code).as_deref(), Some("unavailable"));
    }

    #[test]
    fn what_no_repetition_mends_is_not_repeated() {
        install(Rc::new(Shy(Cell::new(1), "denied")));
        assert!(connecting().patiently().is_err());
        assert!(connecting().patiently().is_ok(), "there was one attempt only");
    }

    #[test]
    fn a_failure_says_what_was_being_done_and_whether_to_try_again() {
        let failure = failed("Cannot read table t (table.whitelist)", Fault::new("unavailable", "gone"));
        assert_eq!(failure.message, "Cannot read table t (table.whitelist): gone");
        assert!(failure.retriable && !failed("x", Fault::new("sql", "y")).retriable);
    }
}
