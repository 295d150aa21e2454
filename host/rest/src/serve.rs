//! The socket. `axum::serve` waits for ever for a client's headers and for ever at shutdown; a worker that
//! anyone on the network may connect to must do neither.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Who sent a request; in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// How patient the socket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketOptions {
    /// For a request's line and headers, and for the next request on an idle connection.
    pub header_timeout: Duration,
    /// For requests under way when the worker stops; then they are cut.
    pub shutdown_timeout: Duration,
    /// What one connection may hold unread.
    pub buffer_bytes: usize,
}

impl Default for SocketOptions {
    fn default() -> Self {
        SocketOptions {
            header_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(5),
            buffer_bytes: 64 * 1024,
        }
    }
}

/// Serves until `shutdown` completes, then lets requests under way end, for a while.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(listener, router, SocketOptions::default(), shutdown).await
}

/// [`serve`] with a patience of your own.
pub async fn serve_with(
    listener: TcpListener,
    router: Router,
    options: SocketOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = connection(stream, Peer(peer), router.clone(), &options);
                    let connection = graceful.watch(connection);
                    // How a connection ended is the client's business; each request had its own answer.
                    connections.spawn(async move { drop(connection.await) });
                }
                Err(error) => after_failed_accept(&error).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    if tokio::time::timeout(options.shutdown_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("{} REST connections were still busy at shutdown and were cut", connections.len());
    }
    connections.shutdown().await;
    Ok(())
}

type Connection<S> = http1::Connection<TokioIo<TcpStream>, S>;

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    options: &SocketOptions,
) -> Connection<
    impl Service<
        hyper::Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + Send
    + use<>,
> {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.buffer_bytes)
        .serve_connection(TokioIo::new(stream), service)
}

/// A connection that broke before we took it is nothing; a lack of file descriptors passes, but not sooner
/// for being asked in a tight loop.
async fn after_failed_accept(error: &io::Error) {
    let is_clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_clients {
        tracing::error!("REST cannot accept connections: {error}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
