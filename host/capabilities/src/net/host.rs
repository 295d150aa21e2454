//! What a host may be called. A resolver understands more spellings of an address than a policy can list
//! (`0x7f.1`, `2130706433` and `0177.0.0.1` are all 127.0.0.1 to it), so whatever could be a number and is not an
//! address in its usual notation is no host at all.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest name that DNS can carry.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// A host, in the one spelling that the policy compares: a name is lower case and has no final dot, an IPv4 address
/// in IPv6's clothing is IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostName {
    /// A name, to be looked up.
    Name(String),
    /// An address, as it is.
    Address(IpAddr),
}

/// A text that can name no host.
#[derive(Debug, thiserror::Error)]
#[error("{host} is not a host: {reason}")]
pub struct BadHost {
    host: String,
    reason: &'static str,
}

impl BadHost {
    /// Why, without the text: what stands at the place of a host may be half a password.
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl HostName {
    /// Reads a host as it stands in a URL; an IPv6 address with brackets or without.
    ///
    /// # Errors
    /// Why it names none.
    pub fn parse(text: &str) -> Result<Self, BadHost> {
        let fail = |reason| BadHost { host: shown(text), reason };
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(inner) = bare {
            return inner.parse::<Ipv6Addr>().map(Self::v6).map_err(|_| fail("brackets are for IPv6 addresses"));
        }
        if text.contains(':') {
            return text.parse::<Ipv6Addr>().map(Self::v6).map_err(|_| fail("it is not an IPv6 address"));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        check(&name).map_err(fail)?;
        Ok(Self::Name(name))
    }

    fn v6(address: Ipv6Addr) -> Self {
        Self::Address(IpAddr::V6(address).to_canonical())
    }

    /// As it stands before a port.
    pub fn with_port(&self, port: impl fmt::Display) -> String {
        match self {
            Self::Name(name) => format!("{name}:{port}"),
            Self::Address(IpAddr::V4(address)) => format!("{address}:{port}"),
            Self::Address(IpAddr::V6(address)) => format!("[{address}]:{port}"),
        }
    }
}

fn check(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if !name.is_ascii() {
        return Err("write an international name in its ASCII form, xn--...");
    }
    if name.len() > LONGEST {
        return Err("it is longer than 253 characters");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Err("there is nothing between two dots");
        }
        if label.len() > LONGEST_LABEL {
            return Err("a part of it is longer than 63 characters");
        }
        if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Err("names have letters, digits, '-', '_' and '.' only");
        }
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    if last.bytes().all(|byte| byte.is_ascii_digit()) || is_hexadecimal(last) {
        return Err("an IPv4 address is four decimal numbers without leading zeros");
    }
    Ok(())
}

fn is_hexadecimal(label: &str) -> bool {
    label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A piece of a text from outside, fit for a message.
pub(super) fn shown(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut short: String = text.chars().take(SHOWN).flat_map(char::escape_default).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push_str("...");
    }
    if short.is_empty() { "''".into() } else { short }
}
