use std::sync::atomic::Ordering::Relaxed;

use super::cache::Cache;
use super::record::{check_topic, topic_bytes};
use super::*;
use crate::storage::memory::{Memory, record};
use crate::storage::recorded::{STATUSES, text};

const ME: &str = "me:8083";

async fn started(memory: &Memory) -> StatusLog {
    let memory = memory.clone();
    let start = |apply| async move { Ok(memory.start(apply)) };
    let log = StatusLog::build(ME, Vault::default(), true, start).await.unwrap();
    log.set_generation(5);
    log
}

fn task(connector: &str, task: u32) -> TaskId {
    TaskId { connector: connector.to_owned(), task }
}

fn value(state: &str, worker: &str, generation: i64) -> String {
    format!(r#"{{"state":"{state}","trace":null,"worker_id":"{worker}","generation":{generation},"version":null}}"#)
}

/// Waits until all is written and read back.
async fn settled(log: &StatusLog) {
    log.flush(Duration::from_secs(30)).await;
    log.refresh(Duration::from_secs(30)).await.unwrap();
}

fn passing() -> Result<(), LogTrouble> {
    Err(LogTrouble { retriable: true, timed_out: false, text: "nobody there".into() })
}

#[test]
fn what_a_genuine_worker_wrote_is_written_byte_for_byte_from_what_was_read() {
    let mut states = 0;
    for record in STATUSES.records() {
        let key = text(record.key.as_ref()).unwrap();
        let parsed = Key::parse(&key).unwrap();
        assert_eq!(parsed.to_string(), key);
        let Some(value) = &record.value else { continue };
        let ours = match &parsed {
            Key::Connector(_) | Key::Task(_) => Status::parse(value).unwrap().bytes(),
            Key::Topic { topic, connector } => {
                check_topic(value).unwrap();
                let found: serde_json::Value = serde_json::from_slice(value).unwrap();
                let discovered = found["topic"]["discoverTimestamp"].as_i64().unwrap();
                topic_bytes(topic, &task(connector, 0), discovered)
            }
        };
        assert_eq!(text(Some(&ours)), text(Some(value)), "{key}");
        states += 1;
    }
    assert_eq!(states, 34);
}

#[test]
fn keys_are_taken_apart_where_names_hold_dashes_and_colons() {
    let topic = |topic: &str, connector: &str| Key::Topic { topic: topic.into(), connector: connector.into() };
    for (text, key) in [
        ("status-connector-a-b", Some(Key::Connector("a-b".into()))),
        ("status-task-a-b-7", Some(Key::Task(task("a-b", 7)))),
        ("status-topic-t-1:connector-a:connector-b", Some(topic("t-1", "a:connector-b"))),
        ("status-connector-", None),
        ("status-task-a", None),
        ("status-task-a-x", None),
        ("status-topic-:connector-a", None),
        ("status-topic-t:connector-", None),
        ("status-topic-t", None),
        ("status-topic-t:someone-a", None),
        ("other", None),
        ("", None),
    ] {
        assert_eq!(Key::parse(text), key, "{text}");
    }
}

#[test]
fn a_status_needs_a_known_state_and_a_whole_generation() {
    for (value, ok) in [
        (r#"{"state":"RUNNING","worker_id":"w","generation":3}"#, true),
        (r#"{"state":"RUNNING","trace":"t","worker_id":"w","generation":3,"version":"1","more":[]}"#, true),
        (r#"{"state":"RUNNING","worker_id":"w","generation":3.0}"#, false),
        (r#"{"state":"RUNNING","worker_id":"w","generation":"3"}"#, false),
        (r#"{"state":"RUNNING","worker_id":"w"}"#, false),
        (r#"{"state":"SLEEPING","worker_id":"w","generation":3}"#, false),
        (r#"{"worker_id":"w","generation":3}"#, false),
        (r#"{"state":"RUNNING","trace":7,"worker_id":"w","generation":3}"#, false),
        ("[]", false),
        ("null", false),
        ("{", false),
        ("", false),
    ] {
        assert_eq!(Status::parse(value.as_bytes()).is_ok(), ok, "{value}");
    }
}

#[tokio::test]
async fn what_the_topic_says_is_shown() {
    let memory = Memory::with(&[
        ("status-connector-c", Some(&value("RUNNING", "w", 1))),
        ("status-task-c-1", Some(r#"{"state":"FAILED","trace":"why","worker_id":"x","generation":2,"version":"3"}"#)),
        ("status-task-c-0", Some(&value("RUNNING", "w", 1))),
        ("status-task-d-0", Some(&value("RUNNING", "w", 1))),
        (
            "status-topic-t:connector-c",
            Some(r#"{"topic":{"name":"t","connector":"c","task":0,"discoverTimestamp":1}}"#),
        ),
        ("status-topic-u:connector-c", Some(r#"{"topic":{"name":"u"}}"#)),
        ("status-connector-c", Some("{")),
        ("nonsense", Some("{}")),
    ]);
    let log = started(&memory).await;
    let shown = log.get("c", ConnectorType::Sink).unwrap();
    assert_eq!((shown.name.as_str(), shown.kind, shown.connector.state), ("c", ConnectorType::Sink, State::Running));
    let numbers: Vec<u32> = shown.tasks.iter().map(|(task, _)| *task).collect();
    assert_eq!(numbers, [0, 1]);
    let failed = log.get_task(&task("c", 1)).unwrap();
    assert_eq!((failed.state, failed.worker_id.as_str()), (State::Failed, "x"));
    assert_eq!((failed.trace.as_deref(), failed.version.as_deref()), (Some("why"), Some("3")));
    assert!(log.get("d", ConnectorType::Sink).is_none(), "a connector that nobody reported has no state");
    assert_eq!(log.connectors(), ["c", "d"]);
    assert_eq!(log.topics_in_use().of("c"), ["t"]);
}

#[tokio::test]
async fn reports_are_written_with_worker_and_generation_and_known_when_read_back() {
    let memory = Memory::default();
    let log = started(&memory).await;
    log.connector("c", ConnectorType::Source, State::Running, None, Some("1"));
    log.task(&task("c", 0), State::Failed, Some("why".into()), None);
    settled(&log).await;
    let mut written = memory.written();
    written.sort();
    let value = |state: &str, trace: &str, version: &str| {
        Some(format!(
            r#"{{"state":"{state}","trace":{trace},"worker_id":"me:8083","generation":5,"version":{version}}}"#
        ))
    };
    assert_eq!(
        written,
        [
            ("status-connector-c".to_owned(), value("RUNNING", "null", "\"1\"")),
            ("status-task-c-0".to_owned(), value("FAILED", "\"why\"", "null"))
        ]
    );
    assert_eq!(log.get_connector("c").unwrap().state, State::Running);
    log.forget("c");
    settled(&log).await;
    assert!(log.get_connector("c").is_none() && log.task_numbers("c").is_empty() && log.connectors().is_empty());
    assert_eq!(memory.written()[2..].iter().filter(|(_, value)| value.is_none()).count(), 2);
}

#[tokio::test]
async fn that_something_ended_is_not_said_where_another_worker_has_the_say() {
    for (known, is_written) in [
        (None, true),
        (Some(value("RUNNING", ME, 9)), true),
        (Some(value("RUNNING", "other:8083", 4)), true),
        (Some(value("RUNNING", "other:8083", 5)), true),
        (Some(value("RUNNING", "other:8083", 6)), false),
    ] {
        let memory = Memory::default();
        for key in ["status-connector-c", "status-task-c-0"] {
            known.iter().for_each(|known| memory.add(&[(key, Some(known))]));
        }
        let log = started(&memory).await;
        let before = memory.written().len();
        log.connector("c", ConnectorType::Source, State::Failed, None, None);
        log.task_unassigned(&task("c", 0), None);
        log.flush(Duration::from_secs(30)).await;
        assert_eq!(memory.written().len() - before, if is_written { 2 } else { 0 }, "{known:?}");
        // Who starts something may always say so.
        log.task(&task("c", 0), State::Running, None, None);
        log.connector("c", ConnectorType::Source, State::Stopped, None, None);
        log.flush(Duration::from_secs(30)).await;
        assert_eq!(memory.written().len() - before, if is_written { 4 } else { 2 }, "{known:?}");
    }
}

#[test]
fn a_late_word_that_a_task_ended_is_not_heard() {
    for (known, new, expected) in [
        (("RUNNING", 5), ("UNASSIGNED", 5), State::Running),
        (("RUNNING", 5), ("UNASSIGNED", 4), State::Running),
        (("RUNNING", 5), ("UNASSIGNED", 6), State::Unassigned),
        (("PAUSED", 5), ("UNASSIGNED", 5), State::Unassigned),
        (("RUNNING", 5), ("FAILED", 4), State::Failed),
        (("RUNNING", 5), ("RUNNING", 4), State::Running),
    ] {
        let mut cache = Cache::default();
        let id = task("c", 0);
        let read = |(state, generation)| Status::parse(value(state, "w", generation).as_bytes()).unwrap();
        cache.task(&id, Some(read(known)));
        cache.task(&id, Some(read(new)));
        assert_eq!(cache.task_of(&id).unwrap().state, expected, "{known:?} {new:?}");
        // Connectors' states are taken as they come.
        cache.connector("c", Some(read(known)));
        cache.connector("c", Some(read(new)));
        assert_eq!(cache.connector_of("c").unwrap().state.as_str(), new.0);
    }
}

#[tokio::test]
async fn what_is_being_restarted_says_so_until_it_is_up() {
    let memory = Memory::default();
    let log = started(&memory).await;
    log.connector_restarting("c");
    log.connector_unassigned("c", ConnectorType::Source, None);
    // Written, and not read back yet; then that too.
    log.flush(Duration::from_secs(30)).await;
    assert!(log.get_connector("c").is_none());
    log.connector_unassigned("c", ConnectorType::Source, None);
    settled(&log).await;
    log.connector_unassigned("c", ConnectorType::Source, None);
    settled(&log).await;
    assert_eq!(log.get_connector("c").unwrap().state, State::Restarting);
    assert!(log.shared.reported().is_empty());
    log.connector("c", ConnectorType::Source, State::Running, None, None);
    log.connector_unassigned("c", ConnectorType::Source, None);
    settled(&log).await;
    assert_eq!(log.get_connector("c").unwrap().state, State::Unassigned);
    // Another worker's restart is over when this one has the task.
    memory.add(&[("status-task-c-0", Some(&value("RESTARTING", "other", 1)))]);
    log.refresh(Duration::from_secs(1)).await.unwrap();
    log.task_unassigned(&task("c", 0), None);
    settled(&log).await;
    assert_eq!(log.get_task(&task("c", 0)).unwrap().state, State::Unassigned);
}

#[tokio::test]
async fn a_write_is_tried_again_until_something_newer_is_to_be_said() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes([passing(), passing(), passing()]);
    log.task(&task("c", 0), State::Running, None, None);
    log.flush(Duration::from_secs(60)).await;
    assert_eq!(memory.written().len(), 1);
    memory.next_writes([passing(), passing()]);
    log.task(&task("c", 0), State::Paused, None, None);
    tokio::time::sleep(Duration::from_millis(1)).await;
    log.task(&task("c", 0), State::Failed, None, None);
    log.task(&task("c", 0), State::Running, None, Some("2"));
    log.flush(Duration::from_secs(60)).await;
    let written = memory.written();
    assert_eq!(written.len(), 2, "{written:?}");
    assert!(written[1].1.as_ref().unwrap().contains(r#""version":"2""#));
}

#[tokio::test]
async fn a_write_that_waits_gives_way_to_a_worker_that_came_later() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes((0..100).map(|_| passing()));
    log.task(&task("c", 0), State::Running, None, None);
    tokio::time::sleep(Duration::from_millis(300)).await;
    memory.add(&[("status-task-c-0", Some(&value("RUNNING", "other", 6)))]);
    memory.catch_up();
    log.flush(Duration::from_secs(10)).await;
    assert_eq!((memory.written().len(), log.shared.queue.take().len()), (1, 0));
    assert_eq!(log.get_task(&task("c", 0)).unwrap().worker_id, "other");
}

#[tokio::test]
async fn who_lost_his_place_says_nothing_any_more() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes([passing()]);
    log.task(&task("c", 0), State::Running, None, None);
    tokio::time::sleep(Duration::from_millis(10)).await;
    log.task(&task("c", 1), State::Running, None, None);
    log.drop_pending();
    log.flush(Duration::from_secs(10)).await;
    assert!(memory.written().is_empty());
    log.task(&task("c", 0), State::Running, None, None);
    log.flush(Duration::from_secs(10)).await;
    assert_eq!(memory.written().len(), 1);
}

#[tokio::test]
async fn that_a_topic_was_used_is_said_by_whoever_lost_his_place_too() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes([passing()]);
    log.topics_in_use().note(&task("c", 0), "t");
    log.task(&task("c", 0), State::Running, None, None);
    tokio::time::sleep(Duration::from_millis(10)).await;
    log.topics_in_use().note(&task("c", 0), "v");
    log.drop_pending();
    log.flush(Duration::from_secs(30)).await;
    let topics = memory.written().into_iter().filter(|(key, _)| key.starts_with("status-topic-")).count();
    assert_eq!(topics, 2, "{:?}", memory.written());
}

#[test]
fn of_what_is_on_its_way_only_topics_outlive_the_loss() {
    let queue = Queue::default();
    let status = Status::parse(value("RUNNING", ME, 1).as_bytes()).unwrap();
    let topic = Key::Topic { topic: "t".into(), connector: "c".into() };
    queue.put(topic.clone(), Write::Topic(Vec::new()));
    queue.put(Key::Connector("c".into()), Write::Status(status));
    let mut sent = queue.take();
    queue.put(Key::Task(task("c", 0)), Write::Tombstone);
    queue.clear();
    assert!(queue.take().is_empty());
    for attempt in &mut sent {
        let is_topic = attempt.key == topic;
        assert_eq!(queue.is_newest(attempt), is_topic);
        // Once: a second failure is its own.
        assert_eq!((queue.was_dropped(attempt), queue.was_dropped(attempt)), (true, false));
    }
}

#[tokio::test]
async fn a_report_that_waits_is_not_written_behind_a_deletion() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes((0..100).map(|_| passing()));
    log.task_unassigned(&task("c", 0), None);
    tokio::time::sleep(Duration::from_millis(20)).await;
    // Whoever leads has deleted the connector.
    memory.add(&[("status-connector-c", None)]);
    memory.catch_up();
    log.flush(Duration::from_secs(30)).await;
    assert_eq!(memory.written().len(), 1);
    assert!(log.shared.reported().is_empty());
}

#[tokio::test]
async fn what_can_never_be_written_is_given_up() {
    let memory = Memory::default();
    let log = started(&memory).await;
    memory.next_writes([Err(LogTrouble { retriable: false, timed_out: false, text: "too large".into() })]);
    log.task(&task("c", 0), State::Running, None, None);
    log.flush(Duration::from_secs(30)).await;
    assert!(memory.written().is_empty());
}

#[tokio::test]
async fn topics_are_noted_once_and_forgotten_everywhere() {
    let memory = Memory::default();
    let log = started(&memory).await;
    for _ in 0..3 {
        log.topics_in_use().note(&task("a:b", 1), "t");
    }
    settled(&log).await;
    let written = memory.written();
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].0, "status-topic-t:connector-a:b");
    let value: serde_json::Value = serde_json::from_str(written[0].1.as_ref().unwrap()).unwrap();
    assert_eq!((&value["topic"]["task"], &value["topic"]["connector"]), (&1.into(), &"a:b".into()));
    // Another worker's note and reset.
    let noted = r#"{"topic":{"name":"u","connector":"a:b","task":0,"discoverTimestamp":1}}"#;
    memory.add(&[("status-topic-u:connector-a:b", Some(noted))]);
    log.refresh(Duration::from_secs(1)).await.unwrap();
    assert_eq!(log.topics_in_use().of("a:b"), ["t", "u"]);
    memory.add(&[("status-topic-u:connector-a:b", None)]);
    log.refresh(Duration::from_secs(1)).await.unwrap();
    assert_eq!(log.topics_in_use().of("a:b"), ["t"]);
    log.reset_topics("a:b");
    settled(&log).await;
    assert_eq!(memory.written().last().unwrap(), &("status-topic-t:connector-a:b".to_owned(), None));
    assert!(log.topics_in_use().of("a:b").is_empty());
    log.topics_in_use().note(&task("a:b", 0), "t");
    settled(&log).await;
    assert_eq!(log.topics_in_use().of("a:b"), ["t"]);
}

#[tokio::test]
async fn the_last_clone_ends_the_writing() {
    let memory = Memory::default();
    let log = started(&memory).await;
    let weak = Arc::downgrade(&log.shared);
    log.task(&task("c", 0), State::Running, None, None);
    log.flush(Duration::from_secs(30)).await;
    assert_eq!(log.shared.generation.load(Relaxed), 5);
    drop(log);
    for _ in 0..300 {
        if weak.strong_count() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is still there");
}

#[test]
fn the_record_of_a_connector_takes_its_tasks_along() {
    let mut cache = Cache::default();
    let status = Status::parse(value("RUNNING", "w", 1).as_bytes()).unwrap();
    cache.task(&task("c", 0), Some(status.clone()));
    cache.connector("c", Some(status));
    cache.connector("c", None);
    assert_eq!((cache.names().count(), cache.tasks_of("c").count()), (0, 0));
    cache.task(&task("c", 0), None);
    assert_eq!(cache.names().count(), 0);
}

#[test]
fn a_record_without_a_key_is_passed_over() {
    let shared = Shared {
        worker_id: ME.into(),
        vault: Vault::default(),
        generation: AtomicI32::new(0),
        cache: Mutex::default(),
        queue: Queue::default(),
        reported: Mutex::default(),
    };
    shared.apply(&TopicsInUse::new(true), &record(0, None, Some(b"{}")));
    assert_eq!(shared.cache().names().count(), 0);
}
