//! A cluster on paper: what members run, what is configured, and a clock that only moves when it is told to.

mod alike;
mod eager;
mod group;
mod lost;
mod properties;
mod scale;
mod scenarios;
mod sharing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::*;
use crate::entities::TaskId;

/// `scheduled.rebalance.max.delay.ms`, unless a test says otherwise.
const MAX_DELAY: Duration = Duration::from_secs(300);

/// A cluster on paper.
struct Cluster {
    assignor: IncrementalAssignor,
    max_delay: Duration,
    generation: i32,
    now: Instant,
    connectors: BTreeMap<String, u32>,
    members: BTreeMap<String, Work>,
    last: Distribution,
}

impl Cluster {
    /// One worker `w1`, which runs nothing, and connectors `c1`, `c2`, ... with four tasks each.
    fn new(connectors: usize) -> Self {
        Self::waiting(connectors, MAX_DELAY)
    }

    fn waiting(connectors: usize, max_delay: Duration) -> Self {
        let mut cluster = Self {
            assignor: IncrementalAssignor::new(max_delay),
            max_delay,
            generation: -1,
            now: Instant::now(),
            connectors: (1..=connectors).map(|number| (format!("c{number}"), 4)).collect(),
            members: BTreeMap::new(),
            last: Distribution::default(),
        };
        cluster.join("w1");
        cluster
    }

    fn configured(&self) -> Work {
        let tasks = |(connector, count): (&String, &u32)| -> Vec<TaskId> {
            (0..*count).map(|task| TaskId { connector: connector.clone(), task }).collect()
        };
        Work {
            connectors: self.connectors.keys().cloned().collect(),
            tasks: self.connectors.iter().flat_map(tasks).collect(),
        }
    }

    fn join(&mut self, name: &str) {
        self.join_running(name, Work::default());
    }

    fn join_running(&mut self, name: &str, work: Work) {
        assert!(self.members.insert(name.to_owned(), work).is_none());
    }

    fn leave(&mut self, name: &str) -> Work {
        self.members.remove(name).unwrap()
    }

    fn sleep(&mut self, time: Duration) {
        self.now += time;
    }

    /// Another member leads from now on, which remembers nothing.
    fn change_leader(&mut self) {
        self.assignor = IncrementalAssignor::new(self.max_delay);
    }

    /// Computes an assignment of which nobody hears.
    fn rebalance_in_vain(&mut self) {
        self.compute(self.generation);
    }

    /// One that all hear.
    fn rebalance(&mut self) {
        self.rebalance_after(self.generation);
    }

    fn rebalance_after(&mut self, last_completed: i32) {
        self.compute(last_completed);
        for (name, share) in &self.last.shares {
            let work = self.members.get_mut(name).unwrap();
            let before = work.clone();
            work.remove(&share.revoked);
            work.add(share.assigned.clone());
            assert_eq!(*work, share.all, "{name} had {before:?}");
        }
    }

    fn compute(&mut self, last_completed: i32) {
        self.generation += 1;
        let generations = Generations { last_completed, current: self.generation };
        self.last = self.assignor.assign(&self.configured(), &self.members, generations, self.now);
        self.check();
    }

    /// What holds in every rebalance.
    fn check(&self) {
        assert!(self.last.shares.keys().eq(self.members.keys()));
        assert!(self.last.delay <= self.max_delay);
        let configured = self.configured();
        let mut running = Work::default();
        self.members.values().for_each(|work| running.add(work.clone()));
        let mut assigned = Work::default();
        for (name, share) in &self.last.shares {
            let work = &self.members[name];
            assert!(share.revoked.connectors.is_subset(&work.connectors), "{name} does not run what it must stop");
            assert!(share.revoked.tasks.is_subset(&work.tasks), "{name} does not run what it must stop");
            for connector in &share.assigned.connectors {
                assert!(configured.connectors.contains(connector), "{connector} is not configured");
                assert!(!running.connectors.contains(connector), "{connector} runs already");
                assert!(assigned.connectors.insert(connector.clone()), "{connector} is assigned twice");
            }
            for task in &share.assigned.tasks {
                assert!(configured.tasks.contains(task), "{task} is not configured");
                assert!(!running.tasks.contains(task), "{task} runs already");
                assert!(assigned.tasks.insert(task.clone()), "{task} is assigned twice");
            }
        }
    }

    /// How many connectors and tasks the members run, each list from few to many.
    fn counts(&self) -> (Vec<usize>, Vec<usize>) {
        let mut connectors: Vec<usize> = self.members.values().map(|work| work.connectors.len()).collect();
        let mut tasks: Vec<usize> = self.members.values().map(|work| work.tasks.len()).collect();
        connectors.sort_unstable();
        tasks.sort_unstable();
        (connectors, tasks)
    }

    #[track_caller]
    fn expect(&self, connectors: &[usize], tasks: &[usize]) {
        assert_eq!(self.counts(), (connectors.to_vec(), tasks.to_vec()));
    }

    #[track_caller]
    fn expect_delay(&self, delay: Duration) {
        assert_eq!(self.last.delay, delay);
    }

    #[track_caller]
    fn expect_no_revocations(&self) {
        assert!(self.last.shares.values().all(|share| share.revoked.is_empty()), "{:?}", self.last);
    }

    #[track_caller]
    fn expect_nothing_new(&self) {
        self.expect_no_revocations();
        assert!(self.last.shares.values().all(|share| share.assigned.is_empty()), "{:?}", self.last);
    }

    /// Everything runs exactly once, and nobody has more than one more than another.
    #[track_caller]
    fn expect_complete_and_balanced(&self) {
        let (connectors, tasks) = self.counts();
        for counts in [&connectors, &tasks] {
            assert!(counts.last().unwrap() - counts.first().unwrap() <= 1, "{counts:?}");
        }
        let mut running = Work::default();
        self.members.values().for_each(|work| running.add(work.clone()));
        assert_eq!(running, self.configured());
        assert_eq!(connectors.iter().sum::<usize>(), running.connectors.len());
        assert_eq!(tasks.iter().sum::<usize>(), running.tasks.len());
    }
}

fn work(connectors: &[&str], tasks: &[(&str, u32)]) -> Work {
    let task = |(connector, task): &(&str, u32)| TaskId { connector: (*connector).to_owned(), task: *task };
    Work {
        connectors: connectors.iter().map(|name| (*name).to_owned()).collect(),
        tasks: tasks.iter().map(task).collect(),
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
