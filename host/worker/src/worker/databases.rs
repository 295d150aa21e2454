//! The databases of a task. Its settings are what its connector, a guest, made of its own: among them may be a reference
//! to the connector's password beside another address to send it to, or beside a weaker encryption to send it through.
//! So the connector's secrets are used only in the connector's own words: where one of them stands among the settings of
//! a prefix, all settings of that prefix have to be the connector's, none changed, added or left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::sql::{Fault, SqlAccess, SqlConnection, SqlLimits, code};

use super::in_use::TASK_CLASS;
use crate::entities::ConfigMap;
use crate::guest::GuestHost;
use crate::secrets::Nature;

/// Of a task with `settings`, which its connector with settings of its own has given it; all of them resolved.
pub fn of_task(
    host: &GuestHost,
    class: &PluginClass,
    settings: &ConfigMap,
    connector: &ConfigMap,
) -> Arc<dyn SqlAccess> {
    let databases = host.databases(settings);
    let borrowed = borrowed(class, settings, connector);
    if borrowed.is_empty() {
        return databases;
    }
    Arc::new(Borrower { databases, borrowed, foreign: foreign(settings, connector) })
}

/// Uses the connector's secrets.
struct Borrower {
    databases: Arc<dyn SqlAccess>,
    /// Settings of the task that hold one.
    borrowed: Vec<String>,
    /// Settings in which task and connector differ.
    foreign: BTreeSet<String>,
}

#[async_trait::async_trait]
impl SqlAccess for Borrower {
    async fn open(&self, prefix: &str, limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
        if let Some(secret) = self.borrowed.iter().find(|name| name.starts_with(prefix)) {
            let under = |name: &&String| name.starts_with(prefix);
            let foreign: Vec<&str> = self.foreign.iter().filter(under).map(String::as_str).collect();
            if !foreign.is_empty() {
                return Err(Fault::new(code::DENIED, refusal(secret, prefix, &foreign)));
            }
        }
        self.databases.open(prefix, limits).await
    }
}

fn refusal(secret: &str, prefix: &str, foreign: &[&str]) -> String {
    format!(
        "{secret} of the task is a secret of its connector, which is used only with the connector's own {prefix}* \
         settings; the task's differ in: {}",
        foreign.join(", ")
    )
}

/// What the plugin knows of the connector only by reference is known by its value here.
fn borrowed(class: &PluginClass, settings: &ConfigMap, connector: &ConfigMap) -> Vec<String> {
    let secret = |name: &str, value: &str| !value.is_empty() && Nature::of(class, name).hides(value);
    let own: BTreeSet<&str> =
        connector.iter().filter(|(name, value)| secret(name, value)).map(|(_, value)| value.as_str()).collect();
    let held = settings.iter().filter(|(_, value)| own.contains(value.as_str()));
    held.map(|(name, _)| name.clone()).collect()
}

fn foreign(settings: &ConfigMap, connector: &ConfigMap) -> BTreeSet<String> {
    let differs = |name: &&String| name.as_str() != TASK_CLASS && settings.get(*name) != connector.get(*name);
    settings.keys().chain(connector.keys()).filter(differs).cloned().collect()
}
