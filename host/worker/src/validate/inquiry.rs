//! The plugin's own opinion, from an instance made for the question.
//!
//! Anybody may ask for a validation, as often as they like, of any plugin. So there are bounds: a few questions at a
//! time go to one plugin, and a few more to all of them together; the rest wait in the order in which they came. A
//! plugin that hangs costs its own callers their patience and nobody else's, since its deadline ends each call and
//! others have seats of their own.
//!
//! Each question gets a fresh instance, since one that has been asked knows somebody's settings. What is kept for a
//! while is the compiled code, which costs more to bring back than the instance.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use watertight_sandbox::bindings::watertight::types::common::KeyReport;
use watertight_sandbox::error::GuestError;
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::registry::PluginEntry;

use super::kind_of;
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};

/// Questions to one plugin at a time.
const EACH: usize = 4;
/// Questions to all plugins together at a time. More than for one, so that one cannot take all seats.
const ALL: usize = 16;
/// How long code stays when nobody asks any more: longer than a person thinks between two tries.
const KEPT: Duration = Duration::from_secs(10);

/// Who is being asked, and who waits for it.
#[derive(Clone)]
pub struct Inquiries(Arc<Inner>);

struct Inner {
    seats: Semaphore,
    desks: Mutex<HashMap<PathBuf, Arc<Desk>>>,
}

/// One plugin file's.
struct Desk {
    seats: Semaphore,
    kept: Mutex<Option<(Arc<Plugin>, Instant)>>,
}

impl Default for Inquiries {
    fn default() -> Self {
        Self(Arc::new(Inner { seats: Semaphore::new(ALL), desks: Mutex::default() }))
    }
}

/// What is asked.
pub(super) struct Inquiry<'a> {
    pub(super) host: &'a GuestHost,
    pub(super) entry: &'a PluginEntry,
    /// The connector's name.
    pub(super) name: &'a str,
    /// Its settings, references resolved.
    pub(super) settings: &'a ConfigMap,
}

impl Inquiries {
    /// What the plugin says.
    pub(super) async fn ask(&self, inquiry: &Inquiry<'_>) -> Result<Vec<KeyReport>, Failure> {
        let entry = inquiry.entry;
        let desk = self.desk(entry);
        let closed = |_| Failure::new("the worker does not take questions any more");
        let _own = desk.seats.acquire().await.map_err(closed)?;
        let _all = self.0.seats.acquire().await.map_err(closed)?;
        let plugin = entry.plugin().await;
        let plugin =
            plugin.map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
        desk.keep(&plugin);
        inquiry.put_to(&plugin).await
    }

    fn desk(&self, entry: &PluginEntry) -> Arc<Desk> {
        let fresh = || Arc::new(Desk { seats: Semaphore::new(EACH), kept: Mutex::default() });
        let Ok(mut desks) = self.0.desks.lock() else { return fresh() };
        desks.retain(|_, desk| Arc::strong_count(desk) > 1);
        Arc::clone(desks.entry(entry.location.join(&entry.file)).or_insert_with(fresh))
    }
}

impl Desk {
    /// Holds the code, and lets it go when nobody has asked for a while.
    fn keep(self: &Arc<Self>, plugin: &Arc<Plugin>) {
        let Ok(mut kept) = self.kept.lock() else { return };
        let minded = kept.replace((Arc::clone(plugin), Instant::now() + KEPT)).is_some();
        if minded {
            return;
        }
        let desk = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(until) = desk.kept_until() {
                tokio::time::sleep_until(until).await;
            }
        });
    }

    /// Until when it is kept; lets go of it if that is over.
    fn kept_until(&self) -> Option<Instant> {
        let mut kept = self.kept.lock().ok()?;
        let until = kept.as_ref().map(|(_, until)| *until)?;
        if until > Instant::now() {
            return Some(until);
        }
        *kept = None;
        None
    }
}

impl Inquiry<'_> {
    async fn put_to(&self, plugin: &Plugin) -> Result<Vec<KeyReport>, Failure> {
        let class = &self.entry.class;
        let identity = Identity { connector: self.name, task: None, class: &class.name, reads_offsets: false };
        let settings = config_for(class, self.settings);
        let mut setup = self.host.setup(&identity, settings.clone(), Arc::new(AtomicBool::new(false)))?;
        setup.secrets = self.host.secrets(class, self.settings);
        let answer = match kind_of(class) {
            ConnectorType::Sink => plugin.sink_connector(setup).await?.validate(&class.name, &settings).await,
            ConnectorType::Source | ConnectorType::Unknown => {
                plugin.source_connector(setup).await?.validate(&class.name, &settings).await
            }
        };
        match answer {
            Ok(reports) => Ok(reports),
            Err(GuestError::Failure { code, message, .. }) if code == "config" => Ok(vec![KeyReport {
                name: String::new(),
                errors: vec![message],
                recommended_values: Vec::new(),
                visible: true,
            }]),
            Err(error) => Err(error.into()),
        }
    }
}
