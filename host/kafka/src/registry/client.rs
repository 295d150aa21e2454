//! Requests and answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::auth::Token;
use super::cache::Cache;
use super::{RegistryFault, RegistryReference, RegistrySchema, RegistrySettings, RegistryVersion, tls};
use crate::settings::SettingsError;

const ACCEPTED: &str = "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json";
const SENT: &str = "application/vnd.schemaregistry.v1+json";

/// No schema is larger.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What may stand in a path as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A client of one registry, which may have several addresses.
pub struct RegistryClient {
    settings: RegistrySettings,
    agent: ureq::Agent,
    token: Token,
    /// The address that answered last.
    current: AtomicUsize,
    by_id: Cache<i32, Arc<RegistrySchema>>,
    ids: Cache<(String, RegistrySchema), i32>,
    places: Cache<(String, RegistrySchema), Arc<RegistryVersion>>,
    versions: Cache<(String, i32), Arc<RegistryVersion>>,
}

impl std::fmt::Debug for RegistryClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistryClient").field("urls", &self.settings.urls).finish_non_exhaustive()
    }
}

impl RegistryClient {
    /// Makes one. Nothing is asked yet.
    ///
    /// # Errors
    /// When certificates, keys or proxy cannot be used.
    pub fn new(settings: RegistrySettings) -> Result<Self, SettingsError> {
        let invalid = |key: &str, value: &str, reason: String| SettingsError::Invalid {
            key: key.to_owned(),
            value: value.to_owned(),
            reason,
        };
        let tls = tls::config(&settings.stores)
            .map_err(|reason| invalid("schema.registry.ssl.truststore.location", "[hidden]", reason))?;
        let proxy = match &settings.proxy {
            Some((host, port)) => Some(
                ureq::Proxy::new(&format!("http://{host}:{port}"))
                    .map_err(|error| invalid("proxy.host", host, error.to_string()))?,
            ),
            None => None,
        };
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            // named in the settings or not at all: the environment of the worker is not a connector's
            .proxy(proxy)
            .timeout_connect(limit(settings.connect))
            .timeout_recv_response(limit(settings.read))
            .timeout_recv_body(limit(settings.read))
            .http_status_as_error(false)
            .max_redirects(5)
            .build()
            .new_agent();
        let size = settings.cache_size;
        Ok(Self {
            agent,
            token: Token::default(),
            current: AtomicUsize::new(0),
            by_id: Cache::new(size),
            ids: Cache::new(size),
            places: Cache::new(size),
            versions: Cache::new(size),
            settings,
        })
    }

    /// The schema of an id. The subject, where it is known, helps registries that keep several contexts.
    ///
    /// # Errors
    /// When there is none, or the registry cannot be asked.
    pub fn schema_by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<RegistrySchema>, RegistryFault> {
        self.by_id.get_or(id, || {
            let subject = subject.map(|subject| format!("&subject={}", encoded(subject))).unwrap_or_default();
            let answer = self.ask(&format!("/schemas/ids/{id}?fetchMaxId=false{subject}"), None)?;
            Ok(Arc::new(schema(&answer)?))
        })
    }

    /// Where a subject has a schema already.
    ///
    /// # Errors
    /// When it does not, or the registry cannot be asked.
    pub fn lookup(
        &self,
        subject: &str,
        schema: &RegistrySchema,
        normalize: bool,
    ) -> Result<Arc<RegistryVersion>, RegistryFault> {
        self.places.get_or((subject.to_owned(), schema.clone()), || {
            let path = format!("/subjects/{}{}", encoded(subject), normalized(normalize));
            let answer = self.ask(&path, Some(&body(schema)))?;
            Ok(Arc::new(RegistryVersion {
                subject: subject.to_owned(),
                version: integer(&answer, "version")?,
                id: integer(&answer, "id")?,
                schema: schema.clone(),
            }))
        })
    }

    /// The id of a schema, which becomes the subject's newest unless it is there.
    ///
    /// # Errors
    /// When the registry refuses it or cannot be asked.
    pub fn register(&self, subject: &str, schema: &RegistrySchema, normalize: bool) -> Result<i32, RegistryFault> {
        self.ids.get_or((subject.to_owned(), schema.clone()), || {
            let path = format!("/subjects/{}/versions{}", encoded(subject), normalized(normalize));
            integer(&self.ask(&path, Some(&body(schema)))?, "id")
        })
    }

    /// The newest version of a subject, asked anew each time.
    ///
    /// # Errors
    /// When there is no such subject, or the registry cannot be asked.
    pub fn latest(&self, subject: &str) -> Result<Arc<RegistryVersion>, RegistryFault> {
        self.at(subject, "latest")
    }

    /// One version of a subject.
    ///
    /// # Errors
    /// When there is no such version, or the registry cannot be asked.
    pub fn version(&self, subject: &str, version: i32) -> Result<Arc<RegistryVersion>, RegistryFault> {
        self.versions.get_or((subject.to_owned(), version), || self.at(subject, &version.to_string()))
    }

