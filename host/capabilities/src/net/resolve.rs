//! From a name to addresses, behind a trait: a test must be able to answer one thing first and another thing then.

use std::io;
use std::net::IpAddr;

/// Looks names up.
#[async_trait::async_trait]
pub trait Resolver: Send + Sync {
    /// All addresses of a name, in the order in which they should be tried.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the system does it, `/etc/hosts` included.
pub(super) struct System;

#[async_trait::async_trait]
impl Resolver for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}
