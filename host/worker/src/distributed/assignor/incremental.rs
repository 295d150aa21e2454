//! Incremental cooperative sharing (KIP-415): what does not move is not stopped. What must move is revoked in one
//! rebalance and assigned in the next; what a departed member ran waits for its return for a while; and rebalances
//! that revoke follow each other ever more slowly, so that workers that come in one by one do not keep all work moving.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::kind::{Kind, Load, active};
use super::{Distribution, Share, Work};
use crate::entities::TaskId;

/// How much longer each pause between revocations is than the one before it.
const GROWTH: u32 = 40;
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// Which rebalance this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// The last one that this member went through to its end.
    pub last_completed: i32,
    /// This one.
    pub current: i32,
}

/// What a leader remembers from one rebalance to the next. A new leader begins with nothing.
#[derive(Debug, Clone)]
pub struct IncrementalAssignor {
    max_delay: Duration,
    /// What the last distribution came to, with what was lost.
    previous: Work,
    /// What the last distribution revoked.
    revoked: Work,
    members: BTreeSet<String>,
    generation: i32,
    /// Since when the departed are waited for is not kept; until when is.
    scheduled: Option<Instant>,
    delay: Duration,
    /// Members that were seen without work while the departed were waited for: probably they are the departed.
    candidates: Vec<String>,
    revoked_in_previous: bool,
    successive_revocations: u32,
}

/// What becomes of work that nobody runs any more.
enum Lost {
    /// It goes on waiting, or there is none.
    Waits,
    /// Like what is new.
    ToAnyone,
    /// To these members, by their place.
    To(Vec<usize>),
}

impl IncrementalAssignor {
    /// `max_delay`: `scheduled.rebalance.max.delay.ms`
    pub fn new(max_delay: Duration) -> Self {
        Self {
            max_delay,
            previous: Work::default(),
            revoked: Work::default(),
            members: BTreeSet::new(),
            generation: -1,
            scheduled: None,
            delay: Duration::ZERO,
            candidates: Vec::new(),
            revoked_in_previous: false,
            successive_revocations: 0,
        }
    }

    /// Shares out `configured` among the members, given what each of them says it runs.
    pub fn assign(
        &mut self,
        configured: &Work,
        members: &BTreeMap<String, Work>,
        generations: Generations,
        now: Instant,
    ) -> Distribution {
        let names: Vec<&str> = members.keys().map(String::as_str).collect();
        let connectors_of: Vec<&BTreeSet<String>> = members.values().map(|work| &work.connectors).collect();
        let tasks_of: Vec<&BTreeSet<TaskId>> = members.values().map(|work| &work.tasks).collect();
        let (active_connectors, active_tasks) = (active(&connectors_of), active(&tasks_of));

        let mut previous = std::mem::take(&mut self.previous);
        let revoked = std::mem::take(&mut self.revoked);
        if self.generation != generations.last_completed {
            // Nobody knows who learned of the last distribution.
            previous = Work::default();
        }
        let is_active = revoked.connectors.iter().any(|item| active_connectors.binary_search(&item).is_ok())
            || revoked.tasks.iter().any(|item| active_tasks.binary_search(&item).is_ok());
        let (previous_connectors, previous_tasks) = if is_active {
            // The last revocation did not get through.
            (deduplicated(&active_connectors), deduplicated(&active_tasks))
        } else {
            (previous.connectors.iter().collect(), previous.tasks.iter().collect())
        };

        let mut connectors =
            Kind::new(&configured.connectors, &previous_connectors, &active_connectors, &connectors_of);
        let mut tasks = Kind::new(&configured.tasks, &previous_tasks, &active_tasks, &tasks_of);

        let nothing_lost = connectors.lost.is_empty() && tasks.lost.is_empty();
        let empty: Vec<bool> =
            connectors.loads.iter().zip(&tasks.loads).map(|(one, other)| one.len() + other.len() == 0).collect();
        let (mut new_connectors, mut new_tasks) = (connectors.created.clone(), tasks.created.clone());
        match self.handle_lost(nothing_lost, &names, &empty, now) {
            Lost::Waits => {}
            Lost::ToAnyone => {
                new_connectors.extend(&connectors.lost);
                new_tasks.extend(&tasks.lost);
            }
            Lost::To(places) => {
                new_connectors.extend(connectors.deal(&places));
                new_tasks.extend(tasks.deal(&places));
            }
        }
        if self.delay.is_zero() {
            self.balance(&mut connectors, &mut tasks, configured, now);
        } else {
            self.revoked_in_previous = false;
        }
        connectors.fill(&new_connectors);
        tasks.fill(&new_tasks);

        let shares: BTreeMap<String, Share> = members
            .keys()
            .zip(connectors.loads.iter().zip(&tasks.loads))
            .map(|(name, (connectors, tasks))| (name.clone(), share(connectors, tasks)))
            .collect();
        let (mut next, mut revoked) = (Work::default(), Work::default());
        for share in shares.values() {
            next.add(share.all.clone());
            revoked.add(share.revoked.clone());
        }
        next.connectors.extend(connectors.lost.iter().copied().cloned());
        next.tasks.extend(tasks.lost.iter().copied().cloned());
        self.previous = next;
        self.revoked = revoked;
        self.members = members.keys().cloned().collect();
        self.generation = generations.current;
        Distribution { shares, delay: self.delay }
    }

