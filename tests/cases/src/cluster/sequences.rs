//! Numbered records of several tasks, counted: what is missing, what came twice, what came out of order.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;

use crate::topics::Letter;

/// Of one task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfTask {
    seen: BTreeSet<u64>,
    /// Records beyond the first of their number.
    pub duplicates: u64,
    /// Those that came when a greater one had come before them, and were new.
    pub late: u64,
}

/// Of all tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequences {
    /// By number.
    pub tasks: BTreeMap<u32, OfTask>,
    /// Of any number.
    pub records: u64,
}

impl Sequences {
    /// Of values `t-n` or `t-n-i`; anything else is an error.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut all = Self::default();
        for value in values {
            let (task, number) = numbers(value).with_context(|| format!("a foreign record: {value:?}"))?;
            all.records += 1;
            let of_task = all.tasks.entry(task).or_default();
            let last = of_task.seen.last().copied();
            if !of_task.seen.insert(number) {
                of_task.duplicates += 1;
            } else if last.is_some_and(|last| last > number) {
                of_task.late += 1;
            }
        }
        Ok(all)
    }

    /// Of what a topic holds.
    pub fn in_topic(letters: &[Letter]) -> anyhow::Result<Self> {
        Self::of(letters.iter().map(|letter| letter.value.as_deref().unwrap_or("null")))
    }

    /// Numbers below the greatest of their task that nobody saw.
    pub fn missing(&self) -> u64 {
        let of = |task: &OfTask| task.seen.last().map_or(0, |last| last + 1 - task.seen.len() as u64);
        self.tasks.values().map(of).sum()
    }

    /// Of all tasks.
    pub fn duplicates(&self) -> u64 {
        self.tasks.values().map(|task| task.duplicates).sum()
    }

    /// Of all tasks.
    pub fn late(&self) -> u64 {
        self.tasks.values().map(|task| task.late).sum()
    }

    /// The number behind the greatest of a task.
    pub fn next(&self, task: u32) -> u64 {
        self.tasks.get(&task).and_then(|task| task.seen.last()).map_or(0, |last| last + 1)
    }
}

impl std::fmt::Display for Sequences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} records of {} tasks: {} missing, {} duplicates, {} late",
            self.records,
            self.tasks.len(),
            self.missing(),
            self.duplicates(),
            self.late()
        )
    }
}

/// `t-n` or `t-n-i`: task and number.
pub fn numbers(value: &str) -> Option<(u32, u64)> {
    let mut words = value.split('-');
    let (task, number) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    if words.next().is_some_and(|word| word.parse::<u32>().is_err()) || words.next().is_some() {
        return None;
    }
    Some((task, number))
}

/// `t-n-i`: how often the task had been started before.
pub fn incarnation(value: &str) -> Option<u32> {
    value.split('-').nth(2)?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn gaps_repetitions_and_late_ones_are_told_apart() {
        let all = Sequences::of(["0-0-0", "0-1-0", "1-0-0", "0-4-1", "0-1-1", "0-3-1"]).unwrap();
        assert_eq!((all.missing(), all.duplicates(), all.late(), all.next(0), all.next(7)), (1, 1, 1, 5, 0));
        assert_eq!(all.to_string(), "6 records of 2 tasks: 1 missing, 1 duplicates, 1 late");
        assert!(Sequences::of(["step"]).is_err());
        assert_eq!(incarnation("0-4-1"), Some(1));
    }
}
