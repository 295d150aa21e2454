//! A herder of one connector, `file-source`, that writes down what it is asked and refuses on request.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use watertight_worker::entities::*;
use watertight_worker::herder::{Herder, HerderError, Internal, Put, Result};
use watertight_worker::validate::{ConfigKey, Validation};

#[derive(Default)]
pub struct FakeHerder {
    /// What it was asked, as `method arguments`.
    pub asked: Mutex<Vec<String>>,
    /// What every call answers instead of an answer.
    pub refusal: Mutex<Option<HerderError>>,
    /// How long every call takes.
    pub delay: Option<Duration>,
    /// Calls panic.
    pub panics: bool,
    /// Calls that got through their delay.
    pub finished: Mutex<usize>,
    /// More names for the list, unknown to every other call.
    pub ghosts: Vec<String>,
    /// What validation says, and the keys of every plugin.
    pub validation: Option<Validation>,
    /// Healthy if there is none.
    pub health: Option<Health>,
    /// What it is doing.
    pub stage: String,
}

fn internal(request: &Internal) -> String {
    let Internal { body, signature, algorithm } = request;
    format!("{} {signature:?} {algorithm:?}", String::from_utf8_lossy(body))
}

impl FakeHerder {
    async fn ask(&self, call: String) -> Result<()> {
        self.asked.lock().unwrap().push(call);
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        *self.finished.lock().unwrap() += 1;
        assert!(!self.panics, "as told");
        self.refusal.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn ask_of(&self, call: &str, name: &str, unknown: &str) -> Result<()> {
        self.ask(format!("{call} {name}")).await?;
        if name == "file-source" { Ok(()) } else { Err(HerderError::NotFound(unknown.replace("{}", name))) }
    }
}

pub fn info(name: &str, config: ConfigMap) -> ConnectorInfo {
    let tasks = vec![TaskId { connector: name.to_owned(), task: 0 }];
    ConnectorInfo { name: name.to_owned(), config, tasks, kind: ConnectorType::Source }
}

fn file_source() -> ConnectorInfo {
    let settings = [("name", "file-source"), ("file", "${env:IN}")];
    let config = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    info("file-source", config)
}

pub fn state_info(state: State) -> StateInfo {
    let instance = |state, trace: Option<&str>, version: Option<&str>| InstanceState {
        state,
        worker_id: "127.0.0.1:8083".to_owned(),
        trace: trace.map(str::to_owned),
        version: version.map(str::to_owned),
    };
    StateInfo {
        name: "file-source".to_owned(),
        connector: instance(state, None, Some("0.1.0")),
        tasks: vec![
            (0, instance(State::Failed, Some("sandbox.memory.bytes"), None)),
            (1, instance(State::Unassigned, Some(""), Some("undefined"))),
        ],
        kind: ConnectorType::Source,
    }
}

#[async_trait]
impl Herder for FakeHerder {
    async fn server_info(&self) -> Result<ServerInfo> {
        self.ask("server_info".to_owned()).await?;
        Ok(ServerInfo {
            version: "4.3.1-watertight.0.1.0".to_owned(),
            commit: "unknown".to_owned(),
            kafka_cluster_id: "abc".to_owned(),
        })
    }

    async fn plugins(&self, connectors_only: bool) -> Result<Vec<PluginInfo>> {
        self.ask(format!("plugins {connectors_only}")).await?;
        let plugin = |class: &str, kind: &str, version: Option<&str>| PluginInfo {
            class: class.to_owned(),
            kind: kind.to_owned(),
            version: version.map(str::to_owned),
        };
        Ok(vec![plugin("a.Sink", "sink", Some("1.0")), plugin("a.Source", "source", None)])
    }

    async fn connectors(&self) -> Result<Vec<String>> {
        self.ask("connectors".to_owned()).await?;
        Ok(std::iter::once("file-source".to_owned()).chain(self.ghosts.clone()).collect())
    }

    async fn connector(&self, name: &str) -> Result<ConnectorInfo> {
        self.ask_of("connector", name, "Connector {} not found").await?;
        Ok(file_source())
    }

    async fn put_config(
        &self,
        name: &str,
        config: ConfigMap,
        initial_state: Option<TargetState>,
        may_replace: bool,
    ) -> Result<Put> {
        self.ask(format!("put {name} {config:?} {initial_state:?} {may_replace}")).await?;
        let exists = name == "file-source";
        if exists && !may_replace {
            return Err(HerderError::Conflict(format!("Connector {name} already exists")));
        }
        Ok(Put { created: !exists, info: info(name, config) })
    }

    async fn delete(&self, name: &str) -> Result<()> {
        self.ask_of("delete", name, "Connector {} not found").await
    }

    async fn status(&self, name: &str) -> Result<StateInfo> {
        self.ask_of("status", name, "No status found for connector {}").await?;
        Ok(state_info(State::Running))
    }

