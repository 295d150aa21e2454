//! A source task: poll -> transform -> convert -> produce -> acknowledge -> offsets. At least once: offsets are stored
//! only for records that the broker has acknowledged. Exactly once, where the worker supports it: see [`transaction`].

mod acks;
mod check;
mod flush;
mod pipeline;
mod send;
mod text;
pub mod transaction;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Ack, Admin, ProducerLease};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::exact;
use watertight_sandbox::limits::{Limits, key};
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::roles;
use watertight_sandbox::sql::SqlAccess;

use super::tracker::Tracker;
use super::{Order, TaskContext};
use crate::chain::Chain;
use crate::converters::Converters;
use crate::entities::{ConfigMap, State};
use crate::errors::ErrorHandler;
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};
use crate::offsets::OffsetStore;
use crate::topic_creation::TopicCreation;
use crate::topics_in_use::TopicsInUse;
use flush::Flush;
use transaction::{ExactlyOnce, Transactions};

/// How long a poll may take before the guest should come back, in milliseconds.
const POLL_MS: u32 = 1_000;
/// Pause after an empty poll of a guest that names none.
const IDLE: Duration = Duration::from_millis(10);
/// Between attempts at something that may work later.
const RETRY: Duration = Duration::from_millis(100);
/// Records on their way before the guest is asked for more.
const WINDOW: usize = 50_000;

/// Everything a source task needs.
pub struct SourceRun {
    /// Its code.
    pub plugin: Arc<Plugin>,
    /// Its class.
    pub class: PluginClass,
    /// Its settings.
    pub settings: ConfigMap,
    /// Those that its settings lead to.
    pub databases: Arc<dyn SqlAccess>,
    /// What instances get.
    pub host: Arc<GuestHost>,
    /// To bytes.
    pub converters: Converters,
    /// Its share of a producer.
    pub producer: ProducerLease,
    /// Where offsets go.
    pub offsets: Arc<dyn OffsetStore>,
    /// `offset.flush.interval.ms`
    pub flush_interval: Duration,
    /// `offset.flush.timeout.ms`
    pub flush_timeout: Duration,
    /// What reshapes records.
    pub chain: Chain,
    /// What becomes of bad ones.
    pub errors: ErrorHandler,
    /// For topics that do not exist yet.
    pub admin: Arc<Admin>,
    /// How the worker creates them, if it does.
    pub creation: Option<TopicCreation>,
    /// Where topics are noted.
    pub topics: TopicsInUse,
    /// How it writes exactly once, if it does.
    pub exactly_once: Option<ExactlyOnce>,
}

impl SourceRun {
    /// Runs until told to stop, or until it fails.
    pub async fn run(self, mut context: TaskContext) -> Result<(), Failure> {
        if !context.may_start().await {
            return Ok(());
        }
        let transactions = match &self.exactly_once {
            None => None,
            Some(exactly_once) => {
                if !exactly_once.prepare(&self.producer, &mut context).await? {
                    return Ok(());
                }
                let topic = self.offsets.records(&context.id.connector, &[]).map(|records| records.topic);
                Some(Transactions::new(exactly_once, topic.unwrap_or_default()))
            }
        };
        let config = config_for(&self.class, &self.settings);
        let (connector, task) = (&*context.id.connector, Some(context.id.task));
        let offsets = Some(Arc::clone(&self.offsets));
        let identity = Identity { connector, task, class: &self.class.name, offsets };
        let mut setup = self.host.setup(&identity, config.clone(), Arc::clone(&context.stopping))?;
        if let Some(exactly_once) = &self.exactly_once {
            setup.facts.insert("transaction.boundary".to_owned(), exactly_once.boundary.word().to_owned());
        }
        setup.secrets = self.host.secrets(&self.class, &self.settings);
        setup.sql = Some(Arc::clone(&self.databases));
        let mut guest = self.plugin.source_task(setup).await?;
        guest.start(&self.class.name, &config).await?;
        context.report(State::Running);
        tracing::info!("Source task {} finished initialization and start", context.id);
        let limits = Arc::clone(&self.host.limits);
        let wants_acknowledgements = self.class.has("acknowledge");
        let exact = self.class.has(exact::FEATURE);
        let mut task = Running {
            wants_acknowledgements,
            exact,
            run: self,
            guest,
            limits,
            tracker: Tracker::default(),
            acks: Vec::new(),
            ready_topics: HashSet::new(),
            last_topic: None,
            resets: 0,
            unproven: Vec::new(),
            sent: HashMap::new(),
            dropped: Vec::new(),
            transactions,
            flush: None,
        };
        let result = task.work(&mut context).await;
        let ended = task.finish(result.is_ok(), context.is_lost()).await;
        result.and(ended)
    }
}

