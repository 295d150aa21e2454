//! PostgreSQL. The protocol is spoken here, over a socket that the policy gave: with a client library between, a row
//! would be in memory before anybody could say that it is too long, and types that it does not know in binary could
//! not be read at all. Here a row goes from the socket's buffer into the guest's tape, and whatever has no binary form
//! comes as the server's own text.
//!
//! What a statement may do is for the server to say: `COPY ... TO PROGRAM`, `lo_import`, `dblink` and the like are
//! rights of the role that the connector connects as, on the server's machine, never on the worker's.

mod bind;
mod cancel;
mod catalog;
mod certificate;
mod connection;
mod decode;
mod describe;
mod encode;
mod errors;
mod execute;
mod load;
mod message;
mod prepare;
mod rows;
mod session;
mod startup;
mod statements;
mod stream;
mod types;
mod wire;

use watertight_sandbox::sql::{Fault, SqlConnection, SqlLimits, code};

use super::tls::{self, TlsWish};
use super::url::{Host, PostgresSettings, Target};
use crate::files::FileRoots;
use crate::net::NetPolicy;
use connection::{Connection, Facts};
use session::Session;
use startup::{Encryption, PREFIX, start};
use stream::Tls;

/// Connects, to the first of the hosts that is what is wanted.
pub async fn open(
    settings: PostgresSettings,
    net: &NetPolicy,
    files: &FileRoots,
    limits: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    let opening = connect(&settings, net, files, limits);
    match settings.login_timeout {
        None => opening.await,
        Some(limit) => tokio::time::timeout(limit, opening).await.unwrap_or_else(|_| {
            let text = format!("no connection within {} s (loginTimeout)", limit.as_secs_f64());
            Err(Fault { retriable: true, lost: true, ..Fault::new(code::TIMEOUT, text) })
        }),
    }
}

async fn connect(
    settings: &PostgresSettings,
    net: &NetPolicy,
    files: &FileRoots,
    limits: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    let config = settings.tls.client_config(files).map_err(|error| Fault::new(code::CONFIG, error.to_string()))?;
    // What is preferred is looked for first; then anything will do.
    let rounds: &[Option<bool>] = match settings.target {
        Target::Any => &[None],
        Target::Primary => &[Some(true)],
        Target::Secondary => &[Some(false)],
        Target::PreferPrimary => &[Some(true), None],
        Target::PreferSecondary => &[Some(false), None],
    };
    let mut faults: Vec<Fault> = Vec::new();
    for wanted in rounds {
        for host in &settings.hosts {
            let tls = match &config {
                None => None,
                Some(config) => {
                    let name = tls::server_name(&host.name).map_err(|e| Fault::new(code::CONFIG, e.to_string()))?;
                    Some(Tls { config: std::sync::Arc::clone(config), name })
                }
            };
            match attempt(settings, host, net, tls.as_ref(), limits, *wanted).await {
                Ok(connection) => return Ok(connection),
                // Another host has the same settings.
                Err(fault) if !fault.retriable => return Err(fault),
                Err(fault) => faults.push(fault),
            }
        }
    }
    let messages: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    match faults.into_iter().next() {
        Some(first) => Err(Fault { message: messages.join("; "), ..first }),
        None => Err(Fault::new(code::CONFIG, format!("{PREFIX}url has no host"))),
    }
}

async fn attempt(
    settings: &PostgresSettings,
    host: &Host,
    net: &NetPolicy,
    tls: Option<&Tls>,
    limits: &SqlLimits,
    primary: Option<bool>,
) -> Result<Box<dyn SqlConnection>, Fault> {
    let mut session = encrypted_as_wished(settings, host, net, tls, limits).await?;
    let answers = session
        .ask("SELECT pg_catalog.current_database(), pg_catalog.current_schema(), pg_catalog.pg_is_in_recovery()", &[])
        .await?;
    let mut answer = answers.into_iter().next().unwrap_or_default().into_iter();
    let (catalog, schema, recovering) = (answer.next().flatten(), answer.next().flatten(), answer.next().flatten());
    let is_primary = recovering.as_deref() != Some("t");
    if primary.is_some_and(|wanted| wanted != is_primary) {
        let role = if is_primary { "a primary" } else { "a standby" };
        return Err(Fault::gone(format!("{}:{} is {role}, which targetServerType excludes", host.name, host.port)));
    }
    let facts = Facts {
        version: session.wire.version().to_owned(),
        url: format!("jdbc:postgresql://{}:{}/{}", host.name, host.port, settings.database),
        catalog: catalog.unwrap_or_else(|| settings.database.clone()),
        schema,
    };
    Ok(Box::new(Connection::new(session, facts)))
}

/// `allow` and `prefer` try the other way when the server refuses the first.
async fn encrypted_as_wished(
    settings: &PostgresSettings,
    host: &Host,
    net: &NetPolicy,
    tls: Option<&Tls>,
    limits: &SqlLimits,
) -> Result<Session, Fault> {
    let Some(tls) = tls else { return start(settings, host, net, Encryption::No, limits).await };
    let refused = |fault: &Fault| fault.sqlstate.as_deref() == Some("28000");
    match settings.tls.wish {
        TlsWish::Disable => start(settings, host, net, Encryption::No, limits).await,
        TlsWish::Allow => match start(settings, host, net, Encryption::No, limits).await {
            Err(fault) if refused(&fault) => start(settings, host, net, Encryption::Demanded(tls), limits).await,
            started => started,
        },
        TlsWish::Prefer => match start(settings, host, net, Encryption::Offered(tls), limits).await {
            Err(fault) if refused(&fault) || fault.code == code::CONFIG && fault.sqlstate.is_none() => {
                start(settings, host, net, Encryption::No, limits).await
            }
            started => started,
        },
        TlsWish::Require | TlsWish::VerifyCa | TlsWish::VerifyFull => {
            start(settings, host, net, Encryption::Demanded(tls), limits).await
        }
    }
}
