//! Where REST listens: Kafka's `listeners` and `admin.listeners`, lists of `scheme://host:port`.

use std::io;

use tokio::net::TcpListener;
use watertight_worker::entities::ConfigMap;

/// Kafka's default: every interface.
const DEFAULT: &str = "http://:8083";

/// In the clear, or through TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One address to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What is spoken there.
    pub scheme: Scheme,
    /// Name or address; empty means every interface.
    pub host: String,
    /// 0 means any free one.
    pub port: u16,
}

/// Why `listeners` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListenersError {
    /// Kafka's words for an empty list.
    #[error("Invalid value [] for configuration listeners: Must have at least one listener")]
    None,
    /// Kafka's words for an empty entry.
    #[error("Invalid value {0} for configuration listeners: Empty listener URL found when parsing list.")]
    EmptyEntry(String),
    /// The same of `admin.listeners`.
    #[error("Configuration 'admin.listeners' values must not be empty.")]
    EmptyAdminEntry,
    /// Not `scheme://host:port`.
    #[error(
        "Invalid value {0} for configuration listeners: Listener doesn't have the right format or parameter \
         defined. Expected is http://HOST:PORT, as in http://127.0.0.1:8083"
    )]
    Format(String),
    /// Neither http nor https.
    #[error("Invalid value {0} for configuration listeners: Listener protocol must be either \"http\" or \"https\".")]
    Protocol(String),
    /// The system says no.
    #[error("Cannot listen on {listener}, as 'listeners' asks: {error}")]
    Bind {
        /// Which one.
        listener: String,
        /// The system's reason.
        error: io::Error,
    },
}

impl std::fmt::Display for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Listener { scheme, host, port } = self;
        if host.contains(':') { write!(f, "{scheme}://[{host}]:{port}") } else { write!(f, "{scheme}://{host}:{port}") }
    }
}

impl Listener {
    /// Those that the worker's properties name, or the default.
    pub fn from_properties(properties: &ConfigMap) -> Result<Vec<Listener>, ListenersError> {
        let list = properties.get("listeners").map_or(DEFAULT, |list| list.trim());
        if list.is_empty() {
            return Err(ListenersError::None);
        }
        list.split(',').map(|entry| parse(list, entry.trim())).collect()
    }

    /// Those of `admin.listeners`, which serve `/admin` and nothing else. None where the setting is empty: then
    /// nobody does; or where it is not there: then `listeners` do.
    pub fn for_administration(properties: &ConfigMap) -> Result<Vec<Listener>, ListenersError> {
        let list = properties.get("admin.listeners").map_or("", |list| list.trim());
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let mut listeners = Vec::new();
        for entry in list.split(',').map(str::trim) {
            if entry.is_empty() {
                return Err(ListenersError::EmptyAdminEntry);
            }
            let listener = parse(list, entry)?;
            if !listeners.contains(&listener) {
                listeners.push(listener);
            }
        }
        Ok(listeners)
    }

    /// Opens the socket.
    pub async fn bind(&self) -> Result<TcpListener, ListenersError> {
        let bound = if self.host.is_empty() {
            // One socket for both families where the system has both.
            match TcpListener::bind(("::", self.port)).await {
                Ok(listener) => Ok(listener),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
                Err(_) => TcpListener::bind(("0.0.0.0", self.port)).await,
            }
        } else {
            TcpListener::bind((self.host.as_str(), self.port)).await
        };
        bound.map_err(|error| ListenersError::Bind { listener: self.to_string(), error })
    }
}

fn parse(list: &str, entry: &str) -> Result<Listener, ListenersError> {
    if entry.is_empty() {
        return Err(ListenersError::EmptyEntry(list.to_owned()));
    }
    let format = || ListenersError::Format(entry.to_owned());
    let (scheme, address) = entry.split_once("://").ok_or_else(format)?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err(ListenersError::Protocol(entry.to_owned())),
    };
    let (host, port) = address.rsplit_once(':').ok_or_else(format)?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:%".contains(c);
    if !host.chars().all(is_allowed) {
        return Err(format());
    }
    Ok(Listener { scheme, host: host.to_owned(), port: port.parse().map_err(|_| format())? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn listeners(list: &str) -> Result<Vec<Listener>, ListenersError> {
        Listener::from_properties(&ConfigMap::from([("listeners".to_owned(), list.to_owned())]))
    }

    fn refusal(list: &str) -> String {
        listeners(list).unwrap_err().to_string()
    }

    #[test]
    fn without_a_setting_port_8083_of_every_interface_is_used() {
        let found = Listener::from_properties(&ConfigMap::new()).unwrap();
        assert_eq!(found, [Listener { scheme: Scheme::Http, host: String::new(), port: 8083 }]);
    }

    #[test]
    fn several_listeners_are_taken_in_order() {
        let found = listeners("http://127.0.0.1:8083, HTTPS://[::1]:0,http://worker-1:80").unwrap();
        let found: Vec<_> = found.iter().map(Listener::to_string).collect();
        assert_eq!(found, ["http://127.0.0.1:8083", "https://[::1]:0", "http://worker-1:80"]);
    }

    #[test]
    fn administration_has_listeners_only_where_the_setting_names_some() {
        let listeners = |list: &str| {
            let properties = ConfigMap::from([("admin.listeners".to_owned(), list.to_owned())]);
            Listener::for_administration(&properties).map_err(|error| error.to_string())
        };
        assert_eq!(Listener::for_administration(&ConfigMap::new()).unwrap(), []);
        assert_eq!(listeners(" ").unwrap(), []);
        assert_eq!(listeners("http://a:1, https://b:2,http://a:1").unwrap().len(), 2);
        for empty in ["http://a:1,,http://b:2", "http://a:1, "] {
            assert_eq!(listeners(empty).unwrap_err(), "Configuration 'admin.listeners' values must not be empty.");
        }
        assert!(listeners("a:1").unwrap_err().contains("Listener doesn't have the right format"));
    }

    #[test]
    fn nonsense_is_refused_in_kafkas_words() {
        assert!(refusal(" ").ends_with("Must have at least one listener"));
        assert!(refusal("http://:1,,http://:2").ends_with("Empty listener URL found when parsing list."));
        assert!(refusal("ftp://:21").ends_with("Listener protocol must be either \"http\" or \"https\"."));
        for wrong in ["localhost:8083", "http://localhost", "http://:port", "http://:99999", "http://a b:1"] {
            assert!(refusal(wrong).contains("Listener doesn't have the right format"), "{wrong}");
        }
    }
}
