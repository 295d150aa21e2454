//! What the converter remembers: plans by schema, in both directions.
//!
//! A schema that is written is recognised by its address, which stays taken because the cache holds it. Some
//! sources and transforms make a new schema object for each record: such a one is compared with the ones known,
//! and then known by its address too. Oldest entries go first.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::read::Read;
use super::write::Write;
use crate::schema::Schema;

/// What is needed to write a schema's values to a topic.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) id: i32,
    pub(super) write: Write,
}

/// What is needed to read a schema's values; no schema for data that has none.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) schema: Option<Arc<Schema>>,
    pub(super) read: Read,
}

/// How many schemas a new one is compared with.
const COMPARED: usize = 64;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(schema: Option<&Arc<Schema>>) -> usize {
    schema.map_or(0, |schema| Arc::as_ptr(schema) as usize)
}

/// Entries by key, one for each topic, and the keys in the order in which they came.
type ByKey<K, V> = (HashMap<K, Vec<V>>, VecDeque<K>);

#[derive(Debug)]
struct Written {
    topic: String,
    schema: Option<Arc<Schema>>,
    writer: Arc<Writer>,
}

/// Plans for writing.
#[derive(Debug)]
pub(super) struct Writers {
    known: Mutex<ByKey<usize, Written>>,
    /// One of each schema, newest last.
    distinct: Mutex<VecDeque<Written>>,
    size: usize,
}

impl Writers {
    pub(super) fn new(size: usize) -> Self {
        Self { known: Mutex::default(), distinct: Mutex::default(), size: size.max(1) }
    }

    pub(super) fn get(&self, topic: &str, schema: Option<&Arc<Schema>>) -> Option<Arc<Writer>> {
        let at = address(schema);
        if let Some(entries) = lock(&self.known).0.get(&at)
            && let Some(entry) = entries.iter().find(|entry| entry.topic == topic)
        {
            return Some(entry.writer.clone());
        }
        let equal = lock(&self.distinct)
            .iter()
            .rev()
            .find(|entry| entry.topic == topic && entry.schema == schema.cloned())
            .map(|entry| entry.writer.clone())?;
        self.remember(topic, schema, equal.clone());
        Some(equal)
    }

    pub(super) fn put(&self, topic: &str, schema: Option<&Arc<Schema>>, writer: Writer) -> Arc<Writer> {
        let writer = Arc::new(writer);
        let mut distinct = lock(&self.distinct);
        distinct.push_back(Written { topic: topic.to_owned(), schema: schema.cloned(), writer: writer.clone() });
        if distinct.len() > COMPARED.min(self.size) {
            distinct.pop_front();
        }
        drop(distinct);
        self.remember(topic, schema, writer.clone());
        writer
    }

    fn remember(&self, topic: &str, schema: Option<&Arc<Schema>>, writer: Arc<Writer>) {
        let at = address(schema);
        let mut known = lock(&self.known);
        let (entries, order) = &mut *known;
        let here = entries.entry(at).or_default();
        if here.is_empty() {
            order.push_back(at);
        } else if here.len() >= self.size {
            here.remove(0);
        }
        here.push(Written { topic: topic.to_owned(), schema: schema.cloned(), writer });
        if order.len() > self.size
            && let Some(oldest) = order.pop_front()
        {
            entries.remove(&oldest);
        }
    }
}

#[derive(Debug)]
struct Known {
    topic: String,
    reader: Arc<Reader>,
}

/// Plans for reading.
#[derive(Debug)]
pub(super) struct Readers {
    known: Mutex<ByKey<i32, Known>>,
    size: usize,
}

impl Readers {
    pub(super) fn new(size: usize) -> Self {
        Self { known: Mutex::default(), size: size.max(1) }
    }

    pub(super) fn get(&self, topic: &str, id: i32) -> Option<Arc<Reader>> {
        let known = lock(&self.known);
        let entry = known.0.get(&id)?.iter().find(|entry| entry.topic == topic)?;
        Some(entry.reader.clone())
    }

    pub(super) fn put(&self, topic: &str, id: i32, reader: Reader) -> Arc<Reader> {
        let reader = Arc::new(reader);
        let mut known = lock(&self.known);
        let (entries, order) = &mut *known;
        let here = entries.entry(id).or_default();
        if here.is_empty() {
            order.push_back(id);
        } else if here.len() >= self.size {
            here.remove(0);
        }
        here.push(Known { topic: topic.to_owned(), reader: reader.clone() });
        if order.len() > self.size
            && let Some(oldest) = order.pop_front()
        {
            entries.remove(&oldest);
        }
        reader
    }
}
