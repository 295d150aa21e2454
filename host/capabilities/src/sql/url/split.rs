//! The pieces of a URL, before any of them means something. Errors are reasons, without the pieces themselves.

use percent_encoding::percent_decode_str;

use super::Host;
use crate::net::HostName;

/// More is no list of servers, but a scan of a network.
const HOSTS: usize = 16;

/// How a driver reads a `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plus {
    /// As a space.
    Space,
    /// As itself.
    Plus,
}

/// What stands before and after the first `?`.
pub(super) fn query(url: &str) -> (&str, &str) {
    url.split_once('?').unwrap_or((url, ""))
}

/// `NAME=VALUE&...`, decoded.
pub(super) fn parameters(query: &str, plus: Plus) -> Result<Vec<(String, String)>, String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name, plus, "a parameter's name")?, decoded(value, plus, "a parameter's value")?))
        })
        .collect()
}

/// A piece without its escapes; `what` it is, for the message.
pub(super) fn decoded(text: &str, plus: Plus, what: &str) -> Result<String, String> {
    let fail = |reason: &str| format!("{what} {reason}");
    let mut rest = text.split('%');
    rest.next();
    if rest.any(|escape| !escape.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))) {
        return Err(fail("has a '%' that two hexadecimal digits do not follow (write %25)"));
    }
    let spaced = if plus == Plus::Space { text.replace('+', " ") } else { text.to_owned() };
    let clear = percent_decode_str(&spaced).decode_utf8().map_err(|_| fail("is not UTF-8"))?.into_owned();
    if clear.contains('\0') { Err(fail("contains NUL")) } else { Ok(clear) }
}

/// `HOST[:PORT],...`; an empty host is `localhost`.
pub(super) fn hosts(text: &str, port: u16) -> Result<Vec<Host>, String> {
    let hosts: Vec<&str> = text.split(',').collect();
    if hosts.len() > HOSTS {
        return Err(format!("it has more than {HOSTS} hosts"));
    }
    hosts.iter().enumerate().map(|(index, host)| one_host(host, port, index + 1)).collect()
}

fn one_host(text: &str, default: u16, number: usize) -> Result<Host, String> {
    let fail = |reason: &str| {
        format!(
            "host {number} {reason}. Characters such as / ? # @ : in a user or password are written as %2F %3F %23 \
             %40 %3A, or user and password are given as settings of their own"
        )
    };
    let (host, port) = match text.rfind(':').filter(|colon| text.rfind(']').is_none_or(|bracket| bracket < *colon)) {
        Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
        None => (text, None),
    };
    let port = match port {
        None | Some("") => default,
        Some(port) => port
            .parse()
            .ok()
            .filter(|number| *number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(|| fail("has a port that is not a number from 1 to 65535"))?,
    };
    let host = if host.is_empty() { "localhost" } else { host };
    match HostName::parse(host) {
        Ok(HostName::Name(name)) => Ok(Host { name, port }),
        Ok(HostName::Address(address)) => Ok(Host { name: address.to_string(), port }),
        Err(error) => Err(fail(&format!("is none: {}", error.reason()))),
    }
}
