//! A SQLite file as one of the databases: what is no server cannot go away.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::ValueRef;
use watertight_harness::database::Database;

/// A file, which connectors open by themselves.
pub struct Sqlite(PathBuf);

impl Sqlite {
    /// In this folder.
    pub fn create(dir: &Path) -> anyhow::Result<Self> {
        let sqlite = Self(dir.join("shop.db"));
        // Readers and one writer at a time, as several processes share it.
        sqlite.sql("PRAGMA journal_mode = WAL;")?;
        Ok(sqlite)
    }

    fn open(&self) -> anyhow::Result<Connection> {
        let connection = Connection::open(&self.0)?;
        connection.busy_timeout(Duration::from_secs(60))?;
        Ok(connection)
    }
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

impl Database for Sqlite {
    fn product(&self) -> &'static str {
        "sqlite"
    }

    fn address(&self) -> String {
        // Granted to nobody's harm: a file has no address.
        "127.0.0.1:1".to_owned()
    }

    fn url(&self) -> String {
        format!("jdbc:sqlite:{}", self.0.display())
    }

    fn sql(&self, statements: &str) -> anyhow::Result<String> {
        let connection = self.open()?;
        let mut said = String::new();
        let mut batch = rusqlite::Batch::new(&connection, statements);
        while let Some(mut statement) = batch.next()? {
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let cells: Result<Vec<String>, _> = (0..columns).map(|n| row.get_ref(n).map(text)).collect();
                said.push_str(&cells?.join("\t"));
                said.push('\n');
            }
        }
        Ok(said)
    }

    fn administer(&self, statements: &str) -> anyhow::Result<String> {
        self.sql(statements)
    }

    fn pid(&self) -> Option<u32> {
        None
    }

    fn kill(&mut self) {}

    fn stop(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn restart(&mut self) -> anyhow::Result<()> {
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.0.clone()
    }
}
