//! A TCP stream with the extensions of its connection.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use rama_core::extensions::{Extensions, ExtensionsRef};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
pub use tokio::net::TcpStream as TokioTcpStream;

/// A stream and what is known about it.
#[derive(Debug)]
pub struct TcpStream {
    /// The socket.
    pub stream: TokioTcpStream,
    /// What layers put beside it.
    pub extensions: Extensions,
}

impl TcpStream {
    /// Puts both together.
    #[must_use]
    pub fn from_tokio_tcp_stream(stream: TokioTcpStream, extensions: Extensions) -> Self {
        Self { stream, extensions }
    }
}

impl ExtensionsRef for TcpStream {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
