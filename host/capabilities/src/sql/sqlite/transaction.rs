//! Transactions. All of SQLite's are serialisable, so any isolation that is asked for is had. One that may write takes
//! the lock for that at its beginning, where waiting for it is possible; one that begins by reading could only fail
//! when another was quicker.

use watertight_sandbox::sql::{Fault, code};

use super::faults;
use super::lease::Link;

const ISOLATIONS: &[&str] = &["READ_UNCOMMITTED", "READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"];

/// Begins one. A reading one refuses to write.
pub fn begin(link: &Link, isolation: Option<&str>, writes: bool, read_only: bool) -> Result<(), Fault> {
    if let Some(wanted) = isolation.filter(|wanted| !ISOLATIONS.contains(wanted)) {
        let text = format!("there is no isolation '{wanted}': known are {}", ISOLATIONS.join(", "));
        return Err(Fault::new(code::UNSUPPORTED, text));
    }
    if !link.connection.is_autocommit() {
        return Err(state("25001", "a transaction is open already"));
    }
    own(link, if writes { "BEGIN IMMEDIATE" } else { "BEGIN" })?;
    if read_only { own(link, "PRAGMA query_only = 1") } else { Ok(()) }
}

/// Keeps what was done. What fails leaves the transaction open, to be committed again or rolled back.
pub fn commit(link: &Link) -> Result<(), Fault> {
    if link.connection.is_autocommit() {
        return Err(state("25P01", "there is no transaction, or SQLite ended it when a statement failed"));
    }
    own(link, "COMMIT")?;
    own(link, "PRAGMA query_only = 0")
}

/// Undoes what was done; nothing to be undone is none.
pub fn rollback(link: &Link) -> Result<(), Fault> {
    if !link.connection.is_autocommit() {
        own(link, "ROLLBACK")?;
    }
    own(link, "PRAGMA query_only = 0")
}

/// Runs something that is kept as a whole or not at all, within a transaction or without.
pub fn whole<T>(link: &Link, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let alone = link.connection.is_autocommit();
    own(link, if alone { "BEGIN IMMEDIATE" } else { "SAVEPOINT whole" })?;
    let done = work().and_then(|done| own(link, if alone { "COMMIT" } else { "RELEASE whole" }).map(|()| done));
    done.map_err(|fault| {
        if link.connection.is_autocommit() {
            return if alone { fault } else { ended(fault) };
        }
        let undone = own(link, if alone { "ROLLBACK" } else { "ROLLBACK TO whole" });
        let undone = if alone { undone } else { undone.and_then(|()| own(link, "RELEASE whole")) };
        match undone {
            Ok(()) => fault,
            // What would be left is half of it: no connection is better than that.
            Err(why) => Fault { lost: true, message: format!("{}; {}", fault.message, why.message), ..fault },
        }
    })
}

/// A statement failed; if that ended the transaction it was in, the fault says so.
pub fn told(link: &Link, within: bool, fault: Fault) -> Fault {
    if within && link.connection.is_autocommit() { ended(fault) } else { fault }
}

fn ended(fault: Fault) -> Fault {
    Fault { message: format!("{}; SQLite rolled the whole transaction back", fault.message), ..fault }
}

fn own(link: &Link, sql: &str) -> Result<(), Fault> {
    let _trust = link.control.trust();
    link.connection.execute_batch(sql).map_err(|error| faults::of(link, &error))
}

fn state(sqlstate: &str, text: &str) -> Fault {
    Fault { sqlstate: Some(sqlstate.to_owned()), ..Fault::new(code::SQL, text) }
}
