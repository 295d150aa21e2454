//! The source without Wasm, against files of the operating system.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use watertight_sdk::{Checkpoint, Config, PollLimits, Position, Scalar, SourceConnector, SourceTask, Value, testing};

use super::{FileStreamSourceConnector, FileStreamSourceTask};
use crate::lines::LONGEST_LINE;

const LIMITS: PollLimits = PollLimits { max_records: 1000, max_bytes: 1 << 20, max_ms: 1000 };

struct Bench {
    _directory: TempDir,
    file: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("in.txt");
        Self { _directory: directory, file }
    }

    fn with(content: impl AsRef<[u8]>) -> Self {
        let bench = Self::new();
        fs::write(&bench.file, content).unwrap();
        bench
    }

    fn append(&self, content: impl AsRef<[u8]>) {
        let mut file = OpenOptions::new().append(true).create(true).open(&self.file).unwrap();
        file.write_all(content.as_ref()).unwrap();
    }

    fn config(&self) -> Config {
        config(&self.file)
    }

    fn task(&self) -> FileStreamSourceTask {
        let mut task = FileStreamSourceTask::default();
        task.start(&self.config()).unwrap();
        task
    }

    fn resume_at(&self, position: i64) {
        let partition = vec![("filename".to_owned(), Scalar::from(self.file.to_str().unwrap()))];
        let offset = vec![("position".to_owned(), Scalar::from(position))];
        testing::context(|context| context.offsets = vec![(partition, offset)]);
    }
}

fn config(file: &Path) -> Config {
    [("file", file.to_str().unwrap()), ("topic", "lines")].into_iter().collect()
}

/// Lines with the positions behind them, until there are no more.
fn read(task: &mut FileStreamSourceTask) -> Vec<(String, i64)> {
    let mut lines = Vec::new();
    loop {
        let batch = task.poll(&LIMITS).unwrap();
        if batch.records.is_empty() {
            if batch.wait_ms == Some(0) {
                continue;
            }
            return lines;
        }
        for record in batch.records {
            let Value::Text(text) = record.message.value.value else { panic!("not text") };
            let Checkpoint::At(offset) = record.checkpoint else { panic!("no offset") };
            let [Scalar::Integer(position)] = offset[..] else { panic!("not a position") };
            lines.push((text, position));
        }
    }
}

fn texts(task: &mut FileStreamSourceTask) -> Vec<String> {
    read(task).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn a_missing_file_is_waited_for() {
    let bench = Bench::new();
    let mut task = bench.task();
    assert_eq!(task.poll(&LIMITS).unwrap().wait_ms, Some(super::WAIT_FOR_FILE_MS));
    assert!(task.poll(&LIMITS).unwrap().records.is_empty());
    assert_eq!(testing::logged("warn").len(), 1, "said once, not with every poll");
    bench.append("here\n");
    assert_eq!(texts(&mut task), ["here"]);
}

#[test]
fn a_partial_last_line_is_not_sent_until_its_end_comes() {
    let bench = Bench::with("whole\npar");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["whole"]);
    bench.append("ti");
    assert!(texts(&mut task).is_empty());
    bench.append("al\nnext\n");
    assert_eq!(read(&mut task), [("partial".to_owned(), 14), ("next".to_owned(), 19)]);
}

#[test]
fn all_three_line_ends_count_with_their_bytes() {
    let bench = Bench::with("a\nb\r\nc\rd\n\r\n\n");
    let mut task = bench.task();
    let positions: Vec<_> = read(&mut task);
    let expected = [("a", 2), ("b", 5), ("c", 7), ("d", 9), ("", 11), ("", 12)];
    assert_eq!(positions, expected.map(|(text, position)| (text.to_owned(), position)));
}

#[test]
fn a_carriage_return_in_the_last_place_waits_for_its_next_byte() {
    let bench = Bench::with("one\r");
    let mut task = bench.task();
    assert!(texts(&mut task).is_empty());
    bench.append("\ntwo\rx");
    assert_eq!(read(&mut task), [("one".to_owned(), 5), ("two".to_owned(), 9)]);
}

#[test]
fn reading_goes_on_at_the_stored_byte() {
    let bench = Bench::with("grüße\nähm\nend\n");
    let first = read(&mut bench.task());
    assert_eq!(first[0], ("grüße".to_owned(), 8));
    bench.resume_at(first[0].1);
    assert_eq!(texts(&mut bench.task()), ["ähm", "end"]);
    bench.resume_at(first[1].1);
    assert_eq!(texts(&mut bench.task()), ["end"]);
}

