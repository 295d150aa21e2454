//! The way out of a source task: a batch is checked as a whole, then each record is converted and handed over.

use std::sync::Arc;

use watertight_data::value::Value;
use watertight_kafka::{OutRecord, SendError};
use watertight_sandbox::bindings::exports::watertight::source::source_task::{Checkpoint, SourceBatch, SourceRecord};
use watertight_sandbox::bindings::watertight::types::data::{self as wit, Header, Message};
use watertight_sandbox::error::{Call, GuestError};
use watertight_sandbox::lift;
use watertight_sandbox::limits::key;

use super::super::{Order, TaskContext};
use super::acks::take;
use super::{RETRY, Running, WINDOW};
use crate::failure::Failure;

impl Running {
    pub(super) async fn send_all(&mut self, batch: SourceBatch, context: &mut TaskContext) -> Result<(), Failure> {
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
            // What comes behind a record that was not sent is not sent either: order is kept over the restart.
            if !self.send(topic, message, shape, checkpoint, context).await? {
                return Ok(());
            }
            if self.tracker.len() >= WINDOW && context.order() == Order::Stop {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Converts and hands over one record. False: told to stop before it could be.
    async fn send(
        &mut self,
        topic: &str,
        message: Message,
        shape: u32,
        checkpoint: Checkpoint,
        context: &mut TaskContext,
    ) -> Result<bool, Failure> {
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
                self.dropped.push(number);
                return Ok(true);
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
        if self.wants_acknowledgements {
            self.sent.insert(number, Arc::from(topic));
        }
        self.tracker.push(shape, checkpoint);
        loop {
            match self.run.producer.send(record, number) {
                Ok(()) => return Ok(true),
                Err(SendError::QueueFull) => {
                    self.run.producer.wait(RETRY).await;
                    take(&self.run.producer, &mut self.acks, &mut self.tracker)?;
                    if context.order() == Order::Stop && self.run.producer.in_flight() == 0 {
                        return Ok(false);
                    }
                }
                Err(SendError::UnknownTopic(name)) => {
                    let asked = self.run.producer.refresh_topic(topic).await;
                    tracing::warn!("{name} does not exist yet: {asked:?}");
                    if context.order() == Order::Stop {
                        return Ok(false);
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
