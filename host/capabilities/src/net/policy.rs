//! The policy as a whole: which hosts, and then which of their addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::address::{Kind, special};
use super::entry::Entry;
use super::host::{HostName, shown};
use super::resolve::{Resolver, System};
use super::{NetError, PolicyError};

/// The name that may mean this machine, when it is granted by that name.
const LOCALHOST: &str = "localhost";

/// What capabilities may connect to for the guests of a tenant.
pub struct NetPolicy {
    entries: Vec<Entry>,
    text: String,
    resolver: Arc<dyn Resolver>,
}

impl Default for NetPolicy {
    fn default() -> Self {
        Self { entries: Vec::new(), text: String::new(), resolver: Arc::new(System) }
    }
}

impl NetPolicy {
    /// Reads `HOST:PORT,...`. A host is a name, `*.example.com` (any name below), an IPv4 address, an IPv6 address in
    /// brackets, or a network such as `10.0.0.0/8`; a port is a number, a range such as `5432-5439`, or `*`.
    ///
    /// # Errors
    /// Which entry cannot be meant, and why.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(|value| Entry::parse(value).map_err(|reason| PolicyError { value: shown(value), reason }))
            .collect::<Result<_, _>>()?;
        Ok(Self { entries, text: text.trim().to_owned(), ..Self::default() })
    }

    /// Looks names up in another way.
    #[must_use]
    pub fn with_resolver(self, resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver, ..self }
    }

    /// The policy as a person wrote it, for messages.
    pub fn describe(&self) -> String {
        if self.entries.is_empty() { "none".into() } else { self.text.clone() }
    }

    /// The addresses of a host that may be connected to, at least one: for clients that make their connections
    /// themselves and take addresses in place of a name.
    ///
    /// # Errors
    /// The host or all of its addresses are denied, or it has none.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, NetError> {
        let host = HostName::parse(host)?;
        let target = host.with_port(port);
        let addresses = match &host {
            HostName::Address(address) if self.holds(*address, port) => vec![*address],
            HostName::Address(_) => return Err(NetError::Denied { target }),
            HostName::Name(name) => self.addresses(name, port, &target).await?,
        };
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    async fn addresses(&self, name: &str, port: u16, target: &str) -> Result<Vec<IpAddr>, NetError> {
        let named = self.entries.iter().any(|entry| entry.names(name, port));
        if !named && !self.entries.iter().any(|entry| entry.knows_addresses(port)) {
            return Err(NetError::Denied { target: target.to_owned() });
        }
        let unknown = |reason: String| NetError::Unknown { host: name.to_owned(), reason };
        let answers = self.resolver.lookup(name).await.map_err(|error| unknown(error.to_string()))?;
        let Some(first) = answers.first().map(IpAddr::to_canonical) else {
            return Err(unknown("it has no address".into()));
        };
        let mut allowed: Vec<IpAddr> = Vec::new();
        for address in answers.iter().map(IpAddr::to_canonical) {
            if (self.leads_to(name, named, address) || self.holds(address, port)) && !allowed.contains(&address) {
                allowed.push(address);
            }
        }
        if !allowed.is_empty() {
            return Ok(allowed);
        }
        Err(match special(first) {
            Some(kind) => {
                let line = HostName::Address(first).with_port(port);
                NetError::Redirected { target: target.to_owned(), address: first, kind, line }
            }
            None if named => unknown(format!("it leads to {first}, which is not this machine")),
            None => NetError::Denied { target: target.to_owned() },
        })
    }

    /// May a name, granted or not, lead there by itself? `localhost` is the one that may mean this machine, and nothing
    /// else.
    fn leads_to(&self, name: &str, named: bool, address: IpAddr) -> bool {
        let kind = special(address);
        named && if name == LOCALHOST { kind == Some(Kind::Loopback) } else { kind.is_none() }
    }

    fn holds(&self, address: IpAddr, port: u16) -> bool {
        self.entries.iter().any(|entry| entry.holds(address, port))
    }
}
