//! Where a worker is, and how names become parts of a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ureq::http::Uri;

use crate::failure::Failure;

/// What may stand in a path as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Scheme, host, port, and a path in front of everything where a proxy wants one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    url: String,
    host: String,
    login: Option<(String, Option<String>)>,
}

impl Base {
    /// Reads `http://[NAME:PASSWORD@]HOST:PORT[/PATH]`; without a scheme it is `http`.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::Usage(format!("'{}' is no address of a worker: {why}; try http://localhost:8083", hidden(text)))
        };
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = full.parse().map_err(|_| wrong("it cannot be read"))?;
        let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme));
        let scheme = scheme.ok_or_else(|| wrong("only http and https are known"))?;
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if uri.query().is_some() {
            return Err(wrong("nothing may follow a '?'"));
        }
        let (login, address) = match authority.as_str().rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, authority.as_str()),
        };
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let login = login.map(|login| match login.split_once(':') {
            Some((name, password)) => (decoded(name), Some(decoded(password))),
            None => (decoded(login), None),
        });
        let host = authority.host().to_owned();
        if host.is_empty() {
            return Err(wrong("it names no host"));
        }
        if address.len() > host.len() && authority.port_u16().is_none() {
            return Err(wrong("its port is no number"));
        }
        Ok(Self { url: format!("{scheme}://{address}{}", uri.path().trim_end_matches('/')), host, login })
    }

    /// For requests: a path follows.
    pub(super) fn asked(&self) -> &str {
        &self.url
    }

    /// For people.
    pub(super) fn shown(&self) -> &str {
        &self.url
    }

    /// Without brackets and port.
    pub(super) fn host(&self) -> &str {
        self.host.trim_matches(['[', ']'])
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host() == "localhost" || self.host().parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What stood before the `@`.
    pub(super) fn login(&self) -> Option<&(String, Option<String>)> {
        self.login.as_ref()
    }
}

/// Without a password.
fn hidden(text: &str) -> String {
    match (text.find("://").map_or(0, |at| at + 3), text.rfind('@')) {
        (from, Some(to)) if from <= to => format!("{}[hidden]{}", &text[..from], &text[to..]),
        _ => text.to_owned(),
    }
}

/// A path of these parts, each of them one segment whatever is in it.
pub(crate) fn path(parts: &[&str]) -> String {
    parts.iter().fold(String::new(), |mut path, part| {
        path.push('/');
        match *part {
            // Else a proxy on the way makes a walk out of it.
            "." | ".." => path.push_str(&part.replace('.', "%2E")),
            part => path.extend(utf8_percent_encode(part, PATH)),
        }
        path
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_one_segment_whatever_is_in_them() {
        assert_eq!(path(&["connectors", "a/b c?ü%#", "status"]), "/connectors/a%2Fb%20c%3F%C3%BC%25%23/status");
        assert_eq!(path(&["connectors", ".."]), "/connectors/%2E%2E");
    }

    #[test]
    fn an_address_may_come_with_a_path_a_login_or_without_a_scheme() {
        for (text, url, login) in [
            ("localhost:8083", "http://localhost:8083", None),
            ("http://h:1/", "http://h:1", None),
            ("https://h/connect/", "https://h/connect", None),
            ("http://a%40b:c:d@h:1", "http://h:1", Some(("a@b".to_owned(), Some("c:d".to_owned())))),
            ("http://a@[::1]:1", "http://[::1]:1", Some(("a".to_owned(), None))),
        ] {
            let base = Base::parse(text).unwrap();
            assert_eq!((base.shown(), base.login()), (url, login.as_ref()), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_no_password_shown() {
        for text in ["ftp://h", "http://", "http://a:secret@", "http://u:secret@h:x", "http://h?x=1", ""] {
            let error = Base::parse(text).unwrap_err();
            assert!(error.code() == 2 && !error.to_string().contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for (text, loopback) in [("localhost:1", true), ("127.0.0.1:1", true), ("[::1]:1", true), ("h:1", false)] {
            assert_eq!(Base::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }
}
