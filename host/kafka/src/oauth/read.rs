//! From Kafka's keys and a JAAS line's options to a source of tokens.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::fetch::Endpoint;
use super::token::Names;
use super::{OAuth, Source, allowed, unsecured};
use crate::settings::SettingsError;
use crate::settings::jaas::Entry;
use crate::settings::stores;

type Map = BTreeMap<String, String>;

const URL: &str = "sasl.oauthbearer.token.endpoint.url";
const HANDLER: &str = "sasl.login.callback.handler.class";
const RETRIEVER: &str = "sasl.oauthbearer.jwt.retriever.class";

fn jaas(reason: impl Into<String>) -> SettingsError {
    invalid("sasl.jaas.config", "[hidden]", reason)
}

fn invalid(key: &str, value: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Invalid { key: key.to_owned(), value: value.to_owned(), reason: reason.into() }
}

fn refused(key: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { key: key.to_owned(), reason: reason.into() }
}

impl OAuth {
    /// Reads what says where tokens come from.
    pub(crate) fn read(java: &Map, entry: &Entry, _warnings: &mut Vec<String>) -> Result<Self, SettingsError> {
        let get = |key: &str| java.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let handler = get(HANDLER).map(|class| class.rsplit('.').next().unwrap_or(class));
        let endpoint = match handler {
            Some("OAuthBearerLoginCallbackHandler") => true,
            Some("OAuthBearerUnsecuredLoginCallbackHandler") => false,
            // Java makes unsecured tokens then; one who names an endpoint does not mean those.
            None => get(URL).is_some(),
            Some(_) => {
                let reason =
                    "it needs a JVM; use org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
                return Err(refused(HANDLER, reason));
            }
        };
        let claims = unsecured::claims(&entry.options).map_err(jaas)?;
        let (source, names) = if endpoint {
            let names = Names {
                principal: get("sasl.oauthbearer.sub.claim.name").unwrap_or("sub").to_owned(),
                scope: get("sasl.oauthbearer.scope.claim.name").unwrap_or("scope").to_owned(),
            };
            (source(&get, entry)?, names)
        } else {
            let names = Names {
                principal: entry.option("unsecuredLoginPrincipalClaimName").unwrap_or("sub").to_owned(),
                scope: entry.option("unsecuredLoginScopeClaimName").unwrap_or("scope").to_owned(),
            };
            let claims = claims.filter(|claims| claims.claims.iter().any(|(name, _)| *name == names.principal));
            let Some(claims) = claims else {
                return Err(jaas(format!(
                    "no token can be made of it: set {HANDLER}=org.apache.kafka.common.security.oauthbearer.\
                     OAuthBearerLoginCallbackHandler and {URL}, or for development unsecuredLoginStringClaim_{}",
                    names.principal
                )));
            };
            (Source::Unsecured(claims), names)
        };
        let prefix = if endpoint { "extension_" } else { "unsecuredLoginExtension_" };
        let extensions = extensions(entry, prefix)?;
        Ok(Self { source, extensions, names, last: Mutex::new(None) })
    }
}

fn source<'a>(get: &impl Fn(&str) -> Option<&'a str>, entry: &Entry) -> Result<Source, SettingsError> {
    let retriever = get(RETRIEVER).map_or("DefaultJwtRetriever", |class| class.rsplit('.').next().unwrap_or(class));
    if !["DefaultJwtRetriever", "ClientCredentialsJwtRetriever", "FileJwtRetriever"].contains(&retriever) {
        let reason = format!("{retriever} is not available; use ClientCredentialsJwtRetriever or FileJwtRetriever");
        return Err(refused(RETRIEVER, reason));
    }
    let url = get(URL).ok_or(SettingsError::Missing(URL))?;
    let (protocol, _) = url.split_once(':').ok_or_else(|| {
        invalid(
            URL,
            url,
            format!("The OAuth configuration option {URL} contains a URL ({url}) that is missing the protocol"),
        )
    })?;
    allowed::url(url).map_err(|reason| invalid(URL, url, reason))?;
    match protocol.to_ascii_lowercase().as_str() {
        "file" if retriever != "ClientCredentialsJwtRetriever" => {
            let path = url.split_once(':').map_or("", |(_, path)| path);
            Ok(Source::File(format!("/{}", path.trim_start_matches('/')).into()))
        }
        "http" | "https" if retriever != "FileJwtRetriever" => endpoint(get, entry, url),
        other => Err(invalid(
            URL,
            url,
            format!(
                "The OAuth configuration option {URL} contains a URL ({url}) that contains an invalid protocol \
                 ({other}); only \"http\", \"https\", and \"file\" protocol are supported"
            ),
        )),
    }
}

fn endpoint<'a>(get: &impl Fn(&str) -> Option<&'a str>, entry: &Entry, url: &str) -> Result<Source, SettingsError> {
    let either = |key: &'static str, option: &str| get(key).or_else(|| entry.option(option)).filter(|v| !v.is_empty());
    let id = either("sasl.oauthbearer.client.credentials.client.id", "clientId");
    let secret = either("sasl.oauthbearer.client.credentials.client.secret", "clientSecret");
    let (Some(id), Some(secret)) = (id, secret) else {
        let key = if id.is_none() { "client.id" } else { "client.secret" };
        return Err(invalid(
            &format!("sasl.oauthbearer.client.credentials.{key}"),
            "null",
            "the client's id and secret are expected, here or as clientId and clientSecret in sasl.jaas.config",
        ));
    };
    let millis = |key: &str, default: Option<u64>| match get(key) {
        None => Ok(default.map(Duration::from_millis)),
        Some(text) => text
            .parse()
            .map(|millis| Some(Duration::from_millis(millis)))
            .map_err(|_| invalid(key, text, "Not a number of type LONG")),
    };
    // The identity provider's trust is the JAAS line's, not the brokers'.
    let stores = stores::open(|key| entry.option(key), "")?;
    Ok(Source::Endpoint(Box::new(Endpoint {
        url: url.to_owned(),
        id: id.to_owned(),
        secret: secret.to_owned(),
        scope: either("sasl.oauthbearer.scope", "scope").map(str::to_owned),
        encode_header: get("sasl.oauthbearer.header.urlencode").is_some_and(|v| v.eq_ignore_ascii_case("true")),
        connect: millis("sasl.login.connect.timeout.ms", None)?,
        read: millis("sasl.login.read.timeout.ms", None)?,
        pause: millis("sasl.login.retry.backoff.ms", Some(100))?.unwrap_or_default(),
        longest: millis("sasl.login.retry.backoff.max.ms", Some(10_000))?.unwrap_or_default(),
        stores,
    })))
}

/// SASL extensions, checked as the protocol demands: a broken one would end the handshake without a reason.
fn extensions(entry: &Entry, prefix: &str) -> Result<Vec<(String, String)>, SettingsError> {
    let mut out = Vec::new();
    for (key, value) in &entry.options {
        let Some(name) = key.strip_prefix(prefix) else {
            continue;
        };
        let printable = |c: char| c.is_ascii_graphic() || matches!(c, ' ' | '\t' | '\r' | '\n');
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphabetic()) || name == "auth" {
            return Err(jaas(format!("Extension name {name} is invalid")));
        }
        if !value.chars().all(printable) {
            return Err(jaas(format!("the value of extension {name} is invalid")));
        }
        out.push((name.to_owned(), value.clone()));
    }
    Ok(out)
}
