//! SQLite, in the worker's own process: a library, not a server, so that everything a server would keep apart is kept
//! apart here. A guest's statements are looked over before they run (`guard`), run on threads that may wait (`lease`),
//! on memory of their own (`memory`), for as long as `sandbox.sql.statement.ms` (`control`); the file is one under a
//! granted root, reached through a handle of its directory (`file`, `vfs`).
//!
//! Values are stored as Xerial's JDBC driver stores them (`write`), and read whatever their storage class (`read`).

mod batch;
mod busy;
mod connection;
mod control;
mod dates;
mod faults;
mod file;
mod functions;
mod guard;
mod kind;
mod lease;
mod memory;
mod pattern;
mod query;
mod read;
mod rows;
mod shm;
mod statement;
mod tables;
mod transaction;
mod vfs;
mod write;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

use std::sync::Arc;

use rusqlite::Connection;
use watertight_sandbox::sql::{Fault, SqlConnection, SqlLimits, code};

use super::url::{Place, SqliteSettings};
use crate::files::FileRoots;
use connection::SqliteConnection;
use control::Control;
use dates::Dates;
use file::Way;
use lease::{Link, Slot};
use memory::Account;

/// Memory that a connection may take besides a few of its largest rows: for its page cache and for sorting.
const MEMORY: usize = 134_217_728;
/// Copies of a row that one statement can have at a time.
const COPIES: usize = 4;

/// Opens the database that the settings name, if it is under a granted root.
pub async fn open(
    settings: SqliteSettings,
    files: &FileRoots,
    limits: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    if !memory::install() {
        let text = "SQLite was in use in this process before its memory could be bounded";
        return Err(Fault::new(code::UNSUPPORTED, text));
    }
    let dates = Dates::new(&settings).map_err(|error| Fault::new(code::CONFIG, error.to_string()))?;
    let way = Way::find(&settings, files)?;
    let url = match &settings.place {
        Place::Memory => "jdbc:sqlite::memory:".to_owned(),
        Place::File(path) => format!("jdbc:sqlite:{}", path.display()),
    };
    let limits = *limits;
    let account = Arc::new(Account::new(MEMORY.saturating_add(limits.row.saturating_mul(COPIES))));
    let control = Arc::new(Control::new(limits.statement));
    control.start();
    let stop = StopUnlessDone(Some(Arc::clone(&control)));
    let opening = tokio::task::spawn_blocking(move || {
        let (connection, directory) = way.open()?;
        let mut link = Link { connection, control, account, _directory: directory };
        set_up(&mut link, &settings, &limits)?;
        let writable = !link.connection.is_readonly(c"main").unwrap_or(true);
        Ok((link, writable))
    });
    let (link, writable) = opening
        .await
        .unwrap_or_else(|error| Err(Fault::gone(format!("opening ended in an error of the worker: {error}"))))?;
    stop.done();
    Ok(Box::new(SqliteConnection::new(Slot::new(link), dates, limits, url, writable)))
}

/// Guards first, so that nothing which a file contains is met without them; then what the settings wish; and from
/// then on, every statement is asked.
fn set_up(link: &mut Link, settings: &SqliteSettings, limits: &SqlLimits) -> Result<(), Fault> {
    let name = match &settings.place {
        Place::Memory => std::path::PathBuf::from(":memory:"),
        Place::File(path) => path.clone(),
    };
    let account = Arc::clone(&link.account);
    let Link { connection, control, .. } = link;
    account.during(|| {
        let guarded = guard::bound(connection, control, limits)
            .and_then(|()| functions::put(connection))
            .and_then(|()| busy::wait(connection, control, settings.busy_timeout))
            .and_then(|()| pragmas(connection, settings))
            .and_then(|()| guard::ask(connection, control));
        guarded.map_err(|error| faults::opening(&name, &error))
    })
}

fn pragmas(connection: &Connection, settings: &SqliteSettings) -> rusqlite::Result<()> {
    let set = |name: &str, value: &str| connection.pragma_update(None, name, value);
    set("temp_store", "MEMORY")?;
    // Nothing is mapped: a file that is cut short meanwhile would end the worker.
    set("mmap_size", "0")?;
    set("cell_size_check", "ON")?;
    set("foreign_keys", if settings.foreign_keys.unwrap_or(false) { "ON" } else { "OFF" })?;
    if let Some(mode) = &settings.journal_mode {
        set("journal_mode", mode)?;
    }
    if let Some(synchronous) = &settings.synchronous {
        set("synchronous", synchronous)?;
    }
    // The file is looked at here, and not with the first statement.
    connection.query_row("SELECT count(*) FROM sqlite_master", (), |_| Ok(()))
}

/// Somebody waits for the opening.
struct StopUnlessDone(Option<Arc<Control>>);

impl StopUnlessDone {
    fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for StopUnlessDone {
    fn drop(&mut self) {
        if let Some(control) = &self.0 {
            control.give_up();
        }
    }
}
