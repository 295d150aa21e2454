//! From addresses that were checked to a connection.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::{HostName, NetError, NetPolicy};

/// A peer that is gone without a word is noticed after this and a few probes.
const IDLE: Duration = Duration::from_secs(60);
const PROBE: Duration = Duration::from_secs(10);

impl NetPolicy {
    /// A connection to a host that is granted: looked up once, checked, and its addresses tried in turn. The limit is
    /// for all of it; each address has an equal share of what is left, so that a dead one does not use it up.
    ///
    /// # Errors
    /// It is denied, or nobody answers.
    pub async fn connect(&self, host: &str, port: u16, limit: Option<Duration>) -> Result<TcpStream, NetError> {
        let target = || HostName::parse(host).map_or_else(|_| host.to_owned(), |host| host.with_port(port));
        let Some(limit) = limit else {
            let addresses = self.resolve(host, port).await?;
            return first(&addresses, None).await.map_err(|reason| unreachable(target(), &reason));
        };
        let end = Instant::now() + limit;
        let late = || NetError::TimedOut { target: target(), limit };
        let addresses = timeout(limit, self.resolve(host, port)).await.map_err(|_| late())??;
        first(&addresses, Some(end))
            .await
            .map_err(|reason| if Instant::now() >= end { late() } else { unreachable(target(), &reason) })
    }
}

/// An address that was asked for by itself is not named twice.
fn unreachable(target: String, reason: &str) -> NetError {
    let reason = reason.strip_prefix(&format!("{target}: ")).unwrap_or(reason).to_owned();
    NetError::Unreachable { target, reason }
}

/// The first connection that comes about, or what each address said.
async fn first(addresses: &[SocketAddr], end: Option<Instant>) -> Result<TcpStream, String> {
    let mut reasons = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        let share = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let attempt = match end {
            None => TcpStream::connect(address).await,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now()) / share;
                timeout(left, TcpStream::connect(address)).await.unwrap_or_else(|late| Err(late.into()))
            }
        };
        match attempt.and_then(prepared) {
            Ok(stream) => return Ok(stream),
            Err(error) => reasons.push(format!("{address}: {error}")),
        }
    }
    Err(reasons.join("; "))
}

fn prepared(stream: TcpStream) -> std::io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(IDLE).with_interval(PROBE))?;
    Ok(stream)
}
