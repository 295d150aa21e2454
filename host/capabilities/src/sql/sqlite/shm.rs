//! The index of a write-ahead log, which SQLite maps into memory from a file beside the database. Whoever may write
//! there may cut that file short, a guest whose root it is among them, and then the next look into it ends the whole
//! process: with SIGBUS. So that signal is answered for pages of such an index, and only for them, with an empty page
//! in their place. SQLite finds an index that makes no sense and makes it anew, for itself alone; what becomes of that
//! database is the matter of those who cut it short, and other guests go on.

use std::collections::HashMap;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Bytes of one region: SQLite maps an index piece by piece, and its pieces are never of another size.
pub const LENGTH: usize = 32_768;
/// Regions in a process: a log has one for each 4,096 pages that wait in it.
const REGIONS: usize = 16_384;

/// Where regions begin; 0: none. A signal may come at any time, so that it can be answered from nothing but this.
static STARTS: [AtomicUsize; REGIONS] = [const { AtomicUsize::new(0) }; REGIONS];
static PAGE: AtomicUsize = AtomicUsize::new(0);
static BEFORE: OnceLock<Before> = OnceLock::new();

/// Who uses which.
#[derive(Default)]
struct Users {
    /// By file: where its regions begin.
    files: HashMap<usize, Vec<usize>>,
    /// By region: how many files have it.
    regions: HashMap<usize, usize>,
}

fn users() -> MutexGuard<'static, Users> {
    static USERS: OnceLock<Mutex<Users>> = OnceLock::new();
    USERS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file has mapped a region. False: it cannot be watched, and must not be used.
pub fn mapped(file: usize, start: usize) -> bool {
    if !answering() {
        return false;
    }
    let mut users = users();
    let of_file = users.files.entry(file).or_default();
    if of_file.contains(&start) {
        return true;
    }
    of_file.push(start);
    let count = users.regions.entry(start).or_default();
    *count += 1;
    if *count > 1 {
        return true;
    }
    let free = |slot: &&AtomicUsize| slot.load(Ordering::Relaxed) == 0;
    STARTS.iter().find(free).map(|slot| slot.store(start, Ordering::SeqCst)).is_some()
}

/// A file is about to give its regions back.
pub fn unmapped(file: usize) {
    let mut users = users();
    for start in users.files.remove(&file).unwrap_or_default() {
        let Some(count) = users.regions.get_mut(&start) else { continue };
        *count -= 1;
        if *count == 0 {
            users.regions.remove(&start);
            let its = |slot: &&AtomicUsize| slot.load(Ordering::Relaxed) == start;
            if let Some(slot) = STARTS.iter().find(its) {
                slot.store(0, Ordering::SeqCst);
            }
        }
    }
}

/// What answered the signal before.
struct Before(libc::sigaction);

// SAFETY: it is never changed, and what it points to is code.
unsafe impl Sync for Before {}
// SAFETY: as above.
unsafe impl Send for Before {}

fn answering() -> bool {
    static DONE: OnceLock<bool> = OnceLock::new();
    *DONE.get_or_init(|| {
        // SAFETY: both actions are complete. What stood before is known before ours can be called for a region, as
        // there is none yet; a signal for anything else goes on to it, or, in between, ends the process as it would.
        unsafe {
            let Ok(page) = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)) else { return false };
            PAGE.store(page, Ordering::SeqCst);
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, std::ptr::null(), &raw mut before) != 0 {
                return false;
            }
            BEFORE.get_or_init(|| Before(before));
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = answer as *const () as usize;
            ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut ours.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const ours, std::ptr::null_mut()) == 0
        }
    })
}

/// Does nothing that a signal may not: it reads atomics, and maps a page.
unsafe extern "C" fn answer(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the system calls it with what it knows. The page lies within a region that is mapped, and nobody else
    // has memory there.
    unsafe {
        let at = (*info).si_addr() as usize;
        let within = |slot: &AtomicUsize| {
            let start = slot.load(Ordering::Relaxed);
            start != 0 && at.wrapping_sub(start) < LENGTH
        };
        if STARTS.iter().any(within) {
            let error = *libc::__errno_location();
            let page = PAGE.load(Ordering::Relaxed);
            let (access, kind) =
                (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED);
            let put = libc::mmap((at & !(page - 1)) as *mut c_void, page, access, kind, -1, 0);
            *libc::__errno_location() = error;
            if put != libc::MAP_FAILED {
                return;
            }
        }
        match BEFORE.get() {
            Some(Before(before)) if before.sa_sigaction != libc::SIG_DFL && before.sa_sigaction != libc::SIG_IGN => {
                if before.sa_flags & libc::SA_SIGINFO != 0 {
                    let before: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                        std::mem::transmute(before.sa_sigaction);
                    before(signal, info, context);
                } else {
                    let before: extern "C" fn(c_int) = std::mem::transmute(before.sa_sigaction);
                    before(signal);
                }
            }
            // As if nobody answered: what caused it is tried again, and ends the process.
            Some(_) | None => {
                let mut default: libc::sigaction = std::mem::zeroed();
                default.sa_sigaction = libc::SIG_DFL;
                libc::sigaction(signal, &raw const default, std::ptr::null_mut());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_watched_as_long_as_somebody_has_them() {
        let watched = |start: usize| STARTS.iter().any(|slot| slot.load(Ordering::Relaxed) == start);
        // Addresses that no process has.
        let (one, two) = (usize::MAX - 3 * LENGTH, usize::MAX - 5 * LENGTH);
        assert!(mapped(1, one) && mapped(1, one) && mapped(2, one) && mapped(2, two));
        unmapped(1);
        assert!(watched(one) && watched(two));
        unmapped(2);
        unmapped(2);
        assert!(!watched(one) && !watched(two));
    }
}
