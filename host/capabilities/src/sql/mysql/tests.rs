//! Doubles of servers: hostile ones, and those of a kind or age that the tests do not have as programs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;

use super::ending::Ending;
use super::greeting::ability;
use super::greeting::tests::greeting;
use super::login::Login;
use super::scramble;
use super::session::Session;
use super::sign_in::{Identity, Secured, Welcome, sign_in};
use super::socket::Socket;
use super::trouble::Trouble;
use super::wire::Wire;
use crate::sql::url::Password;

const PASSWORD: &str = "geheim-4711";
const CACHING: &str = "caching_sha2_password";
const NATIVE: &str = "mysql_native_password";
const LIMIT: usize = 1 << 20;

/// What a double sends: packets with their numbers, turn by turn. Between two turns the client has a packet to send.
type Script = Vec<Vec<(u8, Vec<u8>)>>;

/// A server that says this and no more, and remembers what it was told.
fn server(script: Script) -> (Wire, JoinHandle<Vec<Vec<u8>>>) {
    let (ours, theirs) = duplex(64 * 1024);
    (Wire::new(Socket::Memory(ours), LIMIT, None), tokio::spawn(play(theirs, script)))
}

async fn play(mut stream: DuplexStream, script: Script) -> Vec<Vec<u8>> {
    let mut heard = Vec::new();
    for (place, turn) in script.into_iter().enumerate() {
        if place > 0 {
            let mut head = [0; 4];
            if stream.read_exact(&mut head).await.is_err() {
                return heard;
            }
            let mut packet = vec![0; u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize];
            stream.read_exact(&mut packet).await.unwrap();
            heard.push(packet);
        }
        for (number, body) in turn {
            if stream.write_all(&head(&body, number)).await.is_err() {
                return heard;
            }
        }
    }
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    heard.push(rest);
    heard
}

fn head(body: &[u8], number: u8) -> Vec<u8> {
    let mut head = u32::try_from(body.len()).unwrap().to_le_bytes();
    head[3] = number;
    [&head[..], body].concat()
}

fn identity(takes_key: bool) -> Identity {
    Identity {
        user: "ann".into(),
        password: Some(Password::new(PASSWORD.into())),
        database: Some("shop".into()),
        takes_key,
    }
}

const OK: [u8; 7] = [0, 0, 0, 2, 0, 0, 0];

/// Signs in to a double; what came of it, and what the server heard.
async fn signed_in(plugin: &str, after: Script, takes_key: bool) -> (Result<Welcome, Trouble>, Vec<Vec<u8>>) {
    let mut script = vec![vec![(0, greeting("8.4.3", !ability::TLS, plugin))]];
    script.extend(after);
    let (wire, heard) = server(script);
    let outcome = sign_in(wire, LIMIT, &identity(takes_key), None).await;
    let failed = outcome.is_err();
    // A connection that failed is closed by being dropped.
    let outcome =
        if failed { outcome } else { outcome.map(|welcome| Welcome { wire: closed(welcome.wire), ..welcome }) };
    (outcome, heard.await.unwrap())
}

/// Lets the double go.
fn closed(wire: Wire) -> Wire {
    drop(wire);
    let (ours, _) = duplex(1);
    Wire::new(Socket::Memory(ours), LIMIT, None)
}

fn tells(heard: &[Vec<u8>], text: &[u8]) -> bool {
    heard.iter().any(|packet| packet.windows(text.len()).any(|window| window == text))
}

#[tokio::test]
async fn a_cached_password_is_proven_and_never_sent() {
    let (outcome, heard) = signed_in(CACHING, vec![vec![(2, vec![1, 3]), (3, OK.to_vec())]], false).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    let proof = scramble::caching(PASSWORD.as_bytes(), b"12345678abcdefghijkl");
    assert!(tells(&heard, &proof) && tells(&heard, b"ann\0") && tells(&heard, b"shop\0"));
    assert!(!tells(&heard, PASSWORD.as_bytes()));
}

