//! The chain of transforms of a task: `transforms`, in the order of their aliases, each with its predicate.
//!
//! A chain works on a batch, link after link, because a transform in a sandbox costs a call: one for the whole
//! batch, not one a record. Each record keeps its slot, so that the outcome reads as if records had gone through
//! one by one: what comes first in the batch fails first.

mod build;
mod link;

use tokio::time::Instant;
use watertight_data::Record;

pub use build::ChainBuilder;
use link::Link;

use crate::counts::TaskCounts;
use crate::errors::{Pause, Policy, Problem};
use crate::failure::Failure;
use crate::task::TaskContext;

/// What has become of a record.
#[derive(Debug)]
pub enum Slot {
    /// On its way.
    Live(Record),
    /// A transform returned nothing for it.
    Dropped,
    /// It failed, and nothing was done to it since.
    Failed(Box<Problem>),
    /// The task was told to stop while it was tried again: neither done nor failed. It and what is behind it come again.
    Unfinished,
}

/// What a link or converter needs to try something again.
pub struct Attempts<'a> {
    /// For how long.
    pub policy: Policy,
    /// Where it is counted.
    pub counts: &'a TaskCounts,
    /// Whose task it is.
    pub context: &'a mut TaskContext,
}

/// One operation, tried again as the policy has it.
pub struct Trying {
    began: Instant,
    attempt: u32,
}

impl Trying {
    /// Before the first attempt.
    pub fn begin() -> Self {
        Self { began: Instant::now(), attempt: 1 }
    }

    /// Waits before so many records are tried again; see [`Policy::pause`].
    pub async fn again(&mut self, attempts: &mut Attempts<'_>, records: usize) -> Pause {
        let pause = attempts.policy.pause(self.attempt, self.began, attempts.context).await;
        if pause == Pause::Over {
            self.attempt += 1;
            attempts.counts.failures.many(records as u64);
            attempts.counts.retries.many(records as u64);
        }
        pause
    }
}

/// A task's transforms.
pub struct Chain {
    links: Vec<Link>,
}

impl Chain {
    /// Takes a batch through.
    pub async fn apply(&mut self, slots: &mut [Slot], attempts: &mut Attempts<'_>) -> Result<(), Failure> {
        if self.links.is_empty() {
            return Ok(());
        }
        let live = slots.iter().filter(|slot| matches!(slot, Slot::Live(_))).count();
        attempts.counts.transformed.many(live as u64);
        for link in &mut self.links {
            link.apply(slots, attempts).await?;
        }
        Ok(())
    }

    /// Lets the plugins among the links end.
    pub async fn close(&mut self) {
        for link in &mut self.links {
            link.close().await;
        }
    }
}
