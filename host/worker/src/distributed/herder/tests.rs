//! What a worker wants of its keepers, from what it was given and what it heard.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use super::desk::Desk;
use super::owners::Owners;
use crate::distributed::keepers::Wanted;
use crate::distributed::work::Work;
use crate::entities::{ConnectorType, InstanceState, RestartRequest, State, StateInfo, TargetState, TaskId};
use crate::restart_plan::RestartPlan;
use crate::storage::ConfigEvent;
use crate::storage::config::state_of;

const CONFIG: Option<&str> = Some(r#"{"properties":{"name":"c"}}"#);
const TASK: Option<&str> = Some(r#"{"properties":{"task.class":"T"}}"#);
const TWO: Option<&str> = Some(r#"{"tasks":2}"#);
/// A connector with two tasks: four records.
const CLUSTER: &[(&str, Option<&str>)] =
    &[("connector-c", CONFIG), ("task-c-0", TASK), ("task-c-1", TASK), ("commit-c", TWO)];

fn id(task: u32) -> TaskId {
    TaskId { connector: "c".into(), task }
}

fn work(connector: bool, tasks: &[u32]) -> Work {
    Work {
        connectors: connector.then(|| "c".to_owned()).into_iter().collect(),
        tasks: tasks.iter().map(|task| id(*task)).collect(),
    }
}

fn records(more: &[(&'static str, Option<&'static str>)]) -> Vec<(&'static str, Option<&'static str>)> {
    CLUSTER.iter().chain(more).copied().collect()
}

/// Revisions by task number, the instance's under none.
fn revisions(wanted: &Wanted) -> BTreeMap<Option<u32>, u64> {
    let tasks = wanted.tasks.iter().map(|(task, wanted)| (Some(*task), wanted.revision));
    tasks.chain(wanted.connector.iter().map(|wanted| (None, wanted.revision))).collect()
}

fn keys(wanted: &Wanted) -> BTreeSet<Option<u32>> {
    revisions(wanted).into_keys().collect()
}

fn tasks_changed() -> ConfigEvent {
    ConfigEvent::TasksChanged("c".into(), vec![id(0), id(1)])
}

#[test]
fn what_was_given_and_is_configured_is_wanted() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    assert_eq!(keys(&desk.wanted("c", &state)), BTreeSet::new());
    assert_eq!(desk.take_on(work(true, &[1, 7]), state.offset), BTreeSet::from(["c".to_owned()]));
    let wanted = desk.wanted("c", &state);
    assert_eq!(keys(&wanted), BTreeSet::from([None, Some(1)]));
    assert_eq!((wanted.tasks[&1].tasks, wanted.tasks[&1].generation), (2, Some(0)));
    assert_eq!(wanted.connector.unwrap().target, TargetState::Started);
}

#[test]
fn what_is_promised_is_not_started_before_it_is_taken_on() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.promise(work(true, &[0]));
    assert_eq!(desk.work(), &work(true, &[0]));
    assert_eq!(keys(&desk.wanted("c", &state)), BTreeSet::new());
}

#[test]
fn tasks_that_stay_are_not_restarted_by_a_rebalance() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(true, &[0]), state.offset);
    let before = revisions(&desk.wanted("c", &state));
    desk.take_on(work(true, &[0, 1]), state.offset);
    let after = revisions(&desk.wanted("c", &state));
    assert!(before.iter().all(|(key, revision)| after[key] == *revision), "{before:?} {after:?}");
}

#[test]
fn what_is_given_back_is_another_thing_when_it_comes_again() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(true, &[0, 1]), state.offset);
    let before = revisions(&desk.wanted("c", &state));
    assert_eq!(desk.give_back(&work(false, &[1])), BTreeSet::from(["c".to_owned()]));
    assert_eq!(keys(&desk.wanted("c", &state)), BTreeSet::from([None, Some(0)]));
    desk.take_on(work(true, &[0, 1]), state.offset);
    let after = revisions(&desk.wanted("c", &state));
    assert_eq!((before[&None], before[&Some(0)]), (after[&None], after[&Some(0)]));
    assert_ne!(before[&Some(1)], after[&Some(1)]);
}

