//! A record on one line, for people or as JSON.

use base64::Engine as _;
use serde_json::{Map, Value, json};
use watertight_kafka::InRecord;

use crate::args::Tail;
use crate::ui::look::{Look, Tint};
use crate::ui::{text, time};

/// With its line break.
pub(super) fn line(tail: &Tail, look: &Look, record: &InRecord) -> String {
    if tail.json {
        return format!("{}\n", object(record));
    }
    let mut out = String::new();
    if tail.offsets {
        let time = record.timestamp.map(time::of_millis).unwrap_or_default();
        let place = format!("{}:{} {time}", record.partition, record.offset);
        out.push_str(&look.paint(Tint::Faint, place.trim_end()));
        out.push('\t');
    }
    if tail.headers {
        let headers: Vec<String> =
            record.headers.iter().map(|(name, value)| format!("{}:{}", text::safe(name), shown(look, value))).collect();
        out.push_str(&headers.join(","));
        out.push('\t');
    }
    if tail.key {
        out.push_str(&shown(look, &record.key));
        out.push('\t');
    }
    out.push_str(&shown(look, &record.value));
    out.push('\n');
    out
}

fn shown(look: &Look, bytes: &Option<Vec<u8>>) -> String {
    match bytes {
        Some(bytes) => text::bytes(bytes),
        None => look.paint(Tint::Faint, "null"),
    }
}

/// Exact: what is no text goes as base64, under a key of its own.
fn object(record: &InRecord) -> Value {
    let mut object = Map::new();
    object.insert("topic".to_owned(), json!(&*record.topic));
    object.insert("partition".to_owned(), json!(record.partition));
    object.insert("offset".to_owned(), json!(record.offset));
    object.insert("timestamp".to_owned(), json!(record.timestamp));
    put(&mut object, "key", &record.key);
    put(&mut object, "value", &record.value);
    let header = |(name, value): &(String, Option<Vec<u8>>)| {
        let mut header = Map::new();
        header.insert("key".to_owned(), json!(name));
        put(&mut header, "value", value);
        Value::Object(header)
    };
    object.insert("headers".to_owned(), Value::Array(record.headers.iter().map(header).collect()));
    Value::Object(object)
}

fn put(object: &mut Map<String, Value>, name: &str, bytes: &Option<Vec<u8>>) {
    match bytes.as_deref().map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => object.insert(name.to_owned(), Value::Null),
        Some((_, Ok(text))) => object.insert(name.to_owned(), json!(text)),
        Some((bytes, Err(_))) => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
            object.insert(format!("{name}_base64"), json!(encoded))
        }
    };
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use clap::Parser as _;
    use watertight_kafka::TimestampType;

    use super::*;
    use crate::args::{Cli, Command, People};

    fn shown(options: &str) -> String {
        let words = ["watertight", "tail", "t"].into_iter().chain(options.split_whitespace());
        let Command::People(People::Tail(tail)) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        let record = InRecord {
            topic: "t".into(),
            partition: 1,
            offset: 7,
            timestamp: Some(951_782_399_999),
            timestamp_type: TimestampType::CreateTime,
            key: Some(b"k\n".to_vec()),
            value: Some(b"v\xff\x1b".to_vec()),
            headers: vec![("h".to_owned(), None)],
        };
        line(&tail, &Look::plain(), &record)
    }

    #[test]
    fn a_record_is_one_line_whatever_is_in_it() {
        assert_eq!(shown(""), "v\\xff\\x1b\n");
        assert_eq!(shown("--key --headers -o"), "1:7 2000-02-28 23:59:59\th:null\tk\\n\tv\\xff\\x1b\n");
    }

    #[test]
    fn json_holds_every_byte() {
        let object: Value = serde_json::from_str(&shown("--json")).unwrap();
        assert_eq!(
            object,
            json!({"topic": "t", "partition": 1, "offset": 7, "timestamp": 951_782_399_999_i64, "key": "k\n",
                "value_base64": "dv8b", "headers": [{"key": "h", "value": null}]})
        );
    }
}
