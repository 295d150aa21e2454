//! Servers that are none: whatever they say, and wherever they stop, a guest gets a fault, and the worker goes on.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What a server says to each thing that it hears, in turn; after the last it says no more.
type Script = Vec<Vec<u8>>;

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], length.as_slice(), body].concat()
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn welcome() -> Vec<u8> {
    [
        message(b'R', &[0; 4]),
        message(b'S', b"server_version\x0015\0"),
        message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]),
        ready(),
    ]
    .concat()
}

fn row(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        match value {
            None => body.extend_from_slice(&[0xff; 4]),
            Some(value) => {
                body.extend_from_slice(&u32::try_from(value.len()).unwrap().to_be_bytes());
                body.extend_from_slice(value);
            }
        }
    }
    message(b'D', &body)
}

/// Welcome, settings, and which database it is: a connection.
fn opened() -> Script {
    vec![
        welcome(),
        [message(b'C', b"SET\0"), ready()].concat(),
        [
            message(b'1', b""),
            message(b'2', b""),
            row(&[Some(b"shop"), Some(b"public"), Some(b"f")]),
            message(b'C', b"SELECT 1\0"),
            ready(),
        ]
        .concat(),
    ]
}

/// The statement has one column of this type.
fn prepared(oid: u32) -> Vec<u8> {
    let mut field = b"\0\x01c\0".to_vec();
    field.extend_from_slice(&[0; 6]);
    field.extend_from_slice(&oid.to_be_bytes());
    field.extend_from_slice(&[0xff; 8]);
    [message(b'1', b""), message(b't', &[0, 0]), message(b'T', &field), ready()].concat()
}

fn bound() -> Vec<u8> {
    [message(b'C', b"BEGIN\0"), message(b'Z', b"T"), message(b'2', b""), message(b'Z', b"T")].concat()
}

/// Opens a connection to it and selects, to the end.
async fn meet(script: Script) -> Result<Tapes, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let script = script.clone();
            tokio::spawn(async move {
                let mut heard = [0; 64 * 1024];
                for said in script {
                    if socket.read(&mut heard).await.unwrap_or(0) == 0 || socket.write_all(&said).await.is_err() {
                        return;
                    }
                }
                let _ = socket.read(&mut heard).await;
            });
        }
    });
    let all = HashMap::from([
        ("connection.url".to_owned(), format!("jdbc:postgresql://{address}/shop?sslmode=disable")),
        ("connection.user".to_owned(), USER.to_owned()),
        ("connection.password".to_owned(), PASSWORD.to_owned()),
    ]);
    let net = NetPolicy::parse(&address).unwrap();
    let files = FileRoots::parse("", Path::new("/")).unwrap();
    let databases = Databases::new(all, Arc::new(files), Arc::new(net));
    let met = async {
        let mut connection = databases.open("connection.", &limits()).await?;
        select(&mut connection, "SELECT c").await
    };
    let met = tokio::time::timeout(Duration::from_secs(60), met).await;
    server.abort();
    met.expect("it waits for ever")
}

async fn with(rest: Vec<Vec<u8>>) -> Result<Tapes, Fault> {
    meet([opened(), rest].concat()).await
}

#[tokio::test]
async fn a_server_that_keeps_to_the_protocol_is_understood() {
    let done = [row(&[Some(b"\0\0\0\x07")]), message(b'C', b"SELECT 1\0"), message(b'Z', b"T")].concat();
    let end = [message(b'C', b"COMMIT\0"), ready()].concat();
    let tapes = with(vec![prepared(23), bound(), done, end]).await.unwrap();
    assert_eq!(tapes, [[ValueNode::Fields(1), int(7)]]);
}

