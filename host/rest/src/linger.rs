//! How to end a connection after a refusal.
//!
//! A client often sends more than was read of it. If the socket is closed then, the system takes back what the client has
//! not read yet: it would see a broken connection instead of the reason. So the end is said, and what still comes
//! is thrown away for a moment.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(1);

/// Lets the client read the last words.
pub(crate) async fn linger(stream: &mut TcpStream) {
    let leave = async {
        stream.shutdown().await?;
        let mut waste = [0; 1024];
        while stream.read(&mut waste).await? > 0 {}
        std::io::Result::Ok(())
    };
    // It was only meant well.
    let _ = tokio::time::timeout(PATIENCE, leave).await;
}
