//! The REST API of a Connect worker, ours or a genuine one, asked one thing at a time.

mod address;
mod credentials;
pub(crate) mod shapes;
mod tls;

use std::time::Duration;

use base64::Engine as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{Method, Request};

use address::Base;
pub(crate) use address::path;

use crate::args::Worker;
use crate::failure::Failure;

/// Nothing a worker says is longer.
const LARGEST: u64 = 256 * 1024 * 1024;
/// A host that does not answer at all is noticed sooner than one that works on it.
const CONNECT: Duration = Duration::from_secs(10);

/// A worker to ask.
pub(crate) struct Client {
    agent: ureq::Agent,
    base: Base,
    authorization: Option<String>,
}

/// What it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// HTTP's.
    pub(crate) status: u16,
    /// The body.
    pub(crate) text: String,
}

impl Client {
    /// Reads the options. Nothing is asked yet.
    pub(crate) fn new(options: &Worker) -> Result<Self, Failure> {
        let base = Base::parse(&options.url)?;
        let login = credentials::find(options, &base)?;
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .timeout_connect(Some(CONNECT.min(options.timeout)))
            .http_status_as_error(false)
            // A redirect would turn a PUT into a GET; it is reported instead.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .user_agent(concat!("watertight/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls::config(options)?);
        // Whoever has a proxy for the world does not mean it for this machine.
        let config = if base.is_loopback() { config.proxy(None) } else { config };
        Ok(Self {
            agent: config.build().new_agent(),
            base,
            authorization: login.map(|login| {
                let both = format!("{}:{}", login.name, login.password);
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
            }),
        })
    }

    /// Whom it asks, without secrets.
    pub(crate) fn url(&self) -> &str {
        self.base.shown()
    }

    /// Asks. An answer with an error status is a failure.
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        let answer = self.exchange(method, path, body)?;
        match answer.status {
            200..=299 => Ok(answer),
            300..=399 => Err(self.strange(format!("it answers with a redirect ({})", answer.status))),
            status => {
                let said = serde_json::from_str::<Value>(&answer.text).ok();
                let message = said.as_ref().and_then(|body| body.get("message")).and_then(Value::as_str);
                Err(Failure::refused(status, message.unwrap_or(&shortened(&answer.text))))
            }
        }
    }

    /// Asks, and takes any answer for one.
    pub(crate) fn exchange(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.base.asked()))
            .header("Accept", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let unusable = |error: ureq::http::Error| Failure::Usage(format!("{}: {error}", self.url()));
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).map_err(unusable)?)
            }
            None if method == Method::GET || method == Method::DELETE => {
                self.agent.run(request.body(()).map_err(unusable)?)
            }
            None => self.agent.run(request.body("").map_err(unusable)?),
        };
        let mut answer = answer.map_err(|error| self.unreachable(error))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(LARGEST).read_to_string();
        Ok(Answer { status, text: text.map_err(|error| self.unreachable(error))? })
    }

    /// GET
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask(Method::GET, path, None)
    }

    /// GET of something whose shape we know.
    pub(crate) fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.parse(&self.get(path)?)
    }

    /// The answer as what it should be.
    pub(crate) fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Failure> {
        serde_json::from_str(&answer.text)
            .map_err(|error| self.strange(format!("{error} in {:?}", shortened(&answer.text))))
    }

    fn strange(&self, reason: String) -> Failure {
        Failure::Strange { url: self.url().to_owned(), reason }
    }

    fn unreachable(&self, error: ureq::Error) -> Failure {
        const ADDRESS: &str = "\nIs it running? --url or WATERTIGHT_URL names another";
        const TRUST: &str = "\n--cacert names whom to trust; --cert and --key show who asks; http:// goes without";
        let (reason, hint) = match error {
            ureq::Error::Io(error) if is_tls(&error) => (error.to_string(), TRUST),
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                ("connection refused".to_owned(), ADDRESS)
            }
            ureq::Error::Io(error) => (error.to_string(), ADDRESS),
            ureq::Error::HostNotFound => ("no such host".to_owned(), ADDRESS),
            ureq::Error::Timeout(_) => (
                "no answer in time".to_owned(),
                "\n--timeout says how long to wait; 'watertight health' asks how it is",
            ),
            ureq::Error::Tls(reason) => (reason.to_owned(), TRUST),
            ureq::Error::Rustls(error) => (error.to_string(), TRUST),
            ureq::Error::Protocol(error) => return self.strange(error.to_string()),
            other => (other.to_string(), ADDRESS),
        };
        Failure::Unreachable { url: self.url().to_owned(), reason, hint }
    }
}

/// rustls hides in I/O errors.
fn is_tls(error: &std::io::Error) -> bool {
    let text = error.to_string();
    error.kind() == std::io::ErrorKind::InvalidData || text.contains("certificate") || text.contains("handshake")
}

/// The first line, not for ever; of a page that is meant for browsers, its title.
fn shortened(text: &str) -> String {
    let title = text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(title, _)| title);
    let line = title.unwrap_or(text).trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(200) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_no_json_the_part_for_people_is_shown() {
        assert_eq!(shortened("<html>\n<head>\n<title>Error 400 Ambiguous</title>\n"), "Error 400 Ambiguous");
        assert_eq!(shortened("\nno\nmore"), "no");
        assert_eq!(shortened(&"x".repeat(300)).len(), 203);
    }
}
