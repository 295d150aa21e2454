//! What may be committed: what the guest vouches for, and nothing beyond what it took.

use watertight_kafka::TopicPartition;
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::TopicOffset;

use super::{Running, UNRECOVERABLE, guest_partition};
use crate::failure::Failure;

impl Running {
    /// Asks the guest what may be committed and commits that, as far as it is news. While closing, a guest
    /// that fails is only logged.
    pub(super) async fn commit(&mut self, closing: bool) -> Result<(), Failure> {
        if self.next.is_empty() || self.guest.guest.is_gone() {
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
        for rejection in report.rejected {
            self.reject(rejection).await?;
        }
        // Letters first: behind a committed offset nobody looks for the record again.
        self.run.errors.flush().await;
        let mut commit = Vec::new();
        for TopicOffset { origin, offset, metadata: _ } in report.offsets {
            let partition = TopicPartition::new(origin.topic, origin.partition);
            match self.next.get(&partition) {
                Some(&current) if offset > current => {
                    tracing::warn!(
                        "pre-commit named offset {offset} of {partition}, beyond the current {current}; it is ignored"
                    );
                }
                Some(_) if self.committed.get(&partition) == Some(&offset) => {}
                Some(_) => commit.push((partition, offset)),
                None => tracing::warn!("pre-commit named {partition}, which is not assigned; it is ignored"),
            }
        }
        if commit.is_empty() {
            return Ok(());
        }
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

    /// Back to what was committed last: the guest could not vouch for what it took since.
    pub(super) async fn rewind(&mut self) -> Result<(), Failure> {
        let back: Vec<(TopicPartition, i64)> = self.committed.iter().map(|(p, &o)| (p.clone(), o)).collect();
        let unknown: Vec<TopicPartition> =
            self.next.keys().filter(|p| !self.committed.contains_key(*p)).cloned().collect();
        let mut back = back;
        if !unknown.is_empty() {
            back.extend(
                self.run.admin.start_offsets(&unknown).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?,
            );
        }
        self.pending = None;
        self.skipped.clear();
        self.retained.clear();
        self.release().await?;
        self.consumer.seek(&back).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
        self.next.extend(back);
        Ok(())
    }
}
