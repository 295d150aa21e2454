//! The sink without Wasm, against files of the operating system.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use watertight_sdk::{
    Config, Datum, Message, SinkBatch, SinkConnector, SinkRecord, SinkTask, TimestampType, TopicOffset, TopicPartition,
    Value, testing,
};

use super::{FileStreamSinkConnector, FileStreamSinkTask, whole_lines_within};
use crate::files::CHUNK;

fn place() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("out.txt");
    (directory, file)
}

fn config(file: &Path, tasks: &str) -> Config {
    [("file", file.to_str().unwrap()), ("tasks.max", tasks)].into_iter().collect()
}

fn started(file: &Path, tasks: &str) -> FileStreamSinkTask {
    let mut task = FileStreamSinkTask::default();
    task.start(&config(file, tasks)).unwrap();
    task
}

fn batch(values: impl IntoIterator<Item = Value>) -> SinkBatch {
    let record = |(offset, value): (usize, Value)| SinkRecord {
        message: Message::new(0, Datum::natural(value)),
        timestamp_type: TimestampType::CreateTime,
        origin: 0,
        offset: i64::try_from(offset).unwrap(),
    };
    SinkBatch {
        topics: vec!["lines".to_owned()],
        origins: vec![TopicPartition { topic: "lines".to_owned(), partition: 0 }],
        records: values.into_iter().enumerate().map(record).collect(),
    }
}

#[test]
fn each_value_becomes_a_line_behind_what_is_there() {
    let (_directory, file) = place();
    fs::write(&file, "before\n").unwrap();
    let mut task = started(&file, "1");
    let values = [
        Value::from("text"),
        Value::Null,
        Value::from(true),
        Value::from(-7_i64),
        Value::from(2.5),
        Value::Bytes(b"raw".to_vec()),
    ];
    let report = task.put(batch(values)).unwrap();
    assert_eq!(report.taken, 6);
    assert_eq!(fs::read_to_string(&file).unwrap(), "before\ntext\nnull\ntrue\n-7\n2.5\nraw\n");
    assert!(testing::logged("warn").is_empty());
}

#[test]
fn a_torn_last_line_is_moved_aside_by_the_only_task() {
    let (_directory, file) = place();
    fs::write(&file, "one\ntwo\nthr").unwrap();
    let mut task = started(&file, "1");
    task.put(batch([Value::from("three")])).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "one\ntwo\nthree\n");
    assert_eq!(fs::read_to_string(file.with_extension("txt.torn")).unwrap(), "thr\n");
    testing::context(|context| assert_eq!(context.metrics["torn-lines"], 1.0));
    assert!(testing::logged("warn")[0].contains("had no end (3 bytes"));
}

#[test]
fn a_torn_last_line_is_ended_where_other_tasks_may_be_writing() {
    let (_directory, file) = place();
    fs::write(&file, "one\ntwo\nthr").unwrap();
    let mut task = started(&file, "2");
    task.put(batch([Value::from("three")])).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "one\ntwo\nthr\nthree\n");
    assert!(!file.with_extension("txt.torn").exists());
}

#[test]
fn a_file_that_is_one_long_torn_line_is_emptied_and_kept_aside() {
    let (_directory, file) = place();
    let piece = "x".repeat(3 * CHUNK + 5);
    fs::write(&file, &piece).unwrap();
    started(&file, "1");
    assert_eq!(fs::metadata(&file).unwrap().len(), 0);
    assert_eq!(fs::read_to_string(file.with_extension("txt.torn")).unwrap(), format!("{piece}\n"));
}

#[test]
fn a_torn_line_behind_many_whole_ones_is_found() {
    let (_directory, file) = place();
    let whole = "a whole line\n".repeat(10_000);
    fs::write(&file, format!("{whole}{}", "y".repeat(CHUNK + 1))).unwrap();
    started(&file, "1");
    assert_eq!(fs::read_to_string(&file).unwrap(), whole);
}

#[test]
fn several_tasks_on_one_file_never_mix_lines() {
    let (_directory, file) = place();
    let writers: Vec<_> = (0..4_u8)
        .map(|writer| {
            let file = file.clone();
            std::thread::spawn(move || {
                let mut task = started(&file, "4");
                let line = char::from(b'a' + writer).to_string().repeat(997);
                for _ in 0..20 {
                    task.put(batch((0..200).map(|_| Value::from(line.as_str())))).unwrap();
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 4 * 20 * 200);
    for line in lines {
        assert!(line.len() == 997 && line.bytes().all(|byte| byte == line.as_bytes()[0]), "mixed: {line}");
    }
}

#[test]
fn a_piece_ends_with_a_line_unless_one_line_is_longer() {
    assert_eq!(whole_lines_within(b"a\nb\n"), 4);
    let mut text = "z".repeat(CHUNK - 2).into_bytes();
    text.extend_from_slice(b"\nnext\n");
    assert_eq!(whole_lines_within(&text), CHUNK - 1);
    let mut text = "z".repeat(2 * CHUNK).into_bytes();
    text.extend_from_slice(b"\nnext\n");
    assert_eq!(whole_lines_within(&text), 2 * CHUNK + 1);
}

#[test]
fn all_offered_offsets_are_committed_after_a_flush() {
    let (_directory, file) = place();
    let mut task = started(&file, "1");
    task.put(batch([Value::from("line")])).unwrap();
    let origin = TopicPartition { topic: "lines".to_owned(), partition: 0 };
    let offered = vec![TopicOffset { origin, offset: 1, metadata: None }];
    assert_eq!(task.pre_commit(offered.clone()).unwrap().offsets, offered);
}

#[test]
fn a_missing_directory_is_a_clear_error() {
    let (directory, _) = place();
    let failure = FileStreamSinkTask::default().start(&config(&directory.path().join("no/such"), "1")).unwrap_err();
    assert!(failure.message.starts_with("Couldn't find or create file '"), "{}", failure.message);
}

#[test]
fn without_a_file_there_is_a_clear_error_on_the_key() {
    let reports = FileStreamSinkConnector::default().validate(&Config::default()).unwrap();
    assert_eq!((reports[0].name.as_str(), reports[0].errors.len()), ("file", 1));
}

#[test]
fn there_are_as_many_tasks_as_allowed() {
    let mut connector = FileStreamSinkConnector::default();
    connector.start(&config(Path::new("/out.txt"), "3")).unwrap();
    assert_eq!(connector.task_configs(3).unwrap().len(), 3);
}
