//! Addresses that a name alone never leads to: they mean this machine, its neighbours on the wire, or the service
//! where a cloud keeps the machine's credentials. IPv6 has several ways to spell an IPv4 address, and each is
//! read for what it holds.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is special about an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This machine.
    Loopback,
    /// The wire's own.
    LinkLocal,
    /// A cloud's services for its machines.
    Metadata,
    /// No address, or "this network".
    Unspecified,
    /// Many.
    Multicast,
    /// All.
    Broadcast,
    /// Nobody's yet, or a translator's of unknown make.
    Reserved,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "a loopback address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud's metadata address",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "a broadcast address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Alibaba, Azure and Oracle; the rest use link-local addresses.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];

/// AWS (instances, pods) and Google.
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

const METADATA_LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What is special about it, if anything.
pub(super) fn special(address: IpAddr) -> Option<Kind> {
    match address.to_canonical() {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<Kind> {
    let [first, second, third, _] = address.octets();
    if address == METADATA_LINK_LOCAL || METADATA_V4.contains(&address) {
        return Some(Kind::Metadata);
    }
    match (first, second, third) {
        (0, _, _) => Some(Kind::Unspecified),
        (127, _, _) => Some(Kind::Loopback),
        (169, 254, _) => Some(Kind::LinkLocal),
        (192, 0, 0) => Some(Kind::Reserved),
        (224..=239, _, _) => Some(Kind::Multicast),
        _ if address.is_broadcast() => Some(Kind::Broadcast),
        (240..=255, _, _) => Some(Kind::Reserved),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<Kind> {
    if address.is_unspecified() {
        return Some(Kind::Unspecified);
    }
    if address.is_loopback() {
        return Some(Kind::Loopback);
    }
    if METADATA_V6.contains(&address) {
        return Some(Kind::Metadata);
    }
    match address.segments() {
        [0xff00..=0xffff, ..] => Some(Kind::Multicast),
        [0xfe80..=0xfebf, ..] => Some(Kind::LinkLocal),
        [0xfec0..=0xfeff, ..] => Some(Kind::Reserved),
        // NAT64 of the provider's own make: where the address is inside cannot be told.
        [0x64, 0xff9b, 1, ..] => Some(Kind::Reserved),
        // Teredo, which hides the address behind it, and is no more.
        [0x2001, 0, ..] => Some(Kind::Reserved),
        segments => embedded(segments).and_then(special_v4),
    }
}

/// The IPv4 address within: of 6to4, NAT64, IPv4-translated, IPv4-compatible and ISATAP.
fn embedded(segments: [u16; 8]) -> Option<Ipv4Addr> {
    let (high, low) = match segments {
        [0x2002, high, low, ..] => (high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        [0, 0, 0, 0, 0xffff, 0, high, low] => (high, low),
        [0, 0, 0, 0, 0, 0, high, low] => (high, low),
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}
