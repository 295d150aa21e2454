//! The Protobuf and JSON Schema converters against the registry's own Python clients: `recorded/registry.txt`,
//! written by `recorded/registry_clients.py`, which says how.
//!
//! - `@read`: `R` what a client registered, `<` what it wrote. `S` schema and `V` value are what a converter makes
//!   of it; they were checked by hand.
//! - `@write`: `<` a case of `recorded/registry.cases`, `T` the schema's text and `>` the bytes that a converter
//!   makes of it, `J` what a client reads from them. Protobuf's `same` is whether the client, writing what it
//!   read, writes the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "recorded/language.rs"]
#[allow(dead_code)]
mod language;
#[path = "recorded/memory.rs"]
#[allow(dead_code)]
mod memory;

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use language::{from_hex, line, schema, value};
use memory::Memory;
use watertight_data::converter::registry::{Definition, Reference, Registries, SchemaKind, SchemaRegistry};
use watertight_data::converter::{Converter, JsonConverter, create};
use watertight_data::java::json::{Node, parse, push_string};
use watertight_data::{ConfigError, Schema};

fn recorded(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/recorded/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

struct One(Arc<Memory>);

impl Registries for One {
    fn open(&self, _settings: &IndexMap<String, String>) -> Result<Arc<dyn SchemaRegistry>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn converter(spec: &str, registry: &Arc<Memory>) -> Box<dyn Converter> {
    let mut parts = spec.split(' ');
    let class = parts.next().unwrap();
    let settings = parts.map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    create(class, &settings, false, &One(registry.clone())).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |out, byte| format!("{out}{byte:02x}"))
}

fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    push_string(&mut out, text);
    String::from_utf8(out).unwrap()
}

/// What a converter makes of a case: the schema's text and the bytes.
fn written(spec: &str, case: &str) -> (String, Vec<u8>) {
    let (schema, input) = case.split_once("; ").unwrap();
    let schema: Arc<Schema> = JsonConverter::new(&IndexMap::new()).unwrap().read_schema(schema.as_bytes()).unwrap();
    let registry = Arc::new(Memory::default());
    let bytes = converter(spec, &registry).from_connect("t", Some(&schema), language::read(input)).unwrap().unwrap();
    (registry.text(1), bytes)
}

fn put(registry: &Memory, registered: &str) {
    let text = |node: &Node<'_>| node.text().unwrap().to_owned();
    let Node::Array(parts) = parse(registered.as_bytes()).unwrap() else { panic!("{registered}") };
    let Node::Array(references) = &parts[5] else { panic!("{registered}") };
    let references = references.iter().map(|reference| {
        let Node::Array(reference) = reference else { panic!("{registered}") };
        Reference { name: text(&reference[0]), subject: text(&reference[1]), version: reference[2].long() as i32 }
    });
    let definition = Definition {
        kind: SchemaKind::from_word(&text(&parts[3])).unwrap(),
        text: text(&parts[4]),
        references: references.collect(),
    };
    registry.put(&text(&parts[0]), parts[2].long() as i32, definition);
}

#[test]
fn clients_write_what_we_read_and_read_what_we_write() {
    let recorded = recorded("registry.txt");
    let mut now = String::new();
    let mut spec = "";
    let mut registry = Arc::new(Memory::default());
    let mut counts = [0, 0];
    for text in recorded.lines() {
        let (mark, rest) = text.split_once(' ').unwrap();
        match mark {
            "@read" | "@write" => {
                writeln!(now, "{text}").unwrap();
                registry = Arc::new(Memory::default());
                spec = rest;
                counts[usize::from(mark == "@write")] += 1;
            }
            "R" => {
                writeln!(now, "{text}").unwrap();
                put(&registry, rest);
            }
            "<" if rest.contains("; ") => {
                let (text, bytes) = written(spec, rest);
                writeln!(now, "< {rest}\nT {}\n> {}", quoted(&text), hex(&bytes)).unwrap();
            }
            "<" => {
                writeln!(now, "{text}").unwrap();
                match converter(spec, &registry).to_connect("t", Some(&from_hex(rest))) {
                    Ok(read) => {
                        writeln!(now, "S {}", line(&schema(read.schema.as_deref()))).unwrap();
                        writeln!(now, "V {}", line(&value(&read.value))).unwrap();
                    }
                    Err(error) => writeln!(now, "! {}", line(error.message())).unwrap(),
                }
            }
            "J" => writeln!(now, "{text}").unwrap(),
            _ => {}
        }
    }
    if let Some(path) = std::env::var_os("RECORD_REGISTRY_READ") {
        std::fs::write(path, &now).unwrap();
        return;
    }
    for (one, other) in recorded.lines().zip(now.lines()) {
        assert_eq!(comparable(other), comparable(one));
    }
    assert_eq!(recorded.lines().count(), now.lines().count());
    assert!(counts[0] >= 40 && counts[1] >= 20, "{counts:?}");
}

/// Python escapes fewer characters than Jackson.
fn comparable(line: &str) -> String {
    match line.strip_prefix("T ") {
        Some(text) => parse(text.as_bytes()).unwrap().text().unwrap().to_owned(),
        None => line.to_owned(),
    }
}

#[test]
fn every_case_is_recorded_and_may_be_recorded_again() {
    let mut spec = "";
    let mut out = String::new();
    let mut count = 0;
    for line in recorded("registry.cases").lines() {
        if let Some(next) = line.strip_prefix("@write ") {
            spec = next;
            continue;
        }
        count += 1;
        let (text, bytes) = written(spec, line);
        writeln!(
            out,
            "{{\"converter\":{},\"case\":{},\"schema\":{},\"bytes\":\"{}\"}}",
            quoted(spec),
            quoted(line),
            quoted(&text),
            hex(&bytes)
        )
        .unwrap();
    }
    if let Some(path) = std::env::var_os("RECORD_REGISTRY") {
        std::fs::write(path, out).unwrap();
        return;
    }
    assert_eq!(count, recorded("registry.txt").lines().filter(|line| line.starts_with("T ")).count());
}
