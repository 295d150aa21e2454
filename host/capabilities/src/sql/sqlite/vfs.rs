//! SQLite's own way to files, but for two things. It takes paths as they are given: the usual way turns a path into
//! the real one of that moment and goes by its text from then on, for journals too, so that a directory which is
//! swapped for a link later leads SQLite elsewhere. A path through a handle, `/proc/self/fd/N/name`, leads to the same
//! directory as long as the handle is open, whatever stands where. And it has `shm` watch what is mapped into memory.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use rusqlite::ffi;

use super::shm;

/// Its name.
pub const NAME: &CStr = c"watertight-by-handle";

type Open = unsafe extern "C" fn(
    *mut ffi::sqlite3_vfs,
    ffi::sqlite3_filename,
    *mut ffi::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;
type Map = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int, c_int, c_int, *mut *mut c_void) -> c_int;
type Unmap = unsafe extern "C" fn(*mut ffi::sqlite3_file, c_int) -> c_int;

/// SQLite's own, to which ours go on.
static OPEN: OnceLock<Open> = OnceLock::new();
static FILES: OnceLock<Files> = OnceLock::new();

struct Files {
    own: ffi::sqlite3_io_methods,
    map: Map,
    unmap: Unmap,
}

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
            let Some(own) = ours.xOpen else { return false };
            OPEN.get_or_init(|| own);
            ours.xOpen = Some(open);
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

/// Opens a file as SQLite does; a database gets methods that tell what is mapped.
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    given: *mut c_int,
) -> c_int {
    let Some(own) = OPEN.get() else { return ffi::SQLITE_CANTOPEN };
    // SAFETY: SQLite's own arguments go on to its own function. After it, the file has methods that live for ever, and
    // ours are those but for two.
    unsafe {
        let answer = own(vfs, name, file, flags, given);
        if answer != ffi::SQLITE_OK || flags & ffi::SQLITE_OPEN_MAIN_DB == 0 || (*file).pMethods.is_null() {
            return answer;
        }
        let theirs = *(*file).pMethods;
        let (Some(map), Some(unmap)) = (theirs.xShmMap, theirs.xShmUnmap) else { return answer };
        let files = FILES.get_or_init(|| Files {
            own: ffi::sqlite3_io_methods { xShmMap: Some(mapping), xShmUnmap: Some(unmapping), ..theirs },
            map,
            unmap,
        });
        (*file).pMethods = &raw const files.own;
        answer
    }
}

unsafe extern "C" fn mapping(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    let Some(files) = FILES.get() else { return ffi::SQLITE_IOERR_SHMMAP };
    // SAFETY: SQLite's own arguments go on to its own function, which may answer that there is no such region yet.
    unsafe {
        let answer = (files.map)(file, region, size, extend, out);
        let expected = usize::try_from(size).is_ok_and(|size| size == shm::LENGTH);
        if (*out).is_null() || (expected && shm::mapped(file as usize, *out as usize)) {
            return answer;
        }
        *out = std::ptr::null_mut();
    }
    ffi::SQLITE_IOERR_SHMMAP
}

unsafe extern "C" fn unmapping(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    let Some(files) = FILES.get() else { return ffi::SQLITE_IOERR_SHMMAP };
    shm::unmapped(file as usize);
    // SAFETY: SQLite's own arguments go on to its own function.
    unsafe { (files.unmap)(file, delete) }
}
