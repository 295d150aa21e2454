//! The process's allocator, for Rust and for C alike.
//!
//! A worker has hundreds of threads that do little: librdkafka starts four for each consumer. An allocator that gives
//! each thread a heap of its own (mimalloc) spent 5 MB on an idle sink, of which the sink used a tenth; the system's
//! makes the thread that frees a record wait for the one that made it. jemalloc shares few arenas among all threads, and
//! gives back what nobody uses in the background: after a large plugin was compiled, a hundred megabytes.

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// jemalloc's own settings, which it looks for under this name before `main` begins: a few arenas, unused pages given
/// back after seconds, by a thread of jemalloc's.
#[unsafe(export_name = "malloc_conf")]
pub static SETTINGS: &[u8] = b"narenas:4,dirty_decay_ms:3000,muzzy_decay_ms:0,background_thread:true\0";
