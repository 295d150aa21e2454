//! What the workers of a cluster ask of each other (KIP-507, KIP-618): a worker that is alone says so, in Kafka's words.

use serde::{Deserialize, Deserializer};

use crate::body::UntypedBody;
use crate::error::ApiError;
use crate::path::Name;
use crate::request::FlatConfig;

/// One task's settings, of which nothing is kept.
#[derive(Debug)]
pub(crate) struct Looked;

impl<'de> Deserialize<'de> for Looked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        FlatConfig::deserialize(deserializer).map(|_| Looked)
    }
}

/// `POST /connectors/{name}/tasks`
pub(crate) async fn put_task_configs(Name(_): Name, UntypedBody(_): UntypedBody<Vec<Looked>>) -> ApiError {
    ApiError::internal("Kafka Connect in standalone mode does not support externally setting task configurations.")
}

/// `PUT /connectors/{name}/fence`
pub(crate) async fn fence(Name(_): Name) -> ApiError {
    ApiError::internal("Kafka Connect in standalone mode does not support exactly-once source connectors.")
}