#[test]
fn every_position_of_a_big_file_is_exact() {
    let mut content = String::new();
    for number in 0..20_000 {
        content.push_str(&format!("line {number} {}\n", "ü".repeat(number % 50)));
    }
    let bench = Bench::with(&content);
    let lines = read(&mut bench.task());
    assert_eq!(lines.len(), 20_000);
    let mut start = 0;
    for (text, end) in lines {
        let end = usize::try_from(end).unwrap();
        assert_eq!(content[start..end], format!("{text}\n"));
        start = end;
    }
}

#[test]
fn a_truncated_file_is_read_again_from_its_start() {
    let bench = Bench::with("one\ntwo\nunfinished");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["one", "two"]);
    fs::write(&bench.file, "new\n").unwrap();
    assert_eq!(read(&mut task), [("new".to_owned(), 4)]);
    let warnings = testing::logged("warn");
    assert!(warnings[0].contains("was truncated after 18 bytes were read (10 of them"), "{warnings:?}");
}

#[test]
fn a_file_that_shrank_while_nobody_looked_is_read_from_its_start() {
    let bench = Bench::with("short\n");
    bench.resume_at(1000);
    assert_eq!(texts(&mut bench.task()), ["short"]);
    assert!(testing::logged("warn")[0].contains("fewer than the 1000"));
}

#[test]
fn a_replaced_file_is_read_from_its_start_even_if_it_is_longer() {
    let bench = Bench::with("old\n");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["old"]);
    let other = bench.file.with_extension("new");
    fs::write(&other, "longer than the old one\n").unwrap();
    fs::rename(&other, &bench.file).unwrap();
    assert_eq!(texts(&mut task), ["longer than the old one"]);
    assert!(testing::logged("warn")[0].contains("was replaced"));
}

#[test]
fn a_removed_file_is_followed_while_it_is_open() {
    let bench = Bench::with("one\n");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["one"]);
    fs::remove_file(&bench.file).unwrap();
    assert!(texts(&mut task).is_empty());
    bench.append("two\n");
    assert_eq!(texts(&mut task), ["two"]);
}

#[test]
fn a_line_of_the_longest_length_passes_and_a_longer_one_fails_the_task() {
    let longest = "x".repeat(LONGEST_LINE);
    let bench = Bench::with(format!("before\n{longest}\n"));
    assert_eq!(texts(&mut bench.task()).len(), 2);

    let bench = Bench::with(format!("before\nx{longest}\nafter\n"));
    let mut task = bench.task();
    assert_eq!(task.poll(&LIMITS).unwrap().records.len(), 1, "what stands before it is sent");
    let failure = task.poll(&LIMITS).unwrap_err();
    assert_eq!(failure.code, "data");
    assert!(failure.message.contains("The line at byte 7 of"), "{}", failure.message);
}

#[test]
fn a_line_that_never_ends_fails_before_it_fills_the_memory() {
    let bench = Bench::with("x".repeat(LONGEST_LINE + 100_000));
    let failure = bench.task().poll(&LIMITS).unwrap_err();
    assert!(failure.message.contains("longer than"), "{}", failure.message);
}

#[test]
fn bytes_that_are_not_utf8_become_replacement_characters_and_positions_stay_exact() {
    let bench = Bench::with(b"ok \xff\xfe end\nnext\n");
    let lines = read(&mut bench.task());
    assert_eq!(lines, [("ok \u{fffd}\u{fffd} end".to_owned(), 10), ("next".to_owned(), 15)]);
}

#[test]
fn a_batch_keeps_to_records_and_bytes() {
    let bench = Bench::with("0123456789\n".repeat(100));
    let mut task = bench.task();
    let few = PollLimits { max_records: 7, ..LIMITS };
    assert_eq!(task.poll(&few).unwrap().records.len(), 7);
    let small = PollLimits { max_bytes: 25, ..LIMITS };
    assert_eq!(task.poll(&small).unwrap().records.len(), 3);
    let tiny = PollLimits { max_bytes: 1, ..LIMITS };
    assert_eq!(task.poll(&tiny).unwrap().records.len(), 1, "one record may always come");
}

#[test]
fn batch_size_is_the_users_limit() {
    let bench = Bench::with("a\n".repeat(100));
    let mut task = FileStreamSourceTask::default();
    task.start(&bench.config().with("batch.size", "3")).unwrap();
    assert_eq!(task.poll(&LIMITS).unwrap().records.len(), 3);
}

