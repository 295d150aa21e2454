//! One entry of the policy: a host or a network, and its ports.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::address::special;
use super::host::HostName;

/// `HOST:PORT`.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    who: Who,
    ports: RangeInclusive<u16>,
}

#[derive(Clone, Debug)]
enum Who {
    Name(String),
    /// All names that end so; with the leading dot.
    Under(String),
    Network(Network),
}

/// Addresses with a common beginning; a single one is a network of its own.
#[derive(Clone, Copy, Debug)]
struct Network {
    first: IpAddr,
    last: IpAddr,
}

impl Entry {
    /// # Errors
    /// Why it cannot be meant.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (host, ports) = split(text)?;
        Ok(Self { who: Who::parse(host)?, ports: parse_ports(ports)? })
    }

    /// Does it name this name?
    pub(super) fn names(&self, name: &str, port: u16) -> bool {
        self.ports.contains(&port)
            && match &self.who {
                Who::Name(own) => own == name,
                Who::Under(end) => name.ends_with(end),
                Who::Network(_) => false,
            }
    }

    /// Is it about addresses, at this port?
    pub(super) fn knows_addresses(&self, port: u16) -> bool {
        matches!(self.who, Who::Network(_)) && self.ports.contains(&port)
    }

    /// Does it name this address? Special ones only if all that it names is special in the same way: `0.0.0.0/0` is
    /// said without thinking of loopback.
    pub(super) fn holds(&self, address: IpAddr, port: u16) -> bool {
        let Who::Network(network) = self.who else {
            return false;
        };
        let inside =
            network.first <= address && address <= network.last && network.first.is_ipv4() == address.is_ipv4();
        let kind = special(address);
        inside
            && self.ports.contains(&port)
            && (kind.is_none() || (kind == special(network.first) && kind == special(network.last)))
    }
}

fn split(text: &str) -> Result<(&str, &str), String> {
    let needs_port = || format!("it needs a port, as in {text}:5432, or {text}:* for every one");
    if text.starts_with('[') {
        let end = text.find(']').ok_or("a bracket is not closed")?;
        let after = text[end..].find(':').ok_or_else(needs_port)?;
        return Ok((&text[..end + after], &text[end + after + 1..]));
    }
    let (host, ports) = text.rsplit_once(':').ok_or_else(needs_port)?;
    if host.contains(':') {
        return Err("an IPv6 address stands in brackets, as in [2001:db8::1]:5432".into());
    }
    Ok((host, ports))
}

fn parse_ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let port = |text: &str| match text.parse::<u16>() {
        Ok(port) if port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(port),
        _ => Err(format!("'{text}' is not a port: a number from 1 to 65535, a range of them as in 5432-5439, or *")),
    };
    if text == "*" {
        return Ok(1..=u16::MAX);
    }
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    if first > last { Err(format!("the range {text} is empty")) } else { Ok(first..=last) }
}

impl Who {
    fn parse(text: &str) -> Result<Self, String> {
        let parse = |host: &str| HostName::parse(host).map_err(|error| error.to_string());
        if text == "*" {
            return Err("name the hosts; every address there is would be 0.0.0.0/0 and [::]/0".into());
        }
        if let Some(rest) = text.strip_prefix("*.") {
            return match parse(rest)? {
                HostName::Name(name) => Ok(Self::Under(format!(".{name}"))),
                HostName::Address(_) => Err("a network is written as in 10.0.0.0/8".into()),
            };
        }
        if let Some((address, length)) = text.split_once('/') {
            // Both [fd00::]/8 and [fd00::/8] are seen.
            let (address, length) = match (address.strip_prefix('['), length.strip_suffix(']')) {
                (Some(inner), Some(length)) => (inner, length),
                _ => (address, length),
            };
            return Network::parse(address, length).map(Self::Network);
        }
        match parse(text)? {
            HostName::Name(name) => Ok(Self::Name(name)),
            HostName::Address(address) => Ok(Self::Network(Network { first: address, last: address })),
        }
    }
}

impl Network {
    fn parse(address: &str, length: &str) -> Result<Self, String> {
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let first: IpAddr = bare.parse().map_err(|_| format!("{bare} is not an address"))?;
        let bits = if first.is_ipv4() { 32 } else { 128 };
        let length = length
            .parse::<u32>()
            .ok()
            .filter(|length| *length <= bits)
            .ok_or_else(|| format!("/{length} is not a length of 0 to {bits} bits"))?;
        if first.to_canonical() != first {
            return Err("write IPv4 networks as IPv4".into());
        }
        let rest = u128::MAX.checked_shr(128 - bits + length).unwrap_or(0);
        let (lower, last) = match first {
            IpAddr::V4(first) => {
                let rest = u32::try_from(rest).unwrap_or(u32::MAX);
                (u128::from(u32::from(first) & rest), IpAddr::from((u32::from(first) | rest).to_be_bytes()))
            }
            IpAddr::V6(first) => (u128::from(first) & rest, IpAddr::from((u128::from(first) | rest).to_be_bytes())),
        };
        if lower != 0 {
            return Err(format!("{bare} is within a network of /{length}, not the beginning of one"));
        }
        Ok(Self { first, last })
    }
}
