//! What a cluster says that it runs, and where.

use serde_json::Value;
use std::collections::BTreeMap;

/// Instances by worker and state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Connectors and tasks that run, by worker.
    running: BTreeMap<String, (usize, usize)>,
    /// All others, by state.
    others: BTreeMap<String, usize>,
}

impl Census {
    /// Of an answer to `GET /connectors?expand=status`.
    pub fn of(answer: &Value) -> Self {
        let mut census = Self::default();
        for connector in answer.as_object().into_iter().flatten().map(|(_, one)| &one["status"]) {
            census.note(&connector["connector"], |counts| counts.0 += 1);
            for task in connector["tasks"].as_array().into_iter().flatten() {
                census.note(task, |counts| counts.1 += 1);
            }
        }
        census
    }

    fn note(&mut self, instance: &Value, count: impl Fn(&mut (usize, usize))) {
        match (instance["state"].as_str(), instance["worker_id"].as_str()) {
            (Some("RUNNING"), Some(worker)) => count(self.running.entry(worker.to_owned()).or_default()),
            (state, _) => *self.others.entry(state.unwrap_or("nothing").to_owned()).or_default() += 1,
        }
    }

    /// How many connectors and tasks run on one of these workers.
    pub fn running(&self, workers: &[String]) -> usize {
        workers.iter().filter_map(|worker| self.running.get(worker)).map(|(connectors, tasks)| connectors + tasks).sum()
    }

    /// Whether so many connectors and tasks run on these workers, nothing runs elsewhere or does not run, and no worker
    /// has two connectors or two tasks more than another.
    pub fn is_balanced(&self, workers: &[String], connectors: usize, tasks: usize) -> bool {
        let on = |worker: &String| self.running.get(worker).copied().unwrap_or_default();
        let even = |count: fn((usize, usize)) -> usize, all: usize| {
            let counts: Vec<usize> = workers.iter().map(|worker| count(on(worker))).collect();
            let spread = counts.iter().max().unwrap_or(&0) - counts.iter().min().unwrap_or(&0);
            counts.iter().sum::<usize>() == all && spread <= 1
        };
        self.others.is_empty() && even(|(connectors, _)| connectors, connectors) && even(|(_, tasks)| tasks, tasks)
    }
}

impl std::fmt::Display for Census {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let running =
            self.running.iter().map(|(worker, (c, t))| format!("{c} connectors and {t} tasks run on {worker}"));
        let others = self.others.iter().map(|(state, count)| format!("{count} are {state}"));
        f.write_str(&running.chain(others).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn census(tasks: &[(&str, &str)]) -> Census {
        let tasks: Vec<Value> =
            tasks.iter().map(|(state, worker)| json!({"state": state, "worker_id": worker})).collect();
        Census::of(&json!({"c": {"status": {"connector": {"state": "RUNNING", "worker_id": "a"}, "tasks": tasks}}}))
    }

    #[test]
    fn a_cluster_is_balanced_when_all_of_it_runs_evenly_on_those_who_are_there() {
        let both = ["a".to_owned(), "b".to_owned()];
        let even = census(&[("RUNNING", "a"), ("RUNNING", "b"), ("RUNNING", "b")]);
        assert!(even.is_balanced(&both, 1, 3));
        assert_eq!(even.running(&both), 4);
        assert!(!even.is_balanced(&both, 1, 4), "one is missing");
        assert!(!even.is_balanced(&both[..1], 1, 3), "two run on a worker that is gone");
        assert!(!census(&[("RUNNING", "a"), ("RUNNING", "a"), ("RUNNING", "a")]).is_balanced(&both, 1, 3), "uneven");
        assert!(!census(&[("RUNNING", "a"), ("RUNNING", "b"), ("FAILED", "b")]).is_balanced(&both, 1, 3), "one failed");
    }
}
