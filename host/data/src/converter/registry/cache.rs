//! What a converter with a registry remembers, so that in steady state it neither asks the registry nor looks
//! at a schema's text. Bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::converter::bounded::Bounded;
use crate::schema::Schema;

/// By Connect schema (its address; the schema is held, so that the address stays taken) and topic.
#[derive(Debug)]
pub(in crate::converter) struct Written<T> {
    entries: Mutex<HashMap<usize, BySchema<T>>>,
    size: usize,
}

#[derive(Debug)]
struct BySchema<T> {
    _held: Option<Arc<Schema>>,
    topics: HashMap<String, Arc<T>>,
}

impl<T> Written<T> {
    pub(in crate::converter) fn new(size: usize) -> Self {
        Self { entries: Mutex::new(HashMap::new()), size }
    }

    fn address(schema: Option<&Arc<Schema>>) -> usize {
        schema.map_or(0, |schema| Arc::as_ptr(schema) as usize)
    }

    pub(in crate::converter) fn get(&self, schema: Option<&Arc<Schema>>, topic: &str) -> Option<Arc<T>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(&Self::address(schema))?.topics.get(topic).cloned()
    }

    /// When full, everything goes: whoever has more schemas than the cache makes a new one for each record.
    pub(in crate::converter) fn put(&self, schema: Option<&Arc<Schema>>, topic: &str, value: &Arc<T>) {
        if self.size == 0 {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.size {
            entries.clear();
        }
        let entry = entries
            .entry(Self::address(schema))
            .or_insert_with(|| BySchema { _held: schema.cloned(), topics: HashMap::new() });
        if entry.topics.len() >= self.size {
            entry.topics.clear();
        }
        entry.topics.insert(topic.to_owned(), value.clone());
    }
}

/// By a key such as the schema's id.
#[derive(Debug)]
pub(in crate::converter) struct Remembered<K, T>(Mutex<Bounded<K, Arc<T>>>);

impl<K: Hash + Eq + Clone, T> Remembered<K, T> {
    pub(in crate::converter) fn new(size: usize) -> Self {
        Self(Mutex::new(Bounded::new(size)))
    }

    pub(in crate::converter) fn get(&self, key: &K) -> Option<Arc<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(in crate::converter) fn put(&self, key: K, value: &Arc<T>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, value.clone());
    }
}
