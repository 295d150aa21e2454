//! A connection to a server, plain or under TLS, behind one type.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// What packets travel over.
#[derive(Debug)]
pub enum Socket {
    /// As it is.
    Plain(TcpStream),
    /// Under TLS.
    Secure(Box<TlsStream<TcpStream>>),
    /// No server at all.
    #[cfg(test)]
    Memory(tokio::io::DuplexStream),
}

macro_rules! each {
    ($this:expr, |$stream:ident| $work:expr) => {
        match $this.get_mut() {
            Self::Plain($stream) => {
                let $stream = Pin::new($stream);
                $work
            }
            Self::Secure($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $work
            }
            #[cfg(test)]
            Self::Memory($stream) => {
                let $stream = Pin::new($stream);
                $work
            }
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self, |stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, |stream| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, |stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, |stream| stream.poll_shutdown(cx))
    }
}
