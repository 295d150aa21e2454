//! A sink task: consume -> convert -> transform -> put -> pre-commit -> commit. Offsets are explicit from the first record
//! to the last commit: what is committed is what the guest said it has, never what the consumer has read.

mod assign;
mod commit;
mod convert;
mod put;
mod retained;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Admin, ClientSettings, Event, SinkConsumer, TopicPartition};
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::SinkBatch;
use watertight_sandbox::bindings::watertight::types::data::TopicPartition as GuestPartition;
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::lower::Options;
use watertight_sandbox::roles;
use watertight_sandbox::sql::SqlAccess;

use super::{Order, TaskContext};
use crate::chain::Chain;
use crate::converters::Converters;
use crate::entities::{ConfigMap, State};
use crate::errors::ErrorHandler;
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};
use crate::topics::Topics;
use crate::topics_in_use::TopicsInUse;
use convert::append;
use retained::Retained;

/// Between attempts at something that may work later.
const RETRY: Duration = Duration::from_millis(100);
/// Longest wait for records before orders and timers are looked at again.
const POLL: Duration = Duration::from_millis(500);
/// Between looks for topics that do not exist yet.
const LOOK: Duration = Duration::from_secs(2);
/// What closing the consumer may take.
const CLOSE: Duration = Duration::from_secs(3);
/// What Java's `KafkaException` chain says in front.
const UNRECOVERABLE: &str = "Exiting WorkerSinkTask due to unrecoverable exception.";

/// Everything a sink task needs.
pub struct SinkRun {
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
    /// From bytes.
    pub converters: Converters,
    /// Of its consumer.
    pub consumer: ClientSettings,
    /// What it reads.
    pub topics: Topics,
    /// For starting places and patterns.
    pub admin: Arc<Admin>,
    /// `offset.flush.interval.ms`
    pub commit_interval: Duration,
    /// `max.poll.records`
    pub max_records: usize,
    /// What reshapes records.
    pub chain: Chain,
    /// What becomes of bad ones.
    pub errors: ErrorHandler,
    /// Where topics are noted.
    pub in_use: TopicsInUse,
}

impl SinkRun {
    /// Runs until told to stop, or until it fails.
    pub async fn run(self, mut context: TaskContext) -> Result<(), Failure> {
        if !context.may_start().await {
            return Ok(());
        }
        let names = self.topics.names(&self.admin).await.map_err(Failure::new)?;
        let creates = self.consumer.get("allow.auto.create.topics") != Some("false");
        let absent = self.topics.absent(&self.admin, creates).await;
        let consumer = SinkConsumer::subscribe(&self.consumer, &names)
            .await
            .map_err(|error| Failure::caused("Failed to create the consumer", error))?;
        let config = config_for(&self.class, &self.settings);
        let (connector, task) = (&*context.id.connector, Some(context.id.task));
        let identity = Identity { connector, task, class: &self.class.name, offsets: None };
        let started = async {
            let mut setup = self.host.setup(&identity, config.clone(), Arc::clone(&context.stopping))?;
            setup.secrets = self.host.secrets(&self.class, &self.settings);
            setup.sql = Some(Arc::clone(&self.databases));
            setup.facts.insert("errors.reporter".into(), self.errors.has_reporter().to_string());
            let mut guest = self.plugin.sink_task(setup).await?;
            guest.start(&self.class.name, &config).await?;
            Ok::<_, Failure>(guest)
        };
        let guest = match started.await {
            Ok(guest) => guest,
            Err(failure) => {
                consumer.close(CLOSE).await;
                return Err(failure);
            }
        };
        context.report(State::Running);
        tracing::info!("Sink task {} finished initialization and start", context.id);
        let options = Options::of(&self.class);
        let mut task = Running {
            options,
            run: self,
            guest,
            consumer,
            next: HashMap::new(),
            committed: HashMap::new(),
            pending: None,
            names,
            absent,
            call_by: None,
            skipped: HashMap::new(),
            retained: Retained::default(),
            noted: (None, 0),
            holding: false,
            paused: false,
            guest_paused: HashSet::new(),
            doom: None,
        };
        let result = task.work(&mut context).await;
        task.finish().await;
        result
    }
}

