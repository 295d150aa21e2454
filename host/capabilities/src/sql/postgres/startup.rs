//! From a socket to a session: encryption, who we are, and what every session of ours is set to.

use std::time::Duration;

use bytes::BufMut as _;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256};
use watertight_sandbox::sql::{Fault, SqlLimits, code};

use super::cancel::Canceller;
use super::certificate;
use super::errors::Complaint;
use super::message::{Body, put_text, sized, without_nul, write};
use super::session::Session;
use super::stream::{Stream, Tls};
use super::wire::Wire;
use crate::net::NetPolicy;
use crate::sql::url::{Host, PostgresSettings};

/// Settings of the connection begin so in every message.
pub(super) const PREFIX: &str = "connection.";

/// How the socket is to be encrypted.
pub(super) enum Encryption<'a> {
    No,
    /// Plain if the server has none.
    Offered(&'a Tls),
    Demanded(&'a Tls),
}

/// Connects and says who we are.
pub(super) async fn start(
    settings: &PostgresSettings,
    host: &Host,
    net: &NetPolicy,
    encryption: Encryption<'_>,
    limits: &SqlLimits,
) -> Result<Session, Fault> {
    let socket = net.connect(&host.name, host.port, settings.connect_timeout).await.map_err(|error| {
        if error.denied() { Fault::new(code::DENIED, error.to_string()) } else { Fault::gone(error.to_string()) }
    })?;
    let target = format!("{}:{}", host.name, host.port);
    let unreachable = |error: std::io::Error| Fault::gone(format!("cannot connect to {target}: {error}"));
    let address = socket.peer_addr().map_err(unreachable)?;
    let (stream, tls) = match encryption {
        Encryption::No => (Stream::Plain(socket), None),
        Encryption::Offered(tls) => {
            (Stream::encrypted(socket, tls).await.map_err(|e| not_encrypted(&target, &e))?, Some(tls))
        }
        Encryption::Demanded(tls) => {
            let stream = Stream::encrypted(socket, tls).await.map_err(|error| not_encrypted(&target, &error))?;
            if !stream.is_encrypted() {
                let text = format!("the server at {target} has no TLS, which {PREFIX}sslmode demands");
                return Err(Fault::new(code::CONFIG, text));
            }
            (stream, Some(tls))
        }
    };
    let tls = tls.filter(|_| stream.is_encrypted()).cloned();
    let canceller = Canceller { address, tls, process: 0, secret: 0 };
    let wire = Wire::new(stream, canceller, limits.row, settings.socket_timeout);
    let mut session = Session::new(wire, *limits);
    greet(&mut session, settings)?;
    authenticate(&mut session, settings).await?;
    furnish(&mut session, settings, limits.statement).await?;
    Ok(session)
}

fn not_encrypted(target: &str, error: &std::io::Error) -> Fault {
    // What rustls says comes as an error of this kind; all else is the network's.
    if error.kind() == std::io::ErrorKind::InvalidData {
        let text =
            format!("TLS with the server at {target} failed: {error}; look at {PREFIX}sslmode and {PREFIX}sslrootcert");
        return Fault::new(code::CONFIG, text);
    }
    Fault::gone(format!("cannot connect to {target} with TLS: {error}"))
}

fn greet(session: &mut Session, settings: &PostgresSettings) -> Result<(), Fault> {
    let application = settings.application_name.as_deref().unwrap_or("watertight");
    let parameters = [
        ("user", settings.user.as_str()),
        ("database", &settings.database),
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("TimeZone", "UTC"),
        ("application_name", application),
    ];
    for (name, value) in parameters {
        without_nul(name, value)?;
    }
    sized(&mut session.wire.output, |out| {
        // Version 3.0.
        out.put_i32(196_608);
        for (name, value) in parameters {
            put_text(out, name);
            put_text(out, value);
        }
        out.put_u8(0);
    });
    Ok(())
}

async fn authenticate(session: &mut Session, settings: &PostgresSettings) -> Result<(), Fault> {
    let mut scram = None;
    loop {
        let head = session.wire.head().await?;
        let mut body = Body(session.wire.body(head));
        match head.tag {
            b'E' => return Err(Complaint::read(body.0).fault_of_opening(PREFIX)),
            b'R' => match body.u32() {
                Some(0) if scram.is_none() => {}
                // In the middle of a proof that it owes us.
                Some(0) => return Err(session.wire.nonsense()),
                Some(3) => {
                    let password = password(settings)?.to_owned();
                    answer(session, |out| put_text(out, &password));
                }
                Some(5) => {
                    let Some(salt) = body.take(4).and_then(|salt| salt.try_into().ok()) else {
                        return Err(session.wire.nonsense());
                    };
                    let (user, password) = (settings.user.as_bytes(), password(settings)?.as_bytes());
                    let hash = postgres_protocol::authentication::md5_hash(user, password, salt);
                    answer(session, |out| put_text(out, &hash));
                }
                Some(10) => {
                    let mut offered = Vec::new();
                    while let Some(name) = body.text().filter(|name| !name.is_empty()) {
                        offered.push(name);
                    }
                    scram = Some(begin_scram(session, settings, &offered)?);
                }
                Some(11) => {
                    let data = body.0.to_vec();
                    let Some(scram) = &mut scram else { return Err(session.wire.nonsense()) };
                    scram.update(&data).map_err(|error| not_authentic(&error))?;
                    let data = scram.message().to_vec();
                    answer(session, |out| out.put_slice(&data));
                }
                Some(12) => {
                    let data = body.0.to_vec();
                    let Some(mut scram) = scram.take() else { return Err(session.wire.nonsense()) };
                    scram.finish(&data).map_err(|error| not_authentic(&error))?;
                }
                Some(other) => {
                    let text = format!(
                        "the server wants a kind of authentication (number {other}) that is not supported: passwords \
                         (SCRAM-SHA-256, md5) and certificates are"
                    );
                    return Err(Fault::new(code::UNSUPPORTED, text));
                }
                None => return Err(session.wire.nonsense()),
            },
            b'K' => {
                let (Some(process), Some(secret)) = (body.i32(), body.i32()) else {
                    return Err(session.wire.nonsense());
                };
                let canceller = session.wire.canceller();
                canceller.process = process;
                canceller.secret = secret;
            }
            b'Z' => {
                session.wire.consume(head);
                return Ok(());
            }
            b'v' => {}
            _ => return Err(session.wire.nonsense()),
        }
        session.wire.consume(head);
    }
}

fn answer(session: &mut Session, body: impl FnOnce(&mut bytes::BytesMut)) {
    write(&mut session.wire.output, b'p', body);
}

fn password(settings: &PostgresSettings) -> Result<&str, Fault> {
    match &settings.password {
        Some(password) => without_nul("the password", password.expose()),
        None => Err(Fault::new(code::CONFIG, format!("the server wants a password, and {PREFIX}password is not set"))),
    }
}

fn not_authentic(error: &std::io::Error) -> Fault {
    let text = format!("the server could not show that it knows the password: {error}; look at {PREFIX}password");
    Fault::new(code::CONFIG, text)
}

/// With proof that nobody stands between, where there is TLS and the server can.
fn begin_scram(session: &mut Session, settings: &PostgresSettings, offered: &[String]) -> Result<ScramSha256, Fault> {
    let offers = |name: &str| offered.iter().any(|offer| offer == name);
    let hash = session.wire.stream().certificate().and_then(certificate::hash);
    let (name, binding) = match hash {
        Some(hash) if offers(SCRAM_SHA_256_PLUS) => (SCRAM_SHA_256_PLUS, ChannelBinding::tls_server_end_point(hash)),
        Some(_) => (SCRAM_SHA_256, ChannelBinding::unrequested()),
        None => (SCRAM_SHA_256, ChannelBinding::unsupported()),
    };
    if !offers(name) {
        return Err(Fault::new(
            code::UNSUPPORTED,
            format!("the server wants {}, which is not supported", offered.join(", ")),
        ));
    }
    let scram = ScramSha256::new(password(settings)?.as_bytes(), binding);
    let first = scram.message().to_vec();
    answer(session, |out| {
        put_text(out, name);
        out.put_i32(i32::try_from(first.len()).unwrap_or(0));
        out.put_slice(&first);
    });
    Ok(scram)
}

/// What proxies do not take among the parameters of a start.
async fn furnish(session: &mut Session, settings: &PostgresSettings, limit: Duration) -> Result<(), Fault> {
    let limit = limit.as_millis().clamp(1, i32::MAX as u128);
    let mut sql = format!("SET extra_float_digits = 3; SET statement_timeout = {limit}");
    if settings.read_only {
        sql.push_str("; SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
    }
    session.command(&sql).await?;
    if let Some(path) = &settings.search_path {
        let set = "SELECT pg_catalog.set_config('search_path', $1, false)";
        session.ask(set, &[Some(path)]).await.map_err(|fault| Fault {
            code: code::CONFIG.to_owned(),
            message: format!("{}; look at currentSchema in {PREFIX}url", fault.message),
            ..fault
        })?;
    }
    Ok(())
}
