//! What a connection takes of the worker's memory. SQLite's own limits are for a whole process, where one guest's
//! sorting would be another guest's failure. So SQLite allocates here, on the account of the connection that runs on
//! the thread; what is freed goes back to the account it came from, wherever that happens. A statement that asks for
//! more ends with `out of memory`, and its connection goes on.

use std::alloc::Layout;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rusqlite::ffi;

/// What stands before each block. As large as the strictest alignment.
#[repr(C, align(16))]
struct Header {
    size: usize,
    /// Accounts are never freed, only used again.
    ledger: Option<&'static Ledger>,
}

const HEADER: usize = size_of::<Header>();

#[derive(Debug)]
struct Ledger {
    used: AtomicUsize,
    most: AtomicUsize,
}

/// Ledgers of connections that are closed.
static FREE: Mutex<Vec<&'static Ledger>> = Mutex::new(Vec::new());

thread_local! {
    static CURRENT: Cell<Option<&'static Ledger>> = const { Cell::new(None) };
}

/// One connection's.
#[derive(Debug)]
pub struct Account(&'static Ledger);

impl Account {
    /// For so many bytes.
    pub fn new(most: usize) -> Self {
        let used = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let ledger = used
            .unwrap_or_else(|| Box::leak(Box::new(Ledger { used: AtomicUsize::new(0), most: AtomicUsize::new(0) })));
        ledger.most.store(most, Ordering::Relaxed);
        Self(ledger)
    }

    /// What SQLite allocates on this thread meanwhile is on this account.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Before(Option<&'static Ledger>);
        impl Drop for Before {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        let _before = Before(CURRENT.replace(Some(self.0)));
        work()
    }

    /// Bytes that it may take.
    pub fn most(&self) -> usize {
        self.0.most.load(Ordering::Relaxed)
    }

    /// Bytes that it has now.
    #[cfg(test)]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        FREE.lock().unwrap_or_else(PoisonError::into_inner).push(self.0);
    }
}

impl Ledger {
    fn take(&self, size: usize) -> bool {
        let used = self.used.fetch_add(size, Ordering::Relaxed).saturating_add(size);
        if used > self.most.load(Ordering::Relaxed) {
            self.used.fetch_sub(size, Ordering::Relaxed);
            return false;
        }
        true
    }
}

/// Has SQLite allocate here. To be called before anything else of SQLite; false: it is too late.
pub fn install() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        let methods = ffi::sqlite3_mem_methods {
            xMalloc: Some(allocate),
            xFree: Some(free),
            xRealloc: Some(resize),
            xSize: Some(size),
            xRoundup: Some(round),
            xInit: Some(init),
            xShutdown: Some(shutdown),
            pAppData: std::ptr::null_mut(),
        };
        // SAFETY: the methods are copied, and keep what SQLite asks of an allocator: blocks aligned to 8 bytes or more,
        // whose size is known, and null where there is nothing to be had.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods) == ffi::SQLITE_OK }
    })
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEADER)?, align_of::<Header>()).ok()
}

unsafe extern "C" fn allocate(wanted: c_int) -> *mut c_void {
    let Some((wanted, layout)) = usize::try_from(wanted).ok().and_then(|size| Some((size, layout(size)?))) else {
        return std::ptr::null_mut();
    };
    let ledger = CURRENT.try_with(Cell::get).unwrap_or(None);
    if ledger.is_some_and(|ledger| !ledger.take(wanted)) {
        return std::ptr::null_mut();
    }
    // SAFETY: the layout is never empty. The header is written where the block begins, and the rest handed out.
    unsafe {
        match NonNull::new(std::alloc::alloc(layout).cast::<Header>()) {
            Some(block) => {
                block.write(Header { size: wanted, ledger });
                block.add(1).as_ptr().cast()
            }
            None => {
                if let Some(ledger) = ledger {
                    ledger.used.fetch_sub(wanted, Ordering::Relaxed);
                }
                std::ptr::null_mut()
            }
        }
    }
}

