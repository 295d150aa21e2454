//! What every instance of a worker is given, and what it is told.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use watertight_capabilities::Grants;
use watertight_capabilities::secrets::PREFIX;
use watertight_capabilities::sql::Databases;
use watertight_sandbox::bindings::watertight::types::common::{Config, Setting};
use watertight_sandbox::bindings::watertight::types::data::Position;
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::guest_log::GuestLog;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::sql::SqlAccess;
use watertight_sandbox::state::{GuestSetup, OffsetReader, SecretReader};
use watertight_sandbox::stdio::LogStream;

use crate::entities::ConfigMap;
use crate::failure::Failure;
use crate::loggers::Loggers;
use crate::offsets::{OffsetStore, position};
use crate::secrets::Nature;

/// Release of this worker, in facts and in `GET /`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Kafka's release that this worker is like. Kafka's own converters, transforms and predicates, which are built in, have
/// this version: a `transforms.x.plugin.version` that Kafka accepts is accepted here.
pub const KAFKA: &str = "4.3.1";

/// Makes set-ups for instances.
pub struct GuestHost {
    /// What guests may touch.
    pub grants: Grants,
    /// Limits they live under.
    pub limits: Arc<Limits>,
    /// The worker's directory, for relative paths in their settings.
    pub directory: String,
    /// What their log lines are measured by.
    pub loggers: Arc<Loggers>,
}

/// Whose instance it is.
pub struct Identity<'a> {
    /// Connector's name.
    pub connector: &'a str,
    /// Number of the task; none for the connector itself.
    pub task: Option<u32>,
    /// The plugin's class: the name of its logger.
    pub class: &'a str,
    /// Only sources may read stored offsets.
    pub offsets: Option<Arc<dyn OffsetStore>>,
}

impl Identity<'_> {
    /// `name|task-0`, `name|worker`: Connect's log context.
    pub fn context(&self) -> String {
        match self.task {
            Some(task) => format!("{}|task-{task}", self.connector),
            None => format!("{}|worker", self.connector),
        }
    }
}

impl GuestHost {
    /// A set-up for one instance.
    pub fn setup(
        &self,
        identity: &Identity<'_>,
        config: Config,
        stopping: Arc<AtomicBool>,
    ) -> Result<GuestSetup, Failure> {
        let log = GuestLog::new(identity.context(), &self.limits)
            .of_class(identity.class, self.loggers.of_plugin(identity.class));
        let stdout = LogStream::new("info", log.clone());
        let stderr = LogStream::new("warn", log.clone());
        let wasi = self
            .grants
            .world(stdout, stderr.clone(), &self.limits)
            .map_err(|error| Failure::caused("The plugin's instance could not be set up", error))?;
        let mut facts: HashMap<String, String> = [
            ("connector".to_owned(), identity.connector.to_owned()),
            ("worker.version".to_owned(), VERSION.to_owned()),
            ("worker.directory".to_owned(), self.directory.clone()),
            ("sandbox.fs.roots".to_owned(), self.grants.roots()),
            ("transaction.boundary".to_owned(), "poll".to_owned()),
            ("errors.reporter".to_owned(), "false".to_owned()),
        ]
        .into();
        if let Some(task) = identity.task {
            facts.insert("task".to_owned(), task.to_string());
        }
        let offsets = identity.offsets.as_ref().map(|store| {
            Arc::new(Reader { store: Arc::clone(store), connector: identity.connector.to_owned() })
                as Arc<dyn OffsetReader>
        });
        Ok(GuestSetup { wasi, log, stderr, facts, config, stopping, offsets, secrets: None, sql: None })
    }

    /// Gives an instance of a class what its settings, here in plain text, are good for.
    pub fn entrust(&self, setup: &mut GuestSetup, class: &PluginClass, settings: &ConfigMap) {
        setup.secrets = self.secrets(class, settings);
        setup.sql = Some(self.databases(settings));
    }

    /// What an instance of a class gets for its references to passwords.
    pub fn secrets(&self, class: &PluginClass, settings: &ConfigMap) -> Option<Arc<dyn SecretReader>> {
        let own = settings.iter().filter(|(name, value)| Nature::of(class, name).hides(value));
        Some(self.grants.secrets(&class.name, own.map(|(name, value)| (name.clone(), value.clone())).collect()))
    }

    /// The databases that settings lead to.
    pub fn databases(&self, settings: &ConfigMap) -> Arc<dyn SqlAccess> {
        let own = settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        Arc::new(Databases::new(own, self.grants.files(), self.grants.net()))
    }
}

/// A connector's settings as its plugin sees them: passwords are references, good for nothing by themselves.
pub fn config_for(class: &PluginClass, settings: &ConfigMap) -> Config {
    settings
        .iter()
        .map(|(name, value)| {
            let secret = Nature::of(class, name).hides(value);
            let value = if secret { format!("{PREFIX}{name}") } else { value.clone() };
            Setting { name: name.clone(), value, secret }
        })
        .collect()
}

/// A task's settings as its connector gave them, passwords still as references.
pub fn settings_of(config: Config) -> ConfigMap {
    config.into_iter().map(|setting| (setting.name, setting.value)).collect()
}

struct Reader {
    store: Arc<dyn OffsetStore>,
    connector: String,
}

#[async_trait::async_trait]
impl OffsetReader for Reader {
    async fn stored(&self, partitions: &[Position]) -> Result<Vec<Option<Position>>, String> {
        let asked: Vec<position::Offset> = partitions.iter().cloned().map(position::from_guest).collect();
        let found = self.store.get(&self.connector, &asked).await.map_err(|error| error.to_string())?;
        Ok(found.iter().map(|offset| offset.as_ref().map(position::to_guest)).collect())
    }
}
