//! The one who decides: joins the group, takes on what it is given, gives back what it is told to, and joins again when
//! something has changed.
//!
//! Whatever it waits for - other members, the end of the config topic, keepers that stop revoked work - it hears events
//! meanwhile, and notices when its place in the group is lost. Then all work is cut off, wherever it was.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior};
use watertight_kafka::{GroupEvent, GroupMember, Pulse};

use super::core::Core;
use super::elect::Election;
use super::hearing::Hearing;
use crate::distributed::config::ConnectProtocol;
use crate::distributed::protocol::Assignment;
use crate::failure::Failure;
use crate::health::StageGuard;

/// How often the group is told that the driver is alive: it has far longer to miss that.
const PULSE: Duration = Duration::from_millis(500);
/// One rebalance is often followed by another, when what was revoked has stopped. Members hear of that by the answer to
/// a heartbeat: these are sent so long after a rebalance, beside the usual ones.
const EXPECTANT: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(150), Duration::from_millis(400), Duration::from_secs(1)];
/// A worker that wants a rebalance waits for twice as long as the last one took, but no longer than this.
const CALM: Duration = Duration::from_secs(1);
/// How often catching up with the config topic is tried before all work is given up.
pub(super) const RETRIES: u32 = 5;
/// A line in the log about each attempt to join that came to nothing would be one every second.
pub(super) const COMPLAIN: Duration = Duration::from_secs(10);

/// Why what was being done is over.
pub(super) enum Break {
    /// The worker is to end.
    Closing,
    /// The place in the group is lost.
    Lost(String),
    /// There is no point in going on.
    Hopeless(Failure),
}

/// The group's member, and who decides for it.
pub(super) struct Driver {
    pub(super) core: Core,
    pub(super) member: GroupMember,
    pub(super) hearing: Hearing,
    pub(super) election: Election,
    /// What members spoke at last; what this worker wants to speak, before the first time.
    pub(super) protocol: ConnectProtocol,
    /// What the leader said last, except for what this worker runs.
    pub(super) assignment: Option<Assignment>,
    /// When the group is to share out work again that it has left lying for now.
    pub(super) scheduled: Option<Instant>,
    /// The group has said that it is being rebalanced.
    pub(super) called: bool,
    /// The end of the config topic could not be reached: before it is, joining would only be a nuisance.
    pub(super) unread: bool,
    /// How long the last rebalance took, from the first word to the last.
    took: Duration,
    pub(super) retries: u32,
    /// When the worker left the group because it could not read the config topic.
    pub(super) left: Option<Instant>,
    /// What is told to who waits while there is no membership.
    pub(super) joining: Option<StageGuard>,
    pub(super) pulse: Pulse,
    ticks: Interval,
    pub(super) complained: Option<Instant>,
}

impl Driver {
    pub(super) fn new(core: Core, member: GroupMember, hearing: Hearing) -> Self {
        let mut ticks = tokio::time::interval(PULSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            pulse: member.pulse(),
            election: Election::new(&core),
            protocol: core.config.protocol,
            assignment: None,
            scheduled: None,
            called: false,
            unread: false,
            took: Duration::ZERO,
            retries: RETRIES,
            left: None,
            joining: None,
            complained: None,
            core,
            member,
            hearing,
            ticks,
        }
    }

    /// Lives until the worker is to end, and ends everything.
    ///
    /// # Errors
    /// Why it ended by itself.
    pub(super) async fn run(mut self) -> Result<(), Failure> {
        let end = loop {
            match self.round().await {
                Ok(()) => {}
                Err(Break::Lost(why)) => match self.cut_off(&why).await {
                    Ok(()) => {}
                    Err(Break::Closing) => break Ok(()),
                    Err(Break::Hopeless(failure)) => break Err(failure),
                    Err(Break::Lost(_)) => {}
                },
                Err(Break::Closing) => break Ok(()),
                Err(Break::Hopeless(failure)) => {
                    tracing::error!("The worker cannot go on: {failure}");
                    break Err(failure);
                }
            }
        };
        self.end().await;
        end
    }

    /// One generation of the group, from before joining it until the next one is due.
    async fn round(&mut self) -> Result<(), Break> {
        while self.unread {
            self.unread = !self.read_to_end().await?;
        }
        if self.protocol == ConnectProtocol::Eager {
            let all = self.core.desk().work().clone();
            self.give_back(&all).await?;
        }
        let begun = Instant::now();
        let Some(membership) = self.join().await? else { return Ok(()) };
        let taken_on = self.settle(membership).await?;
        self.took = begun.elapsed();
        if taken_on {
            self.live().await?;
        }
        self.core.place.settle(false);
        Ok(())
    }

    /// Waits until joining again is due.
    async fn live(&mut self) -> Result<(), Break> {
        let begun = Instant::now();
        let mut beats = EXPECTANT.len();
        loop {
            let due = EXPECTANT.iter().rev().take(beats).filter(|after| begun.elapsed() >= **after).count();
            if due > 0 {
                beats -= due;
                self.pulse.beat();
            }
            if self.called {
                return Ok(());
            }
            let stale = self.core.desk().is_stale();
            // Who creates a thousand connectors must not have a thousand rebalances.
            let calm = begun + (self.took * 2).min(CALM);
            if stale && calm <= Instant::now() {
                return Ok(());
            }
            if self.scheduled.is_some_and(|at| at <= Instant::now()) {
                tracing::info!("the time to share out what was left lying has come");
                self.scheduled = None;
                return Ok(());
            }
            let wait = self.core.tend_session_key();
            let beat = EXPECTANT.iter().rev().take(beats).next_back().map(|after| begun + *after);
            let next = self.scheduled.into_iter().chain(beat).chain(stale.then_some(calm)).min();
            let wait = next.map_or(wait, |at| wait.min(at.saturating_duration_since(Instant::now())));
            self.attend(tokio::time::sleep(wait)).await?;
        }
    }

    /// Waits for something, and hears what happens meanwhile. Ends early, with nothing, where joining is due.
    pub(super) async fn attend<T>(&mut self, work: impl Future<Output = T>) -> Result<Option<T>, Break> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                event = self.member.event() => match event {
                    GroupEvent::Rebalance => {
                        self.called = true;
                        return Ok(None);
                    }
                    GroupEvent::Lost(why) | GroupEvent::Unreachable(why) => return Err(Break::Lost(why)),
                },
                event = self.hearing.next() => {
                    let Some(event) = event else { return Err(Break::Closing) };
                    self.hearing.hear(event);
                    if self.core.desk().is_stale() {
                        return Ok(None);
                    }
                }
                done = &mut work => return Ok(Some(done)),
                _ = self.ticks.tick() => self.pulse.touch(),
            }
        }
    }

    /// Waits for something that has to be waited for, and hears what happens meanwhile.
    pub(super) async fn await_in_full<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Break> {
        let mut work = pin!(work);
        loop {
            if let Some(done) = self.attend(&mut work).await? {
                return Ok(done);
            }
        }
    }
}
