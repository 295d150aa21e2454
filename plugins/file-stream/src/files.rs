//! Files, as far as the two connectors need them.
//!
//! On WASI this goes past the standard library, for three reasons. Its writes pass through a layer that may cut them
//! anywhere, where lines of several tasks must not mix. Stable Rust shows no identity of a file there, so a replaced
//! file could not be told from the old one. And a path outside the granted roots is reported as "not found", so that
//! a task would wait for ever where it should say which setting is missing.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod wasi;

#[cfg(not(target_arch = "wasm32"))]
use native as system;
#[cfg(target_arch = "wasm32")]
use wasi as system;

use std::path::Path;

use watertight_sdk::Failure;

pub use system::{Appender, Reader, granted};

/// What one call reads or writes at most: WASI hosts move no more than this at once.
pub const CHUNK: usize = 64 << 10;

/// Why a file could not be opened or used.
#[derive(Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file or its directory does not exist.
    Missing,
    /// Not below any granted root; these are.
    #[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "only a sandbox has roots"))]
    OutsideRoots(Vec<String>),
    /// Below a root, but leads out of it or may not be opened this way.
    NotPermitted,
    /// A directory.
    Directory,
    /// Whatever else.
    Other(String),
}

/// What the file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The source.
    Reading,
    /// The sink.
    Appending,
}

impl Trouble {
    /// The words for the user: what is wrong, and which setting mends it.
    pub fn with(self, path: &Path, purpose: Purpose) -> Failure {
        let path = path.display();
        let (verb, grant) = match purpose {
            Purpose::Reading => ("read", "PATH:ro or PATH:rw"),
            Purpose::Appending => ("write", "PATH:rw"),
        };
        match self {
            Self::Missing if purpose == Purpose::Reading => Failure::new("io", format!("{path} does not exist")),
            Self::Missing => {
                Failure::config(format!("Couldn't find or create file '{path}': its directory does not exist"))
            }
            Self::OutsideRoots(roots) => {
                let roots = if roots.is_empty() { "nothing".to_owned() } else { roots.join(", ") };
                Failure::config(format!(
                    "May not {verb} '{path}': it is outside of what this worker grants ({roots}). Add a directory above \
                     it to the worker property sandbox.fs.roots, as {grant}"
                ))
            }
            Self::NotPermitted => Failure::config(format!(
                "May not {verb} '{path}': permission denied. Either the worker property sandbox.fs.roots does not grant \
                 its directory as {grant}, or the path leads out of what it grants, or the worker's user has no such \
                 right"
            )),
            Self::Directory => Failure::config(format!("May not {verb} '{path}': it is a directory")),
            Self::Other(reason) => Failure::new("io", format!("Cannot {verb} '{path}': {reason}")),
        }
    }
}
