//! Values to the JSON of the payload. As JsonConverter's, but a map whose keys are no text is an array of
//! `{"key":…,"value":…}`, a union is the one alternative that is set, and a field may be left out.

use super::names;
use super::settings::JsonSchemaSettings;
use crate::converter::DecimalFormat;
pub(super) use crate::converter::json::write::value;
use crate::converter::json::write::{Dialect, all_text, entries, members};
use crate::error::DataError;
use crate::schema::{Field, Schema};
use crate::value::Value;

impl Dialect for JsonSchemaSettings {
    const ENTRY: [&'static [u8]; 3] = [b"{\"key\":", b",\"value\":", b"}"];

    fn decimal_format(&self) -> DecimalFormat {
        self.decimal_format
    }

    fn replaces_null_with_default(&self) -> bool {
        self.replace_null_with_default
    }

    /// A field whose JSON Schema allows it to be missing, but not to be null.
    fn leaves_out(&self, field: &Field, value: &Value) -> bool {
        self.optional_for_nonrequired
            && value.is_null()
            && field.schema.optional
            && (field.schema.default.is_none() || !self.replace_null_with_default)
    }

    fn structure(&self, out: &mut Vec<u8>, schema: &Schema, values: &[Value], depth: usize) -> Result<(), DataError> {
        if !names::is_union(schema) {
            return members(out, schema, values, self, depth);
        }
        match schema.fields.iter().zip(values).find(|(_, child)| !child.is_null()) {
            Some((field, child)) => value(out, Some(&field.schema), child, self, depth + 1),
            None if schema.optional => {
                out.extend_from_slice(b"null");
                Ok(())
            }
            None => Err(DataError::new("Cannot find non-null field")),
        }
    }

    /// An object if the keys are text that is always there, else an array of entries.
    fn map(
        &self,
        out: &mut Vec<u8>,
        schema: Option<&Schema>,
        entries: &[(Value, Value)],
        depth: usize,
    ) -> Result<(), DataError> {
        let object = match schema.and_then(|schema| schema.key_schema.as_deref()) {
            Some(schema) => names::is_object_key(schema),
            None => all_text(entries),
        };
        self::entries(out, object, schema, entries, self, depth)
    }
}
