//! PostgreSQL as guests have it, with a real server: what every type is read as and written from, how much of a result is
//! held, what a hostile statement or row comes to, and what is left in the server when a guest gives up.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod catalog;
mod faults;
mod hostile;
mod impostor;
mod reading;
mod streaming;
mod writing;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use watertight_capabilities::files::FileRoots;
use watertight_capabilities::net::NetPolicy;
use watertight_capabilities::sql::Databases;
use watertight_harness::database::{Database as _, PASSWORD, USER};
use watertight_harness::postgres::{Postgres, Programs};
use watertight_harness::{paths, skips};
use watertight_sandbox::sql::{Column, Fault, Portion, SqlAccess as _, SqlConnection, SqlLimits, SqlRows, ValueNode};

type Connection = Box<dyn SqlConnection>;
type Tapes = Vec<Vec<ValueNode>>;

/// A server for one case, or none where there can be none.
fn server(case: &str) -> Option<Postgres> {
    let case = format!("postgres-{case}");
    let dir = paths::test_dir(&case).unwrap();
    skips::unless(&case, Programs::fetch()).unwrap()?;
    Some(Postgres::start(&dir).unwrap())
}

fn limits() -> SqlLimits {
    SqlLimits {
        connections: 4,
        statement: Duration::from_secs(60),
        rows: 10_000,
        batch: 8 * 1024 * 1024,
        row: 1024 * 1024,
    }
}

async fn open_with(server: &Postgres, limits: &SqlLimits, settings: &[(&str, &str)]) -> Result<Connection, Fault> {
    let mut all = HashMap::from([
        ("connection.url".to_owned(), server.url()),
        ("connection.user".to_owned(), USER.to_owned()),
        ("connection.password".to_owned(), PASSWORD.to_owned()),
    ]);
    all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let net = NetPolicy::parse(&server.address()).unwrap();
    let files = FileRoots::parse("", Path::new("/")).unwrap();
    Databases::new(all, Arc::new(files), Arc::new(net)).open("connection.", limits).await
}

async fn open(server: &Postgres) -> Connection {
    open_with(server, &limits(), &[]).await.unwrap()
}

fn most(rows: usize) -> Portion {
    Portion { rows, bytes: 1024 * 1024, wait: Duration::from_secs(30) }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn text(value: &str) -> ValueNode {
    ValueNode::Text(value.to_owned())
}

fn int(value: i64) -> ValueNode {
    ValueNode::Integer(value)
}

async fn to_the_end(rows: &mut Box<dyn SqlRows>) -> Result<Tapes, Fault> {
    let mut all = Tapes::new();
    loop {
        let batch = rows.next(most(1_000)).await?;
        all.extend(batch.rows);
        if batch.finished {
            return Ok(all);
        }
    }
}

/// Rows as they come.
async fn select(connection: &mut Connection, sql: &str) -> Result<Tapes, Fault> {
    let mut rows = connection.query(sql.to_owned(), Vec::new(), Vec::new()).await?;
    to_the_end(&mut rows).await
}

/// Rows in these forms.
async fn select_as(connection: &mut Connection, sql: &str, forms: &[&str]) -> Result<Tapes, Fault> {
    let mut rows = connection.query(sql.to_owned(), Vec::new(), Vec::new()).await?;
    rows.read_as(&strings(forms))?;
    to_the_end(&mut rows).await
}

/// One value.
async fn value(connection: &mut Connection, sql: &str) -> ValueNode {
    select(connection, sql).await.unwrap().remove(0).remove(1)
}

async fn run(connection: &mut Connection, sql: &str) -> Result<u64, Fault> {
    Ok(connection.execute(sql.to_owned(), Vec::new(), 1, Vec::new()).await?.remove(0))
}

fn detail<'a>(column: &'a Column, name: &str) -> Option<&'a str> {
    column.details.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}
