//! Connections to other workers, in the clear or behind TLS.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use watertight_worker::entities::ConfigMap;

use super::SendError;
use crate::tls::{ClientTls, Stream};

/// For the socket and the handshake: as long as Kafka's client waits for the former.
const PATIENCE: Duration = Duration::from_secs(15);

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector(Arc<Setup>);

struct Setup {
    properties: ConfigMap,
    /// Once it was needed, and could be had.
    tls: Mutex<Option<Arc<ClientTls>>>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    /// Nothing was tried.
    #[error("{0}")]
    Setup(String),
    #[error("{0}")]
    Io(String),
}

/// A connection.
pub(super) enum Socket {
    Plain(TcpStream),
    Secure(Box<Stream>),
}

impl Connector {
    pub(super) fn new(properties: ConfigMap) -> Self {
        Connector(Arc::new(Setup { properties, tls: Mutex::default() }))
    }

    async fn connect(&self, to: &Uri) -> Result<Socket, ConnectError> {
        let host = to.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let is_secure = to.scheme_str() == Some("https");
        let port = to.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let tls = if is_secure { Some(self.tls()?) } else { None };
        let stream = TcpStream::connect((host, port)).await.map_err(|error| ConnectError::Io(error.to_string()))?;
        // Requests are written whole; waiting for more only makes them late.
        let _ = stream.set_nodelay(true);
        match tls {
            None => Ok(Socket::Plain(stream)),
            Some(tls) => match tls.connect(host, stream).await {
                Ok(stream) => Ok(Socket::Secure(Box::new(stream))),
                Err(why) => Err(ConnectError::Io(why)),
            },
        }
    }

    fn tls(&self) -> Result<Arc<ClientTls>, ConnectError> {
        let Setup { properties, tls } = &*self.0;
        let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tls) = &*tls {
            return Ok(Arc::clone(tls));
        }
        let read = ClientTls::from_properties(properties).map_err(|error| ConnectError::Setup(error.to_string()))?;
        Ok(Arc::clone(tls.insert(Arc::new(read))))
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Socket>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Socket>, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let connected = timeout(PATIENCE, this.connect(&to)).await;
            let late = || ConnectError::Io(format!("there was no connection within {} s", PATIENCE.as_secs()));
            Ok(TokioIo::new(connected.unwrap_or_else(|_| Err(late()))?))
        })
    }
}

/// What went wrong below, without the words of each layer above.
pub(super) fn in_words(error: &hyper_util::client::legacy::Error, url: &str) -> SendError {
    let mut deepest: &(dyn Error + 'static) = error;
    loop {
        match deepest.downcast_ref::<ConnectError>() {
            Some(ConnectError::Setup(why)) => return SendError::Setup(why.clone()),
            Some(ConnectError::Io(why)) => return SendError::Io(format!("{url} cannot be reached: {why}")),
            None => {}
        }
        match deepest.source() {
            Some(source) => deepest = source,
            None => return SendError::Io(format!("the connection to {url} broke: {deepest}")),
        }
    }
}

impl Connection for Socket {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_read(cx, to),
            Socket::Secure(stream) => Pin::new(stream).poll_read(cx, to),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_write(cx, from),
            Socket::Secure(stream) => Pin::new(stream).poll_write(cx, from),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Socket::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Socket::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
