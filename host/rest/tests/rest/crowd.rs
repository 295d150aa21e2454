//! Many clients, and clients that do not behave.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use watertight_rest::{Connections, RestOptions, SocketOptions, router, serve_with};

use crate::fake::FakeHerder;

const ROOT: &str = "GET / HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n";

async fn start(options: SocketOptions, herder: FakeHerder) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(Arc::new(herder), RestOptions::default());
    tokio::spawn(serve_with(listener, router, options, std::future::pending()));
    address
}

fn at_most(limit: usize) -> SocketOptions {
    SocketOptions { connections: Connections::at_most(limit), ..SocketOptions::default() }
}

async fn say(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn read(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_out() {
    let address = start(at_most(4), FakeHerder::default()).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(TcpStream::connect(address).await.unwrap());
        assert!(read(say(address, ROOT).await).await.starts_with("HTTP/1.1 200 OK"));
    }
    assert_eq!(read(idle.remove(0)).await, "", "the first one had to go");
}

#[tokio::test]
async fn an_idle_connection_that_was_used_makes_room_too() {
    let address = start(at_most(1), FakeHerder::default()).await;
    let mut kept = say(address, "GET / HTTP/1.1\r\nhost: w\r\n\r\n").await;
    let mut first = [0; 15];
    kept.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(read(say(address, ROOT).await).await.starts_with("HTTP/1.1 200 OK"));
    assert!(!read(kept).await.contains("HTTP/1.1"));
}

#[tokio::test]
async fn when_all_are_at_work_the_next_one_is_told_to_come_back() {
    let delay = Some(Duration::from_millis(600));
    let address = start(at_most(2), FakeHerder { delay, ..FakeHerder::default() }).await;
    let busy = [say(address, ROOT).await, say(address, ROOT).await];
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answer = read(say(address, ROOT).await).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("'rest.max.connections'"), "{answer}");
    for stream in busy {
        assert!(read(stream).await.starts_with("HTTP/1.1 200 OK"));
    }
    assert!(read(say(address, ROOT).await).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_a_while() {
    let options = SocketOptions { header_timeout: Duration::from_millis(200), ..SocketOptions::default() };
    let address = start(options, FakeHerder::default()).await;
    let started = Instant::now();
    read(TcpStream::connect(address).await.unwrap()).await;
    read(say(address, "GET / HTTP/1.1\r\nhost: w\r\n\r\n").await).await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn requests_in_one_go_are_answered_in_order() {
    let address = start(SocketOptions::default(), FakeHerder::default()).await;
    let three = "GET / HTTP/1.1\r\nhost: w\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: w\r\n\r\n".to_owned() + ROOT;
    let answer = read(say(address, &three).await).await;
    let codes: Vec<&str> =
        answer.match_indices("HTTP/1.1 ").filter_map(|(at, _)| answer.get(at + 9..at + 12)).collect();
    assert_eq!(codes, ["200", "404", "200"], "{answer}");
}

#[tokio::test]
async fn the_old_version_of_http_is_spoken_too() {
    let address = start(SocketOptions::default(), FakeHerder::default()).await;
    let answer = read(say(address, "GET / HTTP/1.0\r\n\r\n").await).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_client_that_has_said_all_may_close_its_side() {
    let delay = Some(Duration::from_millis(200));
    let address = start(SocketOptions::default(), FakeHerder { delay, ..FakeHerder::default() }).await;
    let mut stream = say(address, "GET / HTTP/1.1\r\nhost: w\r\n\r\n").await;
    stream.shutdown().await.unwrap();
    assert!(read(stream).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn exactly_one_host_is_wanted() {
    let address = start(SocketOptions::default(), FakeHerder::default()).await;
    for hosts in ["", "host: a\r\nhost: b\r\n"] {
        let answer = read(say(address, &format!("GET / HTTP/1.1\r\n{hosts}\r\n")).await).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("one Host header"), "{answer}");
    }
}

#[tokio::test]
async fn headers_without_end_are_refused_in_time() {
    let address = start(SocketOptions::default(), FakeHerder::default()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: w\r\nx: {}\r\n\r\n", "a".repeat(1 << 20));
    let many = format!("GET / HTTP/1.1\r\nhost: w\r\n{}\r\n", "a:b\r\n".repeat(2000));
    for request in [long, many] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // It may be refused before all is sent.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut first = [0; 13];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 431 ");
    }
}

#[tokio::test]
async fn many_large_bodies_that_do_not_end_leave_room_for_usual_ones() {
    let address = start(SocketOptions::default(), FakeHerder::default()).await;
    let head = "PUT /connectors/file-source/config HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\n";
    let mut waiting = Vec::new();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..12 {
        let mut stream = say(address, &format!("{head}content-length: 8000000\r\n\r\n")).await;
        for _ in 0..7 {
            // The last ones are refused on the way.
            let _ = stream.write_all(&chunk).await;
        }
        waiting.push(stream);
    }
    let mut refused = 0;
    for stream in &mut waiting {
        let mut first = [0; 12];
        let answer = tokio::time::timeout(Duration::from_millis(200), stream.read_exact(&mut first)).await;
        refused += usize::from(answer.is_ok_and(|read| read.is_ok() && &first == b"HTTP/1.1 503"));
    }
    assert!(refused > 0 && refused < 12, "{refused} of 12 were refused");
    let usual = say(address, &format!("{head}connection: close\r\ncontent-length: 2\r\n\r\n{{}}")).await;
    let answer = read(usual).await;
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

/// A request whose body will not come as promised.
fn promise(line: &str, length: usize) -> String {
    format!("{line} HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{{")
}

#[tokio::test]
async fn bodies_that_do_not_come_keep_nobody_out() {
    let address = start(at_most(4), FakeHerder::default()).await;
    let mut slow = Vec::new();
    for _ in 0..5 {
        for line in
            ["PUT /connectors/a/config", "POST /connectors", "POST /connectors/a/tasks", "PUT /connectors/a/fence"]
        {
            slow.push(say(address, &promise(line, 1000)).await);
        }
        // Their heads are read by then.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = read(say(address, ROOT).await).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    let answer = read(slow.remove(0)).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("'rest.max.connections'"), "{answer}");
}

#[tokio::test]
async fn who_is_given_a_long_answer_is_not_idle() {
    let ghosts = (0..100_000).map(|number| format!("{number:0200}")).collect();
    let address = start(at_most(1), FakeHerder { ghosts, ..FakeHerder::default() }).await;
    let given = say(address, "GET /connectors HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(read(say(address, ROOT).await).await.starts_with("HTTP/1.1 503 "));
    assert!(read(given).await.len() > 20_000_000);
    assert!(read(say(address, ROOT).await).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn large_bodies_count_until_their_requests_are_done() {
    let delay = Some(Duration::from_secs(2));
    let address = start(SocketOptions::default(), FakeHerder { delay, ..FakeHerder::default() }).await;
    let put = |length: usize| {
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        format!(
            "PUT /connectors/a/config HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
    };
    let large = put(6_000_000);
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(tokio::spawn(read(say(address, &large).await)));
    }
    let begun = Instant::now();
    let mut codes = Vec::new();
    for answer in all {
        codes.push(answer.await.unwrap().get(9..12).map(str::to_owned).unwrap_or_default());
    }
    codes.sort();
    assert_eq!(codes, ["201", "201", "503", "503", "503", "503"]);
    assert!(begun.elapsed() > Duration::from_secs(1));
    assert!(read(say(address, &large).await).await.starts_with("HTTP/1.1 201 "), "all is given back");
}
