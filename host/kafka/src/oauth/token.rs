//! A token, as far as the client needs to see into it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A token and what its claims say. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) principal: String,
    /// Milliseconds since 1970.
    pub(crate) expires: i64,
    /// When it was got.
    got: i64,
}

/// Which claims hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) principal: String,
    pub(super) scope: String,
}

pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Token {
    /// Reads a token's claims. Whether it is genuine is the broker's business.
    pub(super) fn read(value: &str, names: &Names) -> Result<Self, String> {
        let malformed = |why: &str| format!("the token is not a JWT: {why}");
        let mut parts = value.split('.');
        let (Some(_), Some(payload), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("three parts with dots between are expected"));
        };
        if value.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(malformed("it holds blanks"));
        }
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| malformed("its claims are not base64"))?;
        let claims: Value = serde_json::from_slice(&payload).map_err(|_| malformed("its claims are not JSON"))?;
        let expires = claims.get("exp").and_then(Value::as_f64).ok_or_else(|| malformed("the claim exp is missing"))?;
        let principal = claims.get(&names.principal).and_then(Value::as_str).filter(|name| !name.is_empty());
        let principal = principal.ok_or_else(|| malformed(&format!("the claim {} is missing", names.principal)))?;
        Ok(Self {
            value: value.to_owned(),
            principal: principal.to_owned(),
            expires: (expires * 1000.0) as i64,
            got: now(),
        })
    }

    /// Whether less than four fifths of its life are over; Java refreshes then, and so does librdkafka.
    pub(super) fn is_fresh(&self) -> bool {
        let now = now();
        now < self.got + (self.expires - self.got) / 5 * 4
    }
}