struct Running {
    /// What its class says of the data it is handed.
    options: Options,
    run: SinkRun,
    guest: roles::SinkTask,
    consumer: SinkConsumer,
    /// Next offset to read of each assigned partition: what the guest has taken.
    next: HashMap<TopicPartition, i64>,
    committed: HashMap<TopicPartition, i64>,
    /// Records the guest did not take yet, and when to offer them again.
    pending: Option<(SinkBatch, Instant)>,
    names: Vec<String>,
    /// Topics that do not exist yet: librdkafka itself would look again only after minutes.
    absent: Vec<String>,
    /// The guest wants a call by then, records or not.
    call_by: Option<Instant>,
    /// Records that the guest never sees (dropped, or bad and tolerated): where to go on behind the last of each
    /// partition.
    skipped: HashMap<TopicPartition, i64>,
    /// Records that the guest may still reject.
    retained: Retained,
    /// The topic noted last as in use, and when the notes were last emptied.
    noted: (Option<Arc<str>>, u64),
    /// Partitions are paused because of `pending`.
    holding: bool,
    /// Partitions are paused because the connector is.
    paused: bool,
    /// Partitions that the guest wants paused.
    guest_paused: HashSet<TopicPartition>,
    /// A failure met where it could not end the task at once.
    doom: Option<Failure>,
}

impl Running {
    async fn work(&mut self, context: &mut TaskContext) -> Result<(), Failure> {
        let mut next_commit = Instant::now() + self.run.commit_interval;
        let mut next_look = Instant::now() + self.next_look();
        loop {
            if let Some(failure) = self.doom.take() {
                return Err(failure);
            }
            match context.order() {
                Order::Stop => return Ok(()),
                Order::Pause if !self.paused => {
                    self.paused = true;
                    self.pause_all().await?;
                    self.commit(false).await?;
                    context.report(State::Paused);
                }
                Order::Run if self.paused => {
                    self.paused = false;
                    self.resume_all().await?;
                    context.report(State::Running);
                }
                Order::Pause | Order::Run => {}
            }
            let requested = std::mem::take(&mut self.guest.guest.state_mut().sink.commit);
            if Instant::now() >= next_commit || requested || self.retained.wants_commit() {
                self.commit(false).await?;
                next_commit = Instant::now() + self.run.commit_interval;
            }
            if Instant::now() >= next_look {
                self.look_for_topics().await?;
                next_look = Instant::now() + self.next_look();
            }
            if !self.paused && self.redeliver().await? {
                continue;
            }
            self.carry_out_requests().await?;
            let event = tokio::select! {
                _ = context.orders.changed() => continue,
                event = self.consumer.next(self.run.max_records, self.patience(next_commit)) => event,
            };
            self.take_event(event, context).await?;
        }
    }

    /// How long records may be waited for.
    fn patience(&self, next_commit: Instant) -> Duration {
        let mut until = (Instant::now() + POLL).min(next_commit);
        if let Some((_, at)) = &self.pending {
            until = until.min(*at);
        }
        if let Some(at) = self.call_by {
            until = until.min(at);
        }
        until.saturating_duration_since(Instant::now())
    }

    async fn take_event(&mut self, event: Event, context: &mut TaskContext) -> Result<(), Failure> {
        match event {
            Event::Records(records) => {
                let batch = self.convert(records, context).await?;
                match &mut self.pending {
                    // Came out of the consumer's buffer although nothing should: keep the order.
                    Some((pending, _)) => append(pending, batch),
                    None => self.put(batch).await?,
                }
            }
            Event::Assigned(partitions) => self.open(partitions).await?,
            Event::Revoked { partitions, lost } => self.close(&partitions, lost).await?,
            Event::Idle => {
                let due = self.call_by.is_some_and(|at| Instant::now() >= at);
                if (due || self.run.class.has("idle-put")) && self.pending.is_none() && !self.paused {
                    self.put(SinkBatch { topics: Vec::new(), origins: Vec::new(), records: Vec::new() }).await?;
                }
            }
            Event::Warning(text) => tracing::warn!("{text}"),
            Event::Failed(error) => return Err(Failure::caused(UNRECOVERABLE, error)),
        }
        Ok(())
    }

