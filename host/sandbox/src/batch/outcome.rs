//! What a guest answered to a batch, checked.

use std::sync::Arc;

use watertight_data::DataError;
use watertight_data::record::{Record, RecordHeader};
use watertight_data::value::SchemaAndValue;

use super::refused;
use crate::bindings::exports::watertight::converter::conversion;
use crate::bindings::exports::watertight::transform::transformation as wit;
use crate::bindings::watertight::types::common::Failure;
use crate::bindings::watertight::types::data::{self, Datum, Message};
use crate::exact;
use crate::lift::{self, LiftError};
use crate::lower::Options;
use crate::schemas::SchemaTable;

/// What has become of a record.
#[derive(Debug)]
pub enum Outcome {
    /// The transform left it alone: it is the record that was given.
    Unchanged(Record),
    /// As it goes on.
    Changed(Record),
    /// It does not go on.
    Dropped,
    /// This record could not be handed over, was refused by the transform, or came back damaged.
    Failed {
        /// Why; see [`data_error`].
        failure: Failure,
        /// As it was given.
        record: Record,
    },
}

/// A value as bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    /// None is null.
    pub bytes: Option<Vec<u8>>,
    /// To be added to the record's own.
    pub add_headers: Vec<(String, Option<Vec<u8>>)>,
}

/// An outcome before it meets its record again.
pub(crate) enum Settled {
    Unchanged,
    Changed(Box<Changed>),
    Dropped,
    Failed(Failure),
}

/// A record without what a transform cannot change.
pub(crate) struct Changed {
    topic: Arc<str>,
    partition: Option<i32>,
    key: SchemaAndValue,
    value: SchemaAndValue,
    headers: Vec<RecordHeader>,
    timestamp: Option<i64>,
}

impl Settled {
    pub(crate) fn of(self, record: Record) -> Outcome {
        match self {
            Settled::Unchanged => Outcome::Unchanged(record),
            Settled::Dropped => Outcome::Dropped,
            Settled::Failed(failure) => Outcome::Failed { failure, record },
            Settled::Changed(changed) => {
                let Changed { topic, partition, key, value, headers, timestamp } = *changed;
                let origin = record.origin;
                Outcome::Changed(Record { topic, partition, key, value, headers, timestamp, origin })
            }
        }
    }
}

/// Checks the outcomes of a batch of so many records. An error is against the contract.
pub(crate) fn settle(
    answer: wit::Transformed,
    topics: &[&Arc<str>],
    count: usize,
    table: &SchemaTable,
    options: Options,
) -> Result<Vec<Settled>, String> {
    let wit::Transformed { new_topics, outcomes } = answer;
    same_number(outcomes.len(), count)?;
    let new_topics: Vec<Arc<str>> = new_topics.into_iter().map(Arc::from).collect();
    let mut settled = Vec::with_capacity(count);
    for outcome in outcomes {
        settled.push(match outcome {
            wit::Outcome::Unchanged => Settled::Unchanged,
            wit::Outcome::Dropped => Settled::Dropped,
            wit::Outcome::Failed(failure) => Settled::Failed(failure),
            wit::Outcome::Changed(message) => {
                let index = message.topic as usize;
                let known = topics.get(index).copied();
                let topic = known.or_else(|| new_topics.get(index - topics.len())).ok_or_else(|| {
                    format!("a record's topic is number {index}, there are {}", topics.len() + new_topics.len())
                })?;
                match changed(message, topic, table, options) {
                    Ok(changed) => Settled::Changed(Box::new(changed)),
                    Err((part, error)) => {
                        Settled::Failed(refused(format!("The {part} of the record that the plugin made: {error}")))
                    }
                }
            }
        });
    }
    Ok(settled)
}

/// One answer each.
pub(crate) fn same_number(answers: usize, asked: usize) -> Result<(), String> {
    if answers == asked { Ok(()) } else { Err(format!("it was given {asked} records and answered {answers}")) }
}

