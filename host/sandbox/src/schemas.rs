//! The schemas of one instance: a number space shared by what goes in and what comes out. Numbers are never
//! used twice, so a record on its way can never be read with another schema.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use watertight_data::schema::Schema;

use crate::bindings::watertight::types::data as wit;
use crate::lift::{self, LiftError};
use crate::lower;

/// First number that is not reserved.
pub const FIRST: u32 = 64;

/// The table.
pub struct SchemaTable {
    entries: Vec<Option<Entry>>,
    by_hash: HashMap<u64, Vec<u32>>,
    live: usize,
    limit: usize,
    /// Schemas sent of late, by identity: converters hand out the same one again and again.
    recent: Vec<(Arc<Schema>, u32)>,
}

/// How many are remembered.
const RECENT: usize = 8;

struct Entry {
    wit: Vec<wit::SchemaNode>,
    schema: Arc<Schema>,
}

impl SchemaTable {
    /// At most `limit` live schemas, and sixteen times that many numbers over the instance's life.
    pub fn new(limit: usize) -> Self {
        Self { entries: Vec::new(), by_hash: HashMap::new(), live: 0, limit, recent: Vec::new() }
    }

    /// Number of a schema that the guest describes; an equal one has the same number.
    pub fn define(&mut self, nodes: Vec<wit::SchemaNode>) -> Result<u32, LiftError> {
        let hash = hash_of(&nodes);
        if let Some(id) = self.find(hash, &nodes) {
            return Ok(id);
        }
        let schema = Arc::new(lift::schema(&nodes, self)?);
        self.insert(hash, Entry { wit: nodes, schema })
    }

    /// Number of a schema that the worker sends.
    pub fn number_of(&mut self, schema: &Arc<Schema>) -> Result<u32, LiftError> {
        if let Some((_, id)) = self.recent.iter().find(|(known, _)| Arc::ptr_eq(known, schema)) {
            return Ok(*id);
        }
        let id = self.number_of_new(schema)?;
        if self.recent.len() >= RECENT {
            self.recent.remove(0);
        }
        self.recent.push((Arc::clone(schema), id));
        Ok(id)
    }

    fn number_of_new(&mut self, schema: &Arc<Schema>) -> Result<u32, LiftError> {
        if let Some(id) = lower::reserved_id(schema) {
            return Ok(id);
        }
        let nodes = lower::schema(schema);
        let hash = hash_of(&nodes);
        match self.find(hash, &nodes) {
            Some(id) => Ok(id),
            None => self.insert(hash, Entry { wit: nodes, schema: Arc::clone(schema) }),
        }
    }

    /// The schema behind a number, reserved ones included; `Ok(None)` for 1, which means no schema.
    pub fn get(&self, id: u32) -> Result<Option<Arc<Schema>>, LiftError> {
        if id < FIRST {
            return lift::reserved(id);
        }
        match self.entry(id) {
            Some(entry) => Ok(Some(Arc::clone(&entry.schema))),
            None => Err(LiftError::UnknownSchema(id)),
        }
    }

    /// As the guest described it.
    pub fn describe(&self, id: u32) -> Option<Vec<wit::SchemaNode>> {
        self.entry(id).map(|entry| entry.wit.clone())
    }

    /// The guest will not use them again.
    pub fn forget(&mut self, ids: &[u32]) {
        self.recent.retain(|(_, id)| !ids.contains(id));
        for &id in ids {
            let Some(slot) = id.checked_sub(FIRST).and_then(|index| self.entries.get_mut(index as usize)) else {
                continue;
            };
            if let Some(entry) = slot.take() {
                self.live -= 1;
                let hash = hash_of(&entry.wit);
                if let Some(ids) = self.by_hash.get_mut(&hash) {
                    ids.retain(|&other| other != id);
                    if ids.is_empty() {
                        self.by_hash.remove(&hash);
                    }
                }
            }
        }
    }

    fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id.checked_sub(FIRST)? as usize)?.as_ref()
    }

    fn find(&self, hash: u64, nodes: &[wit::SchemaNode]) -> Option<u32> {
        let ids = self.by_hash.get(&hash)?;
        ids.iter().copied().find(|&id| self.entry(id).is_some_and(|entry| entry.wit == nodes))
    }

    fn insert(&mut self, hash: u64, entry: Entry) -> Result<u32, LiftError> {
        if self.live >= self.limit || self.entries.len() >= self.limit.saturating_mul(16) {
            return Err(LiftError::TooManySchemas(self.limit));
        }
        let id = FIRST + self.entries.len() as u32;
        self.entries.push(Some(entry));
        self.by_hash.entry(hash).or_default().push(id);
        self.live += 1;
        Ok(id)
    }
}

/// The generated types have floats in them and so no `Hash`; their debug text is as good for a bucket.
fn hash_of(nodes: &[wit::SchemaNode]) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{nodes:?}").hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use watertight_data::schema::{Field, INT64, OPTIONAL_STRING};

    fn structure(field: &str) -> Arc<Schema> {
        Schema::structure(vec![Field::new(field, INT64().clone())]).unwrap().shared()
    }

    #[test]
    fn an_equal_schema_has_the_same_number_whoever_sends_it() {
        let mut table = SchemaTable::new(10);
        let id = table.number_of(&structure("a")).unwrap();
        assert_eq!(table.number_of(&structure("a")).unwrap(), id);
        assert_eq!(table.define(lower::schema(&structure("a"))).unwrap(), id);
        assert_ne!(table.number_of(&structure("b")).unwrap(), id);
        assert_eq!(table.number_of(OPTIONAL_STRING()).unwrap(), 18);
    }

    #[test]
    fn a_forgotten_number_is_never_used_again() {
        let mut table = SchemaTable::new(10);
        let schema = structure("a");
        let id = table.number_of(&schema).unwrap();
        table.forget(&[id]);
        assert!(matches!(table.get(id), Err(LiftError::UnknownSchema(_))));
        assert!(table.number_of(&schema).unwrap() > id);
    }

    #[test]
    fn too_many_live_schemas_are_refused() {
        let mut table = SchemaTable::new(2);
        assert!(table.number_of(&structure("a")).is_ok() && table.number_of(&structure("b")).is_ok());
        assert_eq!(table.number_of(&structure("c")), Err(LiftError::TooManySchemas(2)));
    }
}
