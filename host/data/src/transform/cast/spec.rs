//! What `spec` says: which field becomes which type.

use super::map_order;
use crate::config::{Parsed, Validator};
use crate::error::ConfigError;
use crate::schema::Type;

/// Target types by field; no name means the whole.
pub(super) type Spec = Vec<(Option<String>, Type)>;

/// The name under which the whole is kept.
pub(super) const WHOLE: Option<&str> = None;

/// The names of the types, for the message that lists what can be cast to.
const OUTPUT: &str = "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]";

/// The type that a field becomes, if it is to become another.
pub(super) fn target(spec: &Spec, field: Option<&str>) -> Option<Type> {
    spec.iter().find(|(name, _)| name.as_deref() == field).map(|(_, ty)| *ty)
}

pub(super) fn validator() -> Validator {
    Validator::Custom(|_, value| match value {
        Some(Parsed::List(mappings)) if !mappings.is_empty() => parse(mappings).map(|_| ()),
        _ => Err(ConfigError::new("Must specify at least one field to cast.")),
    })
}

pub(super) fn parse(mappings: &[String]) -> Result<Spec, ConfigError> {
    let mut spec: Spec = Vec::with_capacity(mappings.len());
    for mapping in mappings {
        let parts = split(mapping);
        let (field, ty) = match parts.as_slice() {
            [ty] => (None, ty),
            [field, ty] => (Some(trim(field).to_owned()), ty),
            // what Java says to a colon alone
            [] => return Err(ConfigError::new("Index 1 out of bounds for length 0")),
            _ => {
                // Kafka names the setting of another transform here
                let all = Parsed::List(mappings.to_vec());
                return Err(ConfigError::invalid("renames", all, format_args!("Invalid rename mapping: {mapping}")));
            }
        };
        let ty = output(trim(ty))?;
        match spec.iter_mut().find(|(known, _)| *known == field) {
            Some(entry) => entry.1 = ty,
            None => spec.push((field, ty)),
        }
    }
    if mappings.len() > 1 && target(&spec, WHOLE).is_some() {
        return Err(ConfigError::new(
            "Cast transformations that specify a type to cast the entire value to may only specify a single cast in \
             their spec",
        ));
    }
    Ok(map_order(spec))
}

/// `String.split(":")`: empty parts at the end do not count, unless nothing else is there.
fn split(mapping: &str) -> Vec<&str> {
    if mapping.is_empty() {
        return vec![""];
    }
    let mut parts: Vec<&str> = mapping.split(':').collect();
    while parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    parts
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

fn output(text: &str) -> Result<Type, ConfigError> {
    let word = text.to_uppercase();
    let ty = match word.as_str() {
        "INT8" => Type::Int8,
        "INT16" => Type::Int16,
        "INT32" => Type::Int32,
        "INT64" => Type::Int64,
        "FLOAT32" => Type::Float32,
        "FLOAT64" => Type::Float64,
        "BOOLEAN" => Type::Boolean,
        "STRING" => Type::String,
        "BYTES" | "ARRAY" | "MAP" | "STRUCT" => {
            return Err(ConfigError::new(format!(
                "Cast transformation does not support casting to {word}; supported types are {OUTPUT}"
            )));
        }
        _ => {
            // the cause stands where a value should, and the message where a name should
            let cause = format!(
                "java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.{word}"
            );
            return Err(ConfigError::new(format!(
                "Invalid value {cause} for configuration Invalid type found in casting spec: {text}"
            )));
        }
    };
    Ok(ty)
}
