//! SQLite's own way to files, but for one thing: it takes paths as they are given. Its usual way turns a path into the
//! real one of that moment and goes by its text from then on, for journals too, so that a directory which is swapped
//! for a link later leads SQLite elsewhere. A path through a handle, `/proc/self/fd/N/name`, leads to the same
//! directory as long as the handle is open, whatever stands where.

use std::ffi::{CStr, c_char, c_int};
use std::sync::OnceLock;

use rusqlite::ffi;

/// Its name.
pub const NAME: &CStr = c"watertight-by-handle";

/// Makes it known to SQLite, once in a process. False: SQLite has no files on this system.
pub fn register() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        // SAFETY: SQLite's table of file systems is initialised by the first call and locked by SQLite. The copy lives
        // for ever, and the methods it keeps are those of a file system that is never unregistered; none of them looks
        // at more of it than what is copied.
        unsafe {
            if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
                return false;
            }
            let unix = ffi::sqlite3_vfs_find(c"unix".as_ptr());
            if unix.is_null() {
                return false;
            }
            let mut ours = *unix;
            ours.zName = NAME.as_ptr();
            ours.pNext = std::ptr::null_mut();
            ours.xFullPathname = Some(as_given);
            // There is no code to be loaded from files.
            ours.xDlOpen = None;
            ours.xDlError = None;
            ours.xDlSym = None;
            ours.xDlClose = None;
            ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 0) == ffi::SQLITE_OK
        }
    })
}

/// The whole path is the path.
///
/// SQLite calls it with a terminated path and room for as many bytes as it says.
unsafe extern "C" fn as_given(_: *mut ffi::sqlite3_vfs, path: *const c_char, room: c_int, out: *mut c_char) -> c_int {
    // SAFETY: as SQLite promises: see above.
    unsafe {
        let path = CStr::from_ptr(path).to_bytes_with_nul();
        if !path.starts_with(b"/proc/self/fd/") || usize::try_from(room).is_ok_and(|room| path.len() > room) {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(path.as_ptr().cast::<c_char>(), out, path.len());
    }
    ffi::SQLITE_OK
}
