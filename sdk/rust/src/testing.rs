//! A worker for unit tests on the native target: holds what a test says, remembers what the connector did.
//!
//! All of it is per thread, as each Rust test has a thread of its own.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

pub mod sql;

use crate::transform::Topics;
use crate::{
    Config, Message, Position, Predicate, Record, Result, Schema, SchemaId, TopicPartition, Transformation, Verdict,
};

/// What the pretended worker knows and what the connector told it.
#[derive(Debug, Default)]
pub struct Context {
    /// Answers of `fact`.
    pub facts: BTreeMap<String, String>,
    /// Answer of `current_config`.
    pub config: Config,
    /// Answer of `stopping`.
    pub stopping: bool,
    /// Stored offsets, by source partition.
    pub offsets: Vec<(Position, Position)>,
    /// Level and text of every log line.
    pub log: Vec<(String, String)>,
    /// Last value of every series.
    pub metrics: BTreeMap<String, f64>,
    /// Schemas defined, the first with number 64.
    pub schemas: Vec<Schema>,
    /// Answer of `assignment`.
    pub assignment: Vec<TopicPartition>,
    /// What a sink asked to read on from.
    pub seeks: Vec<(TopicPartition, i64)>,
    /// Partitions that a sink has paused.
    pub paused: BTreeSet<(String, i32)>,
    /// How often a sink asked for a commit.
    pub commits_requested: usize,
}

thread_local! {
    static CONTEXT: RefCell<Context> = RefCell::default();
}

/// Looks at the context or prepares it.
pub fn context<R>(look: impl FnOnce(&mut Context) -> R) -> R {
    CONTEXT.with_borrow_mut(look)
}

/// Log lines of this level so far.
pub fn logged(level: &str) -> Vec<String> {
    context(|context| {
        let lines = context.log.iter().filter(|(have, _)| have == level);
        lines.map(|(_, text)| text.clone()).collect()
    })
}

/// One record of this topic through a configured transform: what goes on and where to, or nothing. The message's own
/// topic index is ignored.
pub fn apply(transform: &mut impl Transformation, topic: &str, message: Message) -> Result<Option<(String, Message)>> {
    let mut topics = Topics(vec![topic.to_owned()]);
    let given = message.clone();
    let mut record = Record { message: Message { topic: 0, ..message }, offset: None, topics: &mut topics };
    Ok(match transform.apply(&mut record)? {
        Verdict::Unchanged => Some((topic.to_owned(), given)),
        Verdict::Changed => Some((record.topic().to_owned(), record.message)),
        Verdict::Dropped => None,
    })
}

/// Whether a configured predicate holds for a record of this topic.
pub fn test(predicate: &mut impl Predicate, topic: &str, message: Message) -> Result<bool> {
    let mut topics = Topics(vec![topic.to_owned()]);
    predicate.test(&Record { message: Message { topic: 0, ..message }, offset: None, topics: &mut topics })
}

pub(crate) mod worker {
    use super::context;
    use crate::Setting;

    pub fn fact(name: &str) -> Option<String> {
        context(|context| context.facts.get(name).cloned())
    }
    pub fn current_config() -> Vec<Setting> {
        context(|context| context.config.clone().into())
    }
    pub fn stopping() -> bool {
        context(|context| context.stopping)
    }
}

pub(crate) mod log {
    use super::context;

    pub fn log(level: &str, message: &str) {
        context(|context| context.log.push((level.to_owned(), message.to_owned())));
    }
    pub fn enabled(_level: &str) -> bool {
        true
    }
}

pub(crate) mod metrics {
    use super::context;

    pub fn describe(_name: &str, _kind: &str, _unit: &str, _description: &str) {}
    pub fn add(name: &str, _tags: &[(String, String)], by: f64) {
        context(|context| *context.metrics.entry(name.to_owned()).or_default() += by);
    }
    pub fn set(name: &str, _tags: &[(String, String)], to: f64) {
        context(|context| context.metrics.insert(name.to_owned(), to));
    }
}

pub(crate) mod schemas {
    use super::{Schema, SchemaId, context};

    const FIRST: usize = 64;

    pub fn define(schema: &Schema) -> Result<SchemaId, String> {
        context(|context| {
            let known = context.schemas.iter().position(|have| have == schema);
            let index = known.unwrap_or_else(|| {
                context.schemas.push(schema.clone());
                context.schemas.len() - 1
            });
            SchemaId::try_from(index + FIRST).map_err(|error| error.to_string())
        })
    }
    pub fn get(id: SchemaId) -> Option<Schema> {
        let index = usize::try_from(id).ok()?.checked_sub(FIRST)?;
        context(|context| context.schemas.get(index).cloned())
    }
    pub fn forget(_ids: &[SchemaId]) {}
}

pub(crate) mod offsets {
    use super::{Position, context};

    pub fn stored(partitions: &[Position]) -> crate::Result<Vec<Option<Position>>> {
        context(|context| {
            let find = |partition: &Position| {
                let mut known = context.offsets.iter().rev();
                known.find(|(have, _)| have == partition).map(|(_, offset)| offset.clone())
            };
            Ok(partitions.iter().map(find).collect())
        })
    }
}

pub(crate) mod secrets {
    pub fn reveal(reference: &str) -> crate::Result<String> {
        Ok(reference.to_owned())
    }
}

pub(crate) mod sink_context {
    use super::{TopicPartition, context};

    pub fn assignment() -> Vec<TopicPartition> {
        context(|context| context.assignment.clone())
    }
    pub fn seek(offsets: &[(TopicPartition, i64)]) -> crate::Result<()> {
        context(|context| context.seeks.extend_from_slice(offsets));
        Ok(())
    }
    pub fn pause(partitions: &[TopicPartition]) -> crate::Result<()> {
        let names = partitions.iter().map(|one| (one.topic.clone(), one.partition));
        context(|context| context.paused.extend(names));
        Ok(())
    }
    pub fn resume(partitions: &[TopicPartition]) -> crate::Result<()> {
        context(|context| {
            context.paused.retain(|(topic, number)| {
                !partitions.iter().any(|one| &one.topic == topic && one.partition == *number)
            });
        });
        Ok(())
    }
    pub fn request_commit() {
        context(|context| context.commits_requested += 1);
    }
}
