#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;

use super::*;

/// Longer than any machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers one thing after another, and the last again and again.
#[derive(Default)]
struct Answers {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

#[async_trait::async_trait]
impl Resolver for Answers {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().unwrap();
        match answers.len() {
            0 => Err(io::Error::other("no such name")),
            1 => Ok(answers[0].clone()),
            _ => Ok(answers.pop_front().unwrap()),
        }
    }
}

fn answers(all: &[&[&str]]) -> Arc<Answers> {
    let parsed = all.iter().map(|answer| answer.iter().map(|text| text.parse().unwrap()).collect()).collect();
    Arc::new(Answers { answers: Mutex::new(parsed), asked: AtomicUsize::new(0) })
}

/// What a policy says of a host at port 5432 whose name leads to these addresses.
async fn ask(policy: &str, host: &str, leads_to: &[&str]) -> Result<Vec<IpAddr>, NetError> {
    let policy = NetPolicy::parse(policy).unwrap().with_resolver(answers(&[leads_to]));
    Ok(policy.resolve(host, 5432).await?.iter().map(SocketAddr::ip).collect())
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn nothing_is_granted_by_default_and_the_denial_has_the_line_to_add() {
    for host in ["db.example.com", "DB.Example.COM.", "192.0.2.7", "2001:db8::1"] {
        let error = ask("", host, &["192.0.2.1"]).await.unwrap_err();
        assert!(error.denied(), "{host}");
        let text = error.to_string();
        let line = HostName::parse(host).unwrap().with_port(5432);
        assert!(text.ends_with(&format!("add it to the worker property sandbox.net.allow: {line}")), "{text}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_granted_is_not_even_looked_up() {
    let resolver = answers(&[&["192.0.2.1"]]);
    let policy = NetPolicy::parse("db.example.com:5432,10.0.0.0/8:3306").unwrap().with_resolver(resolver.clone());
    for (host, port) in [("evil.example.com", 5432), ("db.example.com", 5433), ("xdb.example.com", 5432)] {
        assert!(matches!(policy.resolve(host, port).await, Err(NetError::Denied { .. })), "{host}:{port}");
    }
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 0);
    assert!(policy.resolve("db.example.com", 5432).await.is_ok());
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_granted_in_a_line_is_reached_and_nothing_else() {
    let granted = [
        ("db.example.com:5432", "DB.example.com.", "192.0.2.1"),
        ("DB.Example.com.:5432", "db.example.com", "192.0.2.1"),
        ("*.example.com:5432", "a.b.example.com", "192.0.2.1"),
        ("db.example.com:*", "db.example.com", "192.0.2.1"),
        ("db.example.com:5430-5439", "db.example.com", "10.1.2.3"),
        ("192.0.2.7:5432", "192.0.2.7", ""),
        ("[2001:db8::7]:5432", "[2001:db8::7]", ""),
        ("[2001:db8::]/32:5432", "2001:db8::7", ""),
        ("[2001:db8::/32]:5432", "2001:db8::7", ""),
        ("192.0.2.7:5432", "::ffff:192.0.2.7", ""),
        ("0.0.0.0/0:5432", "192.0.2.7", ""),
        ("[::]/0:5432", "2001:db8::1", ""),
        // Nobody granted the name, but all that it leads to.
        ("10.0.0.0/8:5432", "db.example.com", "10.1.2.3"),
    ];
    for (policy, host, leads_to) in granted {
        let leads_to: Vec<&str> = Some(leads_to).filter(|text| !text.is_empty()).into_iter().collect();
        let result = ask(policy, host, &leads_to).await;
        assert!(result.is_ok(), "{policy} {host}: {result:?}");
    }
    let denied = [
        ("*.example.com:5432", "example.com", "192.0.2.1"),
        ("*.example.com:5432", "badexample.com", "192.0.2.1"),
        ("db.example.com:5433", "db.example.com", "192.0.2.1"),
        ("db.example.com:5433-5439", "db.example.com", "192.0.2.1"),
        ("10.0.0.0/8:5432", "11.0.0.0", ""),
        ("10.0.0.0/8:5432", "db.example.com", "192.0.2.1"),
        ("192.0.2.7:5432", "192.0.2.8", ""),
        ("0.0.0.0/0:5432", "2001:db8::1", ""),
        ("[::]/0:5432", "192.0.2.7", ""),
    ];
    for (policy, host, leads_to) in denied {
        let leads_to: Vec<&str> = Some(leads_to).filter(|text| !text.is_empty()).into_iter().collect();
        let result = ask(policy, host, &leads_to).await;
        assert!(result.as_ref().is_err_and(NetError::denied), "{policy} {host}: {result:?}");
    }
}

/// Loopback, link-local, metadata and the like, as themselves and in every disguise.
const SPECIAL: [&str; 44] = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.1.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::169.254.169.254",
    "::2",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1:ffff::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:6464:64c8::",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::5efe:127.0.0.1",
    "2001:db8::200:5efe:127.0.0.1",
    "fe80::5efe:10.0.0.1",
    "64:ff9b::100.100.100.200",
];

#[tokio::test]
async fn a_granted_name_never_leads_to_this_machine_its_neighbours_or_its_cloud() {
    for address in SPECIAL {
        for policy in ["db.example.com:5432", "*.example.com:*", "db.example.com:*,0.0.0.0/0:*,[::]/0:*"] {
            let error = ask(policy, "db.example.com", &[address]).await.expect_err(address);
            assert!(matches!(error, NetError::Redirected { .. }), "{policy} {address}: {error}");
            let line = HostName::parse(address).unwrap().with_port(5432);
            assert!(error.to_string().ends_with(&format!("sandbox.net.allow: {line}")), "{error}");
        }
        let error = ask("0.0.0.0/0:*,[::]/0:*", address, &[]).await.expect_err(address);
        assert!(error.denied(), "{address}");
    }
}

#[tokio::test]
async fn what_the_message_says_to_add_grants_it() {
    for address in SPECIAL {
        let error = ask("db.example.com:5432", "db.example.com", &[address]).await.unwrap_err().to_string();
        let (_, line) = error.rsplit_once("sandbox.net.allow: ").unwrap();
        assert!(ask(line, address, &[]).await.is_ok(), "{line} {address}");
        assert!(ask(&format!("db.example.com:5432,{line}"), "db.example.com", &[address]).await.is_ok(), "{line}");
        assert!(ask(line, "192.0.2.1", &[]).await.is_err(), "{line}");
    }
}

#[tokio::test]
async fn a_network_grants_special_addresses_only_if_it_is_wholly_of_their_kind() {
    for (policy, address, granted) in [
        ("127.0.0.0/8:*", "127.0.0.1", true),
        ("127.0.0.1/32:*", "127.0.0.1", true),
        ("126.0.0.0/7:*", "127.0.0.1", false),
        ("126.0.0.0/7:*", "126.0.0.1", true),
        ("169.254.0.0/16:*", "169.254.1.1", true),
        ("169.254.0.0/16:*", "169.254.169.254", false),
        ("169.254.169.254:*", "169.254.169.254", true),
        ("100.64.0.0/10:*", "100.100.100.200", false),
        ("100.64.0.0/10:*", "100.100.100.201", true),
        ("[fd00::]/8:*", "fd00:ec2::254", false),
        ("[fd00::]/8:*", "fd00:1::1", true),
        ("[fe80::]/10:*", "fe80::1", true),
    ] {
        assert_eq!(ask(policy, address, &[]).await.is_ok(), granted, "{policy} {address}");
    }
}

#[tokio::test]
async fn of_several_addresses_only_those_that_may_be_are_left() {
    let left =
        ask("db.example.com:5432", "db.example.com", &["127.0.0.1", "192.0.2.1", "::1", "::ffff:192.0.2.1"]).await;
    assert_eq!(left.unwrap(), [ip("192.0.2.1")]);
    let left = ask("10.0.0.0/8:5432", "db.example.com", &["192.0.2.1", "10.0.0.1"]).await;
    assert_eq!(left.unwrap(), [ip("10.0.0.1")]);
}

#[tokio::test]
async fn localhost_means_this_machine_where_it_is_granted_by_that_name_and_nothing_else() {
    let loopback = ["127.0.0.1", "::1", "192.0.2.1"];
    assert_eq!(ask("localhost:5432", "LocalHost.", &loopback).await.unwrap(), [ip("127.0.0.1"), ip("::1")]);
    assert!(ask("localhost:5432", "localhost", &["192.0.2.1"]).await.is_err());
    assert!(ask("localhost:5432", "127.0.0.1", &[]).await.unwrap_err().denied());
    assert!(ask("localhost:5432", "db.example.com", &["127.0.0.1"]).await.unwrap_err().denied());
    assert!(ask("localhost:5432", "localhost.example.com", &["127.0.0.1"]).await.unwrap_err().denied());
    assert!(ask("*.localhost:5432", "a.localhost", &["127.0.0.1"]).await.unwrap_err().denied());
    assert!(ask("127.0.0.1:5432", "localhost", &["127.0.0.1"]).await.is_ok());
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_is_not_followed() {
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = inside.local_addr().unwrap().port();
    let resolver = answers(&[&["192.0.2.1"], &["127.0.0.1"]]);
    let policy = NetPolicy::parse("db.example.com:*").unwrap().with_resolver(resolver.clone());
    assert!(policy.resolve("db.example.com", port).await.is_ok());
    let error = policy.connect("db.example.com", port, Some(PATIENCE)).await.unwrap_err();
    assert!(matches!(error, NetError::Redirected { .. }), "{error}");
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_connection_looks_the_name_up_once_and_goes_to_what_was_checked() {
    let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = first.local_addr().unwrap();
    // A second look would lead to an address that is not granted, and fail.
    let resolver = answers(&[&["127.0.0.1"], &["192.0.2.1"]]);
    let policy = NetPolicy::parse("127.0.0.1:*").unwrap().with_resolver(resolver.clone());
    let stream = policy.connect("db.example.com", address.port(), Some(PATIENCE)).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), address);
    assert!(stream.nodelay().unwrap());
    assert!(socket2::SockRef::from(&stream).keepalive().unwrap());
    assert_eq!(resolver.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn every_address_is_tried_until_one_answers() {
    let server = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let policy = || NetPolicy::parse("127.0.0.0/8:*").unwrap();
    let found = policy().with_resolver(answers(&[&["127.0.0.1", "127.0.0.2"]]));
    for limit in [None, Some(PATIENCE)] {
        assert!(found.connect("db.example.com", port, limit).await.is_ok());
    }
    let none = policy().with_resolver(answers(&[&["127.0.0.1", "127.0.0.3"]]));
    let error = none.connect("db.example.com", port, Some(PATIENCE)).await.unwrap_err();
    assert!(!error.denied());
    let text = error.to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}: ")) && text.contains(&format!("127.0.0.3:{port}: ")), "{text}");
}

#[tokio::test]
async fn a_resolver_that_never_answers_is_not_waited_for() {
    struct Never;
    #[async_trait::async_trait]
    impl Resolver for Never {
        async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
            std::future::pending().await
        }
    }
    let policy = NetPolicy::parse("db.example.com:*").unwrap().with_resolver(Arc::new(Never));
    let error = policy.connect("db.example.com", 1, Some(Duration::from_millis(20))).await.unwrap_err();
    assert!(matches!(error, NetError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn a_name_without_addresses_is_unknown() {
    let policy = || NetPolicy::parse("db.example.com:*").unwrap();
    for resolver in [answers(&[]), answers(&[&[]])] {
        let error = policy().with_resolver(resolver).resolve("db.example.com", 1).await.unwrap_err();
        assert!(matches!(error, NetError::Unknown { .. }) && !error.denied(), "{error}");
    }
}

#[test]
fn spellings_of_an_address_that_only_a_resolver_understands_are_no_hosts() {
    let spellings = [
        "0x7f.1",
        "0x7f000001",
        "0X7F000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127.0.0.1..",
        "127.0.0.256",
        "db.1",
        "db.0x",
        "1",
        "[127.0.0.1]",
        "[::1",
        "::1]",
        "fe80::1%eth0",
        "[fe80::1%25eth0]",
        "::ffff:0x7f.1",
    ];
    for text in spellings {
        assert!(HostName::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_no_name_is_no_host() {
    let long_label = format!("{}.com", "a".repeat(64));
    let long_name = format!("{}com", "a.".repeat(126));
    let texts = [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a b",
        "a/b",
        "a@b",
        "a\0b",
        "a%00b",
        "a\nb",
        "ⓛocalhost",
        "löcal.example",
        "a:b",
        "*.a",
        "１２７.０.０.１",
        "localhost\u{3002}",
        &long_label,
        &long_name,
    ];
    for text in texts {
        let error = HostName::parse(text).expect_err(text).to_string();
        assert!(!error.contains(['\0', '\n']), "{error}");
    }
}

#[test]
fn a_value_that_cannot_be_meant_is_named_with_the_setting() {
    let bad = [
        ("db.example.com", "it needs a port, as in db.example.com:5432"),
        ("db.example.com:", "'' is not a port"),
        ("db.example.com:0", "'0' is not a port"),
        ("db.example.com:65536", "'65536' is not a port"),
        ("db.example.com:+1", "'+1' is not a port"),
        ("db.example.com:http", "'http' is not a port"),
        ("db.example.com:2-1", "the range 2-1 is empty"),
        ("db.example.com:1-2-3", "'2-3' is not a port"),
        ("*:5432", "name the hosts"),
        ("*.:5432", "it is empty"),
        ("*.1:5432", "four decimal numbers"),
        ("*.10.0.0.1:5432", "a network is written as"),
        ("a.*.b:5432", "letters, digits"),
        ("2001:db8::1:5432", "an IPv6 address stands in brackets"),
        ("[2001:db8::1:5432", "a bracket is not closed"),
        ("[2001:db8::1]", "it needs a port"),
        ("[10.0.0.1]:5432", "brackets are for IPv6"),
        ("10.0.0.0/33:5432", "/33 is not a length of 0 to 32"),
        ("10.0.0.0/-1:5432", "/-1 is not a length"),
        ("10.0.0.1/8:5432", "10.0.0.1 is within a network of /8"),
        ("[2001:db8::1]/32:5432", "2001:db8::1 is within a network of /32"),
        ("db.example.com/8:5432", "db.example.com is not an address"),
        ("[::ffff:0:0]/96:5432", "write IPv4 networks as IPv4"),
        ("0x7f.1:5432", "four decimal numbers"),
        ("jdbc:postgresql://db:5432", "an IPv6 address stands in brackets"),
    ];
    for (value, reason) in bad {
        let error = NetPolicy::parse(&format!("ok.example.com:1, {value}")).err().expect(value).to_string();
        assert!(error.starts_with(&format!("Invalid value {value} for configuration sandbox.net.allow: ")), "{error}");
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_policy_is_described_as_it_was_written() {
    assert_eq!(NetPolicy::default().describe(), "none");
    assert_eq!(NetPolicy::parse(" ").unwrap().describe(), "none");
    assert_eq!(NetPolicy::parse("a:1, b:2 ").unwrap().describe(), "a:1, b:2");
}
