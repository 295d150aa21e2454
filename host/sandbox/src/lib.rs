//! What is true of any guest, whatever it may touch: the engine, how files are found, read, compiled and kept,
//! the limits, and the typed calls. What a guest may be *granted* is the next room's business.
//!
//! A guest is hostile until proven otherwise: every limit is enforced here, by the host, and has a hostile
//! guest in the tests that tries it.

pub mod batch;
pub mod bindings;
pub mod cache;
pub mod catalogue;
pub mod compiler;
pub mod component;
pub mod contract;
pub mod engine;
pub mod error;
pub mod exact;
pub mod guest_log;
pub mod instance;
mod json;
pub mod lift;
pub mod limits;
pub mod loader;
pub mod lower;
mod meter;
pub mod registry;
pub mod role;
pub mod roles;
pub mod schemas;
pub mod sql;
pub mod state;
pub mod stdio;
pub mod version;

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
