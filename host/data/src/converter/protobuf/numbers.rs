//! Which number a field has in the `.proto` file.

use std::collections::HashSet;

use super::names;
use crate::error::DataError;
use crate::schema::{Field, Schema};

/// The numbers of a message's fields: those that its schema carries, and the lowest free ones for the rest.
pub(super) struct Numbers {
    taken: HashSet<u32>,
    last: u32,
}

impl Numbers {
    /// For the fields of a struct.
    pub(super) fn of(schema: &Schema) -> Result<Self, DataError> {
        let mut taken = HashSet::new();
        for field in &schema.fields {
            let members = if names::union_name(&field.schema).is_some() { &field.schema.fields[..] } else { &[] };
            for field in std::iter::once(field).chain(members) {
                if let Some(number) = tag(field)
                    && !taken.insert(number)
                {
                    return Err(DataError::new(format!("Two fields of a struct have the tag {number}")));
                }
            }
        }
        Ok(Self { taken, last: 0 })
    }

    /// The next field's.
    pub(super) fn next(&mut self, field: &Field) -> u32 {
        if let Some(number) = tag(field) {
            return number;
        }
        loop {
            self.last += 1;
            if (19_000..20_000).contains(&self.last) {
                self.last = 20_000;
            }
            if self.taken.insert(self.last) {
                return self.last;
            }
        }
    }
}

fn tag(field: &Field) -> Option<u32> {
    field.schema.parameters.get(names::TAG)?.parse().ok()
}
