//! The recording's language: how schemas and values are printed, and how values are read back.

use std::fmt::Write as _;

use watertight_data::java::hash;
use watertight_data::{Decimal, Schema, Type, Value};

fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\0'..='\u{1f}' | '\u{7f}' => write!(out, "\\u{:04x}", u32::from(c)).unwrap(),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

pub fn schema(schema: Option<&Schema>) -> String {
    let Some(schema) = schema else {
        return "none".to_owned();
    };
    let mut out = schema.ty.to_string();
    if schema.optional {
        out.push('?');
    }
    if let Some(name) = &schema.name {
        write!(out, " name={name}").unwrap();
    }
    if let Some(version) = schema.version {
        write!(out, " version={version}").unwrap();
    }
    if let Some(doc) = &schema.doc {
        write!(out, " doc={}", quote(doc)).unwrap();
    }
    if !schema.parameters.is_empty() {
        let all: Vec<String> = schema.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        write!(out, " parameters={{{}}}", all.join(", ")).unwrap();
    }
    if let Some(default) = &schema.default {
        write!(out, " default={}", value(default)).unwrap();
    }
    let inner = |inner: &Option<std::sync::Arc<Schema>>| self::schema(inner.as_deref());
    match schema.ty {
        Type::Array => write!(out, "<{}>", inner(&schema.value_schema)).unwrap(),
        Type::Map => write!(out, "<{}, {}>", inner(&schema.key_schema), inner(&schema.value_schema)).unwrap(),
        Type::Struct => {
            let fields: Vec<String> = schema
                .fields
                .iter()
                .map(|field| format!("{}: {}", field.name, self::schema(Some(&field.schema))))
                .collect();
            write!(out, "<{}>", fields.join(", ")).unwrap();
        }
        _ => {}
    }
    out
}

pub fn value(value: &Value) -> String {
    let text = |value: &Value| watertight_data::java::text::to_string(None, value).unwrap();
    let all = |values: &[Value]| values.iter().map(self::value).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null | Value::Boolean(_) => text(value),
        Value::Int8(n) => format!("{n}i8"),
        Value::Int16(n) => format!("{n}i16"),
        Value::Int32(n) => format!("{n}i32"),
        Value::Int64(n) => format!("{n}i64"),
        Value::Float32(_) => format!("{}f32", text(value)),
        Value::Float64(_) => format!("{}f64", text(value)),
        Value::String(text) => quote(text),
        Value::Bytes(bytes) => bytes.iter().fold("hex:".to_owned(), |out, byte| format!("{out}{byte:02x}")),
        Value::Decimal(decimal) => format!("{decimal}/{}dec", decimal.scale),
        Value::Date(millis) => format!("{millis}date"),
        Value::Array(values) => format!("[{}]", all(values)),
        Value::Struct(values) => format!("({})", all(values)),
        Value::Map(entries) => {
            let all: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", self::value(key), self::value(value))).collect();
            format!("{{{}}}", all.join(", "))
        }
    }
}

pub fn line(text: &str) -> String {
    without_identity(text).replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

/// Java prints a byte array as its identity, which is another one every time.
fn without_identity(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("[B@") {
        out.push_str(&rest[..at + 3]);
        rest = rest[at + 3..].trim_start_matches(|c: char| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
    }
    out + rest
}

/// Bytes as text where they are some, else in hex.
pub fn bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.starts_with("hex:") && text.bytes().all(|byte| byte >= 0x20) => {
            line(text)
        }
        _ => value(&Value::Bytes(bytes.to_vec())),
    }
}

/// The other way.
pub fn from_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// What [`value`] printed. A struct takes its fields from the schema where it stands.
pub fn read(text: &str) -> Value {
    let mut reader = Reader(text);
    let value = reader.value();
    assert_eq!(reader.0, "", "{text}");
    value
}

struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn eat(&mut self, wanted: &str) -> bool {
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn list(&mut self, end: &str) -> Vec<Value> {
        let mut values = Vec::new();
        while !self.eat(end) {
            values.push(self.value());
            self.eat(", ");
        }
        values
    }

    fn value(&mut self) -> Value {
        if self.eat("[") {
            return Value::Array(self.list("]"));
        }
        if self.eat("(") {
            return Value::Struct(self.list(")"));
        }
        if self.eat("{") {
            let mut entries = Vec::new();
            while !self.eat("}") {
                let key = self.value();
                assert!(self.eat(": "));
                entries.push((key, self.value()));
                self.eat(", ");
            }
            hash::value_map_order(&mut entries);
            return Value::Map(entries);
        }
        if self.eat("\"") {
            return Value::String(self.string());
        }
        if self.eat("hex:") {
            return Value::Bytes(from_hex(self.word()));
        }
        let word = self.word();
        let number = |suffix: &str| word.strip_suffix(suffix);
        match word {
            "null" => Value::Null,
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => number("i8")
                .map(|n| Value::Int8(n.parse().unwrap()))
                .or_else(|| number("i16").map(|n| Value::Int16(n.parse().unwrap())))
                .or_else(|| number("i32").map(|n| Value::Int32(n.parse().unwrap())))
                .or_else(|| number("i64").map(|n| Value::Int64(n.parse().unwrap())))
                .or_else(|| number("f32").map(|n| Value::Float32(n.parse().unwrap())))
                .or_else(|| number("f64").map(|n| Value::Float64(n.parse().unwrap())))
                .or_else(|| number("date").map(|n| Value::Date(n.parse().unwrap())))
                .or_else(|| {
                    number("dec").map(|n| Value::Decimal(Decimal::parse(n.split_once('/').unwrap().0).unwrap()))
                })
                .unwrap_or_else(|| panic!("no value: {word}")),
        }
    }

    fn word(&mut self) -> &str {
        let end = self.0.find([',', ')', ']', '}', ':']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        word
    }

    fn string(&mut self) -> String {
        let mut out = String::new();
        let mut chars = self.0.chars();
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => match chars.next().unwrap() {
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        out.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
                    }
                    other => out.push(other),
                },
                other => out.push(other),
            }
        }
        self.0 = chars.as_str();
        out
    }
}
