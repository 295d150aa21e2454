//! The connector: finds the tables, shares them among tasks, and watches for tables that come and go.

use std::time::{Duration, Instant};

use watertight_sdk::{Checkup, Class, Config, Failure, KeyReport, Position, Result, SourceConnector, info, warn};

use super::names::Name;
use super::session::Session;
use super::settings::Settings;
use super::task::JdbcSourceTask;
use super::{keys, offset, tables, validate};
use crate::connection::failed;
use crate::dialect::Product;

/// The tables of a task.
pub const TABLES: &str = "tables";
/// Newer JVM tasks want to know that the list is there, be it empty.
const TABLES_FETCHED: &str = "tables.fetched";

/// Looks for tables closer to each other than this share a connection; one that is used once a minute is not worth it.
const KEEP_BELOW_MS: u64 = 10_000;

/// How often an outage that goes on is spoken of.
const REMINDER: Duration = Duration::from_secs(60);

/// Plans who reads which table.
#[derive(Default)]
pub struct JdbcSourceConnector {
    config: Config,
    settings: Option<Settings>,
    session: Option<Session>,
    product: Option<Product>,
    tables: Vec<Name>,
    said: Option<Instant>,
}

impl SourceConnector for JdbcSourceConnector {
    type Task = JdbcSourceTask;

    const CLASS: Class = Class::new("io.confluent.connect.jdbc.JdbcSourceConnector", env!("CARGO_PKG_VERSION"))
        .aliases(&["io.aiven.connect.jdbc.JdbcSourceConnector", "JdbcSourceConnector", "JdbcSource"])
        .task_class("io.confluent.connect.jdbc.source.JdbcSourceTask")
        .documentation("Copies tables, or what a query answers, from PostgreSQL, MySQL, MariaDB or SQLite into topics")
        .config(keys::ALL);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Ok(validate::report(config))
    }

    /// A time alone does not tell rows apart, and bulk has no offsets at all.
    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>> {
        let mode = config.get(keys::MODE.name());
        Ok(Some(matches!(mode, Some(keys::INCREMENTING | keys::TIMESTAMP_INCREMENTING))))
    }

    fn alter_offsets(&self, _config: &Config, offsets: &[(Position, Option<Position>)]) -> Result<bool> {
        for (partition, offset) in offsets {
            offset::check(partition, offset.as_ref())?;
        }
        Ok(true)
    }

    fn start(&mut self, config: &Config) -> Result<()> {
        validate::first_error(config)?;
        let settings = Settings::new(config)?;
        let doing = "Cannot connect to the database (connection.url)";
        let connection = settings.connecting.patiently().map_err(|fault| {
            let mut failure = failed(doing, fault);
            failure.retriable = false;
            failure
        })?;
        let session = Session::new(connection, &settings)?;
        self.product = Some(session.dialect.product());
        if settings.query.is_none() {
            self.tables = tables::selected(&session, &settings).map_err(|fault| failed("Cannot list tables", fault))?;
            if self.tables.is_empty() {
                warn!(
                    "No table is selected, there is nothing to do until there is one (table.whitelist, \
                     table.blacklist, table.include.list, schema.pattern, catalog.pattern, table.types)"
                );
            }
        }
        // The first look for new tables follows at once.
        self.session = settings.query.is_none().then_some(session);
        self.settings = Some(settings);
        self.config = config.clone();
        Ok(())
    }

    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        let settings = self.settings()?;
        let of_task = |tables: String| self.config.clone().with(TABLES, tables).with(TABLES_FETCHED, "true");
        if settings.query.is_some() {
            return Ok(vec![of_task(String::new())]);
        }
        if settings.qualify {
            tables::refuse_namesakes(&self.tables)?;
        }
        let groups = tables::group(&self.tables, max_tasks);
        let product = self.product.unwrap_or(Product::Postgres);
        let list = |group: &Vec<Name>| group.iter().map(|name| name.quoted(product)).collect::<Vec<_>>().join(",");
        Ok(groups.iter().map(|group| of_task(list(group))).collect())
    }

    fn check(&mut self) -> Result<Checkup> {
        let settings = self.settings()?;
        if settings.query.is_some() {
            return Ok(Checkup { reconfigure_tasks: false, again_after_ms: None });
        }
        let again_after_ms = Some(settings.table_poll_interval_ms);
        let now = match self.look() {
            Ok(tables) => tables,
            Err(failure) => {
                self.session = None;
                if self.said.is_none_or(|said| said.elapsed() >= REMINDER) {
                    self.said = Some(Instant::now());
                    warn!("Cannot look for new tables, trying again with the next look: {}", failure.message);
                }
                return Ok(Checkup { reconfigure_tasks: false, again_after_ms });
            }
        };
        self.said = None;
        let reconfigure_tasks = now != self.tables;
        if reconfigure_tasks {
            let names = |list: &[Name], other: &[Name]| {
                let only = list.iter().filter(|name| !other.contains(name));
                only.map(Name::qualified).collect::<Vec<_>>().join(", ")
            };
            let (new, gone) = (names(&now, &self.tables), names(&self.tables, &now));
            if !new.is_empty() {
                info!("New tables, tasks are planned anew: [{new}]");
            }
            if !gone.is_empty() {
                warn!("No longer copied: [{gone}]. They were dropped, or may not be seen any more");
            }
            self.tables = now;
        }
        Ok(Checkup { reconfigure_tasks, again_after_ms })
    }

    fn stop(&mut self) {
        self.session = None;
    }
}

impl JdbcSourceConnector {
    fn settings(&self) -> Result<&Settings> {
        self.settings.as_ref().ok_or_else(|| Failure::new("illegal-state", "not started"))
    }

    /// The tables that there are now.
    fn look(&mut self) -> Result<Vec<Name>> {
        let settings = self.settings.as_ref().ok_or_else(|| Failure::new("illegal-state", "not started"))?;
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::new(settings.connecting.once()?, settings)?,
        };
        let tables = tables::selected(&session, settings)?;
        if settings.table_poll_interval_ms < KEEP_BELOW_MS {
            self.session = Some(session);
        }
        Ok(tables)
    }
}
