//! The process's allocator, for Rust and for C alike.
//!
//! Records are many small pieces of memory, made on one thread and freed on another, by librdkafka as by us; the
//! system's allocator makes the two threads wait for each other. This one does not, but keeps what was freed for a
//! later use that may never come: after a large plugin was read and compiled, a hundred megabytes. So it is asked now
//! and then to give back to the system what nobody uses.

use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Between two times.
const INTERVAL: Duration = Duration::from_secs(10);

unsafe extern "C" {
    /// mimalloc's own: gives unused memory back; with `force`, at once.
    fn mi_collect(force: bool);
}

/// Gives unused memory back, again and again, until the runtime ends.
pub(crate) async fn give_back() {
    loop {
        tokio::time::sleep(INTERVAL).await;
        // SAFETY: may be called at any time from any thread; it takes nothing and returns nothing.
        unsafe { mi_collect(true) };
    }
}
