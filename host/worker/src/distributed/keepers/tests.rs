//! Keepers of connectors whose plugin is missing: everything but what a plugin does itself.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use watertight_capabilities::Grants;
use watertight_kafka::Admin;
use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::loader::Loader;
use watertight_sandbox::registry::PluginRegistry;

use super::*;
use crate::config::{Mode, WorkerConfig};
use crate::entities::{ConfigMap, ConnectorType, State, TargetState};
use crate::guest::GuestHost;
use crate::loggers::Loggers;
use crate::offsets::{OffsetError, OffsetStore, OffsetStores};
use crate::secrets::Vault;
use crate::status::Statuses;
use crate::topics_in_use::TopicsInUse;
use crate::worker::Parts;

/// On a machine that does something else.
const SOON: Duration = Duration::from_secs(60);

/// What was said, in order.
#[derive(Clone)]
struct Said(watch::Sender<Vec<String>>);

impl Said {
    fn say(&self, text: String) {
        self.0.send_modify(|said| said.push(text));
    }

    async fn wait_for(&self, count: usize) -> Vec<String> {
        let mut said = self.0.subscribe();
        let said = tokio::time::timeout(SOON, said.wait_for(|said| said.len() >= count)).await;
        said.unwrap().unwrap().clone()
    }
}

impl Statuses for Said {
    fn connector(&self, name: &str, _: ConnectorType, state: State, _: Option<String>, _: Option<&str>) {
        self.say(format!("{name} {}", state.as_str()));
    }

    fn task(&self, id: &TaskId, state: State, _: Option<String>, _: Option<&str>) {
        self.say(format!("{id} {}", state.as_str()));
    }

    fn connector_unassigned(&self, name: &str, _: ConnectorType, _: Option<&str>) {
        self.say(format!("{name} UNASSIGNED"));
    }

    fn task_unassigned(&self, id: &TaskId, _: Option<&str>) {
        self.say(format!("{id} UNASSIGNED"));
    }
}

struct Nobody;

#[async_trait]
impl KeepersOwner for Nobody {
    async fn task_configs(&self, _: &str, _: Vec<ConfigMap>) -> Result<(), Failure> {
        Ok(())
    }

    async fn before_task(&self, _: &TaskId, _: i64) -> Result<(), Failure> {
        Ok(())
    }

    async fn may_run(&self, _: &TaskId, _: i64) -> Result<(), Failure> {
        Ok(())
    }
}

struct NoOffsets;

#[async_trait]
impl OffsetStores for NoOffsets {
    async fn of(&self, _: &str, _: &ConfigMap) -> Result<Arc<dyn OffsetStore>, OffsetError> {
        Err(OffsetError("there are none".into()))
    }
}

fn keepers() -> (Keepers, Said) {
    let said = Said(watch::Sender::new(Vec::new()));
    let worker = Worker::new(parts(), Arc::new(said.clone()), TopicsInUse::new(true));
    (Keepers::new(worker, Arc::new(Nobody)), said)
}

fn parts() -> Parts {
    let converter = "org.apache.kafka.connect.json.JsonConverter".to_owned();
    let properties = [("bootstrap.servers", "127.0.0.1:1".to_owned())];
    let converters = ["key.converter", "value.converter"].map(|key| (key, converter.clone()));
    let properties: ConfigMap =
        properties.into_iter().chain(converters).map(|(key, value)| (key.to_owned(), value)).collect();
    let config = WorkerConfig::read(properties, Path::new("/"), Vault::default(), Mode::Distributed).unwrap();
    let limits = Arc::new(Limits::default());
    let loader = Loader::new(SandboxEngine::new().unwrap(), Arc::clone(&limits), None, Compiler::Inside).unwrap();
    let grants = Grants::from_properties(|_| None, Path::new("/")).unwrap();
    let loggers = Arc::new(Loggers::unfiltered());
    Parts {
        plugins: PluginRegistry::open(&[], loader),
        host: Arc::new(GuestHost { grants, limits, directory: "/".into(), loggers }),
        offsets: Arc::new(NoOffsets),
        admin: Arc::new(Admin::from_settings(&config.admin_settings(), "test").unwrap()),
        worker_id: "w:1".into(),
        version: "1".into(),
        cluster_id: "c".into(),
        config,
    }
}

fn config() -> Arc<ConfigMap> {
    Arc::new([("connector.class", "a.Missing")].map(|(key, value)| (key.to_owned(), value.to_owned())).into())
}

fn wanted(revision: u64, target: TargetState, tasks: u32) -> Wanted {
    let task = WantedTask {
        settings: config(),
        connector: config(),
        revision,
        target,
        tasks: tasks as usize,
        generation: None,
    };
    Wanted {
        connector: Some(WantedConnector { config: config(), revision, target }),
        tasks: (0..tasks).map(|number| (number, task.clone())).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_has_failed_and_stays_so_until_it_is_restarted() {
    let (keepers, said) = keepers();
    keepers.want("c", wanted(1, TargetState::Started, 1));
    let mut first = said.wait_for(2).await;
    first.sort();
    assert_eq!(first, ["c FAILED", "c-0 FAILED"]);
    let failure = keepers.settled("c").await.unwrap_err();
    assert!(failure.trace.contains("a.Missing"), "{failure}");
    // The same again, and paused: nothing is said, for it stays what it is.
    keepers.want("c", wanted(1, TargetState::Started, 1));
    keepers.want("c", wanted(1, TargetState::Paused, 1));
    keepers.want("c", wanted(2, TargetState::Started, 0));
    let later = said.wait_for(4).await;
    assert_eq!(later[2..], ["c UNASSIGNED", "c FAILED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_what_is_not_wanted_any_more() {
    let (keepers, said) = keepers();
    keepers.want("never", Wanted::default());
    assert!(keepers.names().is_empty());
    for name in ["a", "b"] {
        keepers.want(name, wanted(1, TargetState::Started, 2));
    }
    said.wait_for(6).await;
    keepers.want("a", Wanted::default());
    tokio::time::timeout(SOON, keepers.stopped(&["a".to_owned()])).await.unwrap();
    tokio::time::timeout(SOON, keepers.stop_all()).await.unwrap();
    let gone = async {
        while !keepers.names().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, gone).await.unwrap();
    assert!(keepers.settled("a").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_its_place_says_nothing_until_all_is_stopped() {
    let (keepers, said) = keepers();
    keepers.want("c", wanted(1, TargetState::Started, 1));
    said.wait_for(2).await;
    keepers.cut_off_all("a test");
    tokio::time::timeout(SOON, keepers.stop_all()).await.unwrap();
    assert!(!keepers.0.worker.lost().is_set());
    assert_eq!(said.0.borrow().len(), 2);
    keepers.want("c", wanted(2, TargetState::Started, 1));
    assert_eq!(said.wait_for(4).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_wanted_again_while_it_leaves_is_kept() {
    let (keepers, said) = keepers();
    for round in 0..200 {
        keepers.want("c", wanted(2 * round, TargetState::Started, 0));
        keepers.want("c", Wanted::default());
        tokio::task::yield_now().await;
    }
    keepers.want("c", wanted(1_000_001, TargetState::Started, 0));
    assert!(tokio::time::timeout(SOON, keepers.settled("c")).await.unwrap().is_err());
    assert_eq!(said.0.borrow().last().map(String::as_str), Some("c FAILED"));
    assert_eq!(keepers.names(), ["c"]);
}
