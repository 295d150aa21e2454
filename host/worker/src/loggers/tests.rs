//! Answers as the genuine worker gave them to the same requests.

use std::sync::Arc;

use super::*;

const SOURCE: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Levels>>>);

impl LogFilter for Seen {
    fn follow(&self, levels: &Levels) {
        self.0.lock().unwrap().push(levels.clone());
    }
}

fn loggers() -> Loggers {
    Loggers::unfiltered()
}

fn level_of(loggers: &Loggers, name: &str) -> String {
    loggers.get(name).unwrap().level
}

#[test]
fn at_first_nobody_has_changed_anything_and_the_list_is_sorted() {
    let list = loggers().list();
    let names: Vec<&str> = list.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.is_sorted() && names.contains(&"root") && names.contains(&SOURCE), "{names:?}");
    assert!(list.iter().all(|(_, shown)| shown.level == "INFO" && shown.last_modified.is_none()));
}

#[test]
fn a_logger_is_changed_once() {
    let loggers = loggers();
    assert_eq!(loggers.set(SOURCE, Level::Debug).unwrap(), [SOURCE]);
    assert!(loggers.get(SOURCE).unwrap().last_modified.is_some());
    assert_eq!(loggers.set(SOURCE, Level::Debug).unwrap(), Vec::<String>::new());
    assert_eq!(loggers.get("root").unwrap().last_modified, None);
}

#[test]
fn a_new_logger_with_the_level_it_would_have_anyway_is_there_and_unchanged() {
    let loggers = loggers();
    assert_eq!(loggers.get("some.new.logger"), None);
    assert_eq!(loggers.set("some.new.logger", Level::Info).unwrap(), Vec::<String>::new());
    assert_eq!(loggers.get("some.new.logger").unwrap().last_modified, None);
    assert_eq!(loggers.set("some.new", Level::Debug).unwrap(), ["some.new", "some.new.logger"]);
    assert_eq!(loggers.set("some.ne", Level::Fatal).unwrap(), ["some.ne", "some.new", "some.new.logger"]);
}

#[test]
fn a_parent_that_nobody_set_is_not_known() {
    assert_eq!(loggers().get("org.apache.kafka.connect"), None);
}

#[test]
fn what_is_off_is_not_listed_and_each_change_of_it_counts() {
    let loggers = loggers();
    assert_eq!(loggers.set("a.b", Level::Off).unwrap(), ["a.b"]);
    assert!(loggers.list().iter().all(|(name, _)| name != "a.b"));
    assert_eq!(level_of(&loggers, "a.b"), "OFF");
    assert_eq!(loggers.set("a.b", Level::Off).unwrap(), ["a.b"]);
    assert_eq!(loggers.set("a.b", Level::All).unwrap(), ["a.b"]);
}

#[test]
fn the_root_changes_all_and_answers_to_its_name_in_any_case() {
    let loggers = loggers();
    let changed = loggers.set("root", Level::Warn).unwrap();
    assert_eq!(changed.len(), loggers.list().len());
    assert!(changed.is_sorted() && changed.contains(&"root".to_owned()));
    assert_eq!(loggers.set("Root", Level::Info).unwrap().len(), changed.len());
    assert_eq!(loggers.set("ROOT", Level::Info).unwrap(), Vec::<String>::new());
    assert!(loggers.list().iter().all(|(_, shown)| shown.last_modified.is_some()));
}

#[test]
fn a_module_is_another_name_for_its_logger() {
    let loggers = loggers();
    assert_eq!(loggers.set("watertight_worker::task::source", Level::Debug).unwrap(), [SOURCE]);
    assert_eq!(level_of(&loggers, "watertight_worker::task::source"), "DEBUG");
    let worker = loggers.set("watertight_worker", Level::Trace).unwrap();
    assert!(worker.contains(&"org.apache.kafka.connect.runtime.WorkerSinkTask".to_owned()), "{worker:?}");
}

#[test]
fn running_plugins_follow_their_class() {
    let loggers = loggers();
    let threshold = loggers.of_plugin("com.example.Sink");
    assert!(threshold.admits("info") && !threshold.admits("debug"));
    assert_eq!(loggers.set("com.example", Level::Debug).unwrap(), ["com.example", "com.example.Sink"]);
    assert!(threshold.admits("debug") && !threshold.admits("trace"));
    loggers.set("root", Level::Error).unwrap();
    assert!(threshold.admits("error") && !threshold.admits("warn"));
    assert!(!loggers.of_plugin("com.example.Sink").admits("warn"), "a later instance too");
}

#[test]
fn the_filter_is_told() {
    let seen = Seen::default();
    let loggers = Loggers::new(Levels::parse("warn").unwrap(), Box::new(seen.clone()));
    loggers.set("watertight_worker::task::sink", Level::Debug).unwrap();
    let told = seen.0.lock().unwrap().pop().unwrap();
    assert_eq!(told.of_target("watertight_worker::task::sink::put"), Level::Debug);
    assert_eq!(told.of_target("watertight_worker::task::source"), Level::Warn);
    assert_eq!(told.most(), Level::Debug);
}

#[test]
fn loggers_cannot_fill_the_memory() {
    let loggers = loggers();
    assert!(loggers.set(&"x".repeat(LONGEST + 1), Level::Info).is_err());
    let mut refused = 0;
    for at in 0..MOST + 10 {
        refused += usize::from(loggers.set(&format!("n{at:06}"), Level::Info).is_err());
    }
    assert!((10..100).contains(&refused), "{refused}");
    assert!(loggers.set("root", Level::Warn).is_ok());
}