    async fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>> {
        self.ask_of("tasks", name, "Connector {} not found").await?;
        let id = TaskId { connector: name.to_owned(), task: 0 };
        Ok(vec![TaskInfo { id, config: ConfigMap::from([("task.class".to_owned(), "a.Task".to_owned())]) }])
    }

    async fn task_status(&self, name: &str, task: u32) -> Result<InstanceState> {
        self.ask_of(&format!("task_status {task}"), name, &format!("No status found for task {{}}-{task}")).await?;
        state_info(State::Running)
            .tasks
            .into_iter()
            .find(|(id, _)| *id == task)
            .map(|(_, state)| state)
            .ok_or_else(|| HerderError::NotFound(format!("No status found for task {name}-{task}")))
    }

    async fn set_target_state(&self, name: &str, target: TargetState) -> Result<()> {
        self.ask_of(&format!("target {target:?}"), name, "Unknown connector {}").await
    }

    async fn restart(&self, name: &str, request: RestartRequest) -> Result<Option<StateInfo>> {
        let RestartRequest { include_tasks, only_failed } = request;
        self.ask_of(&format!("restart {include_tasks} {only_failed}"), name, "Unknown connector: {}").await?;
        Ok((include_tasks || only_failed).then(|| state_info(State::Restarting)))
    }

    async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        self.ask_of(&format!("restart_task {task}"), name, "Unknown connector: {}").await
    }

    async fn offsets(&self, name: &str) -> Result<Vec<ConnectorOffset>> {
        self.ask_of("offsets", name, "Connector {} not found").await?;
        Ok(vec![ConnectorOffset {
            partition: serde_json::json!({"filename": "/tmp/in.txt"}),
            offset: serde_json::json!({"position": 9_007_199_254_740_993_u64}),
        }])
    }

    async fn alter_offsets(&self, name: &str, offsets: Vec<ConnectorOffset>) -> Result<String> {
        self.ask_of(&format!("alter_offsets {offsets:?}"), name, "Connector {} not found").await?;
        Ok("altered".to_owned())
    }

    async fn reset_offsets(&self, name: &str) -> Result<String> {
        self.ask_of("reset_offsets", name, "Connector {} not found").await?;
        Ok("reset".to_owned())
    }

    async fn patch_config(&self, name: &str, patch: ConfigPatch) -> Result<ConnectorInfo> {
        self.ask_of(&format!("patch {patch:?}"), name, "Connector {} not found").await?;
        Ok(file_source())
    }

    async fn validate(&self, plugin: &str, config: ConfigPatch) -> Result<Validation> {
        self.ask(format!("validate {plugin} {config:?}")).await?;
        let nothing = || HerderError::BadRequest("Connector config contains no connector type".to_owned());
        self.validation.clone().ok_or_else(nothing)
    }

    async fn plugin_config(&self, plugin: &str, version: Option<&str>) -> Result<Vec<ConfigKey>> {
        self.ask(format!("plugin_config {plugin} {version:?}")).await?;
        let settings = self.validation.iter().flat_map(|validation| validation.settings.values());
        Ok(settings.map(|(key, _)| key.clone()).collect())
    }

    async fn active_topics(&self, name: &str) -> Result<Vec<String>> {
        self.ask(format!("active_topics {name}")).await?;
        Ok(vec!["lines".to_owned()])
    }

    async fn reset_active_topics(&self, name: &str) -> Result<()> {
        self.ask(format!("reset_active_topics {name}")).await
    }

    async fn loggers(&self) -> Result<Vec<(String, LoggerLevel)>> {
        self.ask("loggers".to_owned()).await?;
        Ok(vec![("root".to_owned(), LoggerLevel { level: "INFO".to_owned(), last_modified: None })])
    }

    async fn logger(&self, name: &str) -> Result<Option<LoggerLevel>> {
        self.ask(format!("logger {name}")).await?;
        Ok((name == "root").then(|| LoggerLevel { level: "INFO".to_owned(), last_modified: Some(1) }))
    }

    async fn set_logger(&self, name: &str, level: &str) -> Result<Vec<String>> {
        self.ask(format!("set_logger {name} {level}")).await?;
        Ok(vec![name.to_owned()])
    }

    async fn set_cluster_logger(&self, name: &str, level: &str) -> Result<()> {
        self.ask(format!("set_cluster_logger {name} {level}")).await
    }

    async fn put_task_configs(&self, name: &str, request: Internal) -> Result<()> {
        self.ask_of(&format!("put_task_configs {}", internal(&request)), name, "Connector {} not found").await
    }

    async fn fence_zombies(&self, name: &str, request: Internal) -> Result<()> {
        self.ask_of(&format!("fence_zombies {}", internal(&request)), name, "Connector {} not found").await
    }

    fn stage(&self) -> String {
        self.stage.clone()
    }

    async fn health(&self) -> Health {
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        let healthy = || Health { state: HealthState::Healthy, message: "up".to_owned() };
        self.health.clone().unwrap_or_else(healthy)
    }
}
