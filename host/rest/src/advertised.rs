//! The address by which others know this worker: it stands as `worker_id` in every status, and in a cluster the other
//! workers send requests there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};

use watertight_worker::entities::ConfigMap;

use crate::listeners::{Listener, Scheme};
use crate::options::OptionsError;

const HOST: &str = "rest.advertised.host.name";
const PORT: &str = "rest.advertised.port";
const LISTENER: &str = "rest.advertised.listener";

/// A listener with the address that it got.
pub type Open<'a> = (&'a Listener, SocketAddr);

/// Where this worker is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertised {
    /// `rest.advertised.listener`, or http if any listener has it.
    pub scheme: Scheme,
    /// `rest.advertised.host.name`, or that of the first listener with this scheme.
    pub host: String,
    /// `rest.advertised.port`, or that of the same listener.
    pub port: u16,
}

impl Advertised {
    /// What the worker's properties say, or else what `listeners` opened.
    ///
    /// # Errors
    /// A port or a scheme that is none.
    pub fn from_properties(properties: &ConfigMap, listeners: &[Open<'_>]) -> Result<Self, OptionsError> {
        let given = |key: &str| properties.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
        let has = |scheme: Scheme| listeners.iter().any(|(listener, _)| listener.scheme == scheme);
        let scheme = match given(LISTENER) {
            None if has(Scheme::Https) && !has(Scheme::Http) => Scheme::Https,
            None => Scheme::Http,
            Some(word) if word.eq_ignore_ascii_case("http") => Scheme::Http,
            Some(word) if word.eq_ignore_ascii_case("https") => Scheme::Https,
            Some(word) => return Err(invalid(LISTENER, word, "Must be http or https")),
        };
        // Behind a proxy that adds TLS there may be no listener of the scheme that others use.
        let of_scheme = listeners.iter().find(|(listener, _)| listener.scheme == scheme);
        let listener = of_scheme.or(listeners.first());
        let host = match given(HOST) {
            Some(host) => host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            None => listener.map_or_else(own_address, |(listener, _)| match listener.host.as_str() {
                "" => own_address(),
                host => host.to_owned(),
            }),
        };
        let port = match given(PORT) {
            Some(port) => port.parse().map_err(|_| invalid(PORT, port, "Not a number of a port"))?,
            None => listener.map_or(0, |(_, bound)| bound.port()),
        };
        Ok(Advertised { scheme, host, port })
    }

    /// `host:port`, as in statuses.
    pub fn worker_id(&self) -> String {
        let Advertised { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// With the scheme, for requests.
    pub fn url(&self) -> String {
        format!("{}://{}/", self.scheme, self.worker_id())
    }
}

fn invalid(key: &'static str, value: &str, why: &'static str) -> OptionsError {
    OptionsError { key, value: value.to_owned(), why }
}

/// What this machine's name stands for, as Java's `getLocalHost`: the address of a worker that listens on every
/// interface.
fn own_address() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let found = (name.trim(), 0).to_socket_addrs().ok().and_then(|found| {
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        found.iter().find(|ip| ip.is_ipv4()).or(found.first()).copied()
    });
    found.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn advertised(listeners: &str, extra: &[(&str, &str)]) -> Result<Advertised, OptionsError> {
        let mut properties: ConfigMap = extra.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        properties.insert("listeners".to_owned(), listeners.to_owned());
        let listeners = Listener::from_properties(&properties).unwrap();
        let bound = |listener: &Listener| SocketAddr::from(([127, 0, 0, 1], listener.port.max(1)));
        let open: Vec<Open<'_>> = listeners.iter().map(|listener| (listener, bound(listener))).collect();
        Advertised::from_properties(&properties, &open)
    }

    fn url(listeners: &str, extra: &[(&str, &str)]) -> String {
        advertised(listeners, extra).unwrap().url()
    }

    #[test]
    fn http_is_preferred_wherever_it_stands() {
        assert_eq!(url("https://a:1,http://b:2", &[]), "http://b:2/");
        assert_eq!(url("https://a:1,https://b:2", &[]), "https://a:1/");
    }

    #[test]
    fn a_listener_may_be_named() {
        assert_eq!(url("http://a:1,https://b:2", &[(LISTENER, "HTTPS")]), "https://b:2/");
        assert_eq!(url("http://a:1", &[(LISTENER, "https")]), "https://a:1/");
    }

    #[test]
    fn name_and_port_may_be_given() {
        let given = [(HOST, "connect.example"), (PORT, "80")];
        assert_eq!(url("http://a:1", &given), "http://connect.example:80/");
        assert_eq!(advertised("http://a:1", &given).unwrap().worker_id(), "connect.example:80");
    }

    #[test]
    fn a_port_that_the_system_chose_is_told() {
        assert_eq!(url("http://127.0.0.1:0", &[]), "http://127.0.0.1:1/");
    }

    #[test]
    fn an_address_of_version_six_stands_in_brackets() {
        assert_eq!(url("http://[::1]:8083", &[]), "http://[::1]:8083/");
    }

    #[test]
    fn a_worker_on_every_interface_is_known_by_an_address_of_its_machine() {
        let host = advertised("http://:8083", &[]).unwrap().host;
        assert!(host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_unspecified()), "{host}");
        assert_eq!(url("http://0.0.0.0:8083", &[]), "http://0.0.0.0:8083/");
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let error = advertised("http://a:1", &[(PORT, "x")]).unwrap_err().to_string();
        assert_eq!(error, "Invalid value x for configuration rest.advertised.port: Not a number of a port");
        assert!(advertised("http://a:1", &[(LISTENER, "ftp")]).unwrap_err().to_string().contains("http or https"));
    }
}
