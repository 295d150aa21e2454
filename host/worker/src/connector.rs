//! One connector instance: it plans, it does not move data. Started, asked for task configs, asked now and then
//! whether all is well. Lives in a task of its own, so that a guest that hangs holds nobody up but itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;
use watertight_sandbox::bindings::watertight::types::common::{Checkup, Config};
use watertight_sandbox::error::GuestError;
use watertight_sandbox::registry::PluginEntry;
use watertight_sandbox::roles::{SinkConnector, SourceConnector};

use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for, settings_of};
use crate::offsets::OffsetStore;
use crate::validate::kind_of;

/// What a running connector wants of its herder.
#[derive(Debug)]
pub enum Wish {
    /// Its tasks need new configs.
    Reconfigure,
    /// It cannot go on.
    Fail(Failure),
}

/// Why there are no task configs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTaskConfigs {
    /// What went wrong.
    pub failure: Failure,
    /// The plugin said no, in an orderly way: it may be asked again. Otherwise its instance is gone.
    pub again: bool,
}

impl From<GuestError> for NoTaskConfigs {
    fn from(error: GuestError) -> Self {
        Self { again: matches!(error, GuestError::Failure { .. }), failure: error.into() }
    }
}

/// A running connector instance. Dropping it ends it at once.
pub struct ConnectorHandle {
    requests: mpsc::Sender<Request>,
    stopping: Arc<AtomicBool>,
    join: tokio::task::JoinHandle<()>,
    name: String,
}

enum Request {
    TaskConfigs(u32, oneshot::Sender<Result<Vec<ConfigMap>, NoTaskConfigs>>),
    Stop,
}

enum Role {
    Source(SourceConnector),
    Sink(SinkConnector),
}

impl Role {
    async fn start(&mut self, class: &str, config: &Config) -> Result<(), GuestError> {
        match self {
            Role::Source(role) => role.start(class, config).await,
            Role::Sink(role) => role.start(class, config).await,
        }
    }

    async fn task_configs(&mut self, max: u32) -> Result<Vec<Config>, GuestError> {
        match self {
            Role::Source(role) => role.task_configs(max).await,
            Role::Sink(role) => role.task_configs(max).await,
        }
    }

    async fn check(&mut self) -> Result<Checkup, GuestError> {
        match self {
            Role::Source(role) => role.check().await,
            Role::Sink(role) => role.check().await,
        }
    }

    async fn stop(&mut self) -> Result<(), GuestError> {
        match self {
            Role::Source(role) => role.stop().await,
            Role::Sink(role) => role.stop().await,
        }
    }
}

impl ConnectorHandle {
    /// Makes an instance and starts it; answers when `start` has returned. `offsets` are for sources.
    pub async fn start(
        host: &GuestHost,
        entry: &PluginEntry,
        name: &str,
        settings: &ConfigMap,
        offsets: Option<Arc<dyn OffsetStore>>,
        wishes: impl Fn(Wish) + Send + 'static,
    ) -> Result<Self, Failure> {
        let plugin = entry
            .plugin()
            .await
            .map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
        let class = entry.class.clone();
        let config = config_for(&class, settings);
        let stopping = Arc::new(AtomicBool::new(false));
        let kind = kind_of(&class);
        let identity = Identity { connector: name, task: None, class: &class.name, offsets };
        let mut setup = host.setup(&identity, config.clone(), Arc::clone(&stopping))?;
        host.entrust(&mut setup, &class, settings);
        let mut role = match kind {
            ConnectorType::Sink => Role::Sink(plugin.sink_connector(setup).await?),
            ConnectorType::Source | ConnectorType::Unknown => Role::Source(plugin.source_connector(setup).await?),
        };
        role.start(&class.name, &config).await?;
        let (requests, receiver) = mpsc::channel(8);
        let span = tracing::error_span!("connector", connector_context = identity.context());
        let join = tokio::spawn(live(role, receiver, wishes).instrument(span));
        Ok(Self { requests, stopping, join, name: name.to_owned() })
    }

    /// One config a task.
    pub async fn task_configs(&self, max: u32) -> Result<Vec<ConfigMap>, NoTaskConfigs> {
        let (answer, answered) = oneshot::channel();
        let gone = || NoTaskConfigs {
            failure: Failure::new(format!("connector {} ended while it was asked for task configs", self.name)),
            again: false,
        };
        self.requests.send(Request::TaskConfigs(max, answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Asks it to end and waits so long; then it is cut off.
    pub async fn stop(mut self, deadline: Duration) {
        self.stopping.store(true, Ordering::Relaxed);
        let orderly = async {
            let _ = self.requests.send(Request::Stop).await;
            let _ = (&mut self.join).await;
        };
        if tokio::time::timeout(deadline, orderly).await.is_err() {
            tracing::error!("Graceful stop of connector {} failed.", self.name);
            self.join.abort();
        }
    }
}

impl Drop for ConnectorHandle {
    fn drop(&mut self) {
        self.join.abort();
    }
}

async fn live(mut role: Role, mut requests: mpsc::Receiver<Request>, wishes: impl Fn(Wish) + Send + 'static) {
    // The first check comes after the first plan: a connector that fails in it has started, and then failed.
    let mut next_check = None;
    let mut planned = false;
    loop {
        let request = match next_check {
            Some(wait) => match tokio::time::timeout(wait, requests.recv()).await {
                Ok(request) => request,
                Err(_) => {
                    match role.check().await {
                        Ok(Checkup { reconfigure_tasks, again_after_ms }) => {
                            next_check = again_after_ms.map(|ms| Duration::from_millis(ms.max(10)));
                            if reconfigure_tasks {
                                wishes(Wish::Reconfigure);
                            }
                        }
                        Err(error) => {
                            next_check = None;
                            wishes(Wish::Fail(error.into()));
                        }
                    }
                    continue;
                }
            },
            None => requests.recv().await,
        };
        match request {
            Some(Request::TaskConfigs(max, answer)) => {
                let configs = role.task_configs(max).await;
                let configs =
                    configs.map(|list| list.into_iter().map(settings_of).collect()).map_err(NoTaskConfigs::from);
                if !planned && configs.is_ok() {
                    planned = true;
                    next_check = Some(Duration::ZERO);
                }
                let _ = answer.send(configs);
            }
            Some(Request::Stop) | None => {
                if let Err(error) = role.stop().await {
                    tracing::warn!("the plugin failed in stop: {}", error.trace());
                }
                return;
            }
        }
    }
}
