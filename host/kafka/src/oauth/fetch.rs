//! Client credentials: one small HTTP request, repeated while that may help.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::settings::stores::Pem;

/// As `application/x-www-form-urlencoded` wants it, save that a blank becomes `%20`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// No token is larger.
const LARGEST: u64 = 1024 * 1024;

/// What Java leaves to the system; a request that never ends would hold up the client's end as well.
const UNLIMITED: Duration = Duration::from_secs(10);

/// An identity provider and who we are to it.
#[derive(PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) scope: Option<String>,
    pub(super) encode_header: bool,
    pub(super) connect: Option<Duration>,
    pub(super) read: Option<Duration>,
    pub(super) pause: Duration,
    pub(super) longest: Duration,
    pub(super) stores: Pem,
}

enum Failure {
    Passing(String),
    Final(String),
}

impl Endpoint {
    /// The token's text.
    pub(super) fn fetch(&self) -> Result<String, String> {
        let agent = self.agent()?;
        let until = Instant::now() + self.longest;
        let mut pause = self.pause;
        loop {
            let reason = match self.ask(&agent) {
                Ok(token) => return Ok(token),
                Err(Failure::Final(reason)) => return Err(self.failed(&reason)),
                Err(Failure::Passing(reason)) => reason,
            };
            if Instant::now() + pause >= until {
                return Err(self.failed(&reason));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(self.longest);
        }
    }

    fn failed(&self, reason: &str) -> String {
        format!("no token from {}: {reason}", self.url)
    }

    fn agent(&self) -> Result<ureq::Agent, String> {
        let config = ureq::Agent::config_builder()
            .tls_config(self.tls()?)
            .timeout_connect(Some(self.connect.unwrap_or(UNLIMITED)))
            .timeout_recv_response(Some(self.read.unwrap_or(UNLIMITED)))
            .timeout_recv_body(Some(self.read.unwrap_or(UNLIMITED)))
            .timeout_global(Some(self.connect.unwrap_or(UNLIMITED) + self.read.unwrap_or(UNLIMITED)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Ok(config.into())
    }

    fn tls(&self) -> Result<TlsConfig, String> {
        let trusted = match &self.stores.ca {
            Some(pem) => certificates(pem)?,
            None => openssl_probe::probe()
                .cert_file
                .and_then(|path| std::fs::read_to_string(path).ok())
                .map(|pem| certificates(&pem))
                .transpose()?
                .unwrap_or_default(),
        };
        let shown = match (&self.stores.chain, &self.stores.key) {
            (Some(chain), Some(key)) => {
                let key = PrivateKey::from_pem(key.as_bytes())
                    .map_err(|_| "the private key of its key store cannot be used".to_owned())?;
                Some(ClientCert::new_with_certs(&certificates(chain)?, key))
            }
            _ => None,
        };
        Ok(TlsConfig::builder().root_certs(RootCerts::from(trusted.into_iter())).client_cert(shown).build())
    }

    fn ask(&self, agent: &ureq::Agent) -> Result<String, Failure> {
        let encode = |text: &str| utf8_percent_encode(text, FORM).to_string();
        let (id, secret) = if self.encode_header {
            (encode(&self.id), encode(&self.secret))
        } else {
            (self.id.clone(), self.secret.clone())
        };
        let mut body = "grant_type=client_credentials".to_owned();
        if let Some(scope) = self.scope.as_deref().map(str::trim).filter(|scope| !scope.is_empty()) {
            body = format!("{body}&scope={}", encode(scope));
        }
        let mut answer = agent
            .post(&self.url)
            .header("Accept", "application/json")
            .header("Authorization", format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
            .header("Cache-Control", "no-cache")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send(body)
            .map_err(|error| match error {
                ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed => {
                    Failure::Passing(error.to_string())
                }
                other => Failure::Final(other.to_string()),
            })?;
        let status = answer.status().as_u16();
        let text = answer
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_string()
            .map_err(|error| Failure::Passing(error.to_string()))?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        let said = |key: &str| json.as_ref().and_then(|json| json.get(key)).and_then(Value::as_str);
        match status {
            200 | 201 => said("access_token")
                .map(str::to_owned)
                .ok_or_else(|| Failure::Final("its answer has no access_token".to_owned())),
            _ => {
                let why = [said("error"), said("error_description")].into_iter().flatten();
                let why = why.map(|part| part.chars().take(200).collect::<String>()).collect::<Vec<_>>().join(": ");
                let reason = format!("it answered with status {status} {why}").trim_end().to_owned();
                Err(if status >= 500 || status == 429 { Failure::Passing(reason) } else { Failure::Final(reason) })
            }
        }
    }
}

fn certificates(pem: &str) -> Result<Vec<Certificate<'static>>, String> {
    ureq::tls::parse_pem(pem.as_bytes())
        .filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(format!("its trusted certificates cannot be read: {error}"))),
        })
        .collect()
}
