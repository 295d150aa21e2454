//! The converters against what the genuine ones said: `recorded/converters.txt`, written by
//! `recorded/Record.java` on Kafka 4.3.1 and JDK 17.
//!
//! `@` the converter that reads, with settings. `<` its input. Then either `!` the error, or `S` the schema and
//! `V` the value that came out, and for each of the five converters of [`OUT`] a line: `>` the bytes it wrote
//! from there, or `!` its error.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;

use indexmap::IndexMap;
use watertight_data::converter::{Converter, create};
use watertight_data::{DataError, Schema, Type, Value};

const OUT: [&str; 5] = [
    "Json schemas.enable=true",
    "Json schemas.enable=false",
    "Json schemas.enable=false decimal.format=numeric replace.null.with.default=false",
    "String",
    "Simple",
];

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

fn schema(schema: Option<&Schema>) -> String {
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

fn value(value: &Value) -> String {
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

fn line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn converter(spec: &str) -> Box<dyn Converter> {
    let mut parts = spec.split(' ').filter(|part| !part.is_empty());
    let class = parts.next().unwrap();
    let settings: IndexMap<String, String> =
        parts.map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    create(class, &settings, false).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    match text.strip_prefix("hex:") {
        Some(hex) => hex
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect(),
        None => text.as_bytes().to_vec(),
    }
}

fn failure(error: &DataError) -> String {
    format!("! {}", line(error.message()))
}

/// A message that ends in a colon goes on with its cause: in Java under `Caused by`, with us on the same line.
fn same(expected: &[String], said: &[String]) -> bool {
    expected.len() == said.len()
        && expected.iter().zip(said).all(|(expected, said)| {
            said == expected || expected.starts_with('!') && expected.ends_with(": ") && said.starts_with(expected)
        })
}

/// Java prints a byte array as its identity, which is another one every time.
fn without_identity(answer: &str) -> String {
    if answer.starts_with("> [B@") { "> [B@".to_owned() } else { answer.to_owned() }
}

/// What we say to one input, in the recording's form.
fn ours(spec: &str, input: &str, outputs: &[Box<dyn Converter>]) -> Vec<String> {
    let read = match converter(spec).to_connect("t", Some(&bytes(input))) {
        Ok(read) => read,
        Err(error) => return vec![failure(&error)],
    };
    let mut said =
        vec![format!("S {}", line(&schema(read.schema.as_deref()))), format!("V {}", line(&value(&read.value)))];
    for output in outputs {
        said.push(match output.from_connect("t", read.schema.as_ref(), read.value.clone()) {
            Ok(None) => "> (null)".to_owned(),
            Ok(Some(bytes)) => without_identity(&format!("> {}", line(&String::from_utf8(bytes).unwrap()))),
            Err(error) => failure(&error),
        });
    }
    said
}

#[test]
fn the_converters_say_what_kafkas_said() {
    let recording = include_str!("recorded/converters.txt");
    let outputs: Vec<Box<dyn Converter>> = OUT.iter().map(|spec| converter(spec)).collect();
    let mut spec = "";
    let mut lines = recording.split('\n').peekable();
    let mut cases = 0;
    let mut wrong = String::new();
    while let Some(text) = lines.next() {
        if let Some(next) = text.strip_prefix('@') {
            spec = next;
        } else if let Some(input) = text.strip_prefix("< ") {
            let mut expected = Vec::new();
            while let Some(answer) = lines.next_if(|line| !line.starts_with(['<', '@'])) {
                if !answer.is_empty() {
                    expected.push(without_identity(answer));
                }
            }
            cases += 1;
            let said = ours(spec, input, &outputs);
            if !same(&expected, &said) {
                writeln!(wrong, "{spec}\n< {input}\nKafka: {expected:#?}\nours:  {said:#?}").unwrap();
            }
        }
    }
    assert!(cases > 300, "{cases} cases");
    assert!(wrong.is_empty(), "{wrong}");
}