#[tokio::test]
async fn nonsense_instead_of_a_welcome_is_a_fault() {
    assert!(meet(Vec::new()).await.unwrap_err().lost);
    let authentication = |kind: u8, rest: &[u8]| message(b'R', &[&[0, 0, 0, kind], rest].concat());
    for (name, said) in [
        ("http", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("a length below four", vec![b'R', 0, 0, 0, 3]),
        ("a negative length", vec![b'R', 0xff, 0xff, 0xff, 0xff]),
        ("a length without end", vec![b'R', 0x7f, 0xff, 0xff, 0xff]),
        ("no kind of authentication", message(b'R', &[])),
        ("Kerberos", authentication(7, &[])),
        ("md5 without salt", authentication(5, &[1, 2])),
        ("a proof that was not begun", authentication(12, b"v=AAAA")),
        ("a challenge that was not begun", authentication(11, b"r=a,s=b,i=1")),
        ("an unknown mechanism", authentication(10, b"MAGIC\0\0")),
        ("a mechanism without end", authentication(10, b"SCRAM-SHA-256")),
        ("a row", row(&[Some(b"x")])),
        ("a key that is cut off", [message(b'R', &[0; 4]), message(b'K', &[0])].concat()),
        ("another encoding", [message(b'R', &[0; 4]), message(b'S', b"client_encoding\0LATIN1\0"), ready()].concat()),
        ("a setting without value", [message(b'R', &[0; 4]), message(b'S', b"x"), ready()].concat()),
    ] {
        let fault = meet(vec![said]).await.expect_err(name);
        assert!(!format!("{fault:?}").contains("geheim"), "{name}: {fault:?}");
    }
}

#[tokio::test]
async fn a_proof_that_is_not_given_lets_nobody_in() {
    // It asks for one, and then says that all is well without having shown that it knows the password.
    let begun = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
    let fault = meet(vec![begun.clone(), welcome()]).await.unwrap_err();
    assert!(fault.message.contains("protocol"), "{}", fault.message);
    let challenge = message(b'R', b"\0\0\0\x0br=other,s=AAAA,i=4096");
    let fault = meet(vec![begun.clone(), challenge]).await.unwrap_err();
    assert!(fault.message.contains("connection.password"), "{}", fault.message);
    let slow = message(b'R', b"\0\0\0\x0br=other,s=AAAA,i=4000000000");
    assert!(meet(vec![begun, slow]).await.is_err());
}

#[tokio::test]
async fn nonsense_instead_of_rows_is_a_fault() {
    let end = || [message(b'C', b"SELECT 1\0"), message(b'Z', b"T")].concat();
    let value = |oid: u32, raw: &[u8]| vec![prepared(oid), bound(), [row(&[Some(raw)]), end()].concat()];
    let numeric = |parts: [u16; 5]| parts.iter().flat_map(|part| part.to_be_bytes()).collect::<Vec<u8>>();
    for (name, rest) in [
        ("no answer", vec![]),
        ("a field that is cut off", vec![[message(b'T', b"\0\x05a\0"), ready()].concat()]),
        ("so many parameters that are not there", vec![[message(b't', &[0xff; 2]), ready()].concat()]),
        ("too few columns", vec![prepared(23), bound(), [row(&[]), end()].concat()]),
        ("too many columns", vec![prepared(23), bound(), [row(&[None, None]), end()].concat()]),
        ("a value that is cut off", vec![prepared(23), bound(), message(b'D', b"\0\x01\0\0\0\x09abc")]),
        ("a negative length", vec![prepared(23), bound(), message(b'D', b"\0\x01\xff\xff\xff\xfe")]),
        ("an integer of three bytes", value(23, b"abc")),
        ("an empty integer", value(20, b"")),
        ("a numeric with more digits than it has", value(1700, &numeric([9, 0, 0, 0, 1]))),
        ("a numeric without sign", value(1700, &numeric([1, 0, 0x1234, 0, 1]))),
        ("a text that is none", value(25, &[0xff, 0xfe])),
        (
            "an array without end",
            value(1007, &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1]),
        ),
        ("an array of less than nothing", value(1007, &[0xff; 12])),
        ("the time of nowhere", value(1266, &[0x7f; 12][..11])),
        ("copying out", vec![prepared(23), bound(), message(b'H', &[0, 0, 0])]),
        ("copying in", vec![prepared(23), message(b'G', &[0, 0, 0])]),
        ("a complaint of nothing", vec![prepared(23), bound(), [message(b'E', b""), message(b'Z', b"E")].concat()]),
        ("a complaint without end", vec![prepared(23), bound(), [message(b'E', b"Mx"), message(b'Z', b"E")].concat()]),
        ("a row that is too long", vec![prepared(25), bound(), [&[b'D'][..], &[0x10, 0, 0, 0]].concat()]),
    ] {
        let fault = with(rest).await.expect_err(name);
        assert!(!fault.message.is_empty(), "{name}");
    }
    // What has no meaning, but is read as something.
    for (oid, raw) in [
        (1700, numeric([1, 0x7fff, 0, 0xffff, 0xffff])),
        (1700, numeric([1, 0x8000, 0x4000, 0, 0xffff])),
        (1266, [0x7f; 12].to_vec()),
        (1114, [&[0x7f, 0xff, 0xff, 0xff], &[0xff, 0xff, 0xff, 0xfe][..]].concat()),
    ] {
        let _ = with(value(oid, &raw)).await;
    }
}
