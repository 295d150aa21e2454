//! How much a worker's sockets bear.

use std::time::Duration;

use watertight_worker::entities::ConfigMap;

use crate::connections::Connections;
use crate::options::OptionsError;

/// Key of the cap. Kafka has none: there each connection can cost the worker a file descriptor for ever.
const MAX_CONNECTIONS: &str = "rest.max.connections";
const DEFAULT_CONNECTIONS: usize = 5000;

/// How patient the sockets are, and with how many clients.
#[derive(Debug, Clone)]
pub struct SocketOptions {
    /// For a request's line and headers, and for the next request on an idle connection: as long as Kafka's worker bears
    /// silence, for clients keep connections in the belief that the server does.
    pub header_timeout: Duration,
    /// For a TLS handshake.
    pub handshake_timeout: Duration,
    /// For an answer that the client does not read.
    pub write_patience: Duration,
    /// For requests under way when the worker stops; then they are cut.
    pub shutdown_timeout: Duration,
    /// The longest head of a request, and what one connection may hold unread. Kafka's worker reads 8 KiB; twice as much
    /// lets us tell a URL that is too long from headers that are.
    pub buffer_bytes: usize,
    /// `rest.max.connections`, of all listeners that share these options.
    pub connections: Connections,
}

impl Default for SocketOptions {
    fn default() -> Self {
        SocketOptions {
            header_timeout: Duration::from_secs(90),
            handshake_timeout: Duration::from_secs(30),
            write_patience: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(5),
            buffer_bytes: 16 * 1024,
            connections: Connections::at_most(DEFAULT_CONNECTIONS),
        }
    }
}

impl SocketOptions {
    /// Reads them from the worker's properties. `descriptors` are those that the process may have: unless the cap is set,
    /// REST takes half of them at most, for connectors need some too.
    ///
    /// # Errors
    /// A cap that is no number, or not below the descriptors.
    pub fn from_properties(properties: &ConfigMap, descriptors: Option<u64>) -> Result<Self, OptionsError> {
        let descriptors = descriptors.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let limit = match properties.get(MAX_CONNECTIONS) {
            None => descriptors.map_or(DEFAULT_CONNECTIONS, |count| DEFAULT_CONNECTIONS.min(count / 2).max(1)),
            Some(value) => {
                let invalid = |why| OptionsError { key: MAX_CONNECTIONS, value: value.clone(), why };
                let limit = value.trim().parse::<usize>().ok().filter(|limit| *limit > 0);
                let limit = limit.ok_or_else(|| invalid("Must be a number of connections, at least 1"))?;
                if descriptors.is_some_and(|count| limit >= count) {
                    return Err(invalid(
                        "Must be below the number of file descriptors that the process may have (ulimit -Hn)",
                    ));
                }
                limit
            }
        };
        Ok(SocketOptions { connections: Connections::at_most(limit), ..SocketOptions::default() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn limit(value: Option<&str>, descriptors: Option<u64>) -> Result<usize, String> {
        let properties = value.map(|value| (MAX_CONNECTIONS.to_owned(), value.to_owned())).into_iter().collect();
        let options = SocketOptions::from_properties(&properties, descriptors);
        options.map(|options| options.connections.limit()).map_err(|error| error.to_string())
    }

    #[test]
    fn five_thousand_are_let_in_if_the_process_may_have_as_many_descriptors_twice() {
        assert_eq!(limit(None, None), Ok(5000));
        assert_eq!(limit(None, Some(1_000_000)), Ok(5000));
        assert_eq!(limit(None, Some(1024)), Ok(512));
    }

    #[test]
    fn a_cap_that_cannot_be_kept_is_refused_by_name() {
        assert_eq!(limit(Some("10"), Some(1024)), Ok(10));
        assert!(limit(Some("2000"), Some(1024)).unwrap_err().contains("ulimit"));
        for wrong in ["0", "-1", "many"] {
            assert!(limit(Some(wrong), None).unwrap_err().contains("configuration rest.max.connections: Must be"));
        }
    }
}
