use std::sync::Arc;

use super::apply::Applied;
use super::keys::Key;
use super::*;
use crate::entities::TaskId;
use crate::storage::memory::{Memory, record};
use crate::storage::recorded::{CONFIGS, CONFIGS_EXACTLY_ONCE, text};

fn map(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn task(connector: &str, task: u32) -> TaskId {
    TaskId { connector: connector.to_owned(), task }
}

/// Applies pairs at offsets from 0.
fn applied(pairs: &[(&str, Option<&str>)]) -> (Arc<ClusterState>, Vec<ConfigEvent>) {
    let mut applied = Applied::default();
    let mut events = Vec::new();
    for (offset, (key, value)) in (0..).zip(pairs) {
        events.extend(applied.apply(&record(offset, Some(key.as_bytes()), value.map(str::as_bytes))));
    }
    (applied.snapshot(), events)
}

fn state(pairs: &[(&str, Option<&str>)]) -> Arc<ClusterState> {
    applied(pairs).0
}

async fn started(memory: &Memory) -> (ConfigLog, mpsc::UnboundedReceiver<ConfigEvent>) {
    let memory = memory.clone();
    let start = |apply| async move { Ok(memory.start(apply)) };
    ConfigLog::build(None, "configs", "config.storage.topic", start).await.unwrap()
}

fn told(events: &mut mpsc::UnboundedReceiver<ConfigEvent>) -> Vec<ConfigEvent> {
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}

const C: &str = r#"{"properties":{"a":"1"}}"#;
const C2: &str = r#"{"properties":{"a":"2"}}"#;
const T0: &str = r#"{"properties":{"task":"0"}}"#;
const T1: &str = r#"{"properties":{"task":"1"}}"#;

#[test]
fn what_a_genuine_worker_wrote_is_written_byte_for_byte_from_what_was_read() {
    let mut rewritten = 0;
    for recorded in [CONFIGS, CONFIGS_EXACTLY_ONCE] {
        let mut applied = Applied::default();
        for record in recorded.records() {
            let event = applied.apply(&record);
            let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
            let now = applied.snapshot();
            let parsed = Key::parse(&key).unwrap();
            assert_eq!(parsed.to_string(), key);
            assert_eq!(now.offset, record.offset + 1, "{key}");
            let value = text(record.value.as_ref());
            let ours = match parsed {
                _ if value.is_none() => None,
                Key::Target(name) => now.target(name).map(values::target),
                // Its fields come as they were given, which a reader does not learn.
                Key::Connector(name) => {
                    let config = now.config(name).unwrap();
                    let order: serde_json::Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
                    let given = order["properties"].as_object().unwrap().keys();
                    Some(values::properties(&given.map(|key| (key.clone(), config[key].clone())).collect()))
                }
                Key::Task(..) => continue,
                Key::Commit(name) => Some(values::commit(now.task_count(name))),
                Key::Fencing(name) => now.task_count_record(name).map(values::task_count),
                Key::Session => now.session_key.as_ref().map(values::session_key),
                Key::Restart(_) => match event.unwrap() {
                    ConfigEvent::Restart { request, .. } => Some(values::restart(request)),
                    other => panic!("{other:?}"),
                },
                Key::Logger(_) => match event.unwrap() {
                    ConfigEvent::Logger { level, .. } => Some(values::logger(&level)),
                    other => panic!("{other:?}"),
                },
            };
            assert_eq!(text(ours.as_ref()), value, "{key}");
            rewritten += 1;
        }
    }
    assert_eq!(rewritten, 27);
}

#[test]
fn settings_of_tasks_are_written_as_a_genuine_worker_orders_them() {
    let records = CONFIGS.records();
    let mut tasks = 0;
    for record in &records {
        let key = text(record.key.as_ref()).unwrap();
        let Some(Key::Task(name, _)) = Key::parse(&key) else { continue };
        // The file connectors give each task the whole config of the connector.
        let mut applied = Applied::default();
        for record in records.iter().take_while(|other| other.offset < record.offset) {
            applied.apply(record);
        }
        let mut settings = (**applied.snapshot().config(name).unwrap()).clone();
        let class = if settings["connector.class"] == "FileStreamSource" { "Source" } else { "Sink" };
        settings.insert("task.class".into(), format!("org.apache.kafka.connect.file.FileStream{class}Task"));
        assert_eq!(text(Some(&values::task(&settings))), text(record.value.as_ref()), "{key}");
        tasks += 1;
    }
    assert_eq!(tasks, 4);
}

#[test]
fn after_the_recorded_history_things_are_as_the_genuine_worker_showed_them() {
    let mut applied = Applied::default();
    CONFIGS.records().iter().for_each(|record| drop(applied.apply(record)));
    let now = applied.snapshot();
    assert_eq!(now.connectors().collect::<Vec<_>>(), ["bad", "badsink"]);
    assert_eq!(now.target("bad"), Some(TargetState::Stopped));
    assert_eq!(now.tasks("badsink"), [task("badsink", 0)]);
    assert_eq!(now.target("badsink"), Some(TargetState::Started));
    assert_eq!(now.target("file-sink:a-1"), None);
    assert!(now.tasks("file-sink:a-1").is_empty() && now.tasks("bad").is_empty());
    assert_eq!(now.session_key.as_ref().unwrap().key.len(), 32);
}

#[test]
fn nothing_is_known_before_the_first_record() {
    let now = state(&[]);
    assert_eq!((now.offset, now.connector_count(), now.session_key.clone()), (-1, 0, None));
    assert_eq!(now.target("c"), None);
}

#[test]
fn task_settings_count_from_their_commit_on() {
    let staged = [("connector-a-b-1", Some(C)), ("task-a-b-1-0", Some(T0)), ("task-a-b-1-1", Some(T1))];
    let now = state(&staged);
    assert!(now.tasks("a-b-1").is_empty() && now.task_config("a-b-1", 0).is_none());
    assert_eq!((now.generation("a-b-1"), now.pending_fencing("a-b-1")), (None, false));
    let (now, events) = applied(&[&staged[..], &[("commit-a-b-1", Some(r#"{"tasks":2}"#))]].concat());
    assert_eq!(now.tasks("a-b-1"), [task("a-b-1", 0), task("a-b-1", 1)]);
    assert_eq!(**now.task_config("a-b-1", 1).unwrap(), map(&[("task", "1")]));
    assert_eq!((now.generation("a-b-1"), now.pending_fencing("a-b-1")), (Some(0), true));
    assert_eq!(**now.applied("a-b-1").unwrap(), map(&[("a", "1")]));
    assert_eq!(events.last(), Some(&ConfigEvent::TasksChanged("a-b-1".into(), now.tasks("a-b-1"))));
}

#[test]
fn what_is_applied_stays_until_the_next_commit() {
    let commit = ("commit-c", Some(r#"{"tasks":1}"#));
    let before = [("connector-c", Some(C)), ("task-c-0", Some(T0)), commit, ("connector-c", Some(C2))];
    let now = state(&before);
    assert_eq!(**now.config("c").unwrap(), map(&[("a", "2")]));
    assert_eq!(**now.applied("c").unwrap(), map(&[("a", "1")]));
    let now = state(&[&before[..], &[("task-c-0", Some(T1)), commit]].concat());
    assert_eq!(**now.applied("c").unwrap(), map(&[("a", "2")]));
    assert_eq!((now.generation("c"), now.task_count("c")), (Some(1), 1));
}

#[test]
fn a_commit_of_no_tasks_takes_them_all_away() {
    let one = [("connector-c", Some(C)), ("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":1}"#))];
    let (now, events) = applied(&[&one[..], &[("commit-c", Some(r#"{"tasks":0}"#))]].concat());
    assert!(now.tasks("c").is_empty() && now.inconsistent().next().is_none());
    // Nothing new was staged, so it is the same generation, but fencing is due all the same.
    assert_eq!((now.generation("c"), now.pending_fencing("c"), now.task_count("c")), (Some(0), true, 0));
    assert_eq!(events.last(), Some(&ConfigEvent::TasksChanged("c".into(), Vec::new())));
    assert!(now.task_configs("c").is_empty());
}

#[test]
fn fewer_tasks_are_fewer_and_what_compaction_left_of_the_others_does_not_matter() {
    let fewer = [("connector-c", Some(C)), ("task-c-1", Some(T1)), ("task-c-0", Some(T0))];
    let now = state(&[&fewer[..], &[("commit-c", Some(r#"{"tasks":1}"#))]].concat());
    assert_eq!(now.tasks("c"), [task("c", 0)]);
    assert_eq!(now.task_configs("c").len(), 1);
}

#[test]
fn a_commit_of_tasks_that_nobody_described_leaves_none_until_they_are_written_again() {
    let gap = [("connector-c", Some(C)), ("task-c-1", Some(T1)), ("commit-c", Some(r#"{"tasks":2}"#))];
    let (now, events) = applied(&gap);
    assert_eq!(now.inconsistent().collect::<Vec<_>>(), ["c"]);
    assert!(now.tasks("c").is_empty());
    assert_eq!((now.task_count("c"), now.applied("c"), now.generation("c")), (2, None, None));
    assert_eq!(events.last(), Some(&ConfigEvent::TasksChanged("c".into(), Vec::new())));
    // What was staged before does not complete a later commit.
    let late = [("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":2}"#))];
    assert_eq!(state(&[&gap[..], &late].concat()).inconsistent().count(), 1);
    let whole = [("task-c-0", Some(T0)), ("task-c-1", Some(T1)), ("commit-c", Some(r#"{"tasks":2}"#))];
    let now = state(&[&gap[..], &whole].concat());
    assert_eq!((now.inconsistent().count(), now.tasks("c").len(), now.generation("c")), (0, 2, Some(0)));
}

#[test]
fn a_deleted_connector_leaves_its_fencing_behind_and_nothing_that_runs() {
    let whole = [
        ("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#)),
        ("connector-c", Some(C)),
        ("task-c-0", Some(T0)),
        ("commit-c", Some(r#"{"tasks":1}"#)),
        ("tasks-fencing-c", Some(r#"{"task-count":1}"#)),
        ("connector-c", None),
        ("target-state-c", None),
    ];
    let (now, events) = applied(&whole);
    assert!(!now.contains("c") && now.tasks("c").is_empty() && now.task_config("c", 0).is_none());
    assert_eq!((now.target("c"), now.applied("c"), now.task_count("c")), (None, None, 0));
    assert_eq!((now.task_count_record("c"), now.generation("c")), (Some(1), Some(0)));
    assert_eq!(events.last(), Some(&ConfigEvent::ConnectorRemoved("c".into())));
    // A commit that comes after it is nobody's.
    let (now, events) =
        applied(&[&whole[..], &[("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":1}"#))]].concat());
    assert!(now.tasks("c").is_empty() && !now.pending_fencing("c"));
    assert_eq!(events.last(), Some(&ConfigEvent::ConnectorRemoved("c".into())));
    // And what it staged is not taken over by a namesake.
    let again = [("connector-c", Some(C)), ("commit-c", Some(r#"{"tasks":1}"#))];
    let late = [("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":1}"#))];
    let now = state(&[&whole[..], &late, &again].concat());
    assert_eq!(now.inconsistent().collect::<Vec<_>>(), ["c"]);
}

#[test]
fn fencing_is_due_after_each_commit_and_done_by_its_record() {
    let commit = [("connector-c", Some(C)), ("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":1}"#))];
    let fenced = ("tasks-fencing-c", Some(r#"{"task-count":1}"#));
    assert!(state(&commit).pending_fencing("c"));
    let now = state(&[&commit[..], &[fenced]].concat());
    assert_eq!((now.pending_fencing("c"), now.task_count_record("c")), (false, Some(1)));
    let now = state(&[&commit[..], &[fenced], &commit[..]].concat());
    assert_eq!((now.pending_fencing("c"), now.task_count_record("c")), (true, Some(1)));
}

#[test]
fn target_states_are_read_in_old_and_new_form() {
    for (value, target) in [
        (r#"{"state":"PAUSED","state.v2":"STOPPED"}"#, Some(TargetState::Stopped)),
        (r#"{"state":"PAUSED"}"#, Some(TargetState::Paused)),
        (r#"{"state":"PAUSED","state.v2":null}"#, Some(TargetState::Paused)),
        (r#"{"state":"PAUSED","state.v2":7}"#, Some(TargetState::Paused)),
        (r#"{"state.v2":"STOPPED"}"#, Some(TargetState::Stopped)),
        // These say nothing, and what held before goes on.
        (r#"{"state":"SLEEPING"}"#, Some(TargetState::Started)),
        (r#"{"state":"PAUSED","state.v2":"SLEEPING"}"#, Some(TargetState::Started)),
        (r#"{"state":1}"#, Some(TargetState::Started)),
        (r#""PAUSED""#, Some(TargetState::Started)),
        ("[]", Some(TargetState::Started)),
    ] {
        assert_eq!(state(&[("connector-c", Some(C)), ("target-state-c", Some(value))]).target("c"), target, "{value}");
    }
}

#[test]
fn a_connector_always_has_a_target_state_and_a_name_alone_never() {
    let paused = ("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#));
    let (connector, gone) = (("connector-c", Some(C)), ("target-state-c", None));
    assert_eq!(state(&[connector]).target("c"), Some(TargetState::Started));
    assert_eq!(state(&[paused, connector]).target("c"), Some(TargetState::Paused));
    assert_eq!(state(&[connector, paused, gone]).target("c"), Some(TargetState::Started));
    assert_eq!(state(&[paused, gone]).target("c"), None);
    assert!(!state(&[paused]).contains("c"));
}

#[test]
fn target_states_are_told_when_they_change_and_there_is_a_connector() {
    let paused = ("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#));
    let connector = ("connector-c", Some(C));
    let changed = ConfigEvent::TargetChanged("c".into());
    let events = |pairs: &[_]| applied(pairs).1;
    assert_eq!(events(&[paused]), []);
    assert_eq!(events(&[paused, connector]), [ConfigEvent::ConnectorChanged("c".into())]);
    assert_eq!(events(&[connector, paused, paused]), [ConfigEvent::ConnectorChanged("c".into()), changed]);
    assert_eq!(events(&[connector, ("target-state-c", None)]).len(), 1);
}

#[test]
fn restarts_default_to_false_where_a_flag_is_no_flag() {
    let request = |include_tasks, only_failed| Some(RestartRequest { include_tasks, only_failed });
    for (value, expected) in [
        (Some(r#"{"include-tasks":true,"only-failed":true}"#), request(true, true)),
        (Some(r#"{"include-tasks":true}"#), request(true, false)),
        (Some(r#"{"only-failed":"true","include-tasks":1}"#), request(false, false)),
        (Some("{}"), request(false, false)),
        (Some("true"), None),
        (Some("null"), None),
        (None, None),
    ] {
        let found = applied(&[("restart-connector-c", value)]).1.pop().map(|event| match event {
            ConfigEvent::Restart { connector, request } if connector == "c" => request,
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected, "{value:?}");
    }
}

#[test]
fn a_session_key_that_is_not_whole_leaves_the_one_before() {
    let good = r#"{"key":"AQID","algorithm":"HmacSHA256","creation-timestamp":5}"#;
    let key = SessionKey { key: vec![1, 2, 3], algorithm: "HmacSHA256".into(), created: 5 };
    for value in [
        None,
        Some("7"),
        Some(r#"{"algorithm":"HmacSHA256","creation-timestamp":5}"#),
        Some(r#"{"key":"!","algorithm":"HmacSHA256","creation-timestamp":5}"#),
        Some(r#"{"key":"AQID","creation-timestamp":5}"#),
        Some(r#"{"key":"AQID","algorithm":1,"creation-timestamp":5}"#),
        Some(r#"{"key":"AQID","algorithm":"HmacSHA256","creation-timestamp":"5"}"#),
        Some(r#"{"key":"AQID","algorithm":"HmacSHA256"}"#),
    ] {
        let (now, events) = applied(&[("session-key", Some(good)), ("session-key", value)]);
        assert_eq!(now.session_key.as_ref(), Some(&key), "{value:?}");
        assert_eq!(events, [ConfigEvent::SessionKey(key.clone())], "{value:?}");
    }
    assert!(!format!("{key:?}").contains("[1"), "a key must not get into a log");
}

#[test]
fn counts_are_whole_numbers_from_zero_on() {
    for (value, count) in [
        (r#"{"tasks":1}"#, 1),
        (r#"{"tasks":1.0}"#, 0),
        (r#"{"tasks":"1"}"#, 0),
        (r#"{"tasks":-1}"#, 0),
        (r#"{"tasks":9999999999}"#, 0),
        ("{}", 0),
        ("1", 0),
        ("null", 0),
    ] {
        let now = state(&[("connector-c", Some(C)), ("task-c-0", Some(T0)), ("commit-c", Some(value))]);
        assert_eq!(now.task_count("c"), count, "{value}");
        let fencing = value.replace("tasks", "task-count");
        assert_eq!(state(&[("tasks-fencing-c", Some(&fencing))]).task_count_record("c").unwrap_or(0), count, "{value}");
    }
    // A commit that cannot be read does not use up what was staged.
    let bad = [("connector-c", Some(C)), ("task-c-0", Some(T0)), ("commit-c", Some(r#"{"tasks":"1"}"#))];
    assert_eq!(state(&[&bad[..], &[("commit-c", Some(r#"{"tasks":1}"#))]].concat()).tasks("c").len(), 1);
}

#[test]
fn configs_that_are_none_change_nothing() {
    for value in [
        "{}",
        r#"{"properties":null}"#,
        r#"{"properties":[]}"#,
        "7",
        r#"{"properties":{"a":{}}}"#,
        r#"{"properties":{"a":1}}"#,
    ] {
        let (now, events) = applied(&[("connector-c", Some(C)), ("connector-c", Some(value))]);
        assert_eq!(**now.config("c").unwrap(), map(&[("a", "1")]), "{value}");
        assert_eq!(events.len(), 1, "{value}");
        let now = state(&[
            ("connector-c", Some(C)),
            ("task-c-0", Some(T0)),
            ("task-c-0", Some(value)),
            ("task-c-0", None),
            ("commit-c", Some(r#"{"tasks":1}"#)),
        ]);
        assert_eq!(**now.task_config("c", 0).unwrap(), map(&[("task", "0")]), "{value}");
    }
    let now = state(&[("connector-c", Some(r#"{"properties":{"a":"1","b":null}}"#))]);
    assert_eq!(**now.config("c").unwrap(), map(&[("a", "1")]));
}

#[test]
fn what_nobody_understands_is_passed_over_and_counted_unless_it_is_no_json() {
    for (key, value, offset) in [
        (Some("something-else"), Some("{}"), 2),
        (Some("task-c-x"), Some(T0), 2),
        (Some(""), None, 2),
        (None, Some("{}"), 2),
        (Some("connector-c"), Some("7"), 2),
        // The group compares this number, and a JVM's workers do not count these.
        (Some("connector-c"), Some("{"), 1),
        (Some("connector-c"), Some(""), 1),
        (Some("connector-c"), Some("\u{fffd}"), 1),
    ] {
        let mut applied = Applied::default();
        applied.apply(&record(0, Some(b"connector-c"), Some(C.as_bytes())));
        assert_eq!(applied.apply(&record(1, key.map(str::as_bytes), value.map(str::as_bytes))), None);
        let now = applied.snapshot();
        assert_eq!((now.offset, now.contains("c")), (offset, true), "{key:?} {value:?}");
        applied.apply(&record(9, Some(b"connector-d"), Some(C.as_bytes())));
        assert_eq!((applied.snapshot().offset, applied.snapshot().connector_count()), (10, 2));
    }
}

#[test]
fn a_snapshot_stays_as_it_is_and_shares_what_did_not_change() {
    let mut applied = Applied::default();
    for (offset, name) in (0..).zip(["a", "b"]) {
        applied.apply(&record(offset, Some(format!("connector-{name}").as_bytes()), Some(C.as_bytes())));
    }
    let before = applied.snapshot();
    applied.apply(&record(2, Some(b"connector-a"), Some(C2.as_bytes())));
    let after = applied.snapshot();
    assert_eq!(**before.config("a").unwrap(), map(&[("a", "1")]));
    assert_eq!(**after.config("a").unwrap(), map(&[("a", "2")]));
    assert!(Arc::ptr_eq(before.get("b").unwrap(), after.get("b").unwrap()));
    // Without a snapshot nothing is copied.
    let place = Arc::as_ptr(after.get("b").unwrap());
    drop((before, after));
    applied.apply(&record(3, Some(b"connector-b"), Some(C2.as_bytes())));
    assert_eq!(Arc::as_ptr(applied.snapshot().get("b").unwrap()), place);
}

#[test]
fn a_large_cluster_is_replayed_and_looked_at_quickly() {
    let began = std::time::Instant::now();
    let mut applied = Applied::default();
    let mut offset = 0;
    let mut apply = |key: String, value: &str| {
        applied.apply(&record(offset, Some(key.as_bytes()), Some(value.as_bytes())));
        offset += 1;
    };
    for n in 0..1000 {
        apply(format!("connector-c{n}"), C);
        (0..4).for_each(|task| apply(format!("task-c{n}-{task}"), T0));
        apply(format!("commit-c{n}"), r#"{"tasks":4}"#);
    }
    let replayed = began.elapsed();
    let now = applied.snapshot();
    assert_eq!((now.offset, now.connector_count(), now.tasks("c999").len()), (6000, 1000, 4));
    // One look after each of many changes, as a busy herder has it.
    let began = std::time::Instant::now();
    for n in 0..1000 {
        applied.apply(&record(6000 + n, Some(format!("connector-c{n}").as_bytes()), Some(C2.as_bytes())));
        assert_eq!(applied.snapshot().offset, 6001 + n);
    }
    println!("6000 records replayed in {replayed:?}; 1000 changes with a snapshot each in {:?}", began.elapsed());
}

#[tokio::test]
async fn nobody_is_told_of_what_was_there_at_start() {
    let memory = Memory::with(&[
        ("connector-c", Some(C)),
        ("restart-connector-c", Some("{}")),
        ("logger-cluster-a", Some(r#"{"level":"DEBUG"}"#)),
    ]);
    let (log, mut events) = started(&memory).await;
    assert_eq!((told(&mut events), log.snapshot().offset), (vec![], 3));
    memory.add(&[
        ("restart-connector-c", Some("{}")),
        ("logger-cluster-a", Some(r#"{"level":"INFO"}"#)),
        ("connector-c", None),
    ]);
    log.refresh(Duration::from_secs(1)).await.unwrap();
    assert_eq!(
        told(&mut events),
        [
            ConfigEvent::Restart { connector: "c".into(), request: RestartRequest::default() },
            ConfigEvent::Logger { namespace: "a".into(), level: "INFO".into() },
            ConfigEvent::ConnectorRemoved("c".into()),
        ]
    );
}

#[tokio::test]
async fn each_write_is_there_in_kafkas_form_and_known_when_it_returns() {
    let memory = Memory::default();
    let (log, mut events) = started(&memory).await;
    log.put_connector("c", &map(&[("b", "1"), ("a", "2")]), Some(TargetState::Stopped)).await.unwrap();
    assert_eq!(log.snapshot().target("c"), Some(TargetState::Stopped));
    log.put_task_configs("c", &[map(&[("t", "0")]), map(&[("t", "1")])]).await.unwrap();
    assert_eq!(log.snapshot().tasks("c").len(), 2);
    log.put_task_configs("c", &[]).await.unwrap();
    log.put_target_state("c", TargetState::Paused).await.unwrap();
    log.put_task_count("c", 2).await.unwrap();
    log.put_session_key(&SessionKey { key: vec![0], algorithm: "HmacSHA256".into(), created: 7 }).await.unwrap();
    log.put_restart("c", RestartRequest { include_tasks: false, only_failed: true }).await.unwrap();
    log.put_logger("n", "warn").await.unwrap();
    log.put_connector("c", &map(&[]), None).await.unwrap();
    log.remove_connector("c").await.unwrap();
    let expected = [
        ("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"STOPPED"}"#)),
        ("connector-c", Some(r#"{"properties":{"b":"1","a":"2"}}"#)),
        ("task-c-0", Some(r#"{"properties":{"t":"0"}}"#)),
        ("task-c-1", Some(r#"{"properties":{"t":"1"}}"#)),
        ("commit-c", Some(r#"{"tasks":2}"#)),
        ("commit-c", Some(r#"{"tasks":0}"#)),
        ("target-state-c", Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#)),
        ("tasks-fencing-c", Some(r#"{"task-count":2}"#)),
        ("session-key", Some(r#"{"key":"AA==","algorithm":"HmacSHA256","creation-timestamp":7}"#)),
        ("restart-connector-c", Some(r#"{"include-tasks":false,"only-failed":true}"#)),
        ("logger-cluster-n", Some(r#"{"level":"warn"}"#)),
        ("connector-c", Some(r#"{"properties":{}}"#)),
        ("connector-c", None),
        ("target-state-c", None),
    ];
    let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), v.map(str::to_owned))).collect();
    assert_eq!(memory.written(), expected);
    assert_eq!(told(&mut events).len(), 9);
    assert_eq!(log.snapshot().offset, 14);
}

#[tokio::test]
async fn a_write_that_fails_says_what_it_was() {
    let memory = Memory::default();
    let (log, _events) = started(&memory).await;
    let trouble = || Err(LogTrouble { retriable: false, timed_out: false, text: "no room".into() });
    memory.next_writes([trouble()]);
    let error = log.put_target_state("c", TargetState::Paused).await.unwrap_err();
    assert_eq!(error.to_string(), "Error writing target state to Kafka: no room");
    memory.next_writes([trouble()]);
    let error = log.put_task_configs("c", &[map(&[])]).await.unwrap_err();
    assert_eq!(error.to_string(), "Error writing task configurations to Kafka: no room");
    assert!(memory.written().is_empty());
}
