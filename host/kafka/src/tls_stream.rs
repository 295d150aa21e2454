//! TLS over a socket, on either side of it.
//!
//! OpenSSL notes errors per thread, and takes what it finds there for its own. librdkafka leaves some behind on the
//! threads that make clients; so they are cleared before each step.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{Error, Ssl, SslContextBuilder, SslRef};
use openssl::x509::X509;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_openssl::SslStream;

/// Sets up what this side shows: its certificate, those that vouch for it, and its key, all in PEM.
///
/// # Errors
/// One of them is no such thing, or the key is another's.
pub fn show(builder: &mut SslContextBuilder, chain: &str, key: &str) -> Result<(), ErrorStack> {
    let mut chain = X509::stack_from_pem(chain.as_bytes())?.into_iter();
    if let Some(own) = chain.next() {
        builder.set_certificate(&own)?;
    }
    for issuer in chain {
        builder.add_extra_chain_cert(issuer)?;
    }
    let key = PKey::private_key_from_pem(key.as_bytes())?;
    builder.set_private_key(&key)?;
    builder.check_private_key()
}

/// A connection whose bytes are encrypted once [`connect`](Self::connect) or [`accept`](Self::accept) is through.
#[derive(Debug)]
pub struct TlsStream<S>(SslStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S> {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// OpenSSL is out of memory.
    pub fn new(ssl: Ssl, stream: S) -> Result<Self, ErrorStack> {
        SslStream::new(ssl, stream).map(Self)
    }

    /// The client's handshake.
    ///
    /// # Errors
    /// The other side is not trusted, does not trust us, or is gone.
    pub async fn connect(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.inner().poll_connect(cx)).await
    }

    /// The server's handshake.
    ///
    /// # Errors
    /// As for [`connect`](Self::connect).
    pub async fn accept(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.inner().poll_accept(cx)).await
    }

    /// What is below, for whoever has to end the connection.
    pub fn get_mut(&mut self) -> &mut S {
        self.0.get_mut()
    }

    /// What was agreed upon.
    pub fn ssl(&self) -> &SslRef {
        self.0.ssl()
    }

    fn inner(&mut self) -> Pin<&mut SslStream<S>> {
        ErrorStack::get();
        Pin::new(&mut self.0)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        self.get_mut().inner().poll_read(cx, to)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<std::io::Result<usize>> {
        self.get_mut().inner().poll_write(cx, from)
    }
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.get_mut().inner().poll_flush(cx)
    }
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.get_mut().inner().poll_shutdown(cx)
    }
}
