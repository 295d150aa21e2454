//! A source record as Java prints it, for log lines that include it.

use std::fmt::Write as _;

use watertight_data::java::text::to_string;
use watertight_data::{Record, Schema, SchemaAndValue, Value};

use crate::offsets::position::Offset;

/// `SourceRecord.toString`.
pub(super) fn source_record(record: &Record, (partition, offset): (Offset, Option<Offset>)) -> String {
    let Record { topic, partition: number, key, value, headers, timestamp, origin: _ } = record;
    let or_null = |number: Option<i64>| number.map_or_else(|| "null".to_owned(), |number| number.to_string());
    let mut list = String::new();
    for header in headers {
        if !list.is_empty() {
            list.push_str(", ");
        }
        let (value, schema) = datum(&header.value);
        let _ = write!(list, "ConnectHeader(key={}, value={value}, schema={schema})", header.key);
    }
    let ((key, key_schema), (value, value_schema)) = (datum(key), datum(value));
    format!(
        "SourceRecord{{sourcePartition={}, sourceOffset={}}} ConnectRecord{{topic='{topic}', kafkaPartition={}, \
         key={key}, keySchema={key_schema}, value={value}, valueSchema={value_schema}, timestamp={}, \
         headers=ConnectHeaders(headers={})}}",
        map(Some(&partition)),
        map(offset.as_ref()),
        or_null(number.map(i64::from)),
        or_null(*timestamp),
        if headers.is_empty() { String::new() } else { format!("[{list}]") },
    )
}

fn datum(SchemaAndValue { schema, value }: &SchemaAndValue) -> (String, String) {
    let text = match value {
        Value::Null => "null".to_owned(),
        value => to_string(schema.as_deref(), value).unwrap_or_default(),
    };
    (text, schema.as_deref().map_or_else(|| "null".to_owned(), schema_text))
}

/// `ConnectSchema.toString`.
fn schema_text(schema: &Schema) -> String {
    match &schema.name {
        Some(name) => format!("Schema{{{name}:{}}}", schema.ty),
        None => format!("Schema{{{}}}", schema.ty),
    }
}

fn map(offset: Option<&Offset>) -> String {
    let Some(offset) = offset else { return "null".to_owned() };
    let print = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields: Vec<String> = offset.iter().map(|(name, value)| format!("{name}={}", print(value))).collect();
    format!("{{{}}}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use watertight_data::{Origin, schema};

    use super::*;

    #[test]
    fn a_record_reads_as_java_prints_it() {
        let record = Record {
            topic: "t".into(),
            partition: None,
            key: SchemaAndValue::NULL,
            value: SchemaAndValue::new(Some(schema::STRING().clone()), "v".into()),
            headers: Vec::new(),
            timestamp: Some(3),
            origin: Origin::Source,
        };
        let partition = [("filename".to_owned(), "f".into())].into_iter().collect();
        assert_eq!(
            source_record(&record, (partition, None)),
            "SourceRecord{sourcePartition={filename=f}, sourceOffset=null} ConnectRecord{topic='t', kafkaPartition=null, \
             key=null, keySchema=null, value=v, valueSchema=Schema{STRING}, timestamp=3, \
             headers=ConnectHeaders(headers=)}"
        );
    }
}
