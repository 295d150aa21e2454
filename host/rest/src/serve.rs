//! The socket. `axum::serve` waits for ever for a client's headers, for ever for a client that does not read, and for
//! ever at shutdown; a worker that anyone on the network may connect to must do none of these.
//!
//! Nothing that a client does holds up the loop that accepts: handshakes, requests and refusals are tasks of their
//! own.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Version, header};
use axum::response::IntoResponse as _;
use futures::future::{Either, ready};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::connections::{Connections, Place};
use crate::error::ApiError;
use crate::listeners::Scheme;
use crate::patient::{Patient, Socket};
use crate::received::{ReceiveError, Received};
use crate::seldom::Seldom;
use crate::socket_options::SocketOptions;
use crate::tls::ServerTls;
use crate::turn_away::TurnAway;

/// For what a connection still has to say when its place is wanted for another.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// So many idle clients are let go when nothing else can be opened.
const AT_ONCE: usize = 32;

/// Who sent a request; in its extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A socket that listens, in the clear or behind TLS.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    tls: Option<ServerTls>,
}

impl Door {
    /// With TLS if there is any.
    pub fn new(listener: TcpListener, tls: Option<ServerTls>) -> Self {
        Door { listener, tls }
    }
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Door { listener, tls: None }
    }
}

/// Serves until `shutdown` completes, then lets requests under way end, for a while.
pub async fn serve(door: impl Into<Door>, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    serve_with(door, router, SocketOptions::default(), shutdown).await
}

/// [`serve`] with a patience of your own.
pub async fn serve_with(
    door: impl Into<Door>,
    router: Router,
    options: SocketOptions,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let Door { listener, tls } = door.into();
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let turn_away = TurnAway::new(options.connections.limit(), tls.is_some());
    let mut complaints = Seldom::default();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match options.connections.admit() {
                    Some(place) => {
                        let client = Client { peer: Peer(peer), place, stopped: stopped.clone() };
                        connections.spawn(welcome(stream, client, tls.clone(), router.clone(), options.clone()));
                    }
                    None => turn_away.tell(stream),
                },
                Err(error) => after_failed_accept(&error, &options.connections, &mut complaints).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    stop.send_replace(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(options.shutdown_timeout, all).await.is_err() {
        tracing::warn!("{} REST connections were still busy at shutdown and were cut", connections.len());
    }
    connections.shutdown().await;
    Ok(())
}

/// One connection.
struct Client {
    peer: Peer,
    place: Place,
    stopped: watch::Receiver<bool>,
}

impl Client {
    /// Completes when the connection should end: true if somebody else waits for its place.
    async fn should_leave(&mut self) -> bool {
        tokio::select! {
            () = self.place.wanted() => true,
            // The sender lives as long as the server.
            _ = self.stopped.wait_for(|stopped| *stopped) => false,
        }
    }
}

async fn welcome(
    stream: TcpStream,
    mut client: Client,
    tls: Option<ServerTls>,
    router: Router,
    options: SocketOptions,
) {
    // Answers are written whole; waiting for more only makes them late.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return talk(stream, Scheme::Http, client, router, &options).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(options.handshake_timeout, tls.accept(stream)) => shaken,
        _ = client.should_leave() => return,
    };
    match shaken {
        Ok(Ok(stream)) => talk(stream, Scheme::Https, client, router, &options).await,
        Ok(Err(error)) => tracing::debug!("TLS handshake with {} failed: {error}", client.peer.0),
        Err(_) => tracing::debug!("TLS handshake with {} was not finished in time", client.peer.0),
    }
}

/// All requests of a connection. How it ends is the client's business; each request had its own answer.
async fn talk<S>(stream: S, scheme: Scheme, mut client: Client, router: Router, options: &SocketOptions)
where
    S: AsyncRead + AsyncWrite + Socket + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let (peer, seat) = (client.peer, client.place.seat());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        if !names_one_host(&request) {
            return Either::Left(ready(Ok::<_, Infallible>(refusal(not_one_host()))));
        }
        let Some(under_way) = seat.begin(!request.body().is_end_stream()) else {
            let error = ReceiveError::Dismissed(seat.limit()).to_string();
            return Either::Left(ready(Ok(refusal(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, error)))));
        };
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(scheme);
        request.extensions_mut().insert(under_way.clone());
        let seat = seat.clone();
        let answer = router.call(request.map(|body| Received::new(body, seat)));
        Either::Right(async move { answer.await.map(|response| Answer::of(response, Some(under_way))) })
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.buffer_bytes)
        // Who sends a request and closes that direction still wants the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(Patient::new(stream, options.write_patience)), service);
    let mut connection = pin!(connection);
    let is_wanted = tokio::select! {
        _ = connection.as_mut() => return,
        is_wanted = client.should_leave() => is_wanted,
    };
    connection.as_mut().graceful_shutdown();
    if is_wanted {
        let _ = timeout(LAST_WORDS, connection).await;
    } else {
        let _ = connection.await;
    }
}

/// HTTP/1.1 demands the header, once: else a proxy and we might not mean the same.
fn names_one_host(request: &hyper::Request<Incoming>) -> bool {
    request.version() != Version::HTTP_11 || request.headers().get_all(header::HOST).iter().count() == 1
}

fn not_one_host() -> ApiError {
    ApiError::bad_request("The request must have one Host header")
}

/// Of a request that nobody has looked at.
fn refusal(error: ApiError) -> hyper::Response<Answer> {
    let mut response = error.into_response();
    response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    Answer::of(response, None)
}

/// A connection that broke before we took it is nothing. A lack of file descriptors passes, but not sooner for being
/// asked in a tight loop; an idle client can help.
async fn after_failed_accept(error: &io::Error, connections: &Connections, complaints: &mut Seldom) {
    let is_clients = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if is_clients {
        return;
    }
    if complaints.is_due() {
        tracing::error!("REST cannot accept connections: {error}");
    }
    // Several, for those who wait are several too.
    let helped = (0..AT_ONCE).filter(|_| connections.dismiss_idlest()).count();
    let pause = if helped > 0 { 20 } else { 500 };
    tokio::time::sleep(Duration::from_millis(pause)).await;
}
