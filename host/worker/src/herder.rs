//! The one door to everything a worker manages. REST, the command line and tests know this trait; whether
//! one process or a cluster stands behind it is not theirs to know.

use crate::entities::{
    ConfigMap, ConfigPatch, ConnectorInfo, ConnectorOffset, Health, InstanceState, LoggerLevel, PluginInfo,
    RestartRequest, ServerInfo, StateInfo, TargetState, TaskInfo,
};
use crate::validate::{ConfigKey, Validation};

/// Why a request was refused; the variants are the HTTP statuses that Kafka Connect answers with. The text
/// is Kafka's wherever Kafka has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HerderError {
    /// 400: the request itself is wrong.
    #[error("{0}")]
    BadRequest(String),
    /// 403: switched off.
    #[error("{0}")]
    Forbidden(String),
    /// 404
    #[error("{0}")]
    NotFound(String),
    /// 409
    #[error("{0}")]
    Conflict(String),
    /// 500: anything else.
    #[error("{0}")]
    Internal(String),
    /// 503: not yet.
    #[error("{0}")]
    Unavailable(String),
    /// Another worker of the cluster answers this: the leader, or who runs the instance. Whoever asked may ask there.
    #[error("{message}")]
    Elsewhere {
        /// Where that worker's REST interface is; none where nobody knows at the moment.
        url: Option<String>,
        /// Kafka's words, for who does not ask there.
        message: String,
    },
}

/// A request of one worker to another as it came in (KIP-507): what was said, and what proves who said it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Internal {
    /// The body, byte by byte: this is what is signed.
    pub body: bytes::Bytes,
    /// `X-Connect-Authorization`, if there is one.
    pub signature: Option<String>,
    /// `X-Connect-Request-Signature-Algorithm`, if there is one.
    pub algorithm: Option<String>,
}

impl HerderError {
    /// The same with another text, such as one without secrets.
    pub fn map_text(self, change: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::BadRequest(text) => Self::BadRequest(change(text)),
            Self::Forbidden(text) => Self::Forbidden(change(text)),
            Self::NotFound(text) => Self::NotFound(change(text)),
            Self::Conflict(text) => Self::Conflict(change(text)),
            Self::Internal(text) => Self::Internal(change(text)),
            Self::Unavailable(text) => Self::Unavailable(change(text)),
            Self::Elsewhere { url, message } => Self::Elsewhere { url, message: change(message) },
        }
    }
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, HerderError>;

/// What `put_config` did.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// False: the connector was there before.
    pub created: bool,
    /// As it is now.
    pub info: ConnectorInfo,
}

/// Manages connectors and tasks. Every call answers within the request timeout; none waits for guest code
/// on the herder's own task.
#[async_trait::async_trait]
pub trait Herder: Send + Sync {
    /// `GET /`
    async fn server_info(&self) -> Result<ServerInfo>;
    /// `GET /connector-plugins`; sinks first, then sources, then the rest, as Kafka lists them.
    async fn plugins(&self, connectors_only: bool) -> Result<Vec<PluginInfo>>;
    /// `GET /connectors`
    async fn connectors(&self) -> Result<Vec<String>>;
    /// `GET /connectors/{c}`
    async fn connector(&self, name: &str) -> Result<ConnectorInfo>;
    /// `POST /connectors` (`may_replace` false) and `PUT /connectors/{c}/config` (true). `config` holds
    /// `name`, equal to `name`: the caller has checked it. Validates before it changes anything.
    async fn put_config(
        &self,
        name: &str,
        config: ConfigMap,
        initial_state: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put>;
    /// `DELETE /connectors/{c}`
    async fn delete(&self, name: &str) -> Result<()>;
    /// `GET /connectors/{c}/status`
    async fn status(&self, name: &str) -> Result<StateInfo>;
    /// `GET /connectors/{c}/tasks`
    async fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>>;
    /// `GET /connectors/{c}/tasks/{n}/status`
    async fn task_status(&self, name: &str, task: u32) -> Result<InstanceState>;
    /// `PUT /connectors/{c}/pause|resume|stop`
    async fn set_target_state(&self, name: &str, target: TargetState) -> Result<()>;
    /// `POST /connectors/{c}/restart`; the plan where one of the flags is set.
    async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>>;
    /// `POST /connectors/{c}/tasks/{n}/restart`
    async fn restart_task(&self, name: &str, task: u32) -> Result<()>;
    /// `GET /connectors/{c}/offsets`
    async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>>;
    /// `PATCH /connectors/{c}/offsets` (KIP-875); what the client is told. An offset that is null is removed.
    async fn alter_offsets(&self, name: &str, offsets: Vec<ConnectorOffset>) -> Result<String>;
    /// `DELETE /connectors/{c}/offsets`; what the client is told.
    async fn reset_offsets(&self, name: &str) -> Result<String>;
    /// `PATCH /connectors/{c}/config` (KIP-477): laid over the config as it was given, then as [`put_config`]
    /// does. Never creates a connector.
    ///
    /// [`put_config`]: Herder::put_config
    async fn patch_config(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo>;
    /// `PUT /connector-plugins/{p}/config/validate`; `plugin` is the path's, which the class must match. A setting
    /// that is null (`None`) is an error like any other, told with the rest.
    async fn validate(&self, plugin: &str, config: ConfigPatch) -> Result<Validation>;
    /// `GET /connector-plugins/{p}/config`, of that version or range of versions, else of the latest.
    async fn plugin_config(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>>;
    /// `GET /connectors/{c}/topics` (KIP-558), sorted; empty for a connector that nobody knows.
    async fn active_topics(&self, name: &str) -> Result<Vec<String>>;
    /// `PUT /connectors/{c}/topics/reset`
    async fn reset_active_topics(&self, name: &str) -> Result<()>;
    /// `GET /admin/loggers`: by name, sorted.
    async fn loggers(&self) -> Result<Vec<(String, LoggerLevel)>>;
    /// `GET /admin/loggers/{l}`; none where nobody knows that logger.
    async fn logger(&self, name: &str) -> Result<Option<LoggerLevel>>;
    /// `PUT /admin/loggers/{l}` in this worker: the loggers that it touched, sorted. `level` is one of
    /// log4j's words, in capitals: the caller has checked it.
    async fn set_logger(&self, name: &str, level: &str) -> Result<Vec<String>>;
    /// The same for all workers of a cluster (KIP-976).
    async fn set_cluster_logger(&self, name: &str, level: &str) -> Result<()>;
    /// `POST /connectors/{c}/tasks`, from worker to worker: the settings of a connector's tasks, as its owner has them
    /// from its plugin. The body is a list of flat objects.
    async fn put_task_configs(&self, name: &str, request: Internal) -> Result<()>;
    /// `PUT /connectors/{c}/fence`, from worker to worker: producers of the connector's earlier tasks may write no more
    /// (KIP-618).
    async fn fence_zombies(&self, name: &str, request: Internal) -> Result<()>;
    /// `GET /health` (KIP-1017)
    async fn health(&self) -> Health;
    /// What the worker is doing, or was last doing, as one sentence: told to who waited too long. May be empty.
    fn stage(&self) -> String;
}
