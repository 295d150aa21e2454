//! What the converter remembers of schemas, in both directions.
//!
//! Outgoing, a schema is recognised by its address: the cache holds the `Arc`, so the address stays taken.
//! Incoming, by its text: a JSON object ends where it ends, so if the record goes on with the text of the last
//! schema, it *is* that schema, and one comparison replaces parsing it.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::schema::Schema;

/// Both caches; oldest entries go first.
#[derive(Debug)]
pub(super) struct Caches {
    written: Mutex<Bounded<usize, Written>>,
    parsed: Mutex<Parsed>,
}

/// A schema, held so that its address is not used again, and its JSON.
type Written = (Arc<Schema>, Arc<[u8]>);

#[derive(Debug)]
struct Parsed {
    by_text: Bounded<Arc<[u8]>, Arc<Schema>>,
    last: Option<(Arc<[u8]>, Arc<Schema>)>,
}

impl Caches {
    pub(super) fn new(size: usize) -> Self {
        Self {
            written: Mutex::new(Bounded::new(size)),
            parsed: Mutex::new(Parsed { by_text: Bounded::new(size), last: None }),
        }
    }

    /// The JSON of a schema that was written before.
    pub(super) fn written(&self, schema: &Arc<Schema>) -> Option<Arc<[u8]>> {
        lock(&self.written).get(&(Arc::as_ptr(schema) as usize)).map(|(_, text)| text.clone())
    }

    pub(super) fn remember_written(&self, schema: &Arc<Schema>, text: Vec<u8>) -> Arc<[u8]> {
        let text: Arc<[u8]> = text.into();
        lock(&self.written).put(Arc::as_ptr(schema) as usize, (schema.clone(), text.clone()));
        text
    }

    /// The last schema, if this text goes on with it, and its length.
    pub(super) fn known_prefix(&self, text: &[u8]) -> Option<(Arc<Schema>, usize)> {
        let parsed = lock(&self.parsed);
        let (known, schema) = parsed.last.as_ref()?;
        text.starts_with(known).then(|| (schema.clone(), known.len()))
    }

    /// A schema that was read before.
    pub(super) fn parsed(&self, text: &[u8]) -> Option<Arc<Schema>> {
        let mut parsed = lock(&self.parsed);
        let (key, schema) = parsed.by_text.entries.get_key_value(text)?;
        let found = (key.clone(), schema.clone());
        let schema = found.1.clone();
        parsed.last = Some(found);
        Some(schema)
    }

    pub(super) fn remember_parsed(&self, text: &[u8], schema: &Arc<Schema>) {
        let mut parsed = lock(&self.parsed);
        let text: Arc<[u8]> = text.into();
        if parsed.by_text.put(text.clone(), schema.clone()) {
            parsed.last = Some((text, schema.clone()));
        }
    }
}

/// A cache stays usable whatever happened to another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    size: usize,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    fn new(size: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), size }
    }

    fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// Whether it was kept.
    fn put(&mut self, key: K, value: V) -> bool {
        if self.size == 0 {
            return false;
        }
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            if self.order.len() > self.size
                && let Some(oldest) = self.order.pop_front()
            {
                self.entries.remove(&oldest);
            }
        }
        true
    }
}
