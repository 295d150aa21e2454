//! Signing in. A server may ask for another way than the first; those that hand it the password are followed only
//! where nobody else can read it.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::answer::no_refusal;
use super::bytes::Bytes;
use super::greeting::{Greeting, Who, ability, agreed, push_answer, push_request};
use super::scramble;
use super::socket::Socket;
use super::trouble::Trouble;
use super::wire::Wire;
use crate::sql::url::Password;

const NATIVE: &str = "mysql_native_password";
const CACHING: &str = "caching_sha2_password";
/// Rounds of questions that a server may ask.
const ROUNDS: usize = 8;

/// Who signs in.
#[derive(Debug, Clone)]
pub struct Identity {
    /// By this name.
    pub user: String,
    /// With this password.
    pub password: Option<Password>,
    /// Into this database.
    pub database: Option<String>,
    /// A server's public key is taken from itself, whoever it is.
    pub takes_key: bool,
}

/// TLS, where it is wished for.
#[derive(Debug, Clone)]
pub struct Secured {
    /// How.
    pub config: Arc<ClientConfig>,
    /// Whom the certificate is to name.
    pub name: ServerName<'static>,
    /// A server without TLS will not do.
    pub required: bool,
}

/// What was agreed on.
#[derive(Debug)]
pub struct Welcome {
    /// Packets from here on.
    pub wire: Wire,
    /// What the server said first.
    pub greeting: Greeting,
    /// What both sides can do.
    pub abilities: u32,
}

/// Goes from a new connection to one that takes commands.
pub async fn sign_in(mut wire: Wire, limit: usize, who: &Identity, tls: Option<&Secured>) -> Result<Welcome, Trouble> {
    let silence = wire.silence();
    let packet = wire.packet().await?;
    no_refusal(packet)?;
    let greeting = Greeting::read(packet)?;
    let offered = greeting.abilities & ability::TLS != 0;
    if let Some(tls) = tls
        && tls.required
        && !offered
    {
        let text = "the database offers no TLS, and connection.url asks for it (sslMode)";
        return Err(Trouble::Settings(text.into()));
    }
    let abilities = agreed(&greeting, who.database.is_some(), tls.is_some());
    let mut secure = false;
    if let Some(tls) = tls.filter(|_| offered) {
        wire.reply(|out| push_request(out, abilities, limit))?;
        wire.send().await?;
        wire = Wire::new(secured(wire, tls).await?, limit, silence).after(2);
        secure = true;
    }
    let plugin = if greeting.plugin == CACHING { CACHING } else { NATIVE };
    let proof = proof(plugin, who, &greeting.nonce);
    let database = who.database.as_deref().unwrap_or_default();
    let answer = Who { user: &who.user, database, plugin, answer: &proof };
    wire.reply(|out| {
        push_request(out, abilities, limit);
        push_answer(out, abilities, &answer);
    })?;
    wire.send().await?;
    converse(&mut wire, who, plugin.to_owned(), greeting.nonce.clone(), secure).await?;
    wire.busy = false;
    Ok(Welcome { wire, greeting, abilities })
}

async fn secured(wire: Wire, tls: &Secured) -> Result<Socket, Trouble> {
    let socket = wire.into_socket().ok_or(Trouble::Protocol("bytes before TLS began"))?;
    let Socket::Plain(stream) = socket else { return Err(Trouble::Protocol("TLS under TLS")) };
    let stream = TlsConnector::from(Arc::clone(&tls.config)).connect(tls.name.clone(), stream).await;
    let stream =
        stream.map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(why) => Trouble::Settings(format!(
                "TLS with the database failed: {why}; check sslMode and the certificates that connection.url names"
            )),
            None => Trouble::Broken(error),
        })?;
    Ok(Socket::Secure(Box::new(stream)))
}

fn proof(plugin: &str, who: &Identity, nonce: &[u8]) -> Vec<u8> {
    let password = who.password.as_ref().map_or("", Password::expose).as_bytes();
    if plugin == CACHING { scramble::caching(password, nonce) } else { scramble::native(password, nonce) }
}

async fn converse(
    wire: &mut Wire,
    who: &Identity,
    mut plugin: String,
    mut nonce: Vec<u8>,
    secure: bool,
) -> Result<(), Trouble> {
    const FAST_DONE: u8 = 3;
    const FULL_WANTED: u8 = 4;
    const KEY_PLEASE: u8 = 2;
    let password = who.password.as_ref().map_or("", Password::expose).as_bytes();
    for _ in 0..ROUNDS {
        let packet = wire.packet().await?;
        match packet {
            [0x00, ..] => return Ok(()),
            [0xff, ..] => return no_refusal(packet),
            [0xfe, rest @ ..] => {
                let mut bytes = Bytes(rest);
                plugin = String::from_utf8_lossy(bytes.until_zero()).into_owned();
                if plugin != NATIVE && plugin != CACHING {
                    return Err(unknown(&plugin, who));
                }
                nonce = bytes.0.strip_suffix(&[0]).unwrap_or(bytes.0).to_vec();
                let proof = proof(&plugin, who, &nonce);
                wire.reply(|out| out.extend_from_slice(&proof))?;
                wire.send().await?;
            }
            [0x01, FAST_DONE] if plugin == CACHING => {}
            [0x01, FULL_WANTED] if plugin == CACHING && secure => {
                wire.reply(|out| {
                    out.extend_from_slice(password);
                    out.push(0);
                })?;
                wire.send().await?;
            }
            [0x01, FULL_WANTED] if plugin == CACHING && who.takes_key => {
                wire.reply(|out| out.push(KEY_PLEASE))?;
                wire.send().await?;
            }
            [0x01, FULL_WANTED] if plugin == CACHING => {
                return Err(Trouble::Settings(
                    "the database wants the password itself, and without TLS others could read it: use TLS \
                     (sslMode=REQUIRED or better), or take the key that it offers, with \
                     allowPublicKeyRetrieval=true"
                        .into(),
                ));
            }
            [0x01, key @ ..] if plugin == CACHING && who.takes_key && !secure => {
                let sealed =
                    scramble::sealed(password, &nonce, key).ok_or(Trouble::Protocol("a public key that is none"))?;
                wire.reply(|out| out.extend_from_slice(&sealed))?;
                wire.send().await?;
            }
            _ => return Err(Trouble::Protocol("an answer to a sign-in")),
        }
    }
    Err(Trouble::Protocol("questions without end while signing in"))
}

fn unknown(plugin: &str, who: &Identity) -> Trouble {
    let plugin: String = plugin.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    Trouble::Settings(format!(
        "the database wants {} to sign in by '{plugin}', which this worker does not do: give the user {NATIVE} or \
         {CACHING}",
        who.user
    ))
}
