//! A source task: poll -> convert -> produce -> acknowledge -> offsets. At least once: offsets are stored
//! only for records that the broker has acknowledged.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use watertight_data::value::Value;
use watertight_kafka::{Ack, OutRecord, ProducerLease, SendError};
use watertight_sandbox::bindings::exports::watertight::source::source_task::{
    AckRun, Acknowledgements, Checkpoint, Delivery, SourceBatch, SourceRecord,
};
use watertight_sandbox::bindings::watertight::types::data::{self as wit, Header, Message};
use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::error::{Call, GuestError};
use watertight_sandbox::lift;
use watertight_sandbox::limits::{Limits, key};
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::roles;

use super::tracker::Tracker;
use super::{Order, TaskContext};
use crate::converters::Converters;
use crate::entities::{ConfigMap, State};
use crate::failure::Failure;
use crate::guest::{GuestHost, Identity, config_for};
use crate::offsets::OffsetStore;

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
    /// `errors.tolerance=all`
    pub tolerant: bool,
}

impl SourceRun {
    /// Runs until told to stop, or until it fails.
    pub async fn run(self, mut context: TaskContext) -> Result<(), Failure> {
        if context.order() == Order::Pause {
            context.report(State::Paused);
            if context.while_paused().await == Order::Stop {
                return Ok(());
            }
        }
        let config = config_for(&self.class, &self.settings);
        let identity = Identity { connector: &context.id.connector, task: Some(context.id.task), reads_offsets: true };
        let setup = self.host.setup(&identity, config.clone(), Arc::clone(&context.stopping))?;
        let mut guest = self.plugin.source_task(setup).await?;
        guest.start(&self.class.name, &config).await?;
        context.report(State::Running);
        tracing::info!("Source task {} finished initialization and start", context.id);
        let limits = Arc::clone(&self.host.limits);
        let mut task = Running {
            run: self,
            guest,
            limits,
            tracker: Tracker::default(),
            acks: Vec::new(),
            ready_topics: HashSet::new(),
            headers: Vec::new(),
            sent: HashMap::new(),
        };
        let result = task.work(&mut context).await;
        let ended = task.finish(result.is_ok()).await;
        result.and(ended)
    }
}

struct Running {
    run: SourceRun,
    guest: roles::SourceTask,
    limits: Arc<Limits>,
    tracker: Tracker,
    acks: Vec<Ack>,
    ready_topics: HashSet<String>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    /// Topics of records on their way: only for guests that want acknowledgements.
    sent: HashMap<u64, Arc<str>>,
}

