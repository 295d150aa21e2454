//! Who we are to the registry.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::RegistryFault;
use super::settings::number;
use crate::settings::{SettingsError, jaas};

/// Where the header comes from. Not `Debug`: it is a secret.
#[derive(Clone, PartialEq)]
pub(super) enum Credentials {
    None,
    /// The finished header.
    Header(String),
    OAuth(OAuth),
}

/// Client credentials at an identity provider. Not `Debug` either.
#[derive(Clone, PartialEq)]
pub(super) struct OAuth {
    endpoint: String,
    id: String,
    secret: String,
    scope: Option<String>,
    /// How long before its end a token is not used any more.
    buffer: Duration,
    /// What Confluent's cloud wants to know beside the token.
    headers: Vec<(&'static str, String)>,
}

const BASIC: &str = "basic.auth.credentials.source";
const BEARER: &str = "bearer.auth.credentials.source";

fn basic(user: &str, password: &str) -> Credentials {
    Credentials::Header(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

fn required<'a>(get: &impl Fn(&str) -> Option<&'a str>, key: &str, because: &str) -> Result<&'a str, SettingsError> {
    get(key).ok_or_else(|| SettingsError::Invalid {
        key: key.to_owned(),
        value: "null".to_owned(),
        reason: format!("it must be set, because {because}"),
    })
}

impl Credentials {
    pub(super) fn parse<'a>(
        get: &impl Fn(&str) -> Option<&'a str>,
        in_url: Option<(String, String)>,
    ) -> Result<Self, SettingsError> {
        if let Some(source) = get(BEARER) {
            if get(BASIC).is_some_and(|basic| !basic.eq_ignore_ascii_case("URL")) {
                return Err(SettingsError::Conflict(
                    "Only one of basic.auth.credentials.source and bearer.auth.credentials.source may be specified",
                ));
            }
            return Self::bearer(get, source);
        }
        let from_url = || in_url.as_ref().map_or(Self::None, |(user, password)| basic(user, password));
        match get(BASIC).unwrap_or("URL").to_ascii_uppercase().as_str() {
            "URL" => Ok(from_url()),
            "USER_INFO" => {
                let key = "basic.auth.user.info";
                let alias = "schema.registry.basic.auth.user.info";
                let because = "basic.auth.credentials.source is USER_INFO";
                let info = match get(key).or_else(|| get(alias)) {
                    Some(info) => info,
                    None => required(get, key, because)?,
                };
                let (user, password) = info.split_once(':').ok_or_else(|| SettingsError::Invalid {
                    key: key.to_owned(),
                    value: "[hidden]".to_owned(),
                    reason: "must be USER:PASSWORD".to_owned(),
                })?;
                Ok(basic(user, password))
            }
            "SASL_INHERIT" => {
                let key = "sasl.jaas.config";
                let text = required(get, key, "basic.auth.credentials.source is SASL_INHERIT")?;
                let invalid = |reason: String| SettingsError::Invalid {
                    key: key.to_owned(),
                    value: "[hidden]".to_owned(),
                    reason,
                };
                let entry = jaas::parse(text).map_err(invalid)?;
                match (entry.option("username"), entry.option("password")) {
                    (Some(user), Some(password)) => Ok(basic(user, password)),
                    _ => Err(invalid("it has no username and password".to_owned())),
                }
            }
            other => Err(SettingsError::Invalid {
                key: BASIC.to_owned(),
                value: other.to_owned(),
                reason: "must be one of URL, USER_INFO, SASL_INHERIT".to_owned(),
            }),
        }
    }

    fn bearer<'a>(get: &impl Fn(&str) -> Option<&'a str>, source: &str) -> Result<Self, SettingsError> {
        match source.to_ascii_uppercase().as_str() {
            "STATIC_TOKEN" => {
                let because = "bearer.auth.credentials.source is STATIC_TOKEN";
                Ok(Self::Header(format!("Bearer {}", required(get, "bearer.auth.token", because)?)))
            }
            "OAUTHBEARER" => {
                let because = "bearer.auth.credentials.source is OAUTHBEARER";
                let headers = [
                    ("target-sr-cluster", "bearer.auth.logical.cluster"),
                    ("Confluent-Identity-Pool-Id", "bearer.auth.identity.pool.id"),
                ];
                Ok(Self::OAuth(OAuth {
                    endpoint: required(get, "bearer.auth.issuer.endpoint.url", because)?.to_owned(),
                    id: required(get, "bearer.auth.client.id", because)?.to_owned(),
                    secret: required(get, "bearer.auth.client.secret", because)?.to_owned(),
                    scope: get("bearer.auth.scope").map(str::to_owned),
                    buffer: Duration::from_secs(number(get, "bearer.auth.cache.expiry.buffer.seconds", 300)?),
                    headers: headers
                        .into_iter()
                        .filter_map(|(name, key)| get(key).map(|value| (name, value.to_owned())))
                        .collect(),
                }))
            }
            other => Err(SettingsError::Refused {
                key: BEARER.to_owned(),
                reason: format!("{other} is not among STATIC_TOKEN and OAUTHBEARER"),
            }),
        }
    }

    /// The headers of a request.
    pub(super) fn headers(
        &self,
        agent: &ureq::Agent,
        token: &Token,
    ) -> Result<Vec<(&'static str, String)>, RegistryFault> {
        match self {
            Credentials::None => Ok(Vec::new()),
            Credentials::Header(header) => Ok(vec![("Authorization", header.clone())]),
            Credentials::OAuth(oauth) => {
                let mut headers = oauth.headers.clone();
                headers.push(("Authorization", format!("Bearer {}", token.get(agent, oauth)?)));
                Ok(headers)
            }
        }
    }
}

/// The token in use and when it is not to be used any more.
#[derive(Default)]
pub(super) struct Token(Mutex<Option<(String, Instant)>>);

impl Token {
    fn get(&self, agent: &ureq::Agent, oauth: &OAuth) -> Result<String, RegistryFault> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, until)) = &*held
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let (token, lifetime) = oauth.fetch(agent)?;
        *held = Some((token.clone(), Instant::now() + lifetime.saturating_sub(oauth.buffer)));
        Ok(token)
    }
}

impl OAuth {
    fn fetch(&self, agent: &ureq::Agent) -> Result<(String, Duration), RegistryFault> {
        let failed = |reason: String| RegistryFault::Unreachable(format!("no token from {}: {reason}", self.endpoint));
        let mut body = "grant_type=client_credentials".to_owned();
        if let Some(scope) = &self.scope {
            body = format!("{body}&scope={}", utf8_percent_encode(scope, NON_ALPHANUMERIC));
        }
        let header = STANDARD.encode(format!("{}:{}", self.id, self.secret));
        let mut answer = agent
            .post(&self.endpoint)
            .header("Accept", "application/json")
            .header("Authorization", format!("Basic {header}"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send(body)
            .map_err(|error| failed(error.to_string()))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(|error| failed(error.to_string()))?;
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        let token = json.get("access_token").and_then(Value::as_str);
        match (status, token) {
            (200..=299, Some(token)) => {
                let seconds = json.get("expires_in").and_then(Value::as_u64).unwrap_or(0);
                Ok((token.to_owned(), Duration::from_secs(seconds)))
            }
            (200..=299, None) => Err(failed("its answer has no access_token".to_owned())),
            (400..=499, _) => Err(RegistryFault::Refused {
                status: 401,
                code: 401,
                message: format!("No token from {}: it answered with status {status}", self.endpoint),
            }),
            _ => Err(failed(format!("it answered with status {status}"))),
        }
    }
}
