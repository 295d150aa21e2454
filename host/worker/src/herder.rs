//! The one door to everything a worker manages. REST, the command line and tests know this trait; whether
//! one process or a cluster stands behind it is not theirs to know.

use crate::entities::{
    ConfigMap, ConnectorInfo, ConnectorOffset, InstanceState, PluginInfo, RestartRequest, ServerInfo, StateInfo,
    TargetState, TaskInfo,
};

/// Why a request was refused; the variants are the HTTP statuses that Kafka Connect answers with. The text
/// is Kafka's wherever Kafka has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HerderError {
    /// 400: the request itself is wrong.
    #[error("{0}")]
    BadRequest(String),
    /// 404
    #[error("{0}")]
    NotFound(String),
    /// 409
    #[error("{0}")]
    Conflict(String),
    /// 500: anything else.
    #[error("{0}")]
    Internal(String),
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
}
