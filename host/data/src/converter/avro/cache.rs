//! What the converter remembers: plans by schema, in both directions.
//!
//! A schema that is written is recognised by its address, which stays taken because the cache holds it. Some
//! sources and transforms make a new schema object for each record: such a one is compared with the ones known,
//! and then known by its address too. Oldest entries go first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
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

/// Entries by key, of which each has one for each topic, and the keys in the order in which they came.
#[derive(Debug)]
struct ByTopic<K, V> {
    entries: HashMap<K, Vec<(String, V)>>,
    order: VecDeque<K>,
    size: usize,
}

impl<K: Hash + Eq + Copy, V> ByTopic<K, V> {
    fn new(size: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), size }
    }

    fn get(&self, key: K, topic: &str) -> Option<&V> {
        self.entries.get(&key)?.iter().find(|(known, _)| known == topic).map(|(_, value)| value)
    }

    fn put(&mut self, key: K, topic: &str, value: V) {
        let here = self.entries.entry(key).or_default();
        if here.is_empty() {
            self.order.push_back(key);
        } else if here.len() >= self.size {
            here.remove(0);
        }
        here.push((topic.to_owned(), value));
        if self.order.len() > self.size
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

#[derive(Debug)]
struct Written {
    topic: String,
    schema: Option<Arc<Schema>>,
    writer: Arc<Writer>,
}

/// A plan and the schema that it is for, held so that its address is not used again.
type Held = (Option<Arc<Schema>>, Arc<Writer>);

/// Plans for writing.
#[derive(Debug)]
pub(super) struct Writers {
    known: Mutex<ByTopic<usize, Held>>,
    /// One of each schema, newest last.
    distinct: Mutex<VecDeque<Written>>,
    size: usize,
}

impl Writers {
    pub(super) fn new(size: usize) -> Self {
        let size = size.max(1);
        Self { known: Mutex::new(ByTopic::new(size)), distinct: Mutex::default(), size }
    }

    pub(super) fn get(&self, topic: &str, schema: Option<&Arc<Schema>>) -> Option<Arc<Writer>> {
        if let Some((_, writer)) = lock(&self.known).get(address(schema), topic) {
            return Some(writer.clone());
        }
        let equal = lock(&self.distinct)
            .iter()
            .rev()
            .find(|entry| entry.topic == topic && entry.schema == schema.cloned())
            .map(|entry| entry.writer.clone())?;
        self.remember(topic, schema, &equal);
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
        self.remember(topic, schema, &writer);
        writer
    }

    fn remember(&self, topic: &str, schema: Option<&Arc<Schema>>, writer: &Arc<Writer>) {
        lock(&self.known).put(address(schema), topic, (schema.cloned(), writer.clone()));
    }
}

/// Plans for reading.
#[derive(Debug)]
pub(super) struct Readers(Mutex<ByTopic<i32, Arc<Reader>>>);

impl Readers {
    pub(super) fn new(size: usize) -> Self {
        Self(Mutex::new(ByTopic::new(size.max(1))))
    }

    pub(super) fn get(&self, topic: &str, id: i32) -> Option<Arc<Reader>> {
        lock(&self.0).get(id, topic).cloned()
    }

    pub(super) fn put(&self, topic: &str, id: i32, reader: Reader) -> Arc<Reader> {
        let reader = Arc::new(reader);
        lock(&self.0).put(id, topic, reader.clone());
        reader
    }
}