unsafe extern "C" fn free(block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: SQLite gives back what `allocate` or `resize` handed out, whose header stands before it.
    unsafe {
        let block = block.cast::<Header>().sub(1);
        let Header { size, ledger } = block.read();
        if let Some(ledger) = ledger {
            ledger.used.fetch_sub(size, Ordering::Relaxed);
        }
        if let Some(layout) = layout(size) {
            std::alloc::dealloc(block.cast(), layout);
        }
    }
}

unsafe extern "C" fn resize(block: *mut c_void, wanted: c_int) -> *mut c_void {
    if block.is_null() {
        // SAFETY: as SQLite calls it.
        return unsafe { allocate(wanted) };
    }
    // SAFETY: SQLite gives what `allocate` or `resize` handed out, and goes by the answer, or, where that is null, by
    // what it has.
    unsafe {
        let old = block.cast::<Header>().sub(1);
        let Header { size, ledger } = old.read();
        let known = usize::try_from(wanted).ok();
        let Some((wanted, old_layout, new)) = known.and_then(|to| Some((to, layout(size)?, layout(to)?))) else {
            return std::ptr::null_mut();
        };
        if ledger.is_some_and(|ledger| wanted > size && !ledger.take(wanted - size)) {
            return std::ptr::null_mut();
        }
        let Some(block) = NonNull::new(std::alloc::realloc(old.cast(), old_layout, new.size()).cast::<Header>()) else {
            if let Some(ledger) = ledger {
                ledger.used.fetch_sub(wanted.saturating_sub(size), Ordering::Relaxed);
            }
            return std::ptr::null_mut();
        };
        if let Some(ledger) = ledger {
            ledger.used.fetch_sub(size.saturating_sub(wanted), Ordering::Relaxed);
        }
        block.write(Header { size: wanted, ledger });
        block.add(1).as_ptr().cast()
    }
}

unsafe extern "C" fn size(block: *mut c_void) -> c_int {
    if block.is_null() {
        return 0;
    }
    // SAFETY: SQLite asks about what `allocate` or `resize` handed out.
    let size = unsafe { (*block.cast::<Header>().sub(1)).size };
    c_int::try_from(size).unwrap_or(c_int::MAX)
}

unsafe extern "C" fn round(size: c_int) -> c_int {
    size.saturating_add(7) & !7
}

unsafe extern "C" fn init(_: *mut c_void) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn shutdown(_: *mut c_void) {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_freed_goes_back_to_where_it_came_from() {
        assert!(install());
        let account = Account::new(10_000_000);
        let connection = account.during(|| rusqlite::Connection::open_in_memory().unwrap());
        account
            .during(|| connection.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(1000000))").unwrap());
        assert!(account.used() > 1_000_000, "{}", account.used());
        let refused = account.during(|| connection.execute_batch("INSERT INTO t VALUES(zeroblob(20000000))"));
        assert!(refused.is_err());
        assert!(account.used() < 10_000_000);
        // On another thread, and on nobody's account.
        std::thread::spawn(move || drop(connection)).join().unwrap();
        assert!(account.used() < 10_000, "{}", account.used());
        assert_eq!(account.most(), 10_000_000);
    }

    #[test]
    fn blocks_are_grown_and_shrunk_on_their_account() {
        let account = Account::new(1_000);
        // SAFETY: as SQLite would.
        unsafe {
            let block = account.during(|| allocate(100));
            assert_eq!((size(block), account.used()), (100, 100));
            let block = resize(block, 900);
            assert_eq!((size(block), account.used()), (900, 900));
            assert!(resize(block, 1_001).is_null());
            assert!(account.during(|| allocate(101)).is_null());
            assert_eq!((size(block), account.used()), (900, 900));
            let block = resize(block, 10);
            assert_eq!(account.used(), 10);
            free(block);
            free(std::ptr::null_mut());
            assert_eq!((account.used(), round(1), round(8)), (0, 8, 8));
        }
    }
}
