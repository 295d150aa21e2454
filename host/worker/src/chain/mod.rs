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
}

/// Why a batch did not get through.
#[derive(Debug)]
pub enum Interrupted {
    /// The task was told to stop while something was tried again. Nothing of the batch counts as done.
    Stopped,
    /// The task is at its end.
    Failed(Failure),
}

impl From<Failure> for Interrupted {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
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

impl Attempts<'_> {
    /// Waits before another attempt; see [`Policy::pause`].
    pub async fn again(&mut self, attempt: u32, began: Instant) -> Pause {
        self.policy.pause(attempt, began, self.counts, self.context).await
    }
}

/// A task's transforms.
pub struct Chain {
    links: Vec<Link>,
}

impl Chain {
    /// Whether every record stays as it is.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Takes a batch through.
    pub async fn apply(&mut self, slots: &mut [Slot], attempts: &mut Attempts<'_>) -> Result<(), Interrupted> {
        if self.links.is_empty() {
            return Ok(());
        }
        attempts.counts.transformed.many(slots.len() as u64);
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
