//! What a request's JSON is to a JVM: hash codes, which decide which of several mistakes is named, and texts, which
//! stand in the messages.

use serde_json::{Map, Value};
use watertight_data::java::hash::{hash_map_order, string_hash};
use watertight_data::java::json::push_double;

/// Puts pairs, given in order of insertion, into the order in which a `HashMap` with these keys gives them back.
pub(super) fn order<V>(entries: &mut [(Map<String, Value>, V)]) {
    hash_map_order(entries, |(key, _)| object_hash(key));
}

/// `AbstractMap.hashCode`
pub(super) fn object_hash(object: &Map<String, Value>) -> i32 {
    object.iter().fold(0_i32, |sum, (name, value)| sum.wrapping_add(string_hash(name) ^ value_hash(value)))
}

fn value_hash(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Bool(true) => 1231,
        Value::Bool(false) => 1237,
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            // Jackson makes an Integer of what fits, and that is its own hash code.
            (Some(integer), _) => i32::try_from(integer).unwrap_or_else(|_| folded(integer.cast_unsigned())),
            (None, Some(double)) => folded(double.to_bits()),
            (None, None) => 0,
        },
        Value::String(text) => string_hash(text),
        Value::Array(list) => list.iter().fold(1_i32, |hash, one| hash.wrapping_mul(31).wrapping_add(value_hash(one))),
        Value::Object(object) => object_hash(object),
    }
}

#[allow(clippy::cast_possible_truncation)]
fn folded(bits: u64) -> i32 {
    (bits ^ (bits >> 32)) as i32
}

/// `String.valueOf`
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(_) => value.to_string(),
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() => {
                let mut out = Vec::new();
                push_double(&mut out, double);
                String::from_utf8_lossy(&out).into_owned()
            }
            Some(_) | None => number.to_string(),
        },
        Value::Array(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => {
            let fields: Vec<String> = object.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_as_java_prints_them() {
        for (value, expected) in [
            (json!([1, "a", null, {"x": 1.0}]), "[1, a, null, {x=1.0}]"),
            (json!({"a": 1, "b": "c"}), "{a=1, b=c}"),
            (json!(1.5e30), "1.5E30"),
            (json!(true), "true"),
            (json!(9_223_372_036_854_775_808_u64), "9223372036854775808"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    /// Asked of a JVM: `Map.of("a", 1).hashCode()` and so on.
    #[test]
    fn hash_codes_are_those_of_java() {
        let hash = |value: Value| object_hash(value.as_object().unwrap());
        assert_eq!(hash(json!({})), 0);
        assert_eq!(hash(json!({"a": 1})), 97 ^ 1);
        assert_eq!(hash(json!({"a": 1.5})), 97 ^ 1_073_217_536);
        assert_eq!(hash(json!({"a": 4_294_967_296_i64})), 97 ^ 1);
        assert_eq!(hash(json!({"a": [1, 2]})), 97 ^ 994);
        assert_eq!(hash(json!({"a": true, "b": null})), (97 ^ 1231) + 98);
    }
}
