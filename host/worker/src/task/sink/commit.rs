//! What may be committed: what the guest vouches for, and nothing beyond what it took.

use watertight_kafka::TopicPartition;
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::TopicOffset;

use super::{Running, UNRECOVERABLE, guest_partition};
use crate::errors::{Flushed, Settled};
use crate::failure::Failure;

impl Running {
    /// Asks the guest what may be committed and commits that, as far as it is news. While closing, a guest
    /// that fails is only logged.
    pub(super) async fn commit(&mut self, closing: bool) -> Result<(), Failure> {
        if self.next.is_empty() || self.guest.guest.is_gone() {
            return Ok(());
        }
        // Letters first: behind a committed offset nobody looks for the record again.
        if !self.letters_are_there().await? {
            return Ok(());
        }
        let offered: Vec<TopicOffset> = self
            .next
            .iter()
            .map(|(partition, &offset)| TopicOffset { origin: guest_partition(partition), offset, metadata: None })
            .collect();
        let report = match self.guest.pre_commit(&offered).await {
            Ok(report) => report,
            Err(error) if !self.guest.guest.is_gone() => {
                tracing::error!("pre-commit failed: {error}");
                return if closing { Ok(()) } else { self.rewind().await };
            }
            Err(error) if closing => {
                tracing::error!("pre-commit failed while closing: {error}");
                return Ok(());
            }
            Err(error) => return Err(Failure::caused(UNRECOVERABLE, error.trace())),
        };
        let more = !report.rejected.is_empty();
        for rejection in report.rejected {
            if self.reject(rejection).await? == Settled::Stopped {
                return Ok(());
            }
        }
        if more && !self.letters_are_there().await? {
            return Ok(());
        }
        let mut commit = Vec::new();
        for TopicOffset { origin, offset, metadata: _ } in report.offsets {
            let partition = TopicPartition::new(origin.topic, origin.partition);
            match self.next.get(&partition) {
                Some(&current) if offset > current => {
                    tracing::warn!(
                        "pre-commit named offset {offset} of {partition}, beyond the current {current}; it is ignored"
                    );
                }
                Some(_) if self.committed.get(&partition) == Some(&offset) => self.retained.forget(&partition, offset),
                Some(_) => commit.push((partition, offset)),
                None => tracing::warn!("pre-commit named {partition}, which is not assigned; it is ignored"),
            }
        }
        if commit.is_empty() {
            return Ok(());
        }
        tracing::debug!("Committing offsets: {commit:?}");
        match self.consumer.commit(&commit).await {
            Ok(()) => {
                for (partition, offset) in &commit {
                    self.retained.forget(partition, *offset);
                }
                self.committed.extend(commit);
            }
            Err(error) => tracing::error!("Commit of offsets failed; it is tried again with the next: {error}"),
        }
        Ok(())
    }

    /// Whether every bad record so far is in the dead letter queue. If not, the commit is put off.
    async fn letters_are_there(&mut self) -> Result<bool, Failure> {
        match self.run.errors.flush().await {
            Flushed::All => Ok(true),
            Flushed::Late(letters) => {
                tracing::warn!(
                    "{letters} letters to the dead letter queue are still on their way; offsets are committed later"
                );
                Ok(false)
            }
            Flushed::Lost(why) => Err(Failure::caused(
                UNRECOVERABLE,
                format!("a rejected record could not be written to the dead letter queue: {why}"),
            )),
        }
    }

    /// Back to what was committed last: the guest could not vouch for what it took since.
    pub(super) async fn rewind(&mut self) -> Result<(), Failure> {
        let back: Vec<(TopicPartition, i64)> = self.committed.iter().map(|(p, &o)| (p.clone(), o)).collect();
        let gone: Vec<TopicPartition> = back.iter().map(|(partition, _)| partition.clone()).collect();
        self.consumer.seek(&back).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
        self.let_go(&gone).await?;
        self.next.extend(back);
        Ok(())
    }
}
