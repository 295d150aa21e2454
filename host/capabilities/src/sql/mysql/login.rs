//! From settings to a session: hosts in turn, within what the network policy grants, with the time zone, character
//! set and strictness that the JVM's drivers give their sessions.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use watertight_sandbox::sql::{Fault, code};

use super::ending::Ending;
use super::session::Session;
use super::sign_in::{Identity, Secured, sign_in};
use super::socket::Socket;
use super::trouble::Trouble;
use super::wire::Wire;
use crate::files::FileRoots;
use crate::net::{NetError, NetPolicy};
use crate::sql::tls::{TlsError, TlsWish, server_name};
use crate::sql::url::{Host, MysqlSettings};

/// How to get a session, as often as one is needed.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who signs in.
    pub identity: Identity,
    /// TLS, with the name of one host.
    pub tls: Option<Secured>,
    /// No packet above it.
    pub limit: usize,
    /// How long a server may keep silent.
    pub silence: Option<Duration>,
}

/// The smallest limit for a packet: descriptions and errors have to come through, however small rows are to be.
const LEAST: usize = 64 * 1024;

/// A session with the first host that answers.
pub async fn open(settings: &MysqlSettings, net: &NetPolicy, files: &FileRoots, row: usize) -> Result<Session, Fault> {
    let config = settings.tls.client_config(files).map_err(|error| badly_secured(&error))?;
    let required = match settings.tls.wish {
        TlsWish::Disable | TlsWish::Allow | TlsWish::Prefer => false,
        TlsWish::Require | TlsWish::VerifyCa | TlsWish::VerifyFull => true,
    };
    let identity = Identity {
        user: settings.user.clone(),
        password: settings.password.clone(),
        database: settings.database.clone(),
        takes_key: settings.retrieve_public_key,
    };
    let mut last = Fault::new(code::CONFIG, "connection.url names no host");
    for host in &settings.hosts {
        let tls = match &config {
            None => None,
            Some(config) => {
                let name = server_name(&host.name).map_err(|error| badly_secured(&error))?;
                Some(Secured { config: config.clone(), name, required })
            }
        };
        let login = Login { identity: identity.clone(), tls, limit: row.max(LEAST), silence: settings.socket_timeout };
        match reach(&login, host, net, settings.connect_timeout).await {
            Ok(session) => return Ok(session),
            // The next host may be there; but who was let in nowhere is told so by the first that refused.
            Err(fault) if fault.retriable => last = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(last)
}

async fn reach(login: &Login, host: &Host, net: &NetPolicy, limit: Option<Duration>) -> Result<Session, Fault> {
    let stream = net.connect(&host.name, host.port, limit).await.map_err(unreachable)?;
    let address = stream.peer_addr().map_err(|error| Fault::from(Trouble::Broken(error)))?;
    let welcome = login.over(stream).await.map_err(|trouble| login.explain(trouble))?;
    let ending = Ending::new(login.clone(), address, welcome.greeting.id);
    let mut session = Session::new(welcome, ending);
    session.prepare_for_work().await?;
    Ok(session)
}

impl Login {
    /// Another connection to the same address, which was checked when the first was made.
    pub async fn again(&self, address: SocketAddr) -> Result<super::sign_in::Welcome, Trouble> {
        self.over(TcpStream::connect(address).await?).await
    }

    async fn over(&self, stream: TcpStream) -> Result<super::sign_in::Welcome, Trouble> {
        let wire = Wire::new(Socket::Plain(stream), self.limit, self.silence);
        sign_in(wire, self.limit, &self.identity, self.tls.as_ref()).await
    }

    fn explain(&self, trouble: Trouble) -> Fault {
        match trouble {
            Trouble::Refused(refusal) => refusal.at_login(&self.identity.user),
            other => other.into(),
        }
    }
}

fn badly_secured(error: &TlsError) -> Fault {
    Fault { lost: true, ..Fault::new(code::CONFIG, error.to_string()) }
}

fn unreachable(error: NetError) -> Fault {
    if error.denied() {
        return Fault { lost: true, ..Fault::new(code::DENIED, error.to_string()) };
    }
    let code = if matches!(error, NetError::TimedOut { .. }) { code::TIMEOUT } else { code::UNAVAILABLE };
    Fault { retriable: true, lost: true, ..Fault::new(code, error.to_string()) }
}
