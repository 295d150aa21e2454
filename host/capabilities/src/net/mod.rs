//! Network: what capabilities may connect to on a guest's behalf. A guest itself has no sockets: those of WASI
//! stay closed whatever is granted here. What a connector's settings name (the database of a JDBC URL) is
//! reached by the worker, and this policy says whether.
//!
//! Nothing is granted by default. A name is held against the policy before it is looked up, and every address
//! that the lookup answers is held against it again, because whoever owns a name may point it anywhere: at the
//! worker's own loopback interface, or at the address where a cloud hands out credentials. The connection is
//! then made to the very addresses that were checked; nothing looks the name up a second time.

mod address;
mod connect;
mod entry;
mod error;
mod host;
mod policy;
mod resolve;
#[cfg(test)]
mod tests;

pub use error::{NetError, PolicyError};
pub use host::{BadHost, HostName};
pub use policy::NetPolicy;
pub use resolve::Resolver;

/// The setting.
pub const KEY: &str = "sandbox.net.allow";
