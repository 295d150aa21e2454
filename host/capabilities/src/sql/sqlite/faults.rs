//! SQLite's errors in the contract's words. SQLite has no SQLSTATE, so the ones here are those that other databases
//! give for the same; its own extended code is the vendor's.

use std::path::Path;

use rusqlite::ffi;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Fault, code};

use super::control::Over;
use super::lease::Link;

/// What SQLite just said of this connection.
pub fn last(link: &Link) -> Fault {
    // SAFETY: the connection is open, and nobody else uses it; the message is copied before anything is called.
    let (extended, message) = unsafe {
        let handle = link.connection.handle();
        let message = std::ffi::CStr::from_ptr(ffi::sqlite3_errmsg(handle)).to_string_lossy().into_owned();
        (ffi::sqlite3_extended_errcode(handle), message)
    };
    translate(link, extended, message)
}

/// What SQLite said, through the library that wraps it.
pub fn of(link: &Link, error: &rusqlite::Error) -> Fault {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let message = message.clone().unwrap_or_else(|| failure.to_string());
            translate(link, failure.extended_code, message)
        }
        other => Fault::new(code::SQL, other.to_string()),
    }
}

/// The database could not be opened or set up.
pub fn opening(name: &Path, error: &rusqlite::Error) -> Fault {
    let vendor_code = match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(i64::from(failure.extended_code)),
        _ => None,
    };
    let retriable = matches!(vendor_code.map(|code| code & 0xff), Some(5 | 6 | 10 | 13 | 14));
    Fault {
        sqlstate: Some("08001".into()),
        vendor_code,
        retriable,
        ..Fault::new(code::UNAVAILABLE, format!("the database {} cannot be opened: {error}", name.display()))
    }
}

fn translate(link: &Link, extended: i32, message: String) -> Fault {
    let fault = |code: &str, message: String, sqlstate: &str, retriable: bool| Fault {
        sqlstate: Some(sqlstate.to_owned()),
        vendor_code: Some(extended.into()),
        retriable,
        ..Fault::new(code, message)
    };
    // A function that is refused is an error without a number of its own.
    if let Some(why) = link.control.refusal() {
        return fault(code::DENIED, format!("the statement is not allowed: {why}"), "42501", false);
    }
    match extended & 0xff {
        ffi::SQLITE_INTERRUPT => interrupted(link.control.over(), extended),
        ffi::SQLITE_AUTH => fault(code::DENIED, format!("the statement is not allowed: {message}"), "42501", false),
        ffi::SQLITE_TOOBIG => {
            let text = format!("{message}: a value, a row or a statement is larger than {} allows", key::SQL_ROW);
            fault(code::LIMIT, text, "54000", false)
        }
        ffi::SQLITE_NOMEM => {
            let text = format!(
                "{message}: the statement needs more than the {} bytes of memory that a connection may take; sorting \
                 a large result does, unless an index has it in order",
                link.account.most()
            );
            fault(code::LIMIT, text, "53200", false)
        }
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => fault(code::SQL, message, "40001", true),
        ffi::SQLITE_FULL => fault(code::SQL, message, "53100", true),
        ffi::SQLITE_IOERR | ffi::SQLITE_PROTOCOL => fault(code::UNAVAILABLE, message, "08006", true),
        ffi::SQLITE_CANTOPEN => fault(code::UNAVAILABLE, message, "08001", true),
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM => fault(code::SQL, message, "25006", false),
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => fault(code::SQL, message, "XX001", false),
        ffi::SQLITE_MISMATCH => fault(code::SQL, message, "22018", false),
        ffi::SQLITE_CONSTRAINT => {
            let details = constraint(extended, &message);
            Fault { details, ..fault(code::SQL, message, broken(extended), false) }
        }
        _ => {
            let (code, sqlstate, details) = statement(&message);
            Fault { details, ..fault(code, message, sqlstate, false) }
        }
    }
}

/// Between two executions, where there is nothing to interrupt: whether to go on.
pub fn unless_over(link: &Link) -> Result<(), Fault> {
    match link.control.over() {
        None => Ok(()),
        over => Err(interrupted(over, ffi::SQLITE_INTERRUPT)),
    }
}

fn interrupted(over: Option<Over>, extended: i32) -> Fault {
    let (code, text, retriable) = match over {
        Some(Over::Late(limit)) => (
            code::TIMEOUT,
            format!("the statement took longer than {} = {} ms and was ended", key::SQL_STATEMENT, limit.as_millis()),
            true,
        ),
        Some(Over::GivenUp) | None => (code::CANCELLED, "the statement was ended: nobody waits for it".into(), false),
    };
    let sqlstate = Some("57014".to_owned());
    Fault { sqlstate, vendor_code: Some(extended.into()), retriable, ..Fault::new(code, text) }
}

fn broken(extended: i32) -> &'static str {
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => "23505",
        ffi::SQLITE_CONSTRAINT_NOTNULL => "23502",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "23503",
        ffi::SQLITE_CONSTRAINT_CHECK => "23514",
        ffi::SQLITE_CONSTRAINT_DATATYPE => "22018",
        _ => "23000",
    }
}

/// Where it is known: `UNIQUE constraint failed: t.a, t.b`, `CHECK constraint failed: name`.
fn constraint(extended: i32, message: &str) -> Vec<(String, String)> {
    let Some((_, what)) = message.split_once("constraint failed: ") else { return Vec::new() };
    if extended == ffi::SQLITE_CONSTRAINT_CHECK {
        return vec![("constraint".into(), what.to_owned())];
    }
    let mut columns = what.split(", ").filter_map(|place| place.rsplit_once('.'));
    let Some((table, first)) = columns.next() else { return Vec::new() };
    let names = columns.fold(first.to_owned(), |names, (_, name)| names + ", " + name);
    vec![("table".into(), table.to_owned()), ("column".into(), names)]
}

/// Errors without a number of their own are told by their words, which SQLite keeps.
fn statement(message: &str) -> (&'static str, &'static str, Vec<(String, String)>) {
    let after = |words: &str| message.split_once(words).map(|(_, name)| name.to_owned());
    let named = |kind: &str, words: &str| after(words).map(|name| (kind.to_owned(), name)).into_iter().collect();
    if message.starts_with("no such table") {
        (code::SQL, "42S02", named("table", "no such table: "))
    } else if message.starts_with("no such column") {
        (code::SQL, "42S22", named("column", "no such column: "))
    } else if message.contains(" has no column named ") {
        (code::SQL, "42S22", named("column", " has no column named "))
    } else if message.contains("already exists") {
        (code::SQL, "42S01", Vec::new())
    } else if message.starts_with("duplicate column name") {
        (code::SQL, "42S21", Vec::new())
    } else if message.starts_with("too many ") || message.contains("too large") || message.contains("too deep") {
        (code::LIMIT, "54001", Vec::new())
    } else if message.contains("syntax error")
        || message.starts_with("no such ")
        || message.starts_with("incomplete input")
        || message.starts_with("unrecognized token")
    {
        (code::SQL, "42000", Vec::new())
    } else {
        (code::SQL, "HY000", Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_constraints_name_table_and_columns() {
        let details = constraint(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.a, t.b");
        assert_eq!(details, [("table".into(), "t".into()), ("column".into(), "a, b".into())]);
        let details = constraint(ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: a > 0");
        assert_eq!(details, [("constraint".into(), "a > 0".into())]);
        assert!(constraint(ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed").is_empty());
    }
}
