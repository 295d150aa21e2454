//! What tasks of the sequence connectors wrote down, see `tests/guests/test-connectors/src/diary.rs`: one file for each
//! time a task was started. They outlive the worker that is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;

/// A record that a sink got: topic, partition, offset, and `t-n-i`.
pub type Got = (String, i32, i64, String);

/// One start of one task.
#[derive(Debug, Clone, Default)]
pub struct Diary {
    /// The task's number.
    pub task: u32,
    /// How often it had been started before.
    pub incarnation: u32,
    /// Milliseconds since the epoch.
    pub started: u64,
    /// When it was asked to end, if it ever was.
    pub stopped: Option<u64>,
    /// When it was asked for records, and the number of the first that it gave.
    pub polled: Vec<(u64, u64)>,
    /// What it got.
    pub got: Vec<Got>,
    /// `open`, `close` and `lost`, and the partitions.
    pub partitions: Vec<(String, String, i32)>,
}

/// All starts of all tasks of one connector.
#[derive(Debug, Clone, Default)]
pub struct Diaries(pub Vec<Diary>);

impl Diaries {
    /// Of a connector; a line that a kill has torn is left out.
    pub fn read(dir: &Path, connector: &str) -> anyhow::Result<Self> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some((task, incarnation)) = numbers(&name, connector) else { continue };
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let mut diary = Diary { task, incarnation, ..Diary::default() };
            text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).for_each(|line| diary.take(line));
            all.push(diary);
        }
        all.sort_by_key(|diary| (diary.task, diary.incarnation));
        Ok(Self(all))
    }

    /// How often each task was started.
    pub fn starts(&self) -> BTreeMap<u32, usize> {
        let mut starts = BTreeMap::new();
        for diary in &self.0 {
            *starts.entry(diary.task).or_default() += 1;
        }
        starts
    }

    /// How often any of them was.
    pub fn all_starts(&self) -> usize {
        self.0.len()
    }

    /// How many records all of them got.
    pub fn count_got(&self) -> usize {
        self.0.iter().map(|diary| diary.got.len()).sum()
    }

    /// Where they came from, each place once.
    pub fn places(&self) -> BTreeSet<(i32, i64)> {
        self.0.iter().flat_map(|diary| &diary.got).map(|(_, partition, offset, _)| (*partition, *offset)).collect()
    }
}

/// `NAME-TASK.N`
fn numbers(file: &str, connector: &str) -> Option<(u32, u32)> {
    let (task, incarnation) = file.strip_prefix(connector)?.strip_prefix('-')?.split_once('.')?;
    Some((task.parse().ok()?, incarnation.parse().ok()?))
}

impl Diary {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
        match words.as_slice() {
            ["start", at] => self.started = at.parse().unwrap_or(0),
            ["stop", at] => self.stopped = at.parse().ok(),
            ["poll", ..] => self.polled.extend(number(1).zip(number(2))),
            ["put", topic, partition, offset, value] => {
                if let (Ok(partition), Ok(offset)) = (partition.parse(), offset.parse()) {
                    self.got.push(((*topic).to_owned(), partition, offset, (*value).to_owned()));
                }
            }
            [what @ ("open" | "close" | "lost"), topic, partition] => {
                let partition = partition.parse().unwrap_or(-1);
                self.partitions.push(((*what).to_owned(), (*topic).to_owned(), partition));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_task_wrote_is_read_and_a_torn_line_is_not() {
        let dir = watertight_harness::paths::test_dir("diary-unit").unwrap();
        std::fs::write(dir.join("a-b-1.0"), "start 5\nopen t 0\nput t 0 7 1-2-0\nput t 0 8 1-").unwrap();
        std::fs::write(dir.join("a-b-1.1"), "start 6\npoll 8 3\nstop 9\n").unwrap();
        std::fs::write(dir.join("a-1.0"), "start 7\n").unwrap();
        let all = Diaries::read(&dir, "a-b").unwrap();
        assert_eq!(all.starts(), BTreeMap::from([(1, 2)]));
        assert_eq!(all.places(), BTreeSet::from([(0, 7)]));
        assert_eq!((all.0[1].stopped, all.0[1].polled.as_slice()), (Some(9), &[(8, 3)][..]));
    }
}