#[tokio::test]
async fn a_password_that_is_not_cached_is_not_sent_where_others_can_read_it() {
    let (outcome, heard) = signed_in(CACHING, vec![vec![(2, vec![1, 4])]], false).await;
    let text = outcome.unwrap_err().to_string();
    assert!(text.contains("sslMode") && text.contains("allowPublicKeyRetrieval") && !text.contains(PASSWORD), "{text}");
    assert!(!tells(&heard, PASSWORD.as_bytes()));
    // With leave to take its key, the server alone can read it.
    let key = [&[1][..], scramble::tests::KEY].concat();
    let (outcome, heard) =
        signed_in(CACHING, vec![vec![(2, vec![1, 4])], vec![(4, key)], vec![(6, OK.to_vec())]], true).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(heard[1], [2]);
    assert_eq!(scramble::tests::unsealed(&heard[2], b"12345678abcdefghijkl"), PASSWORD.as_bytes());
    assert!(!tells(&heard, PASSWORD.as_bytes()));
    // And what is no key gets nothing.
    let (outcome, heard) =
        signed_in(CACHING, vec![vec![(2, vec![1, 4])], vec![(4, b"\x01no key".to_vec())]], true).await;
    assert!(matches!(outcome, Err(Trouble::Protocol(_))));
    assert!(!tells(&heard, PASSWORD.as_bytes()));
}

#[tokio::test]
async fn a_server_may_ask_for_another_way_but_not_for_the_password() {
    let other = |plugin: &str, nonce: &[u8]| [&[0xfe][..], plugin.as_bytes(), &[0], nonce, &[0]].concat();
    let (outcome, heard) =
        signed_in(CACHING, vec![vec![(2, other(NATIVE, b"another nonce of 20 b"))], vec![(4, OK.to_vec())]], false)
            .await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(heard[1], scramble::native(PASSWORD.as_bytes(), b"another nonce of 20 b"));
    for plugin in ["mysql_clear_password", "dialog", "sha256_password", "client_ed25519"] {
        let (outcome, heard) = signed_in(NATIVE, vec![vec![(2, other(plugin, b"nonce"))]], true).await;
        let text = outcome.unwrap_err().to_string();
        assert!(text.contains(plugin) && text.contains(NATIVE), "{text}");
        assert!(!tells(&heard, PASSWORD.as_bytes()));
    }
    // Not for ever, either; nor without a nonce.
    let ask = |number| vec![(number, other(NATIVE, b""))];
    let (outcome, _) = signed_in(NATIVE, (1..12).map(|round| ask(2 * round)).collect(), false).await;
    assert!(matches!(outcome, Err(Trouble::Protocol(_))), "{outcome:?}");
}

#[tokio::test]
async fn tls_that_is_asked_for_is_not_done_without() {
    let config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = ServerName::try_from("db.example.com").unwrap();
    let tls = Secured { config: config.into(), name, required: true };
    let (wire, heard) = server(vec![vec![(0, greeting("8.4.3", !ability::TLS, NATIVE))]]);
    let outcome = sign_in(wire, LIMIT, &identity(false), Some(&tls)).await;
    assert!(matches!(&outcome, Err(Trouble::Settings(text)) if text.contains("sslMode")), "{outcome:?}");
    assert!(heard.await.unwrap().concat().is_empty());
    // Bytes that somebody put before TLS are not taken for what comes under it.
    let (wire, heard) = server(vec![vec![(0, greeting("8.4.3", u32::MAX, NATIVE)), (1, vec![0; 100])]]);
    let outcome = sign_in(wire, LIMIT, &identity(false), Some(&tls)).await;
    assert!(outcome.is_err());
    assert!(!tells(&heard.await.unwrap(), b"ann"));
}

/// A session with a double that gives these answers.
fn session(abilities: u32, answers: Vec<(u8, Vec<u8>)>) -> (Session, JoinHandle<Vec<Vec<u8>>>) {
    let script = vec![vec![(0, Vec::new())], answers];
    let (wire, heard) = server(script);
    let greeting = super::greeting::Greeting::read(&greeting("8.4.3", u32::MAX, NATIVE)).unwrap();
    let login = Login { identity: identity(false), tls: None, limit: LIMIT, silence: None };
    let ending = Ending::new(login, ([127, 0, 0, 1], 1).into(), 7);
    (Session::new(Welcome { wire, greeting, abilities }, ending), heard)
}

