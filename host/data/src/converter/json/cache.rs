//! What the converter remembers of schemas, in both directions.
//!
//! Outgoing, a schema is recognised by its address: the cache holds the `Arc`, so the address stays taken.
//! Incoming, by its text: a JSON object ends where it ends, so if the record goes on with the text of a schema
//! seen lately, it *is* that schema, and one comparison replaces parsing it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::converter::bounded::Bounded;
use crate::schema::Schema;

/// Both caches; oldest entries go first.
#[derive(Debug)]
pub(super) struct Caches {
    written: Mutex<Bounded<usize, Written>>,
    parsed: Mutex<Parsed>,
}

/// A schema, held so that its address is not used again, and its JSON.
type Written = (Arc<Schema>, Arc<[u8]>);

/// What stands before the payload of records of one schema, if nothing but the necessary does.
#[derive(Debug, Clone)]
struct Envelope {
    text: Arc<[u8]>,
    schema: Arc<Schema>,
}

const BEFORE: &[u8] = b"{\"schema\":";
const AFTER: &[u8] = b",\"payload\":";
/// Schemas that are compared one after the other before one is looked up.
const LATELY: usize = 8;

#[derive(Debug)]
struct Parsed {
    by_text: Bounded<Arc<[u8]>, Arc<Schema>>,
    /// Seen lately, the latest first: the text before a payload, and how much of it is the schema's.
    lately: Vec<Envelope>,
}

impl Caches {
    pub(super) fn new(size: usize) -> Self {
        Self {
            written: Mutex::new(Bounded::new(size)),
            parsed: Mutex::new(Parsed { by_text: Bounded::new(size), lately: Vec::new() }),
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

    /// The schema of a record that begins as one seen lately, and where its payload begins.
    pub(super) fn known_envelope(&self, text: &[u8]) -> Option<(Arc<Schema>, usize)> {
        let mut parsed = lock(&self.parsed);
        let place = parsed.lately.iter().position(|known| text.starts_with(&known.text))?;
        parsed.lately[..=place].rotate_right(1);
        let found = parsed.lately.first()?;
        Some((found.schema.clone(), found.text.len()))
    }

    /// The schema that this text goes on with, if it was seen lately, and its length.
    pub(super) fn known_prefix(&self, text: &[u8]) -> Option<(Arc<Schema>, usize)> {
        let parsed = lock(&self.parsed);
        parsed.lately.iter().find_map(|known| {
            let schema = &known.text[BEFORE.len()..known.text.len() - AFTER.len()];
            text.starts_with(schema).then(|| (known.schema.clone(), schema.len()))
        })
    }

    /// A schema that was read before.
    pub(super) fn parsed(&self, text: &[u8]) -> Option<Arc<Schema>> {
        let mut parsed = lock(&self.parsed);
        let schema = parsed.by_text.get(text)?.clone();
        parsed.remember(text, &schema);
        Some(schema)
    }

    pub(super) fn remember_parsed(&self, text: &[u8], schema: &Arc<Schema>) {
        let mut parsed = lock(&self.parsed);
        if parsed.by_text.put(text.into(), schema.clone()) {
            parsed.remember(text, schema);
        }
    }
}

impl Parsed {
    fn remember(&mut self, schema_text: &[u8], schema: &Arc<Schema>) {
        let text = [BEFORE, schema_text, AFTER].concat().into();
        self.lately.truncate(LATELY.min(self.by_text.size()).saturating_sub(1));
        self.lately.insert(0, Envelope { text, schema: schema.clone() });
    }
}

/// A cache stays usable whatever happened to another thread.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
