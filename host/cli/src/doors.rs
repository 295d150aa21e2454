//! Where REST is to be reached: sockets, TLS, who may come in, and how many.

use std::net::SocketAddr;

use anyhow::Context as _;
use watertight_rest::listeners::{Listener, Scheme};
use watertight_rest::tls::{self, ServerTls};
use watertight_rest::{Advertised, BasicAuth, Door, SocketOptions};
use watertight_worker::config::WorkerConfig;
use watertight_worker::entities::ConfigMap;

/// Sockets that listen already, and nobody answers yet.
pub(crate) struct Doors {
    /// One for each of `listeners`.
    pub(crate) open: Vec<Door>,
    /// One for each of `admin.listeners`.
    pub(crate) admin: Vec<Door>,
    /// Addresses of the former, for the log.
    pub(crate) addresses: String,
    /// Of all of them together.
    pub(crate) options: SocketOptions,
    /// How others find this worker.
    pub(crate) advertised: Advertised,
}

impl Doors {
    /// Opens all of `listeners`.
    pub(crate) async fn open(config: &WorkerConfig) -> Result<Self, anyhow::Error> {
        let properties = &config.properties;
        let listeners = Listener::from_properties(properties)?;
        let options = SocketOptions::from_properties(properties, raise_descriptors())?;
        let (bound, open) = open(&listeners, properties, tls::LISTENERS).await?;
        let for_administration = Listener::for_administration(properties)?;
        let (_, admin) = self::open(&for_administration, properties, tls::ADMIN_LISTENERS).await?;
        let addresses: Vec<String> =
            bound.iter().map(|(listener, address)| format!("{}://{address}", listener.scheme)).collect();
        let advertised = Advertised::from_properties(properties, &bound)?;
        Ok(Doors { open, admin, addresses: addresses.join(", "), options, advertised })
    }
}

type Bound<'a> = Vec<(&'a Listener, SocketAddr)>;

/// Opens all of them, with the TLS settings under `prefix` where one is secure.
async fn open<'a>(
    listeners: &'a [Listener],
    properties: &ConfigMap,
    prefix: &str,
) -> Result<(Bound<'a>, Vec<Door>), anyhow::Error> {
    let is_secure = listeners.iter().any(|listener| listener.scheme == Scheme::Https);
    let tls = is_secure
        .then(|| ServerTls::from_properties(properties, prefix))
        .transpose()
        .with_context(|| format!("the https listeners with the settings {prefix}* cannot be served"))?;
    let (mut bound, mut doors) = (Vec::new(), Vec::new());
    for listener in listeners {
        let socket = listener.bind().await?;
        bound.push((listener, socket.local_addr()?));
        let tls = tls.clone().filter(|_| listener.scheme == Scheme::Https);
        doors.push(Door::new(socket, tls));
    }
    Ok((bound, doors))
}

/// What `rest.extension.classes` asks for.
pub(crate) fn basic_auth(config: &WorkerConfig) -> Result<Option<BasicAuth>, anyhow::Error> {
    let kafka_opts = std::env::var("KAFKA_OPTS").ok();
    Ok(BasicAuth::from_properties(&config.properties, kafka_opts.as_deref(), &config.directory)?)
}

/// Takes as many file descriptors as the system lets the process have, as a JVM does: the usual 1,024 are for programs
/// that still use `select`. How many there are then.
fn raise_descriptors() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: now.maximum, maximum: now.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => now.maximum,
        Err(error) => {
            tracing::warn!("the limit of file descriptors stays at {:?}: {error}", now.current);
            now.current
        }
    }
}
