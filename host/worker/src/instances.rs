//! Instances of the plugins that stand beside a task's own: its transforms, predicates and converters.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use watertight_sandbox::bindings::watertight::types::common::Config;
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::registry::{PluginEntry, PluginRegistry};
use watertight_sandbox::role::Role;
use watertight_sandbox::roles::{Conversion, Predicate, Transformation, Usage};
use watertight_sandbox::state::GuestSetup;
use watertight_sandbox::version::VersionRange;

use crate::entities::{ConfigMap, TaskId};
use crate::guest::{GuestHost, Identity, config_for};

/// Makes instances for one task. Each is a sandbox of its own.
pub struct Instances<'a> {
    /// What there is.
    pub plugins: &'a PluginRegistry,
    /// What instances get.
    pub host: &'a GuestHost,
    /// Whose they are.
    pub task: &'a TaskId,
    /// Set when the task is to stop.
    pub stopping: &'a Arc<AtomicBool>,
    /// The connector that they work for.
    pub beside: &'a PluginEntry,
}

/// A class by its name and versions.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Name or alias.
    pub name: &'a str,
    /// Of these versions; none: the latest.
    pub range: Option<&'a VersionRange>,
}

/// What an instance is made from.
struct Parts {
    class: Arc<PluginClass>,
    plugin: Arc<Plugin>,
    config: Config,
    setup: GuestSetup,
}

impl Instances<'_> {
    async fn parts(&self, role: Role, wanted: Wanted<'_>, settings: &ConfigMap) -> Result<Parts, String> {
        let entry =
            self.plugins.find(role, wanted.name, wanted.range, Some(self.beside)).map_err(|error| error.to_string())?;
        let plugin = entry.plugin().await;
        let plugin = plugin.map_err(|error| format!("plugin file {} cannot be used: {error}", entry.file))?;
        let config = config_for(&entry.class, settings);
        let identity = Identity {
            connector: &self.task.connector,
            task: Some(self.task.task),
            class: &entry.class.name,
            offsets: None,
        };
        let setup = self.host.setup(&identity, config.clone(), Arc::clone(self.stopping));
        let mut setup = setup.map_err(|failure| failure.trace)?;
        self.host.entrust(&mut setup, &entry.class, settings);
        Ok(Parts { class: Arc::clone(&entry.class), plugin, config, setup })
    }

    /// A configured transform, and its class.
    pub async fn transformation(
        &self,
        wanted: Wanted<'_>,
        own: &ConfigMap,
    ) -> Result<(Arc<str>, Transformation), String> {
        let Parts { class, plugin, config, setup } = self.parts(Role::Transformation, wanted, own).await?;
        let mut made = plugin.transformation(setup).await.map_err(|error| error.trace())?;
        made.configure(&class, &config).await.map_err(|error| error.trace())?;
        Ok((class.name.as_str().into(), made))
    }

    /// A configured predicate.
    pub async fn predicate(&self, wanted: Wanted<'_>, own: &ConfigMap) -> Result<Predicate, String> {
        let Parts { class, plugin, config, setup } = self.parts(Role::Predicate, wanted, own).await?;
        let mut made = plugin.predicate(setup).await.map_err(|error| error.trace())?;
        made.configure(&class, &config).await.map_err(|error| error.trace())?;
        Ok(made)
    }

    /// A configured converter, and its class.
    pub async fn conversion(
        &self,
        wanted: Wanted<'_>,
        own: &ConfigMap,
        usage: Usage,
    ) -> Result<(Arc<str>, Conversion), String> {
        let role = if usage == Usage::Header { Role::HeaderConverter } else { Role::Converter };
        let Parts { class, plugin, config, setup } = self.parts(role, wanted, own).await?;
        let mut made = plugin.conversion(setup).await.map_err(|error| error.trace())?;
        made.configure(&class, &config, usage).await.map_err(|error| error.trace())?;
        Ok((class.name.as_str().into(), made))
    }
}
