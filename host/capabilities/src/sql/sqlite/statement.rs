//! A prepared statement that has the connection it belongs to, borrowed or for itself: rows that are read bit by bit on
//! changing threads need the second, which the library's own statements cannot be. Values are handed over as SQLite
//! has them, without a type in between for each.

use std::ffi::{CStr, c_char, c_int};
use std::ops::Deref;
use std::ptr::NonNull;

use rusqlite::ffi;
use watertight_sandbox::sql::{Fault, code};

use super::faults;
use super::lease::Link;

/// Finalised when dropped.
struct Raw(NonNull<ffi::sqlite3_stmt>);

// SAFETY: a statement may be used on any thread, by one at a time, as its connection may; the two go together.
unsafe impl Send for Raw {}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: it is a statement of a connection that is still open; this is its end.
        unsafe { ffi::sqlite3_finalize(self.0.as_ptr()) };
    }
}

/// A statement, and the connection.
pub struct Statement<L> {
    // Dropped before the connection is.
    raw: Raw,
    link: L,
}

/// A value as it is stored, or as it is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stored<'a> {
    /// NULL
    Null,
    /// INTEGER
    Integer(i64),
    /// REAL
    Real(f64),
    /// TEXT, which need not be UTF-8 when it is read.
    Text(&'a [u8]),
    /// BLOB
    Blob(&'a [u8]),
}

impl<L: Deref<Target = Link>> Statement<L> {
    /// One statement, and nothing after it.
    pub fn prepare(link: L, sql: &str) -> Result<Self, Fault> {
        let syntax = |text: &str| {
            let sqlstate = Some("42000".to_owned());
            Fault { sqlstate, ..Fault::new(code::SQL, text) }
        };
        if sql.contains('\0') {
            return Err(syntax("a statement may not contain a NUL"));
        }
        let (raw, rest) = compile(&link, sql)?;
        let Some(raw) = raw else { return Err(syntax("there is no statement")) };
        // Comments and semicolons make no statement.
        let mut rest = rest;
        while !rest.is_empty() {
            match compile(&link, rest) {
                Ok((None, further)) if further.len() < rest.len() => rest = further,
                Ok((None, _)) => break,
                Ok((Some(_), _)) | Err(_) => {
                    return Err(syntax("one call is one statement; there is more text after it"));
                }
            }
        }
        Ok(Self { raw, link })
    }

    /// The connection.
    pub fn link(&self) -> &Link {
        &self.link
    }

    fn ptr(&self) -> *mut ffi::sqlite3_stmt {
        self.raw.0.as_ptr()
    }

    /// The next row. False: there is none.
    pub fn step(&mut self) -> Result<bool, Fault> {
        // SAFETY: the statement is one of this connection, and only this thread has both.
        match unsafe { ffi::sqlite3_step(self.ptr()) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            _ => Err(faults::last(&self.link)),
        }
    }

    /// Makes it ready to be executed again.
    pub fn reset(&mut self) {
        // SAFETY: as in `step`. What it answers is the error of the last step, which is known.
        unsafe { ffi::sqlite3_reset(self.ptr()) };
    }

    /// How many parameters it has.
    pub fn parameters(&self) -> usize {
        // SAFETY: as in `step`.
        usize::try_from(unsafe { ffi::sqlite3_bind_parameter_count(self.ptr()) }).unwrap_or(0)
    }

    /// Binds a parameter, counted from 1; the value is copied.
    pub fn bind(&mut self, place: usize, value: Stored<'_>) -> Result<(), Fault> {
        let place = c_int::try_from(place).unwrap_or(c_int::MAX);
        let ptr = self.ptr();
        let copied = ffi::SQLITE_TRANSIENT();
        // SAFETY: as in `step`; SQLite copies what the pointers lead to before it answers.
        let answer = unsafe {
            match value {
                Stored::Null => ffi::sqlite3_bind_null(ptr, place),
                Stored::Integer(value) => ffi::sqlite3_bind_int64(ptr, place, value),
                Stored::Real(value) => ffi::sqlite3_bind_double(ptr, place, value),
                Stored::Text(text) => {
                    let utf8 = ffi::SQLITE_UTF8 as u8;
                    ffi::sqlite3_bind_text64(ptr, place, text.as_ptr().cast(), text.len() as u64, copied, utf8)
                }
                Stored::Blob(bytes) => {
                    ffi::sqlite3_bind_blob64(ptr, place, bytes.as_ptr().cast(), bytes.len() as u64, copied)
                }
            }
        };
        if answer == ffi::SQLITE_OK { Ok(()) } else { Err(faults::last(&self.link)) }
    }

    /// How many columns a row has.
    pub fn width(&self) -> usize {
        // SAFETY: as in `step`.
        usize::try_from(unsafe { ffi::sqlite3_column_count(self.ptr()) }).unwrap_or(0)
    }

    /// A value of the row, which stands until the next step.
    pub fn value(&self, column: usize) -> Result<Stored<'_>, Fault> {
        let (ptr, at) = (self.ptr(), c_int::try_from(column).unwrap_or(c_int::MAX));
        // SAFETY: as in `step`. The bytes live until the statement is stepped, reset or dropped, or the same value is
        // asked for in another way, none of which can be while the answer borrows it, but for `notation`, which is for
        // numbers: they are copied.
        unsafe {
            Ok(match ffi::sqlite3_column_type(ptr, at) {
                ffi::SQLITE_INTEGER => Stored::Integer(ffi::sqlite3_column_int64(ptr, at)),
                ffi::SQLITE_FLOAT => Stored::Real(ffi::sqlite3_column_double(ptr, at)),
                ffi::SQLITE_TEXT => Stored::Text(self.bytes(ffi::sqlite3_column_text(ptr, at), at)?),
                ffi::SQLITE_BLOB => Stored::Blob(self.bytes(ffi::sqlite3_column_blob(ptr, at).cast(), at)?),
                _ => Stored::Null,
            })
        }
    }

    /// What a value of the row is, without having what it holds; but for integers, which are had anyway.
    pub fn class(&self, column: usize) -> Stored<'static> {
        let (ptr, at) = (self.ptr(), c_int::try_from(column).unwrap_or(c_int::MAX));
        // SAFETY: as in `step`.
        unsafe {
            match ffi::sqlite3_column_type(ptr, at) {
                ffi::SQLITE_INTEGER => Stored::Integer(ffi::sqlite3_column_int64(ptr, at)),
                ffi::SQLITE_FLOAT => Stored::Real(ffi::sqlite3_column_double(ptr, at)),
                ffi::SQLITE_TEXT => Stored::Text(&[]),
                ffi::SQLITE_BLOB => Stored::Blob(&[]),
                _ => Stored::Null,
            }
        }
    }

    /// A number of the row as SQLite writes it.
    pub fn notation(&self, column: usize) -> Result<String, Fault> {
        let at = c_int::try_from(column).unwrap_or(c_int::MAX);
        // SAFETY: as in `value`, and copied before anything else is called.
        unsafe {
            let text = self.bytes(ffi::sqlite3_column_text(self.ptr(), at), at)?;
            Ok(String::from_utf8_lossy(text).into_owned())
        }
    }

    /// # Safety
    /// `start` is what was just answered for this column.
    unsafe fn bytes(&self, start: *const u8, column: c_int) -> Result<&[u8], Fault> {
        // SAFETY: the caller says so: as many bytes stand there as SQLite says.
        unsafe {
            if !start.is_null() {
                let length = usize::try_from(ffi::sqlite3_column_bytes(self.ptr(), column)).unwrap_or(0);
                return Ok(std::slice::from_raw_parts(start, length));
            }
            // An empty value, unless there was no memory to have it in one piece.
            match ffi::sqlite3_errcode(self.link.connection.handle()) {
                ffi::SQLITE_NOMEM => Err(faults::last(&self.link)),
                _ => Ok(&[]),
            }
        }
    }

    /// What a column of the answer is called.
    pub fn name(&self, column: usize) -> String {
        self.told(column, ffi::sqlite3_column_name).unwrap_or_default()
    }

    /// The type that its column was declared with. None: it was without, or it is an expression.
    pub fn declared(&self, column: usize) -> Option<String> {
        self.told(column, ffi::sqlite3_column_decltype)
    }

    /// Table and column that it comes from.
    pub fn origin(&self, column: usize) -> Option<(String, String)> {
        Some((self.told(column, ffi::sqlite3_column_table_name)?, self.told(column, ffi::sqlite3_column_origin_name)?))
    }

    fn told(
        &self,
        column: usize,
        ask: unsafe extern "C" fn(*mut ffi::sqlite3_stmt, c_int) -> *const c_char,
    ) -> Option<String> {
        // SAFETY: as in `step`; the text is copied before anything else is called.
        unsafe {
            let text = ask(self.ptr(), c_int::try_from(column).unwrap_or(c_int::MAX));
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }
}

