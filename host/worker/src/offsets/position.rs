//! A source partition or offset: a flat JSON object, in the order the connector gave.

use serde_json::{Map, Value};
use watertight_data::java::json as write;
use watertight_sandbox::bindings::watertight::types::data::{Position, Scalar};

/// A flat object; `serde_json` keeps its order.
pub type Offset = Map<String, Value>;

/// From a guest's words. Floats that JSON cannot say become strings, as Jackson writes them.
pub fn from_guest(position: Position) -> Offset {
    position.into_iter().map(|(name, scalar)| (name, value_of(scalar))).collect()
}

/// One value.
pub fn value_of(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(v) => Value::Bool(v),
        Scalar::Integer(v) => Value::from(v),
        Scalar::Float(v) => serde_json::Number::from_f64(v).map_or_else(|| Value::String(v.to_string()), Value::Number),
        Scalar::Text(v) => Value::String(v),
    }
}

/// To a guest. What is no scalar goes as its JSON text: a JVM connector may have stored it, none can be made here.
pub fn to_guest(offset: &Offset) -> Position {
    offset
        .iter()
        .map(|(name, value)| {
            let scalar = match value {
                Value::Null => Scalar::Null,
                Value::Bool(v) => Scalar::Boolean(*v),
                Value::Number(v) => match v.as_i64() {
                    Some(v) => Scalar::Integer(v),
                    None => Scalar::Float(v.as_f64().unwrap_or(f64::NAN)),
                },
                Value::String(v) => Scalar::Text(v.clone()),
                Value::Array(_) | Value::Object(_) => Scalar::Text(value.to_string()),
            };
            (name.clone(), scalar)
        })
        .collect()
}

/// The bytes of a key: `["connector",{...}]`.
pub fn key_bytes(connector: &str, partition: &Offset) -> Vec<u8> {
    let mut out = vec![b'['];
    write::push_string(&mut out, connector);
    out.push(b',');
    push_object(&mut out, partition);
    out.push(b']');
    out
}

/// The bytes of a value: `{...}`.
pub fn value_bytes(offset: &Offset) -> Vec<u8> {
    let mut out = Vec::new();
    push_object(&mut out, offset);
    out
}

/// Connector and partition of a stored key; none if it is something else.
pub fn parse_key(bytes: &[u8]) -> Option<(String, Offset)> {
    let Value::Array(parts) = serde_json::from_slice(bytes).ok()? else { return None };
    let mut parts = parts.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Value::String(connector)), Some(Value::Object(partition)), None) => Some((connector, partition)),
        _ => None,
    }
}

/// The same for equal partitions, whatever order their fields come in.
pub fn canonical(partition: &Offset) -> String {
    let mut fields: Vec<(&String, &Value)> = partition.iter().collect();
    fields.sort_by(|a, b| a.0.cmp(b.0));
    let mut out = Vec::new();
    for (name, value) in fields {
        write::push_string(&mut out, name);
        out.push(b':');
        push_value(&mut out, value);
        out.push(b',');
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn push_object(out: &mut Vec<u8>, object: &Offset) {
    out.push(b'{');
    for (index, (name, value)) in object.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write::push_string(out, name);
        out.push(b':');
        push_value(out, value);
    }
    out.push(b'}');
}

fn push_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => write::push_string(out, text),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => write::push_integer(out, integer),
            None => write::push_double(out, number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Object(object) => push_object(out, object),
        Value::Null | Value::Bool(_) | Value::Array(_) => out.extend(value.to_string().bytes()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn object(text: &str) -> Offset {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn keys_are_the_bytes_that_connect_writes() {
        let key = key_bytes("local-file-source", &object(r#"{"filename":"in.txt"}"#));
        assert_eq!(String::from_utf8(key).unwrap(), r#"["local-file-source",{"filename":"in.txt"}]"#);
        assert_eq!(value_bytes(&object(r#"{"position":123}"#)), br#"{"position":123}"#);
    }

    #[test]
    fn a_key_is_read_back() {
        let (connector, partition) = parse_key(br#"["c",{"a":1}]"#).unwrap();
        assert_eq!((connector.as_str(), partition), ("c", object(r#"{"a":1}"#)));
        assert!(parse_key(b"{}").is_none() && parse_key(br#"["c"]"#).is_none());
    }

    #[test]
    fn field_order_does_not_make_another_partition() {
        assert_eq!(canonical(&object(r#"{"a":1,"b":2}"#)), canonical(&object(r#"{"b":2,"a":1}"#)));
    }
}
