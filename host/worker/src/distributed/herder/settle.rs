//! Taking on what the group gave: first what is revoked is stopped, then the config topic is read as far as the
//! assignment was made from, then what is new is started. What stays is not touched.

use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::Membership;

use super::driver::{Break, Driver, RETRIES};
use super::outcome::Outcome;
use super::standing::Standing;
use crate::distributed::config::ConnectProtocol;
use crate::distributed::protocol::{Assignment, Fault};
use crate::distributed::work::Work;

/// Before joining again where the leader could not share out work.
const AGAIN: Duration = Duration::from_millis(250);
/// Before joining again where the leader does not speak our language.
const STRANGE: Duration = Duration::from_secs(3);

impl Driver {
    /// Takes on an assignment. False: the group is to be joined again at once.
    pub(super) async fn settle(&mut self, membership: Membership) -> Result<bool, Break> {
        let leader = membership.is_leader();
        let protocol = ConnectProtocol::named(&membership.protocol);
        let read = Assignment::decode(&membership.assignment).map_err(|error| error.to_string());
        let (protocol, given) = match (protocol, read) {
            (Some(protocol), Ok(given)) => (protocol, given),
            (None, _) => return self.not_understood(format!("it is one of protocol {}", membership.protocol)).await,
            (_, Err(error)) => return self.not_understood(error).await,
        };
        tracing::info!(
            generation = membership.generation,
            leader,
            protocol = protocol.word(),
            connectors = given.assigned.connectors.len(),
            tasks = given.assigned.tasks.len(),
            revoked = given.revoked.connectors.len() + given.revoked.tasks.len(),
            delay = ?given.delay,
            "joined the group"
        );
        self.note_protocol(protocol);
        self.scheduled = (!given.delay.is_zero()).then(|| Instant::now() + given.delay);
        let Outcome { lost, work, again } = Outcome::of(self.core.desk().work(), &given, protocol);
        // What it says of its end is of the generation that it ran in: another's word of this one counts for more.
        self.give_back(&lost).await?;
        self.core.statuses.set_generation(membership.generation);
        self.core.desk().promise(work.clone());
        self.assignment = Some(given.clone());
        self.core.place.set(Some(Standing {
            protocol,
            leader,
            leader_url: given.leader_url.clone(),
            owners: self.election.owners(),
            settled: false,
        }));
        match leader {
            true => self.core.take_office(),
            false => self.core.leave_office(),
        }
        let behind = self.core.configs.snapshot().offset < given.config_offset;
        let failed = given.fault != Fault::None;
        if failed {
            tracing::warn!(
                "the group's leader could not share out work, because it had not read the config topic to its end"
            );
        }
        if (behind || (failed && leader)) && !self.read_to_end().await? {
            self.unread = true;
            return Ok(false);
        }
        if failed {
            self.rest(AGAIN).await?;
            return Ok(false);
        }
        self.take_on(work, given.config_offset);
        if again {
            return Ok(false);
        }
        let settled = !self.called && !self.core.desk().is_stale();
        self.core.place.settle(settled);
        if settled {
            self.core.worker.health().started();
        }
        Ok(true)
    }

    /// Whoever leads is not one of us. What he wants of this worker nobody knows: so it runs nothing.
    async fn not_understood(&mut self, why: String) -> Result<bool, Break> {
        let group = &self.core.config.group_id;
        let what = format!("the assignment that the leader of group {group} made cannot be understood: {why}");
        tracing::error!("{what}");
        self.rest(STRANGE).await?;
        Err(Break::Lost(what))
    }

    /// Starts what is new.
    fn take_on(&mut self, work: Work, offset: i64) {
        self.hearing.catch_up();
        let mut desk = self.core.desk();
        let touched = desk.take_on(work, offset);
        let _stage = self.core.worker.health().stage(format!(
            "starting {} connector(s) and task(s) after a rebalance",
            desk.work().connectors.len() + desk.work().tasks.len()
        ));
        self.core.push(&mut desk, touched.iter().map(String::as_str));
    }

    fn note_protocol(&mut self, protocol: ConnectProtocol) {
        let (before, now) = (self.protocol, protocol);
        self.protocol = protocol;
        let signed = |protocol: ConnectProtocol| protocol >= ConnectProtocol::Sessioned;
        match (signed(before), signed(now)) {
            (false, true) => tracing::info!("Internal request validation has been re-enabled"),
            (true, false) => tracing::warn!(
                "The protocol used by this Connect cluster has been downgraded from '{}' to '{}' and internal request \
                 validation is now disabled. This is most likely caused by a new worker joining the cluster with an older \
                 protocol specified for the connect.protocol configuration; if this is not intentional, either remove the \
                 connect.protocol configuration from that worker's config file, or change its value to 'sessioned'. If \
                 this configuration is left as-is, the cluster will be insecure",
                before.name(),
                now.name()
            ),
            (true, true) | (false, false) => {}
        }
    }

