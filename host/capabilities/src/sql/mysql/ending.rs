//! How a statement is ended that nobody waits for any more. Closing the socket does not do it: a server notices that
//! only when it has something to send. So it is told over a second connection, to the very address of the first.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

use super::answer;
use super::login::Login;
use super::trouble::Trouble;

/// For all of it: connection, sign-in and command.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to end what a connection is about.
#[derive(Debug, Clone)]
pub struct Ending {
    login: Login,
    address: SocketAddr,
    id: u32,
}

impl Ending {
    /// For the connection with this number.
    pub fn new(login: Login, address: SocketAddr, id: u32) -> Self {
        Self { login, address, id }
    }

    /// Ends the statement under way, and leaves the connection. False: the server could not be told.
    pub async fn statement(&self) -> bool {
        matches!(timeout(PATIENCE, self.tell("KILL QUERY ")).await, Ok(Ok(())))
    }

    /// Ends the connection in the server, in the background: its socket is closed on this side already.
    pub fn connection(self) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if let Ok(Err(trouble)) = timeout(PATIENCE, self.tell("KILL CONNECTION ")).await {
                    // Error 1094, no such thread: it was over already.
                    if trouble.number() != Some(1_094) {
                        tracing::debug!("a statement could not be ended in the database: {trouble}");
                    }
                }
            });
        }
    }

    async fn tell(&self, what: &str) -> Result<(), Trouble> {
        const QUERY: u8 = 3;
        let mut wire = self.login.again(self.address).await?.wire;
        wire.command(|out| {
            out.push(QUERY);
            out.extend_from_slice(what.as_bytes());
            out.extend_from_slice(self.id.to_string().as_bytes());
        })?;
        wire.send().await?;
        let told = answer::first(wire.packet().await?).map(drop);
        wire.quit().await;
        told
    }
}
