//! What a worker's properties say about REST, besides where it listens.

use std::time::Duration;

use watertight_worker::entities::ConfigMap;

use crate::basic_auth::BasicAuth;
use crate::budget::Budget;
use crate::client::WorkerClient;
use crate::cors::{CrossOrigin, CrossOriginError};
use crate::dress::Dress;
use crate::headers::{self, HeaderRuleError, HeaderRules};

/// Key of the body limit. Kafka has none; without one, a client fills the worker's memory.
const MAX_BODY_BYTES: &str = "rest.max.body.bytes";
/// Where `/admin` is served.
const ADMIN_LISTENERS: &str = "admin.listeners";

/// Bounds on what a client may ask of the worker.
#[derive(Debug, Clone)]
pub struct RestOptions {
    /// `rest.max.body.bytes`: longer bodies get 413.
    pub max_body_bytes: usize,
    /// A request that the herder has not answered by then gets 500 `Request timed out`, as in Kafka; the
    /// work itself goes on. Not a setting, as in Kafka.
    pub request_timeout: Duration,
    /// A body that has not arrived by then gets 408.
    pub body_timeout: Duration,
    /// A request that another worker answers may take so much longer for each worker it goes to: they have the same
    /// [`request_timeout`](Self::request_timeout), and know better why it was not enough.
    pub hop_grace: Duration,
    /// `/health` says that the worker is unhealthy when the herder has not answered by then. Not a setting, as in Kafka.
    pub health_timeout: Duration,
    /// `/admin` is served beside everything else: so unless `admin.listeners` says where, or nowhere.
    pub admin_everywhere: bool,
    /// `access.control.*` and `response.http.headers.config`.
    pub(crate) dress: Dress,
    /// What requests are sent on with that another worker of the cluster answers; without it they are refused.
    pub client: Option<WorkerClient>,
    /// Who may ask; anybody if there is none.
    pub basic_auth: Option<BasicAuth>,
    /// Memory for bodies, of all listeners that share these options.
    pub(crate) bodies: Budget,
}

impl Default for RestOptions {
    fn default() -> Self {
        RestOptions {
            max_body_bytes: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(90),
            body_timeout: Duration::from_secs(30),
            hop_grace: Duration::from_secs(5),
            health_timeout: Duration::from_secs(10),
            admin_everywhere: true,
            dress: Dress::default(),
            client: None,
            basic_auth: None,
            bodies: Budget::default(),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid value {value} for configuration {key}: {why}")]
pub struct OptionsError {
    /// Which key of the worker's properties.
    pub key: &'static str,
    /// As given.
    pub value: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Settings that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RestOptionsError {
    /// One key's value.
    #[error(transparent)]
    Setting(#[from] OptionsError),
    /// Kafka's words do not say where.
    #[error("{0} (in 'response.http.headers.config')")]
    Headers(#[from] HeaderRuleError),
    /// Origins or methods.
    #[error(transparent)]
    CrossOrigin(#[from] CrossOriginError),
}

impl RestOptions {
    /// Reads them from the worker's properties; keys that are not there keep their defaults.
    pub fn from_properties(properties: &ConfigMap) -> Result<Self, RestOptionsError> {
        let rules = properties.get(headers::KEY).map(|text| HeaderRules::parse(text)).transpose()?;
        let mut options = RestOptions {
            admin_everywhere: !properties.contains_key(ADMIN_LISTENERS),
            dress: Dress { cross_origin: CrossOrigin::from_properties(properties)?, rules: rules.unwrap_or_default() },
            ..RestOptions::default()
        };
        if let Some(value) = properties.get(MAX_BODY_BYTES) {
            let bytes = value.trim().parse::<usize>().ok().filter(|bytes| *bytes > 0);
            options.max_body_bytes = bytes.ok_or_else(|| OptionsError {
                key: MAX_BODY_BYTES,
                value: value.clone(),
                why: "Must be a number of bytes, at least 1",
            })?;
        }
        Ok(options)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn properties(value: &str) -> ConfigMap {
        ConfigMap::from([(MAX_BODY_BYTES.to_owned(), value.to_owned())])
    }

    #[test]
    fn without_a_setting_eight_mebibytes_are_taken() {
        let options = RestOptions::from_properties(&ConfigMap::new()).unwrap();
        assert_eq!(options.max_body_bytes, 8_388_608);
    }

    #[test]
    fn the_setting_is_read() {
        assert_eq!(RestOptions::from_properties(&properties(" 1024 ")).unwrap().max_body_bytes, 1024);
    }

    #[test]
    fn a_limit_that_is_no_number_is_refused_by_name() {
        let error = RestOptions::from_properties(&properties("8MB")).unwrap_err().to_string();
        assert_eq!(
            error,
            "Invalid value 8MB for configuration rest.max.body.bytes: Must be a number of bytes, at least 1"
        );
    }
}