struct Running {
    /// Its class has the feature `acknowledge`.
    wants_acknowledgements: bool,
    /// It has the feature `exact-to-2^53`: what it says beyond that may be rounded, and is not believed.
    exact: bool,
    run: SourceRun,
    guest: roles::SourceTask,
    limits: Arc<Limits>,
    tracker: Tracker,
    acks: Vec<Ack>,
    ready_topics: HashSet<Arc<str>>,
    /// Where the last record went, for the quick look.
    last_topic: Option<Arc<str>>,
    /// How often topics in use were forgotten, as far as this task knows.
    resets: u64,
    /// First records of topics, not acknowledged yet.
    unproven: Vec<(u64, Arc<str>)>,
    /// Topics of records on their way: only for guests that want acknowledgements.
    sent: HashMap<u64, Arc<str>>,
    /// Records that will not be sent, to be told to such guests.
    dropped: Vec<u64>,
    /// Where it writes exactly once.
    transactions: Option<Transactions>,
    /// Offsets on their way to the store.
    flush: Option<Flush>,
}

impl Running {
    async fn work(&mut self, context: &mut TaskContext) -> Result<(), Failure> {
        let max_records = self.limits.get(key::BATCH_RECORDS) as u32;
        let max_bytes = self.limits.get(key::BATCH_BYTES) as u32;
        let mut next_flush = Instant::now() + self.run.flush_interval;
        self.begin_anew();
        loop {
            match context.order() {
                Order::Stop => return Ok(()),
                Order::Pause => {
                    self.come_to_rest().await?;
                    context.report(State::Paused);
                    if context.while_paused().await == Order::Run {
                        context.report(State::Running);
                    }
                    self.begin_anew();
                    continue;
                }
                Order::Run => {}
            }
            self.collect().await?;
            self.look_at_the_clock().await?;
            self.look_at_flush().await;
            if Instant::now() >= next_flush {
                self.begin_flush().await;
                next_flush = Instant::now() + self.run.flush_interval;
            }
            if self.tracker.len() >= WINDOW {
                self.run.producer.make_room(RETRY).await;
                continue;
            }
            if self.tracker.is_crowded() && !self.follows_marks() {
                self.come_to_rest().await?;
                if self.tracker.is_crowded() {
                    context.rest(RETRY).await;
                    continue;
                }
            }
            let batch = match self.guest.poll(max_records, max_bytes, POLL_MS).await {
                Ok(batch) => batch,
                Err(error) if error.retriable() => {
                    tracing::warn!("poll failed and is tried again: {error}");
                    context.rest(error.retry_after().unwrap_or(RETRY)).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let pause = batch.wait_ms.map(Duration::from_millis);
            let empty = batch.records.is_empty();
            if !empty || !batch.marks.is_empty() {
                tracing::trace!("About to send {} records to Kafka", batch.records.len());
                if self.send_all(batch, context).await? && !empty {
                    self.batch_ended().await?;
                }
            }
            if let Some(pause) = pause.or(empty.then_some(IDLE)) {
                self.idle(pause, next_flush, context).await;
            }
        }
    }

    /// Waits as the guest asked, no longer than to the next flush, and serves acknowledgements meanwhile.
    async fn idle(&mut self, pause: Duration, next_flush: Instant, context: &mut TaskContext) {
        let until = (Instant::now() + pause).min(next_flush);
        let until = self.transactions.as_ref().and_then(Transactions::deadline).map_or(until, |due| until.min(due));
        while Instant::now() < until && context.order() != Order::Stop {
            let left = until.saturating_duration_since(Instant::now());
            let in_flight = self.run.producer.in_flight() > 0;
            tokio::select! {
                _ = context.orders.changed() => return,
                arrived = self.run.producer.wait(left), if in_flight => if arrived { return },
                () = tokio::time::sleep(left), if !in_flight => return,
                () = flush::ended(&mut self.flush) => self.look_at_flush().await,
            }
        }
    }

    async fn tell_committed(&mut self) {
        if self.run.class.has("committed")
            && !self.guest.guest.is_gone()
            && let Err(error) = self.guest.committed().await
        {
            tracing::warn!("the plugin failed in committed: {error}");
        }
    }

    /// The end: what is on its way may still arrive, then offsets, then the guest's own stop. Where somebody else may be
    /// running it already, it is over at once: older offsets than his must not be written.
    async fn finish(mut self, orderly: bool, lost: bool) -> Result<(), Failure> {
        // A transaction that has failed, or was never meant to end here, is none to commit.
        let rested = match (lost, orderly, &self.transactions) {
            (true, ..) | (false, false, Some(_)) => Ok(()),
            (false, true, _) | (false, false, None) => self.come_to_rest().await,
        };
        self.give_up_transaction().await;
        self.run.chain.close().await;
        self.run.converters.close().await;
        if !self.guest.guest.is_gone() {
            let stopped = self.guest.stop().await;
            if orderly && let Err(error) = stopped {
                tracing::warn!("the plugin failed in stop: {}", error.trace());
            }
        }
        if orderly { rested } else { Ok(()) }
    }
}
