//! Key or value: which half of a record a transform works on.

use crate::record::Record;
use crate::value::SchemaAndValue;

/// What `$Key` and `$Value` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `$Key`
    Key,
    /// `$Value`
    Value,
}

impl Side {
    /// That half.
    pub(super) fn of(self, record: &mut Record) -> &mut SchemaAndValue {
        match self {
            Side::Key => &mut record.key,
            Side::Value => &mut record.value,
        }
    }
}