    /// Decides about work that nobody runs any more, and how long to wait.
    fn handle_lost(&mut self, nothing_lost: bool, names: &[&str], empty: &[bool], now: Instant) -> Lost {
        if nothing_lost && !self.revoked_in_previous {
            self.stop_waiting();
            return Lost::Waits;
        }
        let nobody_left = self.members.iter().all(|member| names.binary_search(&member.as_str()).is_ok());
        if (self.scheduled.is_none() && nobody_left) || self.max_delay.is_zero() {
            // Somebody did not learn of the last distribution, or departed workers are not waited for.
            return Lost::ToAnyone;
        }
        match self.scheduled {
            Some(scheduled) if now >= scheduled => {
                let places: Vec<usize> =
                    self.candidates.iter().filter_map(|name| names.binary_search(&name.as_str()).ok()).collect();
                self.stop_waiting();
                self.revoked_in_previous = false;
                if places.is_empty() { Lost::ToAnyone } else { Lost::To(places) }
            }
            scheduled => {
                for (name, _) in names.iter().zip(empty).filter(|(_, empty)| **empty) {
                    if !self.candidates.iter().any(|candidate| candidate == name) {
                        self.candidates.push((*name).to_owned());
                    }
                }
                self.delay = match scheduled {
                    Some(scheduled) => scheduled.saturating_duration_since(now).min(self.max_delay),
                    None => self.max_delay,
                };
                self.scheduled = now.checked_add(self.delay);
                Lost::Waits
            }
        }
    }

    /// Takes from those who have too much, unless that was done just before.
    fn balance(
        &mut self,
        connectors: &mut Kind<'_, String>,
        tasks: &mut Kind<'_, TaskId>,
        configured: &Work,
        now: Instant,
    ) {
        let is_idle =
            connectors.loads.iter().all(|load| load.len() == 0) && tasks.loads.iter().all(|load| load.len() == 0);
        let (too_many_connectors, too_many_tasks) = match is_idle || configured.is_empty() {
            true => (None, None),
            false => (connectors.excess(), tasks.excess()),
        };
        if too_many_connectors.is_none() && too_many_tasks.is_none() {
            if self.revoked_in_previous {
                self.revoked_in_previous = false;
                self.successive_revocations = 0;
            }
            return;
        }
        if self.revoked_in_previous {
            self.successive_revocations = self.successive_revocations.saturating_add(1);
            self.delay = self.pause();
            if !self.delay.is_zero() {
                self.scheduled = now.checked_add(self.delay);
                return;
            }
        }
        self.revoked_in_previous = true;
        connectors.revoke(&too_many_connectors.unwrap_or_default());
        tasks.revoke(&too_many_tasks.unwrap_or_default());
    }

    fn pause(&self) -> Duration {
        let growth = GROWTH.saturating_pow(self.successive_revocations);
        FIRST_PAUSE.saturating_mul(growth).min(self.max_delay)
    }

    fn stop_waiting(&mut self) {
        self.candidates.clear();
        self.scheduled = None;
        self.delay = Duration::ZERO;
    }
}

fn deduplicated<'a, T: PartialEq>(sorted: &[&'a T]) -> Vec<&'a T> {
    let mut items = sorted.to_vec();
    items.dedup();
    items
}

fn share(connectors: &Load<'_, String>, tasks: &Load<'_, TaskId>) -> Share {
    fn set<T: Ord + Clone>(items: &[&T]) -> BTreeSet<T> {
        items.iter().copied().cloned().collect()
    }
    let work = |connectors: &[&String], tasks: &[&TaskId]| Work { connectors: set(connectors), tasks: set(tasks) };
    let assigned = work(&connectors.assigned, &tasks.assigned);
    let mut all = work(&connectors.kept, &tasks.kept);
    all.add(assigned.clone());
    Share { assigned, revoked: work(&connectors.revoked, &tasks.revoked), all }
}
