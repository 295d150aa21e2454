//! The listener, the housekeeping, and the end.

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener, ToSocketAddrs as _},
    time::{Duration, SystemTime},
};

use nisshi_storage::Storage as _;
use rama::{Service as _, extensions::Extensions, tcp::TcpStream};
use tokio::{
    net::{TcpListener, TcpStream as Stream},
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
    time::{self, MissedTickBehavior},
};
use tracing::{debug, warn};
use url::Url;

use crate::{
    args::Options,
    directory::DataDirectory,
    engine::{Engine, RequestError},
    error::Error,
    topics,
};

/// How often records past their retention are removed and compacted topics compacted.
const MAINTENANCE: Duration = Duration::from_secs(600);

/// After a failed accept, which means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A bound socket and what to call it.
#[derive(Debug)]
pub struct Listener {
    socket: StdListener,
    local: SocketAddr,
}

/// Binds `HOST:PORT`.
pub fn bind(listen: &str) -> Result<Listener, Error> {
    let addresses = listen
        .to_socket_addrs()
        .map_err(|err| Error::Address { listen: listen.to_owned(), reason: err.to_string() })?;

    let mut last = None;
    for address in addresses {
        match listen_on(address) {
            Ok(listener) => return Ok(listener),
            Err(err) => last = Some(err),
        }
    }

    Err(match last {
        Some(err) if err.kind() == io::ErrorKind::AddrInUse => Error::PortInUse { listen: listen.to_owned() },
        Some(source) => Error::Bind { listen: listen.to_owned(), source },
        None => Error::Address { listen: listen.to_owned(), reason: "the host has no address".into() },
    })
}

fn listen_on(address: SocketAddr) -> io::Result<Listener> {
    let socket = StdListener::bind(address)?;
    socket.set_nonblocking(true)?;
    let local = socket.local_addr()?;
    Ok(Listener { socket, local })
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
///
/// Everything that keeps the broker from becoming ready. Once it is, only its end returns.
pub async fn serve(listener: Listener, data: &DataDirectory, options: &Options) -> Result<(), Error> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Runtime)?;

    let engine = Engine::open(data, advertised(listener.local)?).await?;
    topics::create_absent(&options.topics, engine.storage()).await?;

    let socket = TcpListener::from_std(listener.socket).map_err(Error::Runtime)?;
    ready(listener.local, data);
    accept(socket, &engine, &mut interrupt, &mut terminate).await;
    Ok(())
}

/// The one line that others wait for. Whoever started us may have stopped reading.
fn ready(local: SocketAddr, data: &DataDirectory) {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "watertight-broker ready on {local}, data in {}", data.path().display())
        .and_then(|()| out.flush());
    if let Err(err) = said {
        debug!(%err, "nobody reads standard output");
    }
}

/// What clients are told to connect to: an unspecified address is no address for them.
fn advertised(local: SocketAddr) -> Result<Url, Error> {
    let host = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(host, local.port());
    Url::parse(&format!("tcp://{address}")).map_err(|err| Error::Engine(err.to_string()))
}

/// Returning drops the open connections: a client whose append was not acknowledged repeats it, and
/// one whose append was acknowledged has it on disk.
async fn accept(socket: TcpListener, engine: &Engine, interrupt: &mut Signal, terminate: &mut Signal) {
    let mut connections = JoinSet::new();
    let mut maintenance = time::interval(MAINTENANCE);
    maintenance.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sweep = JoinSet::new();

    loop {
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve_one(engine.clone(), stream, peer));
                }
                Err(err) => {
                    warn!(%err, "a connection was not accepted");
                    time::sleep(ACCEPT_PAUSE).await;
                }
            },

            _ = maintenance.tick(), if sweep.is_empty() => {
                let storage = engine.storage().clone();
                sweep.spawn(async move {
                    if let Err(err) = storage.maintain(SystemTime::now()).await {
                        warn!(%err, "maintenance failed, the next one is in ten minutes");
                    }
                });
            }

            Some(_) = sweep.join_next() => {}
            Some(_) = connections.join_next() => {}

            _ = interrupt.recv() => return,
            _ = terminate.recv() => return,
        }
    }
}

async fn serve_one(engine: Engine, stream: Stream, peer: SocketAddr) {
    if let Err(err) = stream.set_nodelay(true) {
        debug!(%peer, %err, "TCP_NODELAY");
    }

    let stream = TcpStream::from_tokio_tcp_stream(stream, Extensions::default());
    match engine.connection().serve(stream).await {
        Ok(()) => {}
        Err(RequestError::Io(err)) if hung_up(err.kind()) => debug!(%peer, %err, "closed"),
        Err(RequestError::Service(nisshi_service::Error::Io(err))) if hung_up(err.kind()) => {
            debug!(%peer, %err, "closed");
        }
        Err(err) => warn!(%peer, %err, "connection ended"),
    }
}

/// How a client usually goes.
fn hung_up(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::TimedOut
    )
}
