//! Tokens that nobody signed, as Kafka's `OAuthBearerUnsecuredLoginCallbackHandler` makes them. For development:
//! only a broker that was told to believes them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::token::{Names, Token, now};

/// The options which say what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) claims: Vec<(String, Value)>,
    pub(super) seconds: i64,
}

const PREFIX: &str = "unsecuredLogin";

/// From the options of a JAAS line; none when it has no such option.
pub(super) fn claims(options: &[(String, String)]) -> Result<Option<Claims>, String> {
    let mut found = Claims { claims: Vec::new(), seconds: 3600 };
    let mut any = false;
    for (key, value) in options {
        let Some(rest) = key.strip_prefix(PREFIX) else {
            continue;
        };
        any = true;
        if let Some(name) = rest.strip_prefix("StringClaim_") {
            found.claims.push((name.to_owned(), Value::from(value.as_str())));
        } else if let Some(name) = rest.strip_prefix("NumberClaim_") {
            let number = value.trim().parse::<f64>().map_err(|_| format!("{key} is not a number"))?;
            found.claims.push((name.to_owned(), Value::from(number)));
        } else if let Some(name) = rest.strip_prefix("ListClaim_") {
            // The first character separates the others.
            let mut chars = value.chars();
            let items = match chars.next() {
                Some(separator) => chars.as_str().split(separator).map(Value::from).collect(),
                None => Vec::new(),
            };
            found.claims.push((name.to_owned(), Value::from(items)));
        } else if rest == "LifetimeSeconds" {
            found.seconds =
                value.trim().parse().ok().filter(|s| *s > 0).ok_or_else(|| format!("{key} is not a number"))?;
        } else if !rest.starts_with("Extension_") && rest != "PrincipalClaimName" && rest != "ScopeClaimName" {
            return Err(format!("the option {key} is not known"));
        }
    }
    Ok(any.then_some(found))
}

impl Claims {
    pub(super) fn token(&self, names: &Names) -> Result<Token, String> {
        let issued = now() as f64 / 1000.0;
        let mut claims = Map::new();
        claims.insert("iat".to_owned(), Value::from(issued));
        claims.insert("exp".to_owned(), Value::from(issued + self.seconds as f64));
        claims.extend(self.claims.iter().cloned());
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = Value::from_iter([("alg", Value::from("none"))]);
        Token::read(&format!("{}.{}.", encode(&header), encode(&Value::Object(claims))), names)
    }
}
