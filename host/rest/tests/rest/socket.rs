//! What only a socket shows: slow clients, clients that hang up, shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use watertight_rest::{RestOptions, SocketOptions, router, serve_with};

use crate::fake::FakeHerder;

struct Server {
    address: SocketAddr,
    herder: Arc<FakeHerder>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn start(herder: FakeHerder) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let herder = Arc::new(herder);
    let router = router(herder.clone(), RestOptions::default());
    let options = SocketOptions {
        header_timeout: Duration::from_millis(300),
        shutdown_timeout: Duration::from_millis(600),
        ..SocketOptions::default()
    };
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(serve_with(listener, router, options, async { drop(stopped.await) }));
    Server { address, herder, stop, ended }
}

async fn say(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut text)).await.unwrap();
    text
}

const ROOT: &str = "GET / HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn requests_are_answered_over_a_socket() {
    let server = start(FakeHerder::default()).await;
    let answer = read(say(server.address, ROOT).await).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("4.3.1-watertight"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_end_its_headers_is_dropped() {
    let server = start(FakeHerder::default()).await;
    let started = Instant::now();
    read(say(server.address, "GET / HTTP/1.1\r\nhost:").await).await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_what_it_asked_for() {
    let delay = Some(Duration::from_millis(200));
    let server = start(FakeHerder { delay, ..FakeHerder::default() }).await;
    let stream = say(server.address, "DELETE /connectors/file-source HTTP/1.1\r\nhost: w\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(*server.herder.finished.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_question_whose_client_was_cut_off_is_dropped() {
    let delay = Some(Duration::from_millis(300));
    let server = start(FakeHerder { delay, ..FakeHerder::default() }).await;
    let validate = "PUT /connector-plugins/a/config/validate HTTP/1.1\r\nhost: w\r\n\
                    content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for request in [ROOT, validate] {
        let stream = say(server.address, request).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.set_zero_linger().unwrap();
        drop(stream);
    }
    let stream = say(server.address, "DELETE /connectors/file-source HTTP/1.1\r\nhost: w\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    stream.set_zero_linger().unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(server.herder.asked.lock().unwrap().len(), 3);
    assert_eq!(*server.herder.finished.lock().unwrap(), 1, "what changes something is finished");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_asked_for() {
    let server = start(FakeHerder::default()).await;
    let started = Instant::now();
    let head = "PUT /connectors/a/config HTTP/1.1\r\nhost: w\r\nexpect: 100-continue\r\n\
                content-type: application/json\r\ncontent-length: 20000000\r\n\r\n";
    let answer = read(say(server.address, head).await).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_body_that_is_far_too_large_still_gets_its_answer() {
    let server = start(FakeHerder::default()).await;
    let length = 20 << 20;
    let head = format!(
        "PUT /connectors/a/config HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let mut stream = say(server.address, &head).await;
    stream.write_all(&vec![b'x'; length]).await.unwrap();
    let answer = read(stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("rest.max.body.bytes"), "{answer}");
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let delay = Some(Duration::from_millis(200));
    let server = start(FakeHerder { delay, ..FakeHerder::default() }).await;
    let stream = say(server.address, ROOT).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    assert!(read(stream).await.starts_with("HTTP/1.1 200 OK"));
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn shutdown_waits_for_nobody_for_ever() {
    let delay = Some(Duration::from_secs(60));
    let server = start(FakeHerder { delay, ..FakeHerder::default() }).await;
    let _stream = say(server.address, ROOT).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