    fn at(&self, subject: &str, version: &str) -> Result<Arc<RegistryVersion>, RegistryFault> {
        let answer = self.ask(&format!("/subjects/{}/versions/{version}", encoded(subject)), None)?;
        Ok(Arc::new(RegistryVersion {
            subject: subject.to_owned(),
            version: integer(&answer, "version")?,
            id: integer(&answer, "id")?,
            schema: schema(&answer)?,
        }))
    }

    /// Asks until there is an answer that will not change, or the retries are used up.
    fn ask(&self, path: &str, body: Option<&Value>) -> Result<Value, RegistryFault> {
        let mut wait = self.settings.wait;
        let mut left = self.settings.retries;
        loop {
            match self.ask_each(path, body) {
                Err(fault) if fault.is_passing() && left > 0 => {
                    tracing::debug!(%fault, left, "the schema registry is asked again");
                    std::thread::sleep(wait.min(self.settings.longest_wait));
                    wait = wait.saturating_mul(2);
                    left -= 1;
                }
                answer => return answer,
            }
        }
    }

    /// Asks one address after the other, from the one that answered last.
    fn ask_each(&self, path: &str, body: Option<&Value>) -> Result<Value, RegistryFault> {
        let urls = &self.settings.urls;
        let first = self.current.load(Ordering::Relaxed);
        let mut fault = RegistryFault::Unreachable("there is no address".to_owned());
        for place in (first..first + urls.len()).map(|place| place % urls.len()) {
            match self.ask_one(&urls[place], path, body) {
                Err(unreachable @ RegistryFault::Unreachable(_)) => fault = unreachable,
                answer => {
                    self.current.store(place, Ordering::Relaxed);
                    return answer;
                }
            }
        }
        Err(fault)
    }

    fn ask_one(&self, url: &str, path: &str, body: Option<&Value>) -> Result<Value, RegistryFault> {
        let unreachable = |error: ureq::Error| RegistryFault::Unreachable(format!("{error} ({url})"));
        let headers = self.settings.credentials.headers(&self.agent, &self.token)?;
        let whole = format!("{url}{path}");
        let mut answer = match body {
            Some(body) => {
                let mut request = self.agent.post(&whole).header("Accept", ACCEPTED).header("Content-Type", SENT);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                request.send(body.to_string())
            }
            None => {
                let mut request = self.agent.get(&whole).header("Accept", ACCEPTED);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                request.call()
            }
        }
        .map_err(unreachable)?;
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(LARGEST).read_to_string().map_err(unreachable)?;
        let json: Option<Value> = serde_json::from_str(&text).ok();
        if status.is_success() {
            return json.ok_or_else(|| {
                RegistryFault::Malformed(format!(
                    "The schema registry at {url} answered with something that is no JSON"
                ))
            });
        }
        let said = |key: &str| json.as_ref().and_then(|json| json.get(key));
        let code = said("error_code").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
        let message = said("message").and_then(Value::as_str).map(str::to_owned);
        Err(RegistryFault::Refused {
            status: status.as_u16(),
            code: code.unwrap_or_else(|| i32::from(status.as_u16())),
            message: message.unwrap_or_else(|| status.canonical_reason().unwrap_or("Unknown").to_owned()),
        })
    }
}

/// Java's zero is for ever.
fn limit(timeout: Duration) -> Option<Duration> {
    Some(timeout).filter(|timeout| !timeout.is_zero())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

fn normalized(normalize: bool) -> &'static str {
    if normalize { "?normalize=true" } else { "" }
}

/// Avro's kind is left out, as Confluent's client leaves it out: older registries know no other.
fn body(schema: &RegistrySchema) -> Value {
    let mut body = Map::new();
    body.insert("schema".to_owned(), Value::String(schema.text.clone()));
    if schema.kind != "AVRO" {
        body.insert("schemaType".to_owned(), Value::String(schema.kind.clone()));
    }
    if !schema.references.is_empty() {
        let all = schema.references.iter().map(
            |reference| json!({"name": reference.name, "subject": reference.subject, "version": reference.version}),
        );
        body.insert("references".to_owned(), all.collect());
    }
    Value::Object(body)
}

fn without(key: &str) -> RegistryFault {
    RegistryFault::Malformed(format!("The schema registry's answer has no \"{key}\""))
}

fn integer(answer: &Value, key: &str) -> Result<i32, RegistryFault> {
    answer.get(key).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()).ok_or_else(|| without(key))
}

fn text(answer: &Value, key: &str) -> Result<String, RegistryFault> {
    answer.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| without(key))
}

fn schema(answer: &Value) -> Result<RegistrySchema, RegistryFault> {
    let references = match answer.get("references") {
        Some(Value::Array(all)) => all
            .iter()
            .map(|one| {
                Ok(RegistryReference {
                    name: text(one, "name")?,
                    subject: text(one, "subject")?,
                    version: integer(one, "version")?,
                })
            })
            .collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    let kind = text(answer, "schemaType").unwrap_or_else(|_| "AVRO".to_owned());
    Ok(RegistrySchema { kind, text: text(answer, "schema")?, references })
}