/// Prepares the first statement of a text. None: there is none in it.
fn compile<'a>(link: &Link, sql: &'a str) -> Result<(Option<Raw>, &'a str), Fault> {
    let mut statement = std::ptr::null_mut();
    let mut tail = std::ptr::null();
    let length = c_int::try_from(sql.len()).unwrap_or(c_int::MAX);
    // SAFETY: the connection is open and only this thread has it; the text is as long as is said.
    let answer = unsafe {
        let handle = link.connection.handle();
        ffi::sqlite3_prepare_v3(handle, sql.as_ptr().cast(), length, 0, &raw mut statement, &raw mut tail)
    };
    if answer != ffi::SQLITE_OK {
        return Err(faults::last(link));
    }
    let used = (tail as usize).saturating_sub(sql.as_ptr() as usize).min(sql.len());
    Ok((NonNull::new(statement).map(Raw), sql.get(used..).unwrap_or_default()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::control::Control;
    use super::super::memory::{Account, install};
    use super::*;

    #[test]
    fn values_stand_as_they_are_stored_and_empty_ones_are_not_null() {
        assert!(install());
        let link = Link {
            connection: rusqlite::Connection::open_in_memory().unwrap(),
            control: Arc::new(Control::new(Duration::from_secs(60))),
            account: Arc::new(Account::new(500_000)),
            _directory: None,
        };
        link.account.during(|| {
            let mut statement =
                Statement::prepare(&link, "SELECT x'', '', zeroblob(10), NULL, -9223372036854775808").unwrap();
            assert!(statement.step().unwrap());
            assert_eq!((statement.class(0), statement.value(0).unwrap()), (Stored::Blob(&[]), Stored::Blob(&[])));
            assert_eq!(statement.value(1).unwrap(), Stored::Text(&[]));
            assert_eq!(statement.value(2).unwrap(), Stored::Blob(&[0; 10]));
            assert_eq!((statement.class(3), statement.value(3).unwrap()), (Stored::Null, Stored::Null));
            assert_eq!(statement.class(4), Stored::Integer(i64::MIN));
            assert!(Statement::prepare(&link, "SELECT zeroblob(1000000)").unwrap().step().is_err());
        });
    }
}