#[test]
fn new_task_settings_stop_tasks_until_an_assignment_was_made_from_them() {
    let before = state_of(CLUSTER);
    let mut desk = Desk::knowing(&before);
    desk.take_on(work(true, &[0, 1]), before.offset);
    let old = revisions(&desk.wanted("c", &before));
    let state = state_of(&records(&CLUSTER[1..]));
    assert_eq!(desk.hear(&tasks_changed(), &state), Some("c"));
    assert!(desk.is_stale());
    assert_eq!(keys(&desk.wanted("c", &state)), BTreeSet::from([None]));
    // An assignment that knew nothing of it.
    desk.take_on(work(true, &[0, 1]), before.offset);
    assert!(desk.is_stale());
    assert_eq!(keys(&desk.wanted("c", &state)), BTreeSet::from([None]));
    desk.take_on(work(true, &[0, 1]), state.offset);
    assert!(!desk.is_stale());
    let new = revisions(&desk.wanted("c", &state));
    assert_eq!(old[&None], new[&None]);
    assert!(new[&Some(0)] > old[&Some(0)] && new[&Some(1)] > old[&Some(1)]);
}

#[test]
fn another_config_restarts_the_instance_only_and_needs_no_rebalance() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(true, &[0]), state.offset);
    let before = revisions(&desk.wanted("c", &state));
    let later = state_of(&records(&[("connector-c", CONFIG)]));
    assert_eq!(desk.hear(&ConfigEvent::ConnectorChanged("c".into()), &later), Some("c"));
    assert!(!desk.is_stale());
    let after = revisions(&desk.wanted("c", &later));
    assert_eq!(before[&Some(0)], after[&Some(0)]);
    assert_ne!(before[&None], after[&None]);
}

#[test]
fn a_connector_that_comes_or_goes_needs_a_rebalance() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(true, &[0]), state.offset);
    let gone = state_of(&records(&[("connector-c", None)]));
    desk.hear(&ConfigEvent::ConnectorRemoved("c".into()), &gone);
    assert!(desk.is_stale());
    assert_eq!(keys(&desk.wanted("c", &gone)), BTreeSet::new());
    desk.take_on(Work::default(), gone.offset);
    assert!(!desk.is_stale());
    let back = state_of(&records(&[("connector-c", None), ("connector-c", CONFIG)]));
    desk.hear(&ConfigEvent::ConnectorChanged("c".into()), &back);
    assert!(desk.is_stale());
}

#[test]
fn another_target_state_changes_nothing_else() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(true, &[0]), state.offset);
    let before = revisions(&desk.wanted("c", &state));
    let paused = state_of(&records(&[("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#))]));
    assert_eq!(desk.hear(&ConfigEvent::TargetChanged("c".into()), &paused), Some("c"));
    let wanted = desk.wanted("c", &paused);
    assert_eq!((revisions(&wanted), desk.is_stale()), (before, false));
    assert_eq!(wanted.tasks[&0].target, TargetState::Paused);
}

#[test]
fn each_worker_restarts_its_own_share() {
    let state = state_of(CLUSTER);
    let mut desk = Desk::knowing(&state);
    desk.take_on(work(false, &[1]), state.offset);
    let instance = |state| InstanceState { state, worker_id: "w:1".into(), trace: None, version: None };
    let status = StateInfo {
        name: "c".into(),
        connector: instance(State::Failed),
        tasks: vec![(0, instance(State::Failed)), (1, instance(State::Failed))],
        kind: ConnectorType::Source,
    };
    let plan = RestartPlan::of(RestartRequest { include_tasks: true, only_failed: true }, status);
    let before = revisions(&desk.wanted("c", &state));
    let share = desk.share_of(&plan).unwrap();
    assert_eq!((share.connector, share.tasks), (false, vec![1]));
    assert_ne!(before, revisions(&desk.wanted("c", &state)));
    desk.take_on(Work::default(), state.offset);
    assert_eq!(desk.share_of(&plan), None);
}

#[test]
fn the_leader_knows_who_runs_what() {
    let (first, second) = (work(true, &[0]), work(false, &[1]));
    let owners = Owners::of([("http://a:1/", &first), ("http://b:1/", &second)]);
    assert_eq!(owners.of_connector("c").as_deref(), Some("http://a:1/"));
    assert_eq!(owners.of_task(&id(1)).as_deref(), Some("http://b:1/"));
    assert_eq!((owners.of_task(&id(2)), owners.of_connector("d")), (None, None));
}