    async fn pause_all(&mut self) -> Result<(), Failure> {
        let all: Vec<TopicPartition> = self.next.keys().cloned().collect();
        self.consumer.pause(&all).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))
    }

    /// Fetches again, as far as nobody wants otherwise: neither the connector's state, nor records that are held,
    /// nor the guest.
    async fn resume_all(&mut self) -> Result<(), Failure> {
        if self.paused || self.holding {
            return Ok(());
        }
        let wanted = self.next.keys().filter(|partition| !self.guest_paused.contains(*partition));
        let wanted: Vec<TopicPartition> = wanted.cloned().collect();
        self.consumer.resume(&wanted).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))
    }

    /// Lets go of what was read of these partitions and is not the guest's yet: it is read again, or by another task.
    async fn let_go(&mut self, gone: &[TopicPartition]) -> Result<(), Failure> {
        let mut empty = false;
        if let Some((batch, _)) = &mut self.pending {
            let of = |place: &GuestPartition| {
                gone.iter().any(|gone| gone.topic == place.topic && gone.partition == place.partition)
            };
            let origins: Vec<bool> = batch.origins.iter().map(of).collect();
            batch.records.retain(|record| !origins.get(record.origin as usize).copied().unwrap_or(false));
            empty = batch.records.is_empty();
        }
        for partition in gone {
            self.skipped.remove(partition);
            self.retained.forget_all(partition);
        }
        if empty {
            self.pending = None;
            self.pass_over_skipped();
            self.release().await?;
        }
        Ok(())
    }

    /// Seeks and pauses that the guest asked for during its last call.
    async fn carry_out_requests(&mut self) -> Result<(), Failure> {
        let failed = |error: watertight_kafka::KafkaError| Failure::caused(UNRECOVERABLE, error);
        let requests = &mut self.guest.guest.state_mut().sink;
        let (seek, pause, resume) = (
            std::mem::take(&mut requests.seek),
            std::mem::take(&mut requests.pause),
            std::mem::take(&mut requests.resume),
        );
        let ours = |tp: GuestPartition| TopicPartition::new(tp.topic, tp.partition);
        let list: Vec<(TopicPartition, i64)> = seek
            .into_iter()
            .map(|(tp, offset)| (ours(tp), offset))
            .filter(|(partition, _)| self.next.contains_key(partition))
            .collect();
        if !list.is_empty() {
            self.consumer.seek(&list).await.map_err(failed)?;
            let gone: Vec<TopicPartition> = list.iter().map(|(partition, _)| partition.clone()).collect();
            self.let_go(&gone).await?;
            self.next.extend(list.iter().cloned());
            // Where a failed pre-commit goes back to, as in Kafka's worker.
            self.committed.extend(list);
        }
        if !pause.is_empty() {
            let list: Vec<TopicPartition> = pause.into_iter().map(ours).collect();
            self.consumer.pause(&list).await.map_err(failed)?;
            self.guest_paused.extend(list);
        }
        if !resume.is_empty() {
            for partition in resume.into_iter().map(ours) {
                self.guest_paused.remove(&partition);
            }
            self.resume_all().await?;
        }
        Ok(())
    }

    /// Commit, close, stop, leave: in this order.
    async fn finish(mut self) {
        let partitions: Vec<TopicPartition> = self.next.keys().cloned().collect();
        // Also behind a failure, as far as the guest still answers: what it vouches for need not come again.
        if let Err(failure) = self.commit(true).await {
            tracing::error!("offsets could not be committed at the end: {failure}");
        }
        self.run.chain.close().await;
        self.run.converters.close().await;
        if !self.guest.guest.is_gone() {
            let list: Vec<GuestPartition> = partitions.iter().map(guest_partition).collect();
            if !list.is_empty()
                && let Err(error) = self.guest.close(&list, false).await
            {
                tracing::warn!("the plugin failed in close: {}", error.trace());
            }
            if !self.guest.guest.is_gone()
                && let Err(error) = self.guest.stop().await
            {
                tracing::warn!("the plugin failed in stop: {}", error.trace());
            }
        }
        self.consumer.close(CLOSE).await;
    }
}

fn guest_partition(partition: &TopicPartition) -> GuestPartition {
    GuestPartition { topic: partition.topic.clone(), partition: partition.partition }
}
