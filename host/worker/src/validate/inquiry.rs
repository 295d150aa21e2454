//! The plugin's own opinion, from an instance made for the question.
//!
//! Anybody may ask for a validation, as often as they like, of any plugin. So there are bounds: a few questions at a
//! time go to one plugin, and a few more to all of them together; the rest wait in the order in which they came, so
//! many of them and no longer than somebody waits for the answer. A plugin that hangs costs its own callers their
//! patience and nobody else's, since its deadline ends each call and others have seats of their own.
//!
//! Each question gets a fresh instance, since one that has been asked knows somebody's settings. What is kept for a
//! while is the compiled code, which costs more to bring back than the instance.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use watertight_sandbox::bindings::watertight::types::common::KeyReport;
use watertight_sandbox::error::GuestError;
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::registry::PluginEntry;

use super::exactly_once::{Answers, Questions};
use super::kind_of;
use super::weight::Scales;
use crate::entities::{ConfigMap, ConnectorType};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};

/// Questions to one plugin at a time.
const EACH: usize = 4;
/// Questions to all plugins together at a time. More than for one, so that one cannot take all seats.
const ALL: usize = 16;
/// Questions to one plugin that may wait: more than anybody sets connectors up at once.
const WAITING: usize = 1000;
/// How long one waits at most: REST answers after 90 seconds, and being asked takes some of them.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long code stays when nobody asks any more: longer than a person thinks between two tries.
const KEPT: Duration = Duration::from_secs(10);

/// Who is being asked, and who waits for it.
#[derive(Clone)]
pub struct Inquiries(Arc<Inner>);

struct Inner {
    scales: Scales,
    seats: Arc<Semaphore>,
    desks: Mutex<HashMap<PathBuf, Arc<Desk>>>,
}

/// One plugin file's.
struct Desk {
    /// For those who are being asked and those who wait.
    chairs: Arc<Semaphore>,
    seats: Arc<Semaphore>,
    kept: Mutex<Option<(Arc<Plugin>, Instant)>>,
}

/// Leave to ask.
struct Leave {
    _chair: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Default for Inquiries {
    fn default() -> Self {
        let seats = Arc::new(Semaphore::new(ALL));
        Self(Arc::new(Inner { scales: Scales::default(), seats, desks: Mutex::default() }))
    }
}

impl Default for Desk {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Desk { chairs: places(WAITING + EACH), seats: places(EACH), kept: Mutex::default() }
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
    /// What else is to be asked.
    pub(super) questions: Questions,
}

/// What a plugin says of a config.
#[derive(Default)]
pub(super) struct Opinion {
    pub(super) reports: Vec<KeyReport>,
    pub(super) answers: Answers,
}

impl Inquiries {
    /// Where big configs are looked at.
    pub(super) fn scales(&self) -> &Scales {
        &self.0.scales
    }

    /// What the plugin says.
    pub(super) async fn ask(&self, inquiry: &Inquiry<'_>) -> Result<Opinion, Failure> {
        let entry = inquiry.entry;
        let desk = self.desk(entry);
        let leave = desk.leave(&self.0.seats, Instant::now() + PATIENCE).await;
        let leave = leave.map_err(|reason| Failure::new(format!("plugin file {} {reason}", entry.file)))?;
        let mut loading = {
            let entry = entry.clone();
            Box::pin(async move { (entry.plugin().await, leave) })
        };
        let (plugin, _leave) = match futures::poll!(&mut loading) {
            Poll::Ready(loaded) => loaded,
            // Whoever asks may go away; to compile for nothing each time would be the dearest way to ask.
            Poll::Pending => tokio::spawn(loading).await.map_err(|error| Failure::new(error.to_string()))?,
        };
        let plugin =
            plugin.map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
        desk.keep(&plugin);
        inquiry.put_to(&plugin).await
    }

