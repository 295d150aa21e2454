//! What the cases stand on: a database, a worker that may reach it, and a pair of file connectors beside, which must
//! not notice what happens to the others.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use watertight_cases::{SOON, Scene, component};
use watertight_harness::database::{Database, NAME, PASSWORD, USER};
use watertight_harness::mariadb::{self, MariaDb};
use watertight_harness::postgres::{self, Postgres};
use watertight_harness::properties::Properties;
use watertight_harness::{lines, paths, skips};

use crate::sqlite::Sqlite;

/// Confluent's name of the source.
pub const SOURCE: &str = "io.confluent.connect.jdbc.JdbcSourceConnector";
/// Confluent's name of the sink.
pub const SINK: &str = "io.confluent.connect.jdbc.JdbcSinkConnector";
/// Records with and without schemas.
pub const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// A server.
    Postgres,
    /// A server.
    MariaDb,
    /// A file.
    Sqlite,
}

/// A database and a worker.
pub struct Ground {
    pub scene: Scene,
    pub database: Box<dyn Database>,
    /// Lines that the neighbours have been given.
    neighbours: u64,
    /// Before the names of connectors and topics of one case among several.
    prefix: String,
}

/// A sentence that is true when the function returns.
pub type Case = (&'static str, fn(&mut Ground, Product) -> anyhow::Result<()>);

/// Cases that share database and worker; what is wrong with one does not keep the others from being told.
pub fn on(product: Product, group: &str, cases: &[Case]) -> anyhow::Result<()> {
    let Some(mut ground) = Ground::start(product, group)? else { return Ok(()) };
    let wanted = std::env::var("WATERTIGHT_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for (number, (sentence, case)) in cases.iter().enumerate().filter(|(_, (sentence, _))| sentence.contains(&wanted)) {
        ground.prefix = format!("c{number}-");
        let begun = Instant::now();
        let result = case(&mut ground, product);
        let word = if result.is_ok() { "ok" } else { "WRONG" };
        println!("{group}: {word}: {sentence} ({:.1} s)", begun.elapsed().as_secs_f64());
        if let Err(error) = result {
            wrong.push(format!("{sentence}: {error:#}"));
        }
        ground.clear(product)?;
    }
    anyhow::ensure!(wrong.is_empty(), "{group}: {} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}

impl Ground {
    /// Both running; none where the database is not to be had on this machine.
    pub fn start(product: Product, case: &str) -> anyhow::Result<Option<Self>> {
        component(&paths::plugins(), "jdbc.wasm")?;
        let scene = Scene::new(case)?;
        // What cannot be fetched is a skip; what cannot be started is a failure.
        let there = match product {
            Product::Postgres => skips::unless(case, postgres::Programs::fetch())?.is_some(),
            Product::MariaDb => skips::unless(case, mariadb::Programs::fetch())?.is_some(),
            Product::Sqlite => true,
        };
        if !there {
            return Ok(None);
        }
        let database: Box<dyn Database> = match product {
            Product::Postgres => Box::new(Postgres::start(&scene.dir)?),
            Product::MariaDb => Box::new(MariaDb::start(&scene.dir)?),
            Product::Sqlite => Box::new(Sqlite::create(&scene.dir)?),
        };
        let scene = scene.with("sandbox.net.allow", database.address()).with_files()?;
        let mut ground = Self { scene, database, neighbours: 0, prefix: String::new() };
        ground.scene.worker.start()?;
        ground.neighbours_work()?;
        Ok(Some(ground))
    }

    /// Lines given to the neighbours arrive, and none of them was torn or lost before.
    pub fn neighbours_work(&mut self) -> anyhow::Result<()> {
        lines::append(&self.scene.input(), self.neighbours, self.neighbours + 100)?;
        self.neighbours += 100;
        let tally = self.scene.wait_for_lines(self.neighbours, 2 * SOON).context("the neighbours were disturbed")?;
        anyhow::ensure!(tally.is_complete(), "the neighbours were disturbed: {tally}");
        Ok(())
    }

    /// A connector's or topic's name in this case.
    pub fn called(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// No connector but the neighbours, and no table.
    fn clear(&mut self, product: Product) -> anyhow::Result<()> {
        let connect = self.scene.worker.connect();
        for name in connect.connectors()?.iter().filter(|name| !name.starts_with("file-")) {
            connect.http.delete(&format!("/connectors/{name}"))?.expect(204)?;
        }
        if product != Product::Sqlite && self.database.pid().is_none() {
            self.database.restart()?;
        }
        match product {
            Product::Postgres => self.database.administer(&format!(
                "DROP OWNED BY {USER} CASCADE; DROP SCHEMA IF EXISTS public CASCADE;
                 CREATE SCHEMA public AUTHORIZATION {USER};"
            ))?,
            Product::MariaDb => self.database.administer(&format!(
                "DROP DATABASE {NAME}; CREATE DATABASE {NAME};
                 GRANT ALL ON {NAME}.* TO '{USER}'@'127.0.0.1';"
            ))?,
            Product::Sqlite => {
                let tables = self.database.rows("SELECT name FROM sqlite_master WHERE type = 'table';")?;
                let drops: Vec<String> =
                    tables.iter().map(|row| format!("DROP TABLE {};", self.quoted(&row[0]))).collect();
                self.database.sql(&drops.join("\n"))?
            }
        };
        Ok(())
    }

    /// A connector of this database.
    pub fn connector(&self, name: &str, class: &str) -> Properties {
        let config = Properties::new()
            .with("name", self.called(name))
            .with("connector.class", class)
            .with("tasks.max", 1)
            .with("connection.url", self.database.url())
            .with("connection.backoff.ms", 300)
            .with("key.converter", JSON)
            .with("value.converter", JSON)
            .with("value.converter.schemas.enable", class == SINK);
        match self.database.product() {
            "sqlite" => config,
            _ => config.with("connection.user", USER).with("connection.password", PASSWORD),
        }
    }

    /// A source that looks often; its topics begin with its name and a point.
    pub fn source(&self, name: &str, mode: &str) -> Properties {
        self.connector(name, SOURCE)
            .with("mode", mode)
            .with("topic.prefix", format!("{}.", self.called(name)))
            .with("poll.interval.ms", 100)
            .with("connection.attempts", 1000)
    }

    /// A sink of one topic into a table.
    pub fn sink(&self, name: &str, topic: &str, table: &str) -> Properties {
        self.connector(name, SINK)
            .with("topics", topic)
            .with("table.name.format", table)
            .with("max.retries", 1000)
            .with("retry.backoff.ms", 300)
            .with("connection.attempts", 1000)
    }

    /// Makes one and waits until it runs.
    pub fn create(&self, config: &Properties) -> anyhow::Result<()> {
        let connect = self.scene.worker.connect();
        connect.create(config)?;
        connect.wait_running(config.get("name").unwrap_or_default(), SOON).map(drop)
    }

    /// Makes one, whatever becomes of it.
    pub fn create_any(&self, config: &Properties) -> anyhow::Result<()> {
        self.scene.worker.connect().create(config).map(drop)
    }

    /// One that comes back by itself: on the command line, for a standalone worker forgets what REST made.
    pub fn create_for_good(&mut self, config: &Properties) -> anyhow::Result<()> {
        let name = config.get("name").unwrap_or_default().to_owned();
        let file = self.scene.dir.join(format!("{name}.properties"));
        config.write(&file)?;
        self.scene.worker.stop()?;
        self.scene.worker.add_connector_file(&file);
        self.scene.worker.start()?;
        self.scene.worker.connect().wait_running(&name, 2 * SOON).map(drop)
    }

    /// Waits until a connector or its task is FAILED, with a trace that has each of these words.
    pub fn wait_failed(&self, name: &str, words: &[&str]) -> anyhow::Result<String> {
        let name = &self.called(name);
        let trace = self.scene.worker.connect().wait_failed(name, 2 * SOON)?;
        for word in words {
            anyhow::ensure!(trace.to_lowercase().contains(&word.to_lowercase()), "{word} is not named: {trace}");
        }
        let cause = trace.lines().rfind(|line| line.starts_with("Caused by")).or(trace.lines().next());
        println!("{name}: {}", cause.unwrap_or_default());
        Ok(trace)
    }

    /// Starts a connector and its tasks again, and waits until they run.
    pub fn restart(&self, name: &str) -> anyhow::Result<()> {
        self.restart_any(name)?;
        self.scene.worker.connect().wait_running(&self.called(name), SOON).map(drop)
    }

    /// Likewise, whatever becomes of it.
    pub fn restart_any(&self, name: &str) -> anyhow::Result<()> {
        let path = format!("/connectors/{}/restart?includeTasks=true&onlyFailed=false", self.called(name));
        let answer = self.scene.worker.connect().http.post(&path, &serde_json::Value::Null)?;
        anyhow::ensure!(answer.status < 300, "restart answered {}", answer.status);
        Ok(())
    }

    /// A connector and its task run.
    pub fn is_running(&self, name: &str) -> anyhow::Result<()> {
        let name = &self.called(name);
        let status = self.scene.worker.connect().status(name)?;
        let states = [&status["connector"]["state"], &status["tasks"][0]["state"]];
        anyhow::ensure!(states.iter().all(|state| *state == "RUNNING"), "{name} does not run: {status}");
        Ok(())
    }

    /// Waits until a line of the worker's log has each of these words.
    pub fn wait_logged(&self, words: &[&str]) -> anyhow::Result<()> {
        let named = |line: &str| words.iter().all(|word| line.contains(word));
        watertight_harness::wait::until("a line of the log", 2 * SOON, || {
            let log = self.scene.worker.log();
            log.lines().any(named).then_some(()).ok_or_else(|| format!("no line with {words:?}"))
        })
    }

    /// Waits until a query answers this.
    pub fn wait_value(&self, query: &str, expected: &str, patience: Duration) -> anyhow::Result<()> {
        watertight_harness::wait::until(query, patience, || match self.database.value(query) {
            Ok(found) if found == expected => Ok(()),
            other => Err(format!("{other:?}")),
        })
    }

    /// For clients of the broker.
    pub fn bootstrap(&self) -> String {
        self.scene.broker.bootstrap()
    }

    /// An identifier as the database wants it quoted.
    pub fn quoted(&self, name: &str) -> String {
        match self.database.product() {
            "mariadb" => format!("`{}`", name.replace('`', "``")),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }
}
