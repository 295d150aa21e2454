//! What a herder is told when the config topic says something new.

use super::SessionKey;
use crate::entities::{RestartRequest, TaskId};

/// One change, in the order of the topic. What it is about stands in the snapshot by then.
#[derive(Debug, Clone, PartialEq)]
pub enum ConfigEvent {
    /// A connector is new, or its config was written again, perhaps with the same settings.
    ConnectorChanged(String),
    /// A connector was deleted.
    ConnectorRemoved(String),
    /// The tasks of a connector were committed anew; those that have new settings. Also told where the commit could
    /// not be used because tasks are missing: then none are named.
    TasksChanged(String, Vec<TaskId>),
    /// Another state is wanted of a connector.
    TargetChanged(String),
    /// Internal requests are signed with another key from now on.
    SessionKey(SessionKey),
    /// Somebody wants a restart.
    Restart {
        /// Name of the connector.
        connector: String,
        /// What of it.
        request: RestartRequest,
    },
    /// All workers of the cluster are to log otherwise.
    Logger {
        /// Name of the logger.
        namespace: String,
        /// log4j's word.
        level: String,
    },
}