    fn desk(&self, entry: &PluginEntry) -> Arc<Desk> {
        let Ok(mut desks) = self.0.desks.lock() else { return Arc::default() };
        desks.retain(|_, desk| Arc::strong_count(desk) > 1);
        Arc::clone(desks.entry(entry.location.join(&entry.file)).or_default())
    }
}

impl Desk {
    /// Waits for its turn, here and among `all`; the error says why it does not come.
    async fn leave(&self, all: &Arc<Semaphore>, until: Instant) -> Result<Leave, String> {
        let chair = Arc::clone(&self.chairs).try_acquire_owned();
        let chair = chair.map_err(|_| format!("has {WAITING} questions waiting already: try again later"))?;
        let both = async {
            let own = Arc::clone(&self.seats).acquire_owned().await?;
            let all = Arc::clone(all).acquire_owned().await?;
            Ok::<_, tokio::sync::AcquireError>((own, all))
        };
        let waited = timeout_at(until, both).await.map_err(|_| {
            format!("is being asked {EACH} other questions, and takes longer than anybody waits: try again later")
        })?;
        let (own, all) = waited.map_err(|_| "is not asked any more".to_owned())?;
        Ok(Leave { _chair: chair, _own: own, _all: all })
    }

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
    async fn put_to(&self, plugin: &Plugin) -> Result<Opinion, Failure> {
        let class = &self.entry.class;
        let identity = Identity { connector: self.name, task: None, class: &class.name, offsets: None };
        let settings = config_for(class, self.settings);
        let mut setup = self.host.setup(&identity, settings.clone(), Arc::new(AtomicBool::new(false)))?;
        self.host.entrust(&mut setup, class, self.settings);
        let (answer, answers) = match kind_of(class) {
            ConnectorType::Sink => {
                let answer = plugin.sink_connector(setup).await?.validate(&class.name, &settings).await;
                (answer, Answers::default())
            }
            ConnectorType::Source | ConnectorType::Unknown => {
                let mut guest = plugin.source_connector(setup).await?;
                let answer = guest.validate(&class.name, &settings).await;
                let mut answers = Answers::default();
                if self.questions.support && !guest.guest.is_gone() {
                    let told = guest.exactly_once_support(&class.name, &settings).await;
                    answers.support = Some(told.map_err(|error| said(&error)));
                }
                if self.questions.boundaries && !guest.guest.is_gone() {
                    let told = guest.can_define_transaction_boundaries(&class.name, &settings).await;
                    answers.boundaries = Some(told.map_err(|error| said(&error)));
                }
                (answer, answers)
            }
        };
        match answer {
            Ok(reports) => Ok(Opinion { reports, answers }),
            Err(GuestError::Failure { code, message, .. }) if code == "config" => {
                let report = KeyReport {
                    name: String::new(),
                    errors: vec![message],
                    recommended_values: Vec::new(),
                    visible: true,
                };
                Ok(Opinion { reports: vec![report], answers })
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A plugin's own words, or what became of it.
fn said(error: &GuestError) -> String {
    match error {
        GuestError::Failure { message, .. } => message.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn all() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(ALL))
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[tokio::test]
    async fn a_question_does_not_wait_for_ever() {
        let (desk, all) = (Desk::default(), all());
        let mut asked = Vec::new();
        for _ in 0..EACH {
            asked.push(desk.leave(&all, soon()).await.unwrap());
        }
        let refused = desk.leave(&all, soon()).await.err().unwrap();
        assert!(refused.starts_with("is being asked 4 other questions"), "{refused}");
        asked.pop();
        desk.leave(&all, soon()).await.unwrap();
    }

    #[tokio::test]
    async fn where_all_plugins_are_asked_a_question_does_not_wait_for_ever_either() {
        let (desk, all) = (Desk::default(), all());
        let _all_seats = all.acquire_many(ALL as u32).await.unwrap();
        assert!(desk.leave(&all, soon()).await.is_err());
        assert_eq!((desk.seats.available_permits(), desk.chairs.available_permits()), (EACH, WAITING + EACH));
    }

    #[tokio::test]
    async fn a_question_too_many_is_refused_at_once() {
        let (desk, all) = (Desk::default(), all());
        let _waiting = desk.chairs.acquire_many((WAITING + EACH) as u32).await.unwrap();
        let begun = Instant::now();
        let refused = desk.leave(&all, begun + PATIENCE).await.err().unwrap();
        assert!(refused.starts_with("has 1000 questions waiting already"), "{refused}");
        assert!(begun.elapsed() < PATIENCE / 2);
    }
}
