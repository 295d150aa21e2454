//! Which token endpoints may be asked.
//!
//! A connector's settings may name the endpoint, and the worker would then send requests wherever a connector's
//! author likes. So Kafka 4 has a system property that lists them, empty by default; here it is read from where
//! Kafka's scripts take system properties.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

const URLS: &str = "org.apache.kafka.sasl.oauthbearer.allowed.urls";
const FILES: &str = "org.apache.kafka.sasl.oauthbearer.allowed.files";

static MORE: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Allows these token endpoints (and, as `file:` URLs, files) to all clients of this process, beside those of the
/// system property `org.apache.kafka.sasl.oauthbearer.allowed.urls` in the environment variable `KAFKA_OPTS`.
pub fn allow_token_endpoints<T: Into<String>>(urls: impl IntoIterator<Item = T>) {
    MORE.write().unwrap_or_else(PoisonError::into_inner).extend(urls.into_iter().map(Into::into));
}

/// Whether the URL may be used; the error says what would allow it.
pub(super) fn url(url: &str) -> Result<(), String> {
    if MORE.read().unwrap_or_else(PoisonError::into_inner).contains(url) {
        return Ok(());
    }
    let options = std::env::var("KAFKA_OPTS").unwrap_or_default();
    check("URL", URLS, url, &options)?;
    url.strip_prefix("file:").map_or(Ok(()), |path| {
        let path = format!("/{}", path.trim_start_matches('/'));
        check("file", FILES, &path, &options)
    })
}

fn check(what: &str, property: &str, value: &str, options: &str) -> Result<(), String> {
    let list = options.split_whitespace().rev().find_map(|option| option.strip_prefix("-D")?.strip_prefix(property));
    let list = list.and_then(|rest| rest.strip_prefix('=')).unwrap_or_default();
    if list.split(',').any(|allowed| allowed.trim() == value) {
        return Ok(());
    }
    Err(format!(
        "The {what} cannot be accessed due to restrictions. Update the system property '{property}' to allow the \
         {what} to be accessed: start the worker with KAFKA_OPTS=-D{property}={value}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_allowed() {
        let options = format!("-Xmx1g -D{URLS}=https://a/token,https://b/token -Dother=1");
        assert_eq!(check("URL", URLS, "https://b/token", &options), Ok(()));
        let error = check("URL", URLS, "https://b/token/x", &options).unwrap_err();
        assert!(error.contains(URLS), "{error}");
        assert!(check("URL", URLS, "", &options).is_err());
        assert!(check("URL", URLS, "https://a/token", "").is_err());
    }
}
