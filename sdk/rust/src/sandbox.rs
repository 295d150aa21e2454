//! Words for what the sandbox refuses. WASI's own errors do not know the worker's settings: outside the granted roots
//! a file simply "does not exist".

use std::fmt::Display;
use std::path::Path;

use crate::Failure;

/// A file could not be opened, and its place may be the reason.
pub fn file_refused(path: &Path, reason: &impl Display) -> Failure {
    Failure::config(format!(
        "Cannot open '{}' ({reason}). A connector sees only what the worker grants: if the file is there, add its \
         directory to the worker property sandbox.fs.roots",
        path.display()
    ))
}

/// An address could not be reached: a guest has no sockets of its own, whatever the worker grants.
pub fn address_refused(address: &str, reason: &impl Display) -> Failure {
    Failure::config(format!(
        "Cannot connect to {address} ({reason}). A connector has no sockets of its own: a database is reached through \
         the worker (watertight:sql), where the worker property sandbox.net.allow names its address"
    ))
}
