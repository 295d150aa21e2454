//! The imports with a database that does what no real one would: what holds whichever database it is, is shown here.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{sleep, timeout};
use wasmtime::component::Resource;
use wasmtime_wasi::WasiCtxBuilder;

use super::*;
use crate::bindings::watertight::sql::client::{HostConnection, HostRows};
use crate::bindings::watertight::types::data::ValueNode;
use crate::guest_log::GuestLog;
use crate::state::{GuestSetup, GuestState};
use crate::stdio::LogStream;

/// More than anything here takes on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database that never answers to `hang`, and tells what becomes of it.
#[derive(Default)]
struct Seen {
    open: AtomicUsize,
    cancelled: AtomicBool,
    asked: Mutex<Vec<Portion>>,
}

struct Fake(Arc<Seen>);

/// One connection, or the rows of one, which hold on to it.
struct Held(Arc<Seen>);

impl Held {
    fn new(seen: &Arc<Seen>) -> Self {
        seen.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(seen))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Connection(Held);

/// One row each time until all are given; then nothing comes any more.
struct Endless {
    held: Held,
    rows: usize,
}

#[async_trait::async_trait]
impl SqlAccess for Fake {
    async fn open(&self, prefix: &str, _limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
        match prefix {
            "hang." => std::future::pending().await,
            "refuse." => Err(Fault::new(code::CONFIG, "no")),
            _ => Ok(Box::new(Connection(Held::new(&self.0)))),
        }
    }
}

async fn answered<T>(sql: &str, value: T) -> Result<T, Fault> {
    match sql {
        "hang" => std::future::pending().await,
        _ => Ok(value),
    }
}

#[async_trait::async_trait]
impl SqlConnection for Connection {
    fn fact(&self, name: &str) -> Option<String> {
        (name == "product").then(|| "fake".to_owned())
    }

    async fn valid(&mut self) -> bool {
        std::future::pending().await
    }

    async fn tables(&mut self, _: Option<String>, _: Option<String>, _: Vec<String>) -> Result<Vec<Table>, Fault> {
        Ok(Vec::new())
    }

    async fn columns(&mut self, name: TableName) -> Result<Option<Vec<Column>>, Fault> {
        answered(&name.name, None).await
    }

    async fn primary_key(&mut self, name: TableName) -> Result<Vec<String>, Fault> {
        answered(&name.name, Vec::new()).await
    }

    async fn query(&mut self, sql: String, _: Vec<String>, _: Vec<ValueNode>) -> Result<Box<dyn SqlRows>, Fault> {
        let rows = sql.parse().unwrap_or(0);
        let held = Held::new(&self.0.0);
        answered(&sql, ()).await?;
        Ok(Box::new(Endless { held, rows }))
    }

    async fn execute(&mut self, sql: String, _: Vec<String>, times: u32, _: Vec<ValueNode>) -> Result<Vec<u64>, Fault> {
        answered(&sql, vec![1; times as usize]).await
    }

    async fn load(&mut self, _: TableName, _: Vec<String>, _: Vec<String>, _: Vec<ValueNode>) -> Result<u64, Fault> {
        Ok(0)
    }

