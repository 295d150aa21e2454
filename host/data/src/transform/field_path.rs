//! `SingleFieldPath` and `FieldSyntaxVersion`: how a setting names a field, nested or not (KIP-821).

use std::sync::Arc;

use super::{exception, require};
use crate::config::{ConfigKey, Importance, Kind, Settings, Validator};
use crate::error::{ConfigError, DataError};
use crate::schema::{Field, Schema, Type};
use crate::value::Value;

const VERSION: &str = "field.syntax.version";
const PURPOSE: &str = "nested field access";

/// The key of the setting, where a transform has it.
pub(super) fn version_key() -> ConfigKey {
    ConfigKey::defaulted(VERSION, Kind::String, "V1", Importance::High)
        .documented(
            "How fields are named. V1: by their name, at the top level only. V2: with a dot between the names \
             on the way down; backticks around a name that has dots itself: `foo.bar`.baz.",
        )
        .checked(Validator::one_of_ignoring_case(&["V1", "V2"]))
}

/// Names on the way down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldPath {
    steps: Vec<String>,
}

impl FieldPath {
    /// As the settings say.
    pub(super) fn new(text: &str, settings: &Settings) -> Result<Self, ConfigError> {
        match settings.text(VERSION) {
            Some(version) if version.eq_ignore_ascii_case("V2") => Self::nested(text),
            _ => Ok(Self { steps: vec![text.to_owned()] }),
        }
    }

    /// V2.
    fn nested(path: &str) -> Result<Self, ConfigError> {
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            if rest.starts_with('`') {
                let (step, after) = quoted(path, rest)?;
                steps.push(step);
                rest = after;
            } else {
                let (step, after) = rest.split_once('.').unwrap_or((rest, ""));
                steps.push(step.to_owned());
                rest = after;
            }
        }
        if path.ends_with('.') {
            steps.push(String::new());
        }
        Ok(Self { steps })
    }

    /// All names but the last, and the last. An empty path has none, which only shows when a record comes.
    fn split(&self) -> Result<(&[String], &str), DataError> {
        match self.steps.split_last() {
            Some((last, before)) => Ok((before, last)),
            None => Err(exception::illegal_argument("fromIndex(0) > toIndex(-1)")),
        }
    }

    /// The field, where the schema has it.
    pub(super) fn field_from<'a>(&self, schema: &'a Arc<Schema>) -> Result<Option<&'a Field>, DataError> {
        let (before, last) = self.split()?;
        let mut current = schema;
        for step in before {
            match look_up(current, step)? {
                Some(field) => current = &field.schema,
                None => return Ok(None),
            }
        }
        look_up(current, last)
    }

    /// The value, taken out of a struct; null where there is none.
    pub(super) fn take_from_struct(
        &self,
        schema: &Arc<Schema>,
        values: Vec<Value>,
        with_default: bool,
    ) -> Result<Value, DataError> {
        let (before, last) = self.split()?;
        let (mut schema, mut values) = (schema, values);
        for step in before {
            let Some((index, field)) = schema.field(step) else {
                return Ok(Value::Null);
            };
            let value = super::structs::take(field, &mut values[index], true);
            if value.is_null() {
                return Ok(Value::Null);
            }
            values = require::structure(&field.schema, value, PURPOSE)?;
            schema = &field.schema;
        }
        Ok(match schema.field(last) {
            Some((index, field)) => super::structs::take(field, &mut values[index], with_default),
            None => Value::Null,
        })
    }

    /// The value, taken out of a map; null where there is none.
    pub(super) fn take_from_map(&self, entries: Vec<(Value, Value)>) -> Result<Value, DataError> {
        let (before, last) = self.split()?;
        let mut entries = entries;
        for step in before {
            match take(entries, step) {
                Value::Null => return Ok(Value::Null),
                value => entries = require::map(value, PURPOSE)?,
            }
        }
        Ok(take(entries, last))
    }
}

fn take(entries: Vec<(Value, Value)>, key: &str) -> Value {
    entries.into_iter().find(|(known, _)| known.as_str() == Some(key)).map_or(Value::Null, |(_, value)| value)
}

fn look_up<'a>(schema: &'a Schema, name: &str) -> Result<Option<&'a Field>, DataError> {
    if schema.ty != Type::Struct {
        return Err(DataError::new("Cannot look up fields on non-struct type"));
    }
    Ok(schema.field(name).map(|(_, field)| field))
}

/// A name in backticks, and what follows its dot. A backtick ends the name only before a dot or the end; a
/// backslash before such a one makes it part of the name.
fn quoted<'a>(path: &str, rest: &'a str) -> Result<(String, &'a str), ConfigError> {
    let incomplete = || {
        let position = path[..path.len() - rest.len()].encode_utf16().count();
        ConfigError::new(format!(
            "Incomplete backtick pair in path: [{path}], consider adding a backslash before backtick at position \
             {position} to escape it"
        ))
    };
    let mut name = String::new();
    let (mut start, mut from) = (1, 1);
    loop {
        let Some(at) = rest[from..].find('`').map(|at| from + at) else {
            return Err(incomplete());
        };
        // the opening backtick's neighbour is the first that can be a backslash
        let escaped = rest[..at].ends_with('\\');
        if at == rest.len() - 1 {
            if escaped {
                return Err(incomplete());
            }
            name.push_str(&rest[start..at]);
            return Ok((name, ""));
        }
        from = at + 1;
        if !rest[from..].starts_with('.') {
            continue;
        }
        if escaped {
            name.push_str(&rest[start..at - 1]);
            name.push('`');
            start = from;
            continue;
        }
        name.push_str(&rest[start..at]);
        return Ok((name, &rest[at + 2..]));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_as_by_kafka() {
        for (path, steps) in [
            ("", &[][..]),
            ("foo", &["foo"]),
            ("foo.bar.baz", &["foo", "bar", "baz"]),
            ("foo.", &["foo", ""]),
            (".", &["", ""]),
            ("a..b", &["a", "", "b"]),
            ("`foo.bar`.baz", &["foo.bar", "baz"]),
            ("`foo.bar`", &["foo.bar"]),
            ("`a`b`.c", &["a`b", "c"]),
            ("`a\\`.b`.c", &["a`.b", "c"]),
            ("``.c", &["", "c"]),
            ("a.`b.c`.", &["a", "b.c", ""]),
            ("fo`o.b", &["fo`o", "b"]),
        ] {
            assert_eq!(FieldPath::nested(path).unwrap().steps, steps, "{path}");
        }
    }

    #[test]
    fn a_backtick_without_its_pair_is_refused() {
        for (path, position) in [("`foo.bar", 0), ("a.`b", 2), ("`a\\`", 0), ("`", 0)] {
            let refused = FieldPath::nested(path).unwrap_err();
            assert_eq!(
                refused.message(),
                format!(
                    "Incomplete backtick pair in path: [{path}], consider adding a backslash before backtick at position {position} to escape it"
                )
            );
        }
    }
}
