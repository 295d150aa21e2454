//! Against real files. Tests are named by what is tried.

mod hostile;
mod reading;
mod statements;
mod structure;
mod threads;
mod ways;
mod writing;

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use watertight_sandbox::sql::{Column, Fault, Portion, SqlConnection, SqlLimits, SqlRows, TableName, ValueNode};

use super::{memory, open};
use crate::files::FileRoots;
use crate::sql::url::{DateClass, DatePrecision, Place, SqliteSettings};

pub(super) const PORTION: Portion = Portion { rows: 10_000, bytes: 1 << 20, wait: Duration::from_secs(60) };

/// A directory that is granted, and what a connection to a file in it is made from.
pub(super) struct Scene {
    pub dir: TempDir,
    pub files: FileRoots,
    pub limits: SqlLimits,
    pub settings: SqliteSettings,
}

impl Scene {
    pub fn new() -> Self {
        Self::granted("rw")
    }

    pub fn granted(how: &str) -> Self {
        // Whatever test comes first: SQLite takes an allocator only before anything else.
        memory::install();
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let files = FileRoots::parse(&format!("{}:{how}", base.display()), &base).unwrap();
        let limits = SqlLimits {
            connections: 4,
            statement: Duration::from_secs(60),
            rows: 10_000,
            batch: 8 << 20,
            row: 16 << 20,
        };
        let settings = SqliteSettings {
            place: Place::File(base.join("test.db")),
            read_only: false,
            busy_timeout: Duration::from_secs(30),
            foreign_keys: None,
            journal_mode: None,
            // Nobody pulls a plug here.
            synchronous: Some("OFF".into()),
            date_class: DateClass::Integer,
            date_precision: DatePrecision::Millis,
            date_format: "yyyy-MM-dd HH:mm:ss.SSS".into(),
        };
        Self { dir, files, limits, settings }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    pub async fn try_open(&self) -> Result<Box<dyn SqlConnection>, Fault> {
        open(self.settings.clone(), &self.files, &self.limits).await
    }

    pub async fn open(&self) -> Box<dyn SqlConnection> {
        self.try_open().await.unwrap()
    }

    /// One with these statements executed.
    pub async fn with(statements: &[&str]) -> (Self, Box<dyn SqlConnection>) {
        let scene = Self::new();
        let mut db = scene.open().await;
        for sql in statements {
            run(&mut db, sql).await.unwrap();
        }
        (scene, db)
    }
}

pub(super) type Db = Box<dyn SqlConnection>;

pub(super) async fn run(db: &mut Db, sql: &str) -> Result<Vec<u64>, Fault> {
    db.execute(sql.into(), Vec::new(), 1, Vec::new()).await
}

pub(super) async fn ask(db: &mut Db, sql: &str) -> Result<Box<dyn SqlRows>, Fault> {
    db.query(sql.into(), Vec::new(), Vec::new()).await
}

/// All rows, each as its values between bars.
pub(super) async fn all(rows: &mut Box<dyn SqlRows>) -> Result<Vec<String>, Fault> {
    let mut out = Vec::new();
    loop {
        let batch = rows.next(PORTION).await?;
        for row in &batch.rows {
            assert_eq!(show(&row[0]), format!("fields {}", row.len() - 1));
            out.push(row[1..].iter().map(show).collect::<Vec<_>>().join("|"));
        }
        if batch.finished {
            return Ok(out);
        }
    }
}

pub(super) async fn rows(db: &mut Db, sql: &str) -> Vec<String> {
    all(&mut ask(db, sql).await.unwrap()).await.unwrap()
}

/// The rows in these forms.
pub(super) async fn rows_as(db: &mut Db, sql: &str, forms: &[&str]) -> Result<Vec<String>, Fault> {
    let mut rows = ask(db, sql).await?;
    let forms: Vec<String> = forms.iter().map(|form| (*form).to_owned()).collect();
    rows.read_as(&forms)?;
    all(&mut rows).await
}

pub(super) fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

pub(super) fn named(name: &str) -> TableName {
    TableName { catalog: None, schema: None, name: name.into() }
}

pub(super) fn text(value: &str) -> ValueNode {
    ValueNode::Text(value.into())
}

pub(super) fn detail<'a>(column: &'a Column, name: &str) -> Option<&'a str> {
    column.details.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

pub(super) fn show(node: &ValueNode) -> String {
    match node {
        ValueNode::Null => "null".into(),
        ValueNode::Boolean(value) => value.to_string(),
        ValueNode::Integer(value) => value.to_string(),
        ValueNode::Float(value) => format!("{value:?}"),
        ValueNode::Text(value) => format!("'{value}'"),
        ValueNode::Bytes(value) => format!("x{value:02x?}"),
        ValueNode::Elements(count) => format!("elements {count}"),
        ValueNode::Entries(count) => format!("entries {count}"),
        ValueNode::Fields(count) => format!("fields {count}"),
    }
}