    async fn begin(&mut self, _: Option<String>, _: bool) -> Result<(), Fault> {
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Fault> {
        // As a database whose commit takes longer than a task has to stop.
        sleep(Duration::from_millis(300)).await;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl SqlRows for Endless {
    fn columns(&self) -> &[Column] {
        &[]
    }

    fn read_as(&mut self, _forms: &[String]) -> Result<(), Fault> {
        Ok(())
    }

    async fn next(&mut self, most: Portion) -> Result<RowBatch, Fault> {
        self.held.0.asked.lock().unwrap().push(most);
        if self.rows == 0 {
            sleep(most.wait).await;
            return Ok(RowBatch { rows: Vec::new(), finished: false });
        }
        self.rows -= 1;
        Ok(RowBatch { rows: vec![vec![ValueNode::Fields(0)]], finished: false })
    }

    async fn cancel(&mut self) {
        self.held.0.cancelled.store(true, Ordering::SeqCst);
    }
}

/// A guest with two connections at most and half a second for a statement.
struct Scene {
    guest: GuestState,
    seen: Arc<Seen>,
    stopping: Arc<AtomicBool>,
}

fn scene() -> Scene {
    scene_with(&[])
}

fn scene_with(more: &[(&str, &str)]) -> Scene {
    let settings = [(key::SQL_CONNECTIONS, "2"), (key::SQL_STATEMENT, "500"), (key::SQL_ROWS, "100")];
    let settings: Vec<(String, String)> =
        settings.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let limits = Limits::from_properties(settings.iter().map(|(name, value)| (name, value))).unwrap();
    let log = GuestLog::new("fake|task-0".to_owned(), &limits);
    let stderr = LogStream::new("warn", log.clone());
    let seen = Arc::<Seen>::default();
    let mut setup = GuestSetup::bare(WasiCtxBuilder::new().build(), log, stderr);
    setup.sql = Some(Arc::new(Fake(Arc::clone(&seen))));
    let stopping = Arc::clone(&setup.stopping);
    Scene { guest: GuestState::new(setup, &limits), seen, stopping }
}

impl Scene {
    async fn connect(&mut self) -> Result<Resource<OpenConnection>, Fault> {
        timeout(PATIENCE, HostConnection::open(&mut self.guest, "connection.".to_owned())).await.unwrap().unwrap()
    }

    async fn query(&mut self, on: &Resource<OpenConnection>, sql: &str) -> Result<Resource<OpenRows>, Fault> {
        let asked = self.guest.query(again(on), sql.to_owned(), Vec::new(), Vec::new());
        timeout(PATIENCE, asked).await.unwrap().unwrap()
    }

    async fn execute(&mut self, on: &Resource<OpenConnection>, sql: &str, times: u32) -> Result<Vec<u64>, Fault> {
        let asked = self.guest.execute(again(on), sql.to_owned(), Vec::new(), times, Vec::new());
        timeout(PATIENCE, asked).await.unwrap().unwrap()
    }

    async fn next(&mut self, rows: &Resource<OpenRows>, max_ms: u32) -> Result<RowBatch, Fault> {
        let asked = self.guest.next(again(rows), u32::MAX, u32::MAX, max_ms);
        timeout(PATIENCE, asked).await.unwrap().unwrap()
    }

    fn open(&self) -> usize {
        self.seen.open.load(Ordering::SeqCst)
    }
}

/// The guest keeps its handle.
fn again<T: 'static>(handle: &Resource<T>) -> Resource<T> {
    Resource::new_own(handle.rep())
}

#[tokio::test]
async fn a_guest_holds_no_more_connections_than_it_may() {
    let mut scene = scene();
    let first = scene.connect().await.unwrap();
    let _second = scene.connect().await.unwrap();
    let fault = scene.connect().await.unwrap_err();
    assert_eq!(
        (fault.code.as_str(), fault.message.as_str()),
        ("limit", "more open connections than sandbox.sql.connections = 2")
    );
    HostConnection::drop(&mut scene.guest, first).await.unwrap();
    assert_eq!(scene.open(), 1);
    scene.connect().await.unwrap();
}

#[tokio::test]
async fn rows_keep_the_place_of_the_connection_that_was_dropped_before_them() {
    let mut scene = scene();
    let mut hoard = Vec::new();
    for _ in 0..2 {
        let connection = scene.connect().await.unwrap();
        hoard.push(scene.query(&connection, "1").await.unwrap());
        HostConnection::drop(&mut scene.guest, connection).await.unwrap();
    }
    assert_eq!(scene.open(), 2);
    assert_eq!(scene.connect().await.unwrap_err().code, "limit");
    HostRows::drop(&mut scene.guest, hoard.pop().unwrap()).await.unwrap();
    scene.connect().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_was_refused_takes_no_place() {
    let mut scene = scene();
    for _ in 0..5 {
        let refused = HostConnection::open(&mut scene.guest, "refuse.".to_owned()).await.unwrap();
        assert_eq!(refused.unwrap_err().message, "no");
    }
    let late = HostConnection::open(&mut scene.guest, "hang.".to_owned()).await.unwrap().unwrap_err();
    assert_eq!(late.code, "timeout");
    scene.connect().await.unwrap();
}

#[tokio::test]
async fn a_prefix_that_is_no_name_is_not_repeated() {
    let mut scene = scene();
    let long = "x".repeat(1 << 20);
    let fault = HostConnection::open(&mut scene.guest, long).await.unwrap().unwrap_err();
    assert_eq!(fault.message, "no setting's name begins with 1048576 bytes: there may be 200");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_closes_its_connection() {
    let mut scene = scene();
    for late in ["query", "execute", "columns", "valid"] {
        let connection = scene.connect().await.unwrap();
        let fault = match late {
            "query" => scene.query(&connection, "hang").await.unwrap_err(),
            "execute" => scene.execute(&connection, "hang", 1).await.unwrap_err(),
            "columns" => {
                let name = TableName { catalog: None, schema: None, name: "hang".to_owned() };
                HostConnection::columns(&mut scene.guest, again(&connection), name).await.unwrap().unwrap_err()
            }
            _ => {
                assert!(!scene.guest.valid(again(&connection), 10).await.unwrap());
                scene.execute(&connection, "", 1).await.unwrap_err()
            }
        };
        let expected = if late == "valid" { "was closed" } else { "sandbox.sql.statement.ms = 500 ms" };
        assert!(fault.message.contains(expected), "{late}: {}", fault.message);
        assert!(fault.lost && fault.retriable, "{late}: {fault:?}");
        assert_eq!(scene.open(), 0, "{late}: the connection is still there");
        let fault = scene.execute(&connection, "", 1).await.unwrap_err();
        assert!(fault.lost && fault.message.contains("open another"), "{late}: {}", fault.message);
        assert_eq!(scene.guest.fact(again(&connection), "product".to_owned()).await.unwrap(), None);
        HostConnection::drop(&mut scene.guest, connection).await.unwrap();
    }
}

#[tokio::test]
async fn a_task_that_is_to_stop_does_not_wait_for_rows_and_finishes_what_it_writes() {
    let mut scene = scene_with(&[(key::SQL_STATEMENT, "600000")]);
    let (reading, other) = (scene.connect().await.unwrap(), scene.connect().await.unwrap());
    let rows = scene.query(&reading, "0").await.unwrap();
    scene.stopping.store(true, Ordering::SeqCst);
    let batch = scene.next(&rows, u32::MAX).await.unwrap();
    assert!(batch.rows.is_empty() && !batch.finished);
    timeout(PATIENCE, scene.guest.commit(again(&other))).await.unwrap().unwrap().unwrap();
    let fault = scene.query(&other, "hang").await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.lost), ("cancelled", true));
}

#[tokio::test]
async fn a_batch_has_no_more_than_the_worker_allows_however_much_is_asked_for() {
    let mut scene = scene();
    let connection = scene.connect().await.unwrap();
    let rows = scene.query(&connection, "3").await.unwrap();
    scene.next(&rows, 0).await.unwrap();
    let asked = *scene.seen.asked.lock().unwrap().last().unwrap();
    assert!(asked.rows == 100 && asked.bytes == 8_388_608, "{asked:?}");
    assert!(asked.wait <= Duration::from_millis(500), "{asked:?}");
    scene.guest.next(again(&rows), 0, 0, 0).await.unwrap().unwrap();
    let asked = *scene.seen.asked.lock().unwrap().last().unwrap();
    assert!((asked.rows, asked.bytes) == (1, 1), "{asked:?}");
}

#[tokio::test]
async fn a_query_that_makes_no_rows_ends_however_patient_the_guest_is() {
    let mut scene = scene();
    let connection = scene.connect().await.unwrap();
    let rows = scene.query(&connection, "2").await.unwrap();
    for _ in 0..2 {
        assert_eq!(scene.next(&rows, 100).await.unwrap().rows.len(), 1);
    }
    let mut empty = 0;
    let fault = loop {
        match scene.next(&rows, 100).await {
            Ok(batch) => assert!(batch.rows.is_empty() && !batch.finished),
            Err(fault) => break fault,
        }
        empty += 1;
        assert!(empty < 100, "it goes on for ever");
    };
    assert_eq!(fault.message, "no row came within sandbox.sql.statement.ms = 500 ms; the query was ended");
    assert!(scene.seen.cancelled.load(Ordering::SeqCst), "the database was not told");
    assert!(scene.next(&rows, 100).await.unwrap().finished);
}

#[tokio::test]
async fn executions_without_values_are_not_counted_in_billions() {
    let mut scene = scene();
    let connection = scene.connect().await.unwrap();
    let fault = scene.execute(&connection, "", u32::MAX).await.unwrap_err();
    assert_eq!(fault.code, "data");
    assert!(fault.message.starts_with("4294967295 executions with 0 values"), "{}", fault.message);
    assert_eq!(scene.execute(&connection, "", 1).await.unwrap(), [1]);
}

#[tokio::test]
async fn handles_that_are_not_the_guests_lead_nowhere() {
    let mut scene = scene();
    let connection = scene.connect().await.unwrap();
    let forged: Resource<OpenRows> = Resource::new_own(connection.rep());
    assert!(scene.guest.next(forged, 1, 1, 1).await.is_err());
    let forged: Resource<OpenConnection> = Resource::new_own(4711);
    assert!(scene.guest.commit(forged).await.is_err());
}

#[tokio::test]
async fn an_instance_without_settings_has_no_database() {
    let mut scene = scene();
    scene.guest.sql = None;
    assert_eq!(scene.connect().await.unwrap_err().code, "unsupported");
}
