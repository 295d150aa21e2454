//! Schemaless JSON, the cheap path for plugins that speak it: read and written by Kafka's own rules.

use std::sync::LazyLock;

use watertight_data::converter::{self, Converter};
use watertight_data::value::Value;

static SCHEMALESS: LazyLock<Option<Box<dyn Converter>>> = LazyLock::new(|| {
    let settings = [("schemas.enable".to_owned(), "false".to_owned())].into_iter().collect();
    converter::create("org.apache.kafka.connect.json.JsonConverter", &settings, false, &converter::NoRegistries).ok()
});

/// JsonConverter with `schemas.enable=false`.
pub(crate) fn schemaless() -> Option<&'static dyn Converter> {
    SCHEMALESS.as_deref()
}

/// The text of a schemaless value; none where JSON cannot say it, so that another value would come back.
pub(crate) fn text(value: &Value) -> Option<String> {
    if !sayable(value) {
        return None;
    }
    let bytes = schemaless()?.from_connect("", None, value.clone()).ok()??;
    String::from_utf8(bytes).ok()
}

/// Bytes would come back as text, and a map with other keys as a list of pairs.
fn sayable(value: &Value) -> bool {
    match value {
        Value::Null
        | Value::Boolean(_)
        | Value::Int8(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Int64(_)
        | Value::String(_) => true,
        Value::Float32(number) => number.is_finite(),
        Value::Float64(number) => number.is_finite(),
        Value::Array(items) => items.iter().all(sayable),
        Value::Map(pairs) => pairs.iter().all(|(key, item)| matches!(key, Value::String(_)) && sayable(item)),
        Value::Bytes(_) | Value::Struct(_) | Value::Decimal(_) | Value::Date(_) => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_json_can_say_goes_as_text() {
        let map = |key: Value, item: Value| Value::Map(vec![(key, item)]);
        assert_eq!(text(&map("k".into(), Value::Int64(1))).unwrap(), r#"{"k":1}"#);
        for unsayable in [
            map("k".into(), Value::Bytes(vec![1])),
            map(Value::Int64(1), Value::Null),
            Value::Array(vec![Value::Float64(f64::NAN)]),
        ] {
            assert_eq!(text(&unsayable), None);
        }
    }
}
