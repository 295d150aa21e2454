//! A server, connections to it, and short ways to say what goes in and what comes out.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use watertight_capabilities::files::FileRoots;
use watertight_capabilities::net::NetPolicy;
use watertight_capabilities::sql::Databases;
use watertight_harness::database::{Database as _, PASSWORD, USER};
use watertight_harness::mariadb::{MariaDb, Programs};
use watertight_harness::{paths, skips};
use watertight_sandbox::sql::{Fault, Portion, SqlAccess as _, SqlConnection, SqlLimits, SqlRows, ValueNode};

pub const LIMITS: SqlLimits =
    SqlLimits { connections: 4, statement: Duration::from_secs(60), rows: 10_000, batch: 8 << 20, row: 16 << 20 };
pub const ALL: Portion = Portion { rows: usize::MAX, bytes: usize::MAX, wait: Duration::from_secs(60) };
/// For what ends soon, on a machine that has other things to do.
pub const SOON: Duration = Duration::from_secs(60);

pub struct Case {
    pub server: MariaDb,
    runtime: tokio::runtime::Runtime,
}

impl Case {
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub async fn open(&self) -> anyhow::Result<Box<dyn SqlConnection>> {
        self.open_with("", &[], &LIMITS).await.map_err(told)
    }

    /// With parameters of the URL, settings that replace others, and limits.
    pub async fn open_with(
        &self,
        parameters: &str,
        settings: &[(&str, &str)],
        limits: &SqlLimits,
    ) -> Result<Box<dyn SqlConnection>, Fault> {
        let url = format!("{}?{parameters}", self.server.url());
        let mut all = HashMap::from([
            ("connection.url".to_owned(), url),
            ("connection.user".to_owned(), USER.to_owned()),
            ("connection.password".to_owned(), PASSWORD.to_owned()),
        ]);
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        open(all, "127.0.0.1:*", FileRoots::default(), limits).await
    }
}

pub async fn open(
    settings: HashMap<String, String>,
    allowed: &str,
    files: FileRoots,
    limits: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    let net = NetPolicy::parse(allowed).map_err(|error| Fault::new("config", error.to_string()))?;
    Databases::new(settings, Arc::new(files), Arc::new(net)).open("connection.", limits).await
}

/// A server of its own for each case. None: this machine cannot have one.
pub fn case(name: &str) -> anyhow::Result<Option<Case>> {
    let dir = paths::test_dir(name)?;
    let Some(_) = skips::unless(name, Programs::fetch())? else { return Ok(None) };
    let server = MariaDb::start(&dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    Ok(Some(Case { server, runtime }))
}

pub fn told(fault: Fault) -> anyhow::Error {
    anyhow::anyhow!("{fault:?}")
}

/// All rows, each without the node that says how many values follow.
pub async fn rest(rows: &mut dyn SqlRows) -> Result<Vec<Vec<ValueNode>>, Fault> {
    let mut all = Vec::new();
    loop {
        let batch = rows.next(ALL).await?;
        all.extend(batch.rows.into_iter().map(|row| row.into_iter().skip(1).collect::<Vec<_>>()));
        if batch.finished {
            return Ok(all);
        }
    }
}

/// One row, each column in its form.
pub async fn row(connection: &mut dyn SqlConnection, sql: &str, forms: &[&str]) -> Result<Vec<ValueNode>, Fault> {
    let mut rows = connection.query(sql.to_owned(), Vec::new(), Vec::new()).await?;
    let forms: Vec<String> = if forms.is_empty() { vec![String::new(); rows.columns().len()] } else { strings(forms) };
    rows.read_as(&forms)?;
    Ok(rest(rows.as_mut()).await?.into_iter().next().unwrap_or_default())
}

pub async fn execute(connection: &mut dyn SqlConnection, sql: &str) -> anyhow::Result<u64> {
    let counts = connection.execute(sql.to_owned(), Vec::new(), 1, Vec::new()).await;
    counts.map_err(told).with_context(|| sql.to_owned())?.first().copied().context("no count")
}

pub fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub fn text(text: &str) -> ValueNode {
    ValueNode::Text(text.to_owned())
}

/// Waits until it holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = std::time::Instant::now() + SOON;
    while !holds()? {
        anyhow::ensure!(std::time::Instant::now() < end, "{what}: still not after {} s", SOON.as_secs());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