#[test]
fn without_a_file_there_is_a_clear_error_on_the_key() {
    let config: Config = [("topic", "lines")].into_iter().collect();
    let reports = FileStreamSourceConnector::default().validate(&config).unwrap();
    assert_eq!(reports[0].name, "file");
    assert!(reports[0].errors[0].contains("a file must be named"));
    assert!(FileStreamSourceTask::default().start(&config).is_err());
}

#[test]
fn a_relative_name_is_meant_from_the_workers_directory() {
    let bench = Bench::with("found\n");
    let directory = bench.file.parent().unwrap().to_str().unwrap().to_owned();
    testing::context(|context| context.facts.insert("worker.directory".to_owned(), directory));
    let mut task = FileStreamSourceTask::default();
    task.start(&config(Path::new("in.txt"))).unwrap();
    let batch = task.poll(&LIMITS).unwrap();
    assert_eq!(batch.source_partitions[0].partition[0].1, Scalar::Text("in.txt".to_owned()), "as configured");
}

#[test]
fn offsets_are_checked_as_in_kafka() {
    let connector = FileStreamSourceConnector::default();
    let config = config(Path::new("/in.txt"));
    let of = |name: &str, value: Scalar| -> Position { vec![(name.to_owned(), value)] };
    let file = of("filename", Scalar::from("/in.txt"));
    let message = |partition: &Position, offset: Position| {
        connector.alter_offsets(&config, &[(partition.clone(), Some(offset))]).map_err(|failure| failure.message)
    };
    assert_eq!(message(&file, of("position", Scalar::from(5_i64))), Ok(true));
    assert_eq!(connector.alter_offsets(&config, &[(of("other", Scalar::Null), None)]), Ok(true));
    let wrong = |partition: &Position, offset: Position| message(partition, offset).unwrap_err();
    assert_eq!(
        wrong(&file, of("place", Scalar::from(5_i64))),
        "Offset objects should either be null or contain the key 'position'"
    );
    assert_eq!(
        wrong(&file, of("position", Scalar::from("5"))),
        "The value for the 'position' key in the offset is expected to be a Long value"
    );
    assert_eq!(
        wrong(&file, of("position", Scalar::from(-5_i64))),
        "The value for the 'position' key in the offset should be a non-negative value"
    );
    assert_eq!(
        wrong(&of("path", Scalar::Null), of("position", Scalar::from(5_i64))),
        "Partition objects should contain the key 'filename'"
    );
}

#[test]
fn what_was_appended_before_the_file_was_replaced_comes_first() {
    let bench = Bench::with("old\n");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["old"]);
    bench.append("last\n");
    fs::rename(&bench.file, bench.file.with_extension("1")).unwrap();
    bench.append("new\n");
    assert_eq!(texts(&mut task), ["last", "new"]);
}

#[test]
fn at_the_end_of_a_file_nobody_waits_for_lines_that_are_there() {
    let bench = Bench::with("one\n");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["one"]);
    assert_eq!(task.poll(&LIMITS).unwrap().wait_ms, Some(super::WAIT_FOR_LINES_MS));
    bench.append("two\n");
    assert_eq!(task.poll(&LIMITS).unwrap().wait_ms, Some(0));
    assert_eq!(task.poll(&LIMITS).unwrap().records.len(), 1);
}

#[test]
fn a_file_that_claims_to_be_longer_than_it_is_is_not_asked_without_a_rest() {
    let file = Path::new("/sys/devices/system/cpu/online");
    if !file.exists() {
        return;
    }
    let mut task = FileStreamSourceTask::default();
    task.start(&config(file)).unwrap();
    let waits = (0..4).map(|_| task.poll(&LIMITS).unwrap()).filter(|batch| batch.records.is_empty());
    assert!(waits.filter(|batch| batch.wait_ms == Some(super::WAIT_FOR_LINES_MS)).count() >= 2);
}

#[test]
fn a_file_that_nobody_writes_to_is_looked_at_less_often_until_somebody_does() {
    let bench = Bench::with("one\n");
    let mut task = bench.task();
    assert_eq!(texts(&mut task), ["one"]);
    let mut waits = (0..=super::SILENCE).map(|_| task.poll(&LIMITS).unwrap().wait_ms);
    assert_eq!(waits.next(), Some(Some(super::WAIT_FOR_LINES_MS)));
    assert_eq!(waits.last(), Some(Some(super::WAIT_IN_SILENCE_MS)));
    bench.append("two\n");
    assert_eq!(texts(&mut task), ["two"]);
    assert_eq!(task.poll(&LIMITS).unwrap().wait_ms, Some(super::WAIT_FOR_LINES_MS));
}