#[tokio::test]
async fn a_server_that_asks_for_a_file_gets_nothing() {
    let (mut session, heard) = session(ability::OURS, vec![(1, b"\xfb/etc/passwd".to_vec())]);
    session.wire.packet().await.unwrap();
    let trouble = session.run("SET x = 1").await.unwrap_err();
    assert!(matches!(trouble, Trouble::File) && trouble.ends());
    drop(session);
    let heard = heard.await.unwrap();
    assert_eq!(heard, [b"\x03SET x = 1".to_vec(), Vec::new()]);
}

#[tokio::test]
async fn what_is_announced_above_the_limit_is_never_in_memory() {
    let (mut session, _heard) = session(ability::OURS, vec![(1, vec![0; LIMIT + 1])]);
    session.wire.packet().await.unwrap();
    let trouble = session.run("SET x = 1").await.unwrap_err();
    assert!(matches!(trouble, Trouble::Large { limit: LIMIT }), "{trouble:?}");
    assert!(trouble.to_string().contains("sandbox.sql.row.bytes"));
}

#[tokio::test]
async fn servers_that_end_descriptions_with_a_packet_are_understood() {
    use super::column::tests::described;
    let eof = [0xfe, 0, 0, 2, 0];
    let (mut ours, theirs) = duplex(64 * 1024);
    let mut answer = head(&[2], 1);
    answer.extend(head(&described(8, 63, 20, 0, 0), 2));
    answer.extend(head(&described(253, 45, 80, 0, 31), 3));
    answer.extend(head(&eof, 4));
    answer.extend(head(b"\x0816777216\xfb", 5));
    answer.extend(head(&eof, 6));
    answer.extend(head(&OK, 1));
    ours.write_all(&head(&OK, 1)).await.unwrap();
    ours.write_all(&answer).await.unwrap();
    let wire = Wire::new(Socket::Memory(theirs), LIMIT, None);
    let greeting = super::greeting::Greeting::read(&greeting("5.5.9", u32::MAX, NATIVE)).unwrap();
    let login = Login { identity: identity(false), tls: None, limit: LIMIT, silence: None };
    let ending = Ending::new(login, ([127, 0, 0, 1], 1).into(), 7);
    let mut session = Session::new(Welcome { wire, greeting, abilities: ability::OURS & !ability::NO_EOF }, ending);
    session.prepare_for_work().await.unwrap();
    assert_eq!((session.wire.most, session.catalog.as_deref()), (16_777_216, None));
    session.ping().await.unwrap();
    assert!(!session.wire.busy);
}

/// Numbers that look like chance, the same ones every time.
struct Chance(u64);

impl Iterator for Chance {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0.to_be_bytes().first().copied()
    }
}

#[test]
fn no_packet_makes_a_panic() {
    use super::column::tests::{TASTE, described};
    use super::column::{Field, Kind};
    use super::decode::{Reading, row};
    use super::moment::Zeros;
    let mut chance = Chance(7);
    let forms =
        ["text", "integer", "decimal:3", "timestamp:nanos@Europe/Berlin", "date", "time", "bytes", "boolean", "float"];
    let readings: Vec<Reading> = [1_u8, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 16, 245, 246, 252, 253]
        .iter()
        .flat_map(|number| {
            let field = Field::read(&described(*number, 45, 9, 0, 6)).unwrap();
            forms.map(|form| Reading::new(&field, form.parse().unwrap(), Zeros::Round))
        })
        .collect();
    for _ in 0..3_000 {
        let length = usize::from(chance.next().unwrap()) % 60;
        let packet: Vec<u8> = chance.by_ref().take(length).collect();
        let _ = super::greeting::Greeting::read(&packet);
        let _ = super::answer::first(&packet);
        let _ = super::answer::prepared(&packet);
        let _ = super::answer::refused(&packet);
        for abilities in [0, ability::OURS] {
            let _ = super::answer::end_of_rows(&packet, abilities);
        }
        if let Ok(field) = Field::read(&packet) {
            assert!(field.kind == Kind::Null || !field.column(TASTE).type_name.is_empty());
        }
        for reading in &readings {
            let body = [&[0, 0][..], &packet].concat();
            let _ = row(&body, std::slice::from_ref(reading), 1);
        }
    }
}