impl Running {
    async fn work(&mut self, context: &mut TaskContext) -> Result<(), Failure> {
        let max_records = self.limits.get(key::BATCH_RECORDS) as u32;
        let max_bytes = self.limits.get(key::BATCH_BYTES) as u32;
        let mut next_flush = Instant::now() + self.run.flush_interval;
        loop {
            match context.order() {
                Order::Stop => return Ok(()),
                Order::Pause => {
                    self.drain(self.run.flush_timeout).await?;
                    self.flush().await;
                    context.report(State::Paused);
                    if context.while_paused().await == Order::Run {
                        context.report(State::Running);
                    }
                    continue;
                }
                Order::Run => {}
            }
            self.collect().await?;
            if Instant::now() >= next_flush {
                self.flush().await;
                next_flush = Instant::now() + self.run.flush_interval;
            }
            if self.tracker.len() >= WINDOW {
                self.run.producer.wait(RETRY).await;
                continue;
            }
            let batch = match self.guest.poll(max_records.min(2_000), max_bytes, POLL_MS).await {
                Ok(batch) => batch,
                Err(error) if error.retriable() => {
                    tracing::warn!("poll failed and is tried again: {error}");
                    context.rest(retry_after(&error)).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let pause = batch.wait_ms.map(Duration::from_millis);
            let empty = batch.records.is_empty();
            if !empty {
                self.send_all(batch, context).await?;
            }
            if let Some(pause) = pause.or(empty.then_some(IDLE)) {
                self.idle(pause, next_flush, context).await;
            }
        }
    }

    /// Waits as the guest asked, no longer than to the next flush, and serves acknowledgements meanwhile.
    async fn idle(&mut self, pause: Duration, next_flush: Instant, context: &mut TaskContext) {
        let until = (Instant::now() + pause).min(next_flush);
        while Instant::now() < until && self.run.producer.in_flight() > 0 {
            let left = until.saturating_duration_since(Instant::now());
            tokio::select! {
                _ = context.orders.changed() => return,
                arrived = self.run.producer.wait(left) => if arrived { return },
            }
        }
        context.rest(until.saturating_duration_since(Instant::now())).await;
    }

    async fn send_all(&mut self, batch: SourceBatch, context: &mut TaskContext) -> Result<(), Failure> {
        let SourceBatch { topics, source_partitions, records, marks, wait_ms: _ } = batch;
        if records.len() as u64 > self.limits.get(key::BATCH_RECORDS) {
            let error = GuestError::Limit {
                call: Call::Poll.name(),
                key: key::BATCH_RECORDS,
                limit: self.limits.get(key::BATCH_RECORDS),
                what: format!("it returned {} records at once", records.len()),
                trace: None,
            };
            return Err(error.into());
        }
        let limit = self.limits.get(key::BATCH_BYTES);
        let bytes: u64 = records.iter().map(|record| size_of_message(&record.message)).sum();
        // One record may always come: a limit below its size would stop the task for good.
        if bytes > limit && records.len() > 1 {
            let what = format!("it returned {bytes} bytes at once");
            return Err(
                GuestError::Limit { call: Call::Poll.name(), key: key::BATCH_BYTES, limit, what, trace: None }.into()
            );
        }
        if let Some(mark) = marks.iter().find(|mark| mark.after as usize > records.len()) {
            let what = format!("a transaction ends after record {} of a batch of {}", mark.after, records.len());
            return Err(self.broken(what));
        }
        for topic in &topics {
            check_topic(topic)?;
            if !self.ready_topics.contains(topic) && !self.await_topic(topic, context).await? {
                return Ok(());
            }
        }
        let shapes = self.tracker.shapes(source_partitions);
        for record in records {
            let SourceRecord { message, source_partition, checkpoint } = record;
            let Some(topic) = topics.get(message.topic as usize) else {
                return Err(self.broken(format!(
                    "a record's topic is number {}, the batch lists {}",
                    message.topic,
                    topics.len()
                )));
            };
            let Some(&(shape, fields)) = shapes.get(source_partition as usize) else {
                return Err(self.broken(format!(
                    "a record's source partition is number {source_partition}, the batch lists {}",
                    shapes.len()
                )));
            };
            if let Checkpoint::At(values) = &checkpoint
                && values.len() != fields
            {
                return Err(self.broken(format!(
                    "an offset has {} values where its source partition names {fields} fields",
                    values.len()
                )));
            }
            self.send(topic, message, shape, checkpoint, context).await?;
            if context.order() == Order::Stop && self.tracker.len() >= WINDOW {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Converts and hands over one record.
    async fn send(
        &mut self,
        topic: &str,
        message: Message,
        shape: u32,
        checkpoint: Checkpoint,
        context: &mut TaskContext,
    ) -> Result<(), Failure> {
        let Message { topic: _, partition, key, value, headers, timestamp } = message;
        if let Some(partition) = partition.filter(|partition| *partition < 0) {
            return Err(Failure::new(format!(
                "Invalid partition: {partition}. Partition number should always be non-negative or null."
            )));
        }
        let number = self.tracker.next_number();
        let converted = self.convert(topic, key, value, headers);
        let (key, value) = match converted {
            Ok(pair) => pair,
            Err(failure) if self.run.tolerant => {
                tracing::warn!("record {number} is dropped (errors.tolerance=all): {failure}");
                self.tracker.push(shape, checkpoint);
                self.tracker.acknowledge(number);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        let record = OutRecord {
            topic,
            partition,
            key: key.as_deref(),
            value: value.as_deref(),
            headers: &self.headers,
            timestamp,
        };
        if self.run.class.has("acknowledge") {
            self.sent.insert(number, Arc::from(topic));
        }
        self.tracker.push(shape, checkpoint);
        loop {
            match self.run.producer.send(record, number) {
                Ok(()) => return Ok(()),
                Err(SendError::QueueFull) => {
                    self.run.producer.wait(RETRY).await;
                    take(&self.run.producer, &mut self.acks, &mut self.tracker)?;
                    if context.order() == Order::Stop && self.run.producer.in_flight() == 0 {
                        return Ok(());
                    }
                }
                Err(SendError::UnknownTopic(name)) => {
                    let asked = self.run.producer.refresh_topic(topic).await;
                    tracing::warn!("{name} does not exist yet: {asked:?}");
                    if context.order() == Order::Stop {
                        return Ok(());
                    }
                    context.rest(RETRY * 10).await;
                }
                Err(error) => {
                    return Err(Failure::caused("Unrecoverable exception trying to send", error));
                }
            }
        }
    }

    /// Key and value as bytes; headers go to the buffer of the task.
    #[allow(clippy::type_complexity)]
    fn convert(
        &mut self,
        topic: &str,
        key: wit::Datum,
        value: wit::Datum,
        headers: Vec<Header>,
    ) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>), Failure> {
        let table = &self.guest.guest.state().schemas;
        let lifted = |datum, what: &str| {
            lift::datum(datum, table).map_err(|error| {
                Failure::new(format!("the plugin answered poll against the contract: the {what} of a record: {error}"))
            })
        };
        let failed = |stage: &str, error: watertight_data::DataError| {
            Failure::caused(
                "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler",
                format!("{stage}: {error}"),
            )
        };
        self.headers.clear();
        for Header { name, value } in headers {
            let value = lifted(value, "header")?;
            let bytes = self
                .run
                .converters
                .header
                .from_connect_header(topic, &name, value.schema.as_ref(), value.value)
                .map_err(|error| failed("HEADER_CONVERTER", error))?;
            self.headers.push((name, bytes));
        }
        let key = lifted(key, "key")?;
        let key = match (&key.schema, key.value) {
            (None, Value::Null) => self.run.converters.key.from_connect(topic, None, Value::Null),
            (schema, value) => self.run.converters.key.from_connect(topic, schema.as_ref(), value),
        }
        .map_err(|error| failed("KEY_CONVERTER", error))?;
        let value = lifted(value, "value")?;
        let value = self
            .run
            .converters
            .value
            .from_connect(topic, value.schema.as_ref(), value.value)
            .map_err(|error| failed("VALUE_CONVERTER", error))?;
        Ok((key, value))
    }

    fn broken(&mut self, what: String) -> Failure {
        self.guest.guest.condemn(Call::Poll, what).into()
    }

    /// A topic is looked up before the first record goes there: Java's producer waits for a missing topic for
    /// ever, librdkafka would give its records up. False: told to stop meanwhile.
    async fn await_topic(&mut self, topic: &str, context: &mut TaskContext) -> Result<bool, Failure> {
        let mut said = false;
        loop {
            match self.run.producer.refresh_topic(topic).await {
                Ok(Some(_)) => {
                    self.ready_topics.insert(topic.to_owned());
                    return Ok(true);
                }
                Ok(None) if !said => {
                    tracing::warn!("topic {topic} does not exist and the broker does not create it; waiting for it");
                    said = true;
                }
                Ok(None) => {}
                Err(error) if error.is_authorization() => {
                    return Err(Failure::caused("Unrecoverable exception trying to send", error));
                }
                Err(error) => tracing::warn!("topic {topic} could not be looked up: {error}"),
            }
            if context.order() == Order::Stop {
                return Ok(false);
            }
            context.rest(RETRY * 5).await;
            if context.order() == Order::Stop {
                return Ok(false);
            }
        }
    }

    /// Takes in what the brokers have said, and passes it on to a guest that wants to know.
    async fn collect(&mut self) -> Result<(), Failure> {
        self.run.producer.drive();
        let begin = self.acks.len();
        take(&self.run.producer, &mut self.acks, &mut self.tracker)?;
        if let Some(error) = self.run.producer.broken() {
            return Err(Failure::caused("Unrecoverable exception from producer send callback", error));
        }
        if self.acks.len() > begin && !self.run.class.has("acknowledge") {
            self.acks.clear();
        }
        if !self.acks.is_empty() && self.run.class.has("acknowledge") {
            let done = runs(std::mem::take(&mut self.acks), &mut self.sent);
            self.guest.acknowledge(&done).await?;
        }
        Ok(())
    }

    /// Waits until nothing is on its way, or so long.
    async fn drain(&mut self, limit: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + limit;
        loop {
            self.collect().await?;
            let left = deadline.saturating_duration_since(Instant::now());
            if self.run.producer.in_flight() == 0 || left.is_zero() {
                return Ok(());
            }
            self.run.producer.wait(left.min(RETRY)).await;
        }
    }

    /// Stores what may be stored. A failure is logged and tried again at the next flush.
    async fn flush(&mut self) {
        let ready = self.tracker.take_ready();
        if !ready.is_empty() {
            let connector = self.run.settings.get("name").cloned().unwrap_or_default();
            if let Err(error) = self.run.offsets.put(&connector, ready.clone()).await {
                tracing::error!("Failed to commit offsets: {error}");
                self.tracker.give_back(ready);
                return;
            }
        }
        if self.run.class.has("committed")
            && !self.guest.guest.is_gone()
            && let Err(error) = self.guest.committed().await
        {
            tracing::warn!("the plugin failed in committed: {error}");
        }
    }

    /// The end: what is on its way may still arrive, then offsets, then the guest's own stop.
    async fn finish(mut self, orderly: bool) -> Result<(), Failure> {
        let drained = self.drain(self.run.flush_timeout).await;
        self.flush().await;
        if !self.guest.guest.is_gone() {
            let stopped = self.guest.stop().await;
            if orderly && let Err(error) = stopped {
                tracing::warn!("the plugin failed in stop: {}", error.trace());
            }
        }
        if orderly { drained } else { Ok(()) }
    }
}

/// Kafka's rule for topic names, checked here because a producer would wait for such a topic for ever.
fn check_topic(topic: &str) -> Result<(), Failure> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if topic.is_empty() || topic.len() > 249 || topic == "." || topic == ".." || !topic.chars().all(legal) {
        return Err(Failure::caused(
            "Unrecoverable exception trying to send",
            format!("org.apache.kafka.common.errors.InvalidTopicException: Invalid topics: [{topic}]"),
        ));
    }
    Ok(())
}

/// Moves acknowledgements from the producer to the tracker; they stay in `acks` for the guest.
fn take(producer: &ProducerLease, acks: &mut Vec<Ack>, tracker: &mut Tracker) -> Result<(), Failure> {
    let begin = acks.len();
    producer.take_acks(acks);
    for ack in &acks[begin..] {
        match &ack.result {
            Ok(_) => tracker.acknowledge(ack.seq),
            Err(error) => {
                return Err(Failure::caused("Unrecoverable exception from producer send callback", error));
            }
        }
    }
    Ok(())
}

fn retry_after(error: &GuestError) -> Duration {
    match error {
        GuestError::Failure { retry_after: Some(time), .. } => *time,
        GuestError::Failure { .. }
        | GuestError::Limit { .. }
        | GuestError::Trap { .. }
        | GuestError::Contract { .. }
        | GuestError::Gone { .. } => RETRY,
    }
}

/// Acknowledgements as runs of numbers that follow each other on one partition.
fn runs(acks: Vec<Ack>, sent: &mut HashMap<u64, Arc<str>>) -> Acknowledgements {
    let mut done = Acknowledgements { topics: Vec::new(), runs: Vec::new() };
    let mut last: Option<(u64, u32, i32, i64)> = None;
    for Ack { seq, result } in acks {
        let (Ok((partition, offset)), Some(name)) = (result, sent.remove(&seq)) else { continue };
        let topic = match done.topics.iter().position(|known| **known == *name) {
            Some(topic) => topic as u32,
            None => {
                done.topics.push(name.to_string());
                done.topics.len() as u32 - 1
            }
        };
        match done.runs.last_mut() {
            Some(run) if last == Some((seq.wrapping_sub(1), topic, partition, offset - 1)) => run.count += 1,
            Some(_) | None => {
                let delivery = Delivery { topic, partition, offset: (offset >= 0).then_some(offset) };
                done.runs.push(AckRun { first: seq, count: 1, delivery: Some(delivery) });
            }
        }
        last = Some((seq, topic, partition, offset));
    }
    done
}

/// Bytes of texts and byte strings, which is what makes a record large.
fn size_of_message(message: &Message) -> u64 {
    let size = |value: &wit::Value| match value {
        wit::Value::Text(text) | wit::Value::Json(text) => text.len(),
        wit::Value::Bytes(bytes) => bytes.len(),
        wit::Value::Tape(tape) => tape.iter().map(node_size).sum(),
        wit::Value::Null | wit::Value::Boolean(_) | wit::Value::Integer(_) | wit::Value::Float(_) => 8,
    };
    let headers: usize = message.headers.iter().map(|header| header.name.len() + size(&header.value.value)).sum();
    (size(&message.key.value) + size(&message.value.value) + headers) as u64
}

fn node_size(node: &wit::ValueNode) -> usize {
    match node {
        wit::ValueNode::Text(text) => text.len(),
        wit::ValueNode::Bytes(bytes) => bytes.len(),
        wit::ValueNode::Null
        | wit::ValueNode::Boolean(_)
        | wit::ValueNode::Integer(_)
        | wit::ValueNode::Float(_)
        | wit::ValueNode::Elements(_)
        | wit::ValueNode::Entries(_)
        | wit::ValueNode::Fields(_) => 8,
    }
}
