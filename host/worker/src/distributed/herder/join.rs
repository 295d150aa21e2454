//! Joining the group: what this worker says of itself, and attempts until it is a member.

use std::pin::pin;

use tokio::time::Instant;
use watertight_kafka::{GroupError, Membership};

use super::driver::{Break, COMPLAIN, Driver};
use crate::distributed::protocol::{Assignment, Subscription};
use crate::failure::Failure;

impl Driver {
    /// Joins, or joins again; the place in the group. None where the driver has to look around before the next attempt.
    pub(super) async fn join(&mut self) -> Result<Option<Membership>, Break> {
        self.core.place.settle(false);
        self.called = false;
        let offers = self.offers().map_err(Break::Hopeless)?;
        let health = self.core.worker.health();
        self.joining.get_or_insert_with(|| health.stage("ensuring membership in the cluster"));
        let attempt = self.election.begin();
        let election = self.election.clone();
        let joined = {
            let mut joining = pin!(self.member.join(offers, |leadership| election.hold(leadership)));
            loop {
                tokio::select! {
                    biased;
                    event = self.hearing.next() => match event {
                        Some(event) => self.hearing.hear(event),
                        None => return Err(Break::Closing),
                    },
                    joined = &mut joining => break joined,
                }
            }
        };
        match joined {
            Ok(membership) => {
                self.election.complete(attempt);
                self.complained = None;
                self.joining = None;
                Ok(Some(membership))
            }
            Err(GroupError::Again(why)) => {
                self.complain(&why);
                Ok(None)
            }
            Err(GroupError::Lost(why)) => Err(Break::Lost(why)),
            Err(GroupError::Fatal(error)) => {
                let group = &self.core.config.group_id;
                Err(Break::Hopeless(Failure::new(format!("The worker cannot be a member of group {group}: {error}"))))
            }
        }
    }

    /// What this worker says of itself, in each protocol that it speaks.
    fn offers(&self) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let (work, offset) = (self.core.desk().work().clone(), self.core.configs.snapshot().offset);
        let last = self.assignment.as_ref();
        let offer = |version: i16| Subscription {
            version,
            url: self.core.url.clone(),
            config_offset: offset,
            allocation: last.map(|last| Assignment {
                assigned: work.clone(),
                revoked: Default::default(),
                ..last.clone()
            }),
        };
        let offers = self.core.config.protocol.offers();
        let encoded = offers.map(|protocol| Ok((protocol.name().to_owned(), offer(protocol.version()).encode()?)));
        encoded.collect::<Result<_, _>>().map_err(|error: crate::distributed::protocol::ProtocolError| {
            Failure::new(format!("What this worker runs cannot be told to its group: {error}"))
        })
    }

    /// Says now and then why there is no membership yet.
    fn complain(&mut self, why: &str) {
        let now = Instant::now();
        if self.complained.is_none_or(|last| now.duration_since(last) >= COMPLAIN) {
            self.complained = Some(now);
            tracing::info!("joining group {} again: {why}", self.core.config.group_id);
        } else {
            tracing::debug!("joining group {} again: {why}", self.core.config.group_id);
        }
    }
}
