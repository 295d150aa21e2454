//! Functions of SQLite that could keep a thread busy for hours, in place of which ours stand. They are single steps to
//! SQLite, which looks at the clock between steps only, and the square of what they are given: looking for 8 MB of
//! zeros and a one in 16 MB of zeros takes `instr` twenty minutes, and `trim` days. Ours answer the same, and take no
//! longer than reading their arguments; `trim` takes no more than 256 bytes of characters. What has no second version
//! here is refused by `guard`.

use std::ffi::{CStr, c_int};

use memchr::memmem;
use rusqlite::{Connection, ffi};

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

/// Names, how many arguments, and what stands in their place.
const FUNCTIONS: &[(&CStr, c_int, Function)] =
    &[(c"instr", 2, instr), (c"replace", 3, replace), (c"trim", 2, trim), (c"ltrim", 2, ltrim), (c"rtrim", 2, rtrim)];

/// Bytes of the characters that are trimmed.
const TRIMMED: usize = 256;

/// Puts them in place.
pub fn put(connection: &Connection) -> rusqlite::Result<()> {
    let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
    for (name, arguments, function) in FUNCTIONS {
        // SAFETY: the connection is open, and only this thread has it; the functions need no data of their own.
        let answer = unsafe {
            let (handle, none) = (connection.handle(), std::ptr::null_mut());
            ffi::sqlite3_create_function_v2(
                handle,
                name.as_ptr(),
                *arguments,
                flags,
                none,
                Some(*function),
                None,
                None,
                None,
            )
        };
        if answer != ffi::SQLITE_OK {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(answer), None));
        }
    }
    Ok(())
}

/// The bytes of an argument as text, or as they are.
///
/// # Safety
/// It is one of as many arguments, which live until the function returns; the answer is used no longer, and only
/// until the same argument is asked for again.
unsafe fn argument<'a>(arguments: *mut *mut ffi::sqlite3_value, at: usize, as_is: bool) -> Option<&'a [u8]> {
    // SAFETY: the caller says so.
    unsafe {
        let value = *arguments.add(at);
        if ffi::sqlite3_value_type(value) == ffi::SQLITE_NULL {
            return None;
        }
        let start = if as_is { ffi::sqlite3_value_blob(value).cast() } else { ffi::sqlite3_value_text(value) };
        let length = usize::try_from(ffi::sqlite3_value_bytes(value)).unwrap_or(0);
        Some(if start.is_null() { &[] } else { std::slice::from_raw_parts(start, length) })
    }
}

/// # Safety
/// As SQLite calls a function.
unsafe fn answer(context: *mut ffi::sqlite3_context, text: &[u8]) {
    // SAFETY: SQLite copies the text before it answers; one that is too long becomes an error.
    unsafe {
        let (copied, utf8) = (ffi::SQLITE_TRANSIENT(), ffi::SQLITE_UTF8 as u8);
        ffi::sqlite3_result_text64(context, text.as_ptr().cast(), text.len() as u64, copied, utf8);
    }
}

/// Bytes, if both are BLOBs, else characters.
unsafe extern "C" fn instr(context: *mut ffi::sqlite3_context, _: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it with two arguments.
    unsafe {
        let blob = |at| ffi::sqlite3_value_type(*arguments.add(at)) == ffi::SQLITE_BLOB;
        let bytes = blob(0) && blob(1);
        let (Some(text), Some(wanted)) = (argument(arguments, 0, bytes), argument(arguments, 1, bytes)) else { return };
        let place = memmem::find(text, wanted).map_or(0, |at| {
            let before = &text[..at];
            1 + if bytes { before.len() } else { before.iter().filter(|byte| **byte & 0xc0 != 0x80).count() }
        });
        ffi::sqlite3_result_int64(context, i64::try_from(place).unwrap_or(0));
    }
}

unsafe extern "C" fn replace(context: *mut ffi::sqlite3_context, _: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it with three arguments.
    unsafe {
        let (Some(text), Some(old)) = (argument(arguments, 0, false), argument(arguments, 1, false)) else { return };
        if old.is_empty() {
            return answer(context, text);
        }
        let Some(new) = argument(arguments, 2, false) else { return };
        let finder = memmem::Finder::new(old);
        let most = ffi::sqlite3_limit(ffi::sqlite3_context_db_handle(context), ffi::SQLITE_LIMIT_LENGTH, -1);
        let most = usize::try_from(most).unwrap_or(0);
        let mut out = Vec::new();
        let mut from = 0;
        for at in finder.find_iter(text) {
            out.extend_from_slice(&text[from..at]);
            out.extend_from_slice(new);
            from = at + old.len();
            if out.len() > most {
                return ffi::sqlite3_result_error_toobig(context);
            }
        }
        out.extend_from_slice(&text[from..]);
        answer(context, &out);
    }
}

unsafe extern "C" fn trim(context: *mut ffi::sqlite3_context, _: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it with two arguments.
    unsafe { cut(context, arguments, true, true) }
}

unsafe extern "C" fn ltrim(context: *mut ffi::sqlite3_context, _: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it with two arguments.
    unsafe { cut(context, arguments, true, false) }
}

unsafe extern "C" fn rtrim(context: *mut ffi::sqlite3_context, _: c_int, arguments: *mut *mut ffi::sqlite3_value) {
    // SAFETY: SQLite calls it with two arguments.
    unsafe { cut(context, arguments, false, true) }
}

/// # Safety
/// As SQLite calls a function of two arguments.
unsafe fn cut(context: *mut ffi::sqlite3_context, arguments: *mut *mut ffi::sqlite3_value, front: bool, back: bool) {
    // SAFETY: the caller says so.
    unsafe {
        let (Some(text), Some(set)) = (argument(arguments, 0, false), argument(arguments, 1, false)) else { return };
        if set.len() > TRIMMED {
            return ffi::sqlite3_result_error_toobig(context);
        }
        answer(context, cut_off(text, set, front, back));
    }
}

fn cut_off<'a>(mut text: &'a [u8], set: &[u8], front: bool, back: bool) -> &'a [u8] {
    let mut characters = Vec::new();
    let mut rest = set;
    while let Some(first) = rest.first() {
        let more = rest[1..].iter().take_while(|byte| *first >= 0xc0 && **byte & 0xc0 == 0x80).count();
        let (character, after) = rest.split_at(1 + more);
        characters.push(character);
        rest = after;
    }
    while front && let Some(found) = characters.iter().find_map(|character| text.strip_prefix(*character)) {
        text = found;
    }
    while back && let Some(found) = characters.iter().find_map(|character| text.strip_suffix(*character)) {
        text = found;
    }
    text
}
