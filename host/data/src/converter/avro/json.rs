//! JSON that a schema keeps: defaults and properties. Owned, because schemas outlive the text they came from,
//! and with single and double precision apart, because Java prints them differently.

use crate::java::json::{self, Node};
use crate::java::number;

/// A piece of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f32),
    Double(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn of(node: &Node<'_>) -> Self {
        match node {
            Node::Missing | Node::Null => Json::Null,
            Node::Boolean(flag) => Json::Boolean(*flag),
            Node::Integer(n) => Json::Integer(*n),
            Node::BigInteger(text) | Node::Decimal(text) => Json::Double(text.parse().unwrap_or(f64::NAN)),
            Node::String(text) => Json::Text(text.clone().into_owned()),
            Node::Array(items) => Json::Array(items.iter().map(Json::of).collect()),
            Node::Object(fields) => {
                Json::Object(fields.iter().map(|(name, node)| (name.clone().into_owned(), Json::of(node))).collect())
            }
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Json::Text(text.into())
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Jackson's `longValue()`.
    pub(super) fn long(&self) -> i64 {
        match self {
            Json::Integer(n) => *n,
            Json::Float(n) => *n as i64,
            Json::Double(n) => *n as i64,
            _ => 0,
        }
    }

    /// Jackson's `doubleValue()`.
    pub(super) fn double(&self) -> f64 {
        match self {
            Json::Integer(n) => *n as f64,
            Json::Float(n) => f64::from(*n),
            Json::Double(n) => *n,
            _ => 0.0,
        }
    }

    /// Java's `toString` of the object that Avro makes of it: what becomes of a property that turns into a
    /// parameter.
    pub(super) fn java_text(&self) -> String {
        match self {
            Json::Null => "null".to_owned(),
            Json::Boolean(flag) => flag.to_string(),
            Json::Integer(n) => n.to_string(),
            Json::Float(n) => number::double_to_string(f64::from(*n)),
            Json::Double(n) => number::double_to_string(*n),
            Json::Text(text) => text.clone(),
            Json::Array(items) => {
                format!("[{}]", items.iter().map(Json::java_text).collect::<Vec<_>>().join(", "))
            }
            Json::Object(fields) => {
                let all: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}={}", value.java_text())).collect();
                format!("{{{}}}", all.join(", "))
            }
        }
    }

    pub(super) fn push(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.extend_from_slice(b"null"),
            Json::Boolean(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Json::Integer(n) => json::push_integer(out, *n),
            Json::Float(n) => json::push_float(out, *n),
            Json::Double(n) => json::push_double(out, *n),
            Json::Text(text) => push_text(out, text),
            Json::Array(items) => {
                out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    item.push(out);
                }
                out.push(b']');
            }
            Json::Object(fields) => {
                out.push(b'{');
                for (place, (name, value)) in fields.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    push_text(out, name);
                    out.push(b':');
                    value.push(out);
                }
                out.push(b'}');
            }
        }
    }
}

/// Text in quotes as Jackson writes it to a `Writer`: unlike bytes, everything beyond ASCII stays as it is.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| u32::from(c) > 0xFFFF) {
        push_plain(out, &rest[..at]);
        let length = rest[at..].chars().next().map_or(0, char::len_utf8);
        out.extend_from_slice(&rest.as_bytes()[at..at + length]);
        rest = &rest[at + length..];
    }
    push_plain(out, rest);
    out.push(b'"');
}

fn push_plain(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    json::push_string(out, text);
    out.remove(start);
    out.pop();
}
