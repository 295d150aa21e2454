//! What a transform made of a schema, kept for the next record.
//!
//! Kafka keeps sixteen, by equality. A converter hands out one `Arc` per schema, so the address is asked first;
//! comparing field by field is for the rare case that the same schema comes as another object.

use std::sync::Arc;

use crate::error::DataError;
use crate::schema::Schema;

const CAPACITY: usize = 16;

/// The latest first.
#[derive(Debug)]
pub(super) struct SchemaCache<T> {
    entries: Vec<(Arc<Schema>, T)>,
}

impl<T> Default for SchemaCache<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> SchemaCache<T> {
    /// What was made of this schema, or is made now.
    pub(super) fn get(
        &mut self,
        schema: &Arc<Schema>,
        make: impl FnOnce() -> Result<T, DataError>,
    ) -> Result<&T, DataError> {
        let known = self.entries.iter().position(|(known, _)| Arc::ptr_eq(known, schema));
        let found = known.or_else(|| self.entries.iter().position(|(known, _)| known == schema));
        match found {
            Some(0) => {}
            Some(index) => self.entries[..=index].rotate_right(1),
            None => {
                let made = make()?;
                self.entries.truncate(CAPACITY - 1);
                self.entries.insert(0, (schema.clone(), made));
            }
        }
        let first = &mut self.entries[0];
        if known.is_none() {
            first.0 = schema.clone();
        }
        Ok(&first.1)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::schema::Type;

    #[test]
    fn a_schema_is_worked_on_once_whatever_its_address() {
        let mut cache = SchemaCache::default();
        let one = |version| Schema::new(Type::Int8).with_version(version).shared();
        for version in 0..CAPACITY as i32 {
            cache.get(&one(version), || Ok(version)).unwrap();
        }
        let again = one(0);
        assert_eq!(cache.get(&again, || panic!("made twice")).unwrap(), &0);
        assert!(Arc::ptr_eq(&cache.entries[0].0, &again));
        // the oldest makes place
        cache.get(&one(99), || Ok(99)).unwrap();
        assert_eq!(cache.get(&one(1), || Ok(-1)).unwrap(), &-1);
        assert_eq!(cache.entries.len(), CAPACITY);
    }

    #[test]
    fn nothing_is_kept_of_a_failure() {
        let mut cache = SchemaCache::default();
        let schema = Schema::new(Type::Int8).shared();
        assert!(cache.get(&schema, || Err::<i32, _>(DataError::new("no"))).is_err());
        assert_eq!(cache.get(&schema, || Ok(7)).unwrap(), &7);
    }
}
