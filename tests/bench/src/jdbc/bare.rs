//! The ceiling of a source: tokio-postgres with the same query, every column taken as what it is; once into nothing, and
//! once written as JSON and sent by librdkafka, which a source does too. In this process, which does nothing else
//! meanwhile.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use futures::StreamExt as _;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{NoTls, Row};
use watertight_harness::database::{NAME, PASSWORD, USER};
use watertight_harness::postgres::Postgres;

use super::rows::COLUMNS;
use crate::passes::{Figures, Meter};

/// Bytes as they come: `numeric` has no type in the driver.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Reads a table as an incrementing source does; what becomes of a row, and of what is left at the end, is the caller's.
pub fn read(
    server: &Postgres,
    table: &str,
    records: u64,
    mut each: impl FnMut(&Row),
    end: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Figures> {
    let mut meter = Meter::begin(std::process::id(), records)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seen = runtime.block_on(async {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(server.port()).user(USER).password(PASSWORD).dbname(NAME);
        let (client, connection) = config.connect(NoTls).await?;
        let driven = tokio::spawn(connection);
        let query = format!("SELECT {COLUMNS} FROM {table} WHERE id > $1 ORDER BY id ASC");
        let statement = client.prepare(&query).await?;
        let rows = client.query_raw(&statement, [-1_i64]).await?;
        let mut rows = std::pin::pin!(rows);
        let mut seen = 0;
        while let Some(row) = rows.next().await {
            each(&row?);
            seen += 1;
            meter.seen(seen);
        }
        drop(client);
        driven.await.context("the connection's task")??;
        anyhow::Ok(seen)
    })?;
    anyhow::ensure!(seen == records, "the bare loop saw {seen} rows of {records}");
    end()?;
    meter.end()
}

/// Takes every column, as a caller would.
pub fn touch(row: &Row) -> u64 {
    let numbers = row.get::<_, i64>(0) as u64 ^ row.get::<_, i32>(1) as u64 ^ row.get::<_, f64>(2).to_bits();
    let lengths = row.get::<_, Raw<'_>>(3).0.len() + row.get::<_, &str>(4).len() + row.get::<_, &str>(5).len();
    let placed = row.get::<_, SystemTime>(8).duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
    numbers ^ lengths as u64 ^ u64::from(row.get::<_, bool>(6)) ^ row.get::<_, Raw<'_>>(7).0.len() as u64 ^ placed
}

/// A row as JSON without schema.
fn json(row: &Row, text: &mut String) {
    text.clear();
    let placed = row.get::<_, SystemTime>(8).duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
    let date = row.get::<_, Raw<'_>>(7).0.try_into().map_or(0, i32::from_be_bytes) + 10_957;
    let _ = write!(
        text,
        "{{\"id\":{},\"customer\":{},\"price\":{},\"amount\":\"{}\",\"name\":{:?},\"note\":{:?},\"paid\":{},\"due\":{date},\
         \"placed\":{placed}}}",
        row.get::<_, i64>(0),
        row.get::<_, i32>(1),
        row.get::<_, f64>(2),
        row.get::<_, Raw<'_>>(3).0.escape_ascii(),
        row.get::<_, &str>(4),
        row.get::<_, &str>(5),
        row.get::<_, bool>(6),
    );
}

/// Sends what it reads.
pub struct Sender {
    producer: BaseProducer,
    topic: String,
    text: RefCell<String>,
    error: Cell<Option<KafkaError>>,
}

impl Sender {
    /// With the producer's settings that the workers have.
    pub fn new(bootstrap: &str, settings: &[(String, String)], topic: &str) -> anyhow::Result<Self> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap).set("acks", "all").set("enable.metrics.push", "false");
        for (key, value) in settings {
            config.set(key, value);
        }
        let (text, error) = (RefCell::default(), Cell::default());
        Ok(Self { producer: config.create()?, topic: topic.to_owned(), text, error })
    }

    /// One row.
    pub fn send(&self, row: &Row) {
        let mut text = self.text.borrow_mut();
        json(row, &mut text);
        let mut record: BaseRecord<'_, [u8], str> = BaseRecord::to(&self.topic).payload(&text);
        while let Err((error, back)) = self.producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                self.error.set(Some(error));
                return;
            }
            self.producer.poll(Duration::from_millis(1));
            record = back;
        }
    }

    /// Until all of it is there.
    pub fn end(&self) -> anyhow::Result<()> {
        if let Some(error) = self.error.take() {
            return Err(error.into());
        }
        Ok(self.producer.flush(Duration::from_secs(60))?)
    }
}