    /// Stops work and waits until it has stopped; keepers see to it that this does not take longer than it may.
    pub(super) async fn give_back(&mut self, revoked: &Work) -> Result<(), Break> {
        if revoked.is_empty() {
            return Ok(());
        }
        let stage = format!("stopping {} and {} tasks", revoked.connectors.len(), revoked.tasks.len());
        let _stage = self.core.worker.health().stage(stage);
        let affected = {
            let mut desk = self.core.desk();
            let touched = desk.give_back(revoked);
            self.core.push(&mut desk, touched.iter().map(String::as_str));
            touched.into_iter().collect::<Vec<_>>()
        };
        let keepers = self.core.keepers.clone();
        self.await_in_full(async { keepers.stopped(&affected).await }).await?;
        self.core.forget_topics_of_deleted(&affected);
        let core = self.core.clone();
        self.await_in_full(async move { core.flush_statuses().await }).await
    }

    /// Reads the config topic to its end. If that takes too long, the worker leaves the group for a while, and in the
    /// end gives up what it runs: it may be long somebody else's. False: it was not reached.
    pub(super) async fn read_to_end(&mut self) -> Result<bool, Break> {
        let core = self.core.clone();
        let refreshed = {
            let _stage = core.worker.health().stage("reading to the end of the config topic");
            self.await_in_full(core.configs.refresh(core.config.sync_timeout)).await?
        };
        match refreshed {
            Ok(()) => {
                self.retries = RETRIES;
                self.left = None;
                return Ok(true);
            }
            Err(error) => tracing::warn!("Didn't reach end of config log quickly enough: {error}"),
        }
        core.place.set(None);
        self.member.leave("taking too long to read the log").await;
        if self.protocol == ConnectProtocol::Eager {
            // Nothing runs here.
            self.rest(core.config.unsync_backoff).await?;
            return Ok(false);
        }
        // The others leave this worker's work lying for so long, and no longer.
        let patience = core.config.max_delay;
        let left = *self.left.get_or_insert_with(Instant::now);
        let pause = patience / 10 / self.retries.max(1);
        if self.retries > 0 && left.elapsed() + pause + core.config.sync_timeout < patience {
            self.retries -= 1;
            self.rest(pause).await?;
        } else {
            let all = core.desk().work().clone();
            if !all.is_empty() {
                tracing::warn!(
                    "Revoking current running assignment because after {} retries the worker has not caught up with the \
                     latest Connect cluster updates",
                    RETRIES - self.retries
                );
                self.give_back(&all).await?;
            }
            self.retries = RETRIES;
            self.rest(AGAIN).await?;
        }
        Ok(false)
    }

    async fn rest(&mut self, pause: Duration) -> Result<(), Break> {
        let _stage =
            self.core.worker.health().stage(format!("sleeping for a backoff duration of {}ms", pause.as_millis()));
        self.await_in_full(tokio::time::sleep(pause)).await
    }

    /// Everything is stopped, and nothing more of it may reach Kafka: somebody else may be about to run it.
    pub(super) async fn cut_off(&mut self, why: &str) -> Result<(), Break> {
        tracing::warn!("Giving up all work, because the place in the group is lost: {why}");
        self.core.place.set(None);
        self.election.forget();
        self.assignment = None;
        self.scheduled = None;
        {
            let mut desk = self.core.desk();
            desk.give_back_all();
            self.core.keepers.cut_off_all(why);
        }
        self.core.statuses.drop_pending();
        let keepers = self.core.keepers.clone();
        self.await_in_full(async { keepers.stop_all().await }).await
    }

    /// The end of the worker: all work is stopped, the states say so, and the group knows at once.
    pub(super) async fn end(mut self) {
        self.core.place.set(None);
        let _stage = self.core.worker.health().stage("shutting down");
        tracing::info!("Stopping connectors and tasks that are still assigned to this worker.");
        self.core.desk().give_back_all();
        self.core.keepers.stop_all().await;
        self.core.flush_statuses().await;
        self.member.leave("the worker is shutting down").await;
    }
}
