//! `access.control.allow.origin` and `access.control.allow.methods`: which pages in a browser may use the interface.
//!
//! As in Kafka's worker since 4.0: origins are separated by commas, and each is `*` or a regular expression for the
//! whole origin in any case. So a dot stands for any character unless a backslash stands before it, and `https://.*`
//! is what takes all subdomains. Requests from elsewhere are served too, only without the header that makes
//! a browser hand the answer to the page; a preflight is answered as any other `OPTIONS`.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use regex::{Regex, RegexBuilder};
use watertight_worker::entities::ConfigMap;

const ORIGIN: &str = "access.control.allow.origin";
const METHODS: &str = "access.control.allow.methods";

/// Where no methods are named.
const DEFAULT_METHODS: &str = "HEAD,POST,GET";
const HEADERS: HeaderValue = HeaderValue::from_static("Content-Type");
/// Seconds that a browser may remember a preflight.
const MAX_AGE: HeaderValue = HeaderValue::from_static("60");

/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

/// Whom browsers let read.
#[derive(Debug, Clone)]
pub(crate) struct CrossOrigin {
    /// None: anybody.
    origins: Option<Vec<Regex>>,
    methods: HeaderValue,
}

/// Settings that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CrossOriginError {
    /// Not a regular expression.
    #[error("Invalid value {pattern} for configuration access.control.allow.origin: {error}")]
    Origin {
        /// Which one.
        pattern: String,
        /// Why.
        error: regex::Error,
    },
    /// Not names of methods.
    #[error("Invalid value {0} for configuration access.control.allow.methods: must be methods, separated by commas")]
    Methods(String),
}

impl CrossOrigin {
    /// None where no origin is named: then nothing is said about origins at all.
    pub(crate) fn from_properties(properties: &ConfigMap) -> Result<Option<Self>, CrossOriginError> {
        let given = |key: &str| properties.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
        let Some(origins) = given(ORIGIN) else {
            return Ok(None);
        };
        let patterns = || origins.split(',').map(str::trim).filter(|pattern| !pattern.is_empty());
        let origins = if patterns().any(|pattern| pattern == "*") {
            None
        } else {
            Some(patterns().map(compile).collect::<Result<_, _>>()?)
        };
        let methods = given(METHODS).unwrap_or(DEFAULT_METHODS);
        let wrong = || CrossOriginError::Methods(methods.to_owned());
        let names = methods.split(',').map(|name| Method::from_bytes(name.trim().as_bytes()).map_err(|_| wrong()));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let names: Vec<&str> = names.iter().map(Method::as_str).collect();
        Ok(Some(CrossOrigin { origins, methods: HeaderValue::try_from(names.join(",")).map_err(|_| wrong())? }))
    }

    /// What the answer to this request says about origins.
    pub(crate) fn tell(&self, method: &Method, request: &HeaderMap, answer: &mut HeaderMap) {
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(header::ORIGIN).filter(|origin| self.allows(origin)) else {
            return;
        };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if method == Method::OPTIONS && request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            answer.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        }
    }

    /// Redirects make a list of origins; one that is allowed is enough.
    fn allows(&self, origin: &HeaderValue) -> bool {
        let Some(patterns) = &self.origins else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        origin.split(' ').filter(|one| !one.is_empty()).any(|one| patterns.iter().any(|pattern| pattern.is_match(one)))
    }
}

fn compile(pattern: &str) -> Result<Regex, CrossOriginError> {
    let whole = format!("^(?:{pattern})$");
    let error = |error| CrossOriginError::Origin { pattern: pattern.to_owned(), error };
    // By itself first: `a)|(b` is only a pattern between brackets.
    Regex::new(pattern).map_err(error)?;
    RegexBuilder::new(&whole).case_insensitive(true).size_limit(SIZE_LIMIT).build().map_err(error)
}
