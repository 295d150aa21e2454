//! A sink task: consume -> convert -> put -> pre-commit -> commit. Offsets are explicit from the first record
//! to the last commit: what is committed is what the guest said it has, never what the consumer has read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_kafka::{Admin, ClientSettings, Event, InRecord, SinkConsumer, TimestampType, TopicPartition};
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::{
    self as wit, SinkBatch, SinkRecord, TopicOffset,
};
use watertight_sandbox::bindings::watertight::types::data::{Header, Message, TopicPartition as GuestPartition};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::error::{Call, GuestError};
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::{lower, roles};

use super::{Order, TaskContext};
use crate::converters::Converters;
use crate::entities::{ConfigMap, State};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};
use crate::topics::Topics;

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
    /// `errors.tolerance=all`
    pub tolerant: bool,
}

impl SinkRun {
    /// Runs until told to stop, or until it fails.
    pub async fn run(self, mut context: TaskContext) -> Result<(), Failure> {
        if context.order() == Order::Pause {
            context.report(State::Paused);
            if context.while_paused().await == Order::Stop {
                return Ok(());
            }
        }
        let names = self.topics.names(&self.admin).await.map_err(Failure::new)?;
        let creates = self.consumer.get("allow.auto.create.topics") != Some("false");
        let absent = self.topics.absent(&self.admin, creates).await;
        let consumer = SinkConsumer::subscribe(&self.consumer, &names)
            .await
            .map_err(|error| Failure::caused("Failed to create the consumer", error))?;
        let config = config_for(&self.class, &self.settings);
        let identity = Identity { connector: &context.id.connector, task: Some(context.id.task), reads_offsets: false };
        let started = async {
            let setup = self.host.setup(&identity, config.clone(), Arc::clone(&context.stopping))?;
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
        let mut task = Running {
            run: self,
            guest,
            consumer,
            next: HashMap::new(),
            committed: HashMap::new(),
            pending: None,
            names,
            absent,
            call_by: None,
            holding: false,
        };
        let result = task.work(&mut context).await;
        task.finish(result.is_ok()).await;
        result
    }
}

struct Running {
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
    /// Partitions are paused because of `pending`.
    holding: bool,
}

impl Running {
    async fn work(&mut self, context: &mut TaskContext) -> Result<(), Failure> {
        let mut next_commit = Instant::now() + self.run.commit_interval;
        let mut next_look = Instant::now() + self.next_look();
        let mut paused = false;
        loop {
            match context.order() {
                Order::Stop => return Ok(()),
                Order::Pause if !paused => {
                    self.pause_all(true).await?;
                    self.commit(false).await?;
                    context.report(State::Paused);
                    paused = true;
                }
                Order::Run if paused => {
                    if !self.holding {
                        self.pause_all(false).await?;
                    }
                    context.report(State::Running);
                    paused = false;
                }
                Order::Pause | Order::Run => {}
            }
            let requested = std::mem::take(&mut self.guest.guest.state_mut().sink.commit);
            if Instant::now() >= next_commit || requested {
                self.commit(false).await?;
                next_commit = Instant::now() + self.run.commit_interval;
            }
            if Instant::now() >= next_look {
                self.look_for_topics().await?;
                next_look = Instant::now() + self.next_look();
            }
            if !paused && self.redeliver().await? {
                continue;
            }
            self.carry_out_requests().await?;
            let event = tokio::select! {
                _ = context.orders.changed() => continue,
                event = self.consumer.next(self.run.max_records, self.patience(next_commit)) => event,
            };
            self.take_event(event, paused).await?;
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

    async fn take_event(&mut self, event: Event, paused: bool) -> Result<(), Failure> {
        match event {
            Event::Records(records) => {
                let batch = self.convert(records)?;
                match &mut self.pending {
                    // Came out of the consumer's buffer although nothing should: keep the order.
                    Some((pending, _)) => append(pending, batch),
                    None => self.put(batch).await?,
                }
            }
            Event::Assigned(partitions) => self.open(partitions, paused).await?,
            Event::Revoked { partitions, lost } => self.close(&partitions, lost).await?,
            Event::Idle => {
                let due = self.call_by.is_some_and(|at| Instant::now() >= at);
                if (due || self.run.class.has("idle-put")) && self.pending.is_none() && !paused {
                    self.put(SinkBatch { topics: Vec::new(), origins: Vec::new(), records: Vec::new() }).await?;
                }
            }
            Event::Warning(text) => tracing::warn!("{text}"),
            Event::Failed(error) => return Err(Failure::caused(UNRECOVERABLE, error)),
        }
        Ok(())
    }

    /// New partitions: where to start is decided here and told to the consumer, not the other way round.
    async fn open(&mut self, partitions: Vec<TopicPartition>, paused: bool) -> Result<(), Failure> {
        let failed = |error: watertight_kafka::KafkaError| Failure::caused(UNRECOVERABLE, error);
        let committed = self.consumer.committed(&partitions).await.map_err(failed)?;
        let mut fresh = Vec::new();
        let mut starts: Vec<(TopicPartition, i64)> = Vec::new();
        for (partition, offset) in partitions.iter().zip(committed) {
            match offset {
                Some(offset) => {
                    self.committed.insert(partition.clone(), offset);
                    starts.push((partition.clone(), offset));
                }
                None => fresh.push(partition.clone()),
            }
        }
        if !fresh.is_empty() && self.run.consumer.get("auto.offset.reset") == Some("error") {
            let list = fresh.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Failure::caused(
                UNRECOVERABLE,
                format!(
                    "org.apache.kafka.clients.consumer.NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [{list}]"
                ),
            ));
        }
        if !fresh.is_empty() {
            let places = if self.run.consumer.starts_at_beginning() {
                self.run.admin.start_offsets(&fresh).await
            } else {
                self.run.admin.end_offsets(&fresh).await
            };
            starts.extend(places.map_err(|error| Failure::caused(UNRECOVERABLE, error))?);
        }
        for (partition, offset) in &starts {
            self.next.insert(partition.clone(), *offset);
        }
        self.guest.guest.state_mut().sink.assignment = self.next.keys().map(guest_partition).collect();
        if !partitions.is_empty() {
            let list: Vec<GuestPartition> = partitions.iter().map(guest_partition).collect();
            self.guest.open(&list).await.map_err(|error| Failure::caused(UNRECOVERABLE, error.trace()))?;
        }
        let seeks = std::mem::take(&mut self.guest.guest.state_mut().sink.seek);
        for (wanted, offset) in seeks {
            let wanted = TopicPartition::new(wanted.topic, wanted.partition);
            if let Some(start) = starts.iter_mut().find(|(partition, _)| *partition == wanted) {
                start.1 = offset;
                self.next.insert(wanted, offset);
            }
        }
        tracing::info!("assigned: {}", partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        self.consumer.assign(&starts).await.map_err(failed)?;
        if paused || self.holding {
            self.consumer.pause(&partitions).await.map_err(failed)?;
        }
        Ok(())
    }

    /// Partitions that go: committed while they are still ours, then closed.
    async fn close(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<(), Failure> {
        if !lost && let Err(failure) = self.commit(true).await {
            tracing::error!("offsets could not be committed before partitions were given up: {failure}");
        }
        self.pending = None;
        self.holding = false;
        if !partitions.is_empty() && !self.guest.guest.is_gone() {
            let list: Vec<GuestPartition> = partitions.iter().map(guest_partition).collect();
            self.guest.close(&list, lost).await.map_err(|error| Failure::caused(UNRECOVERABLE, error.trace()))?;
        }
        for partition in partitions {
            self.next.remove(partition);
            self.committed.remove(partition);
        }
        self.guest.guest.state_mut().sink.assignment = self.next.keys().map(guest_partition).collect();
        self.consumer.unassign(partitions).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))
    }

    fn convert(&mut self, records: Vec<InRecord>) -> Result<SinkBatch, Failure> {
        let mut batch =
            SinkBatch { topics: Vec::new(), origins: Vec::new(), records: Vec::with_capacity(records.len()) };
        let mut last: Option<(Arc<str>, i32, u32, u32)> = None;
        for record in records {
            let (topic, origin) = match &last {
                Some((name, partition, topic, origin))
                    if *partition == record.partition && Arc::ptr_eq(name, &record.topic) =>
                {
                    (*topic, *origin)
                }
                Some(_) | None => {
                    let topic = index_of(&mut batch.topics, record.topic.to_string());
                    let place = GuestPartition { topic: record.topic.to_string(), partition: record.partition };
                    let origin = index_of(&mut batch.origins, place);
                    last = Some((Arc::clone(&record.topic), record.partition, topic, origin));
                    (topic, origin)
                }
            };
            let (name, partition, offset) = (Arc::clone(&record.topic), record.partition, record.offset);
            match self.convert_one(record, topic, origin) {
                Ok(converted) => batch.records.push(converted),
                Err(failure) if self.run.tolerant => {
                    tracing::warn!("record {name}-{partition}@{offset} is skipped (errors.tolerance=all): {failure}");
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(batch)
    }

    fn convert_one(&mut self, record: InRecord, topic: u32, origin: u32) -> Result<SinkRecord, Failure> {
        let InRecord { topic: name, partition, offset, timestamp, timestamp_type, key, value, headers } = record;
        let failed = |stage: &str, error: &dyn std::fmt::Display| {
            Failure::caused(
                "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler",
                format!("{stage} of the record at {name}-{partition}, offset {offset}: {error}"),
            )
        };
        let json = self.run.class.has("json");
        let converters = &self.run.converters;
        let table = &mut self.guest.guest.state_mut().schemas;
        let key = converters.key.to_connect(&name, key.as_deref()).map_err(|error| failed("KEY_CONVERTER", &error))?;
        let key = lower::datum(key, table, json).map_err(|error| failed("KEY_CONVERTER", &error))?;
        let value =
            converters.value.to_connect(&name, value.as_deref()).map_err(|error| failed("VALUE_CONVERTER", &error))?;
        let value = lower::datum(value, table, json).map_err(|error| failed("VALUE_CONVERTER", &error))?;
        let mut list = Vec::with_capacity(headers.len());
        for (header, bytes) in headers {
            let value = converters
                .header
                .to_connect_header(&name, &header, bytes.as_deref())
                .map_err(|error| failed("HEADER_CONVERTER", &error))?;
            let value = lower::datum(value, table, json).map_err(|error| failed("HEADER_CONVERTER", &error))?;
            list.push(Header { name: header, value });
        }
        let timestamp_type = match timestamp_type {
            TimestampType::NoTimestampType => wit::TimestampType::Absent,
            TimestampType::CreateTime => wit::TimestampType::CreateTime,
            TimestampType::LogAppendTime => wit::TimestampType::LogAppendTime,
        };
        let message = Message { topic, partition: Some(partition), key, value, headers: list, timestamp };
        Ok(SinkRecord { message, timestamp_type, origin, offset })
    }

    /// Offers records again that were not taken. True: something was done.
    async fn redeliver(&mut self) -> Result<bool, Failure> {
        match self.pending.take() {
            Some((batch, at)) if Instant::now() >= at => {
                self.put(batch).await?;
                Ok(true)
            }
            still => {
                self.pending = still;
                Ok(false)
            }
        }
    }

    async fn put(&mut self, mut batch: SinkBatch) -> Result<(), Failure> {
        self.call_by = None;
        let report = match self.guest.put(&batch).await {
            Ok(report) => report,
            Err(error) if error.retriable() => {
                tracing::warn!("put failed and is tried again: {error}");
                return self.hold(batch, wait_of(&error)).await;
            }
            Err(error) => return Err(Failure::caused(UNRECOVERABLE, error.trace())),
        };
        let wit::PutReport { taken, held, rejected, call_within_ms } = report;
        if taken as usize > batch.records.len() {
            let what = format!("it took {taken} records of {}", batch.records.len());
            return Err(Failure::caused(UNRECOVERABLE, self.guest.guest.condemn(Call::Put, what)));
        }
        if let Some(rejection) = rejected.into_iter().next() {
            let wit::Rejection { origin, offset, cause } = rejection;
            let place = format!("the record at {}-{}, offset {offset}, was rejected", origin.topic, origin.partition);
            return Err(Failure::caused(UNRECOVERABLE, format!("{place}: {}", GuestError::from(cause).trace())));
        }
        let mut places = vec![None; batch.origins.len()];
        for record in batch.records.drain(..taken as usize) {
            if let Some(place) = places.get_mut(record.origin as usize) {
                *place = Some(record.offset + 1);
            }
        }
        for (origin, place) in batch.origins.iter().zip(places) {
            if let Some(offset) = place
                && let Some(next) = self.next.get_mut(&TopicPartition::new(origin.topic.clone(), origin.partition))
            {
                *next = offset;
            }
        }
        self.call_by = call_within_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
        match held.map(GuestError::from) {
            Some(error) if !error.retriable() => Err(Failure::caused(UNRECOVERABLE, error.trace())),
            Some(error) => {
                tracing::warn!("put took {taken} records and holds the others: {error}");
                self.hold(batch, wait_of(&error)).await
            }
            None if batch.records.is_empty() => self.release().await,
            None => self.hold(batch, RETRY).await,
        }
    }

    /// Keeps what was not taken and stops fetching meanwhile; the consumer is still asked, for the group's sake.
    async fn hold(&mut self, batch: SinkBatch, wait: Duration) -> Result<(), Failure> {
        self.pending = Some((batch, Instant::now() + wait));
        if !self.holding {
            self.holding = true;
            self.pause_all(true).await?;
        }
        Ok(())
    }

    /// Everything was taken: fetch again.
    async fn release(&mut self) -> Result<(), Failure> {
        if self.holding {
            self.holding = false;
            self.pause_all(false).await?;
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
        if !seek.is_empty() {
            let list: Vec<(TopicPartition, i64)> = seek.into_iter().map(|(tp, offset)| (ours(tp), offset)).collect();
            self.consumer.seek(&list).await.map_err(failed)?;
            self.pending = None;
            self.release().await?;
            self.next.extend(list);
        }
        if !pause.is_empty() {
            let list: Vec<TopicPartition> = pause.into_iter().map(ours).collect();
            self.consumer.pause(&list).await.map_err(failed)?;
        }
        if !resume.is_empty() {
            let list: Vec<TopicPartition> = resume.into_iter().map(ours).collect();
            self.consumer.resume(&list).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn pause_all(&mut self, pause: bool) -> Result<(), Failure> {
        let list: Vec<TopicPartition> = self.next.keys().cloned().collect();
        let done = if pause { self.consumer.pause(&list).await } else { self.consumer.resume(&list).await };
        done.map_err(|error| Failure::caused(UNRECOVERABLE, error))
    }

    /// Asks the guest what may be committed and commits that, as far as it is news. While closing, a guest
    /// that fails is only logged.
    async fn commit(&mut self, closing: bool) -> Result<(), Failure> {
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
            Ok(()) => self.committed.extend(commit),
            Err(error) => tracing::error!("Commit of offsets failed; it is tried again with the next: {error}"),
        }
        Ok(())
    }

    /// Back to what was committed last: the guest could not vouch for what it took since.
    async fn rewind(&mut self) -> Result<(), Failure> {
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
        self.release().await?;
        self.consumer.seek(&back).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
        self.next.extend(back);
        Ok(())
    }

    fn next_look(&self) -> Duration {
        if self.absent.is_empty() { self.run.topics.refresh() } else { LOOK }
    }

    async fn look_for_topics(&mut self) -> Result<(), Failure> {
        if !self.run.topics.is_pattern() {
            if !self.absent.is_empty() {
                let absent = self.run.topics.absent(&self.run.admin, false).await;
                if absent.len() < self.absent.len() {
                    let asked = self.consumer.resubscribe(&self.names).await;
                    asked.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
                }
                self.absent = absent;
            }
            return Ok(());
        }
        match self.run.topics.names(&self.run.admin).await {
            Ok(names) if names != self.names => {
                self.consumer.resubscribe(&names).await.map_err(|error| Failure::caused(UNRECOVERABLE, error))?;
                self.names = names;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!("{error}"),
        }
        Ok(())
    }

    /// Commit, close, stop, leave: in this order.
    async fn finish(mut self, orderly: bool) {
        let partitions: Vec<TopicPartition> = self.next.keys().cloned().collect();
        if orderly && let Err(failure) = self.commit(true).await {
            tracing::error!("offsets could not be committed at the end: {failure}");
        }
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

fn index_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    match list.iter().position(|known| *known == item) {
        Some(index) => index as u32,
        None => {
            list.push(item);
            list.len() as u32 - 1
        }
    }
}

/// Adds a batch behind another.
fn append(into: &mut SinkBatch, batch: SinkBatch) {
    let SinkBatch { topics, origins, records } = batch;
    let topics: Vec<u32> = topics.into_iter().map(|topic| index_of(&mut into.topics, topic)).collect();
    let origins: Vec<u32> = origins.into_iter().map(|origin| index_of(&mut into.origins, origin)).collect();
    into.records.extend(records.into_iter().map(|mut record| {
        record.message.topic = topics.get(record.message.topic as usize).copied().unwrap_or_default();
        record.origin = origins.get(record.origin as usize).copied().unwrap_or_default();
        record
    }));
}

fn wait_of(error: &GuestError) -> Duration {
    match error {
        GuestError::Failure { retry_after: Some(time), .. } => *time,
        GuestError::Failure { .. }
        | GuestError::Limit { .. }
        | GuestError::Trap { .. }
        | GuestError::Contract { .. }
        | GuestError::Gone { .. } => RETRY,
    }
}