fn changed(
    message: Message,
    topic: &Arc<str>,
    table: &SchemaTable,
    options: Options,
) -> Result<Changed, (&'static str, LiftError)> {
    let Message { topic: _, partition, key, value, headers, timestamp } = message;
    let mut lifted = Vec::with_capacity(headers.len());
    for data::Header { name, value } in headers {
        let value = datum(value, table, options).map_err(|error| ("header", error))?;
        lifted.push(RecordHeader { key: name, value });
    }
    let key = datum(key, table, options).map_err(|error| ("key", error))?;
    let value = datum(value, table, options).map_err(|error| ("value", error))?;
    Ok(Changed { topic: Arc::clone(topic), partition, key, value, headers: lifted, timestamp })
}

fn datum(datum: Datum, table: &SchemaTable, options: Options) -> Result<SchemaAndValue, LiftError> {
    let lifted = lift::datum(datum, table)?;
    if options.exact {
        exact::incoming(&lifted)?;
    }
    Ok(lifted)
}

/// A converter's datum.
pub(crate) fn data_in(value: Datum, table: &SchemaTable, options: Options) -> Result<SchemaAndValue, Failure> {
    datum(value, table, options).map_err(|error| refused(format!("The value that the plugin made: {error}")))
}

/// A converter's bytes.
pub(crate) fn bytes_out(answer: conversion::BytesOut) -> Encoded {
    let conversion::BytesOut { bytes, add_headers } = answer;
    Encoded { bytes, add_headers: add_headers.into_iter().map(|header| (header.name, header.value)).collect() }
}

/// What an answer holds in texts, bytes and nodes.
pub(crate) fn size_of(answer: &wit::Transformed) -> u64 {
    let message = |message: &Message| {
        let headers: u64 =
            message.headers.iter().map(|header| header.name.len() as u64 + size_of_datum(&header.value)).sum();
        size_of_datum(&message.key) + size_of_datum(&message.value) + headers
    };
    let outcomes = answer.outcomes.iter().map(|outcome| match outcome {
        wit::Outcome::Changed(changed) => message(changed),
        wit::Outcome::Failed(failure) => failure.message.len() as u64,
        wit::Outcome::Unchanged | wit::Outcome::Dropped => 1,
    });
    outcomes.sum::<u64>() + answer.new_topics.iter().map(|topic| topic.len() as u64).sum::<u64>()
}

/// What a datum holds in texts, bytes and nodes.
pub fn size_of_datum(datum: &Datum) -> u64 {
    let bytes = match &datum.value {
        data::Value::Text(text) | data::Value::Json(text) => text.len(),
        data::Value::Bytes(bytes) => bytes.len(),
        data::Value::Tape(tape) => tape.iter().map(size_of_node).sum(),
        data::Value::Null | data::Value::Boolean(_) | data::Value::Integer(_) | data::Value::Float(_) => 8,
    };
    bytes as u64
}

fn size_of_node(node: &data::ValueNode) -> usize {
    match node {
        data::ValueNode::Text(text) => text.len(),
        data::ValueNode::Bytes(bytes) => bytes.len(),
        data::ValueNode::Null
        | data::ValueNode::Boolean(_)
        | data::ValueNode::Integer(_)
        | data::ValueNode::Float(_)
        | data::ValueNode::Elements(_)
        | data::ValueNode::Entries(_)
        | data::ValueNode::Fields(_) => 8,
    }
}

/// A guest's failure of one record as the exception that a plugin in Java would have thrown. Codes that are names
/// of Java classes are taken at their word.
pub fn data_error(failure: Failure) -> DataError {
    let Failure { code, message, trace, retriable, retry_after_ms: _ } = failure;
    let class = match code.as_str() {
        "data" => "org.apache.kafka.connect.errors.DataException",
        "config" => "org.apache.kafka.common.config.ConfigException",
        "timeout" => "org.apache.kafka.common.errors.TimeoutException",
        "not-found" => "org.apache.kafka.connect.errors.NotFoundException",
        "already-exists" => "org.apache.kafka.connect.errors.AlreadyExistsException",
        "illegal-worker-state" => "org.apache.kafka.connect.errors.IllegalWorkerStateException",
        "unsupported" => "java.lang.UnsupportedOperationException",
        code if code.contains('.') && code.chars().all(|c| c.is_ascii_alphanumeric() || "._$".contains(c)) => code,
        _ if retriable => "org.apache.kafka.connect.errors.RetriableException",
        _ => "org.apache.kafka.connect.errors.ConnectException",
    };
    DataError::new(message).with_class(class.to_owned()).with_retriable(retriable).with_trace(trace)
}
