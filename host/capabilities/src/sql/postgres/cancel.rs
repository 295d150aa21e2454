//! How a running statement is ended: by a second connection that says whose, to the address of the first. The name is
//! not looked up again, as it might lead elsewhere by now.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::stream::{Stream, Tls};

const PATIENCE: Duration = Duration::from_secs(10);

/// What a server wants to know of somebody who ends a statement.
#[derive(Clone)]
pub(super) struct Canceller {
    pub(super) address: SocketAddr,
    /// As the connection itself.
    pub(super) tls: Option<Tls>,
    pub(super) process: i32,
    pub(super) secret: i32,
}

impl Canceller {
    /// Ends what runs now, if anything does. Comes back when the server has taken note, so that no later statement
    /// is meant by it.
    pub(super) async fn cancel(&self) {
        if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, self.send()).await {
            tracing::debug!("cannot end a statement in PostgreSQL: {error}");
        }
    }

    async fn send(&self) -> std::io::Result<()> {
        let socket = TcpStream::connect(self.address).await?;
        let mut stream = match &self.tls {
            Some(tls) => Stream::encrypted(socket, tls).await?,
            None => Stream::Plain(socket),
        };
        let mut request = Vec::with_capacity(16);
        request.extend_from_slice(&16_i32.to_be_bytes());
        request.extend_from_slice(&80_877_102_i32.to_be_bytes());
        request.extend_from_slice(&self.process.to_be_bytes());
        request.extend_from_slice(&self.secret.to_be_bytes());
        stream.write_all(&request).await?;
        stream.flush().await?;
        // It says nothing, and closes when it is done.
        let _ = stream.read(&mut [0; 1]).await;
        Ok(())
    }
}
