//! The data model and the converters against what the genuine ones said: `recorded/converters.txt`, written by
//! `recorded/Record.java` from `recorded/converters.cases` on Kafka 4.3.1 and JDK 17.
//!
//! `@` says what is asked of the cases that follow, `<` is a case, and the lines after it are the answers, of
//! which `!` is an error: class and message, as a dead letter queue's context headers would hold them.
//! - `@write A; B`: a schema (as JSON) and a value. For each converter `>` the bytes, then `S` and `V`, what the
//!   same converter reads from them.
//! - `@validate`, `@equal`, `@project`, `@convert`, `@define`, `@configure`: what their names say.
//! - anything else is a converter with settings, which reads: `S` the schema and `V` the value that came out, and
//!   for each of [`OUT`] `>` the bytes it writes from there.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "recorded/language.rs"]
mod language;

use std::fmt::Write as _;
use std::sync::Arc;

use indexmap::IndexMap;
use language::{bytes, from_hex, line, schema, value};
use watertight_data::converter::{Converter, JsonConverter, NoRegistries, create, find};
use watertight_data::{ConfigError, DataError, Schema, SchemaAndValue, Value, projector, validate, values};

const OUT: [&str; 5] = [
    "Json schemas.enable=true",
    "Json schemas.enable=false",
    "Json schemas.enable=false decimal.format=numeric replace.null.with.default=false",
    "String",
    "Simple",
];

fn converter(spec: &str) -> Result<Box<dyn Converter>, ConfigError> {
    let mut parts = spec.split(' ').filter(|part| !part.is_empty());
    let class = parts.next().unwrap();
    let settings: IndexMap<String, String> =
        parts.map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    create(class, &settings, false, &NoRegistries)
}

fn failure(error: &DataError) -> String {
    format!("! {}: {}", error.class(), line(error.own_message()))
}

fn answer(mark: &str, answer: Result<String, DataError>) -> String {
    match answer {
        Ok(answer) => format!("{mark} {answer}"),
        Err(error) => failure(&error),
    }
}

/// A schema as JSON, or none.
fn parse_schema(text: &str) -> Result<Option<Arc<Schema>>, DataError> {
    if text == "none" {
        return Ok(None);
    }
    let settings = IndexMap::from([("replace.null.with.default".to_owned(), "false".to_owned())]);
    let json = JsonConverter::new(&settings).unwrap();
    json.read_schema(text.as_bytes()).map(Some)
}

fn read_back(read: Result<SchemaAndValue, DataError>) -> Vec<String> {
    match read {
        Ok(read) => {
            vec![format!("S {}", line(&schema(read.schema.as_deref()))), format!("V {}", line(&value(&read.value)))]
        }
        Err(error) => vec![failure(&error)],
    }
}

fn read(spec: &str, input: &str) -> Vec<String> {
    let input = match input.strip_prefix("hex:") {
        Some(hex) => from_hex(hex),
        None => input.as_bytes().to_vec(),
    };
    let read = converter(spec).unwrap().to_connect("t", Some(&input));
    let mut said = read_back(read.clone());
    if let Ok(read) = read {
        said.extend(OUT.map(|spec| {
            let written = converter(spec).unwrap().from_connect("t", read.schema.as_ref(), read.value.clone());
            let text =
                |bytes: Option<Vec<u8>>| bytes.map_or("(null)".to_owned(), |b| line(&String::from_utf8(b).unwrap()));
            answer(">", written.map(text))
        }));
    }
    said
}

fn write(specs: &str, schema: &Option<Arc<Schema>>, value: &Value) -> Vec<String> {
    if let Some(Err(error)) = schema.as_ref().map(|schema| structs(schema, value)) {
        return vec![failure(&error)];
    }
    let mut said = Vec::new();
    for spec in specs.split("; ") {
        let converter = converter(spec).unwrap();
        match converter.from_connect("t", schema.as_ref(), value.clone()) {
            Ok(written) => {
                said.push(format!("> {}", written.as_deref().map_or("(null)".to_owned(), bytes)));
                said.extend(read_back(converter.to_connect("t", written.as_deref())));
            }
            Err(error) => said.push(failure(&error)),
        }
    }
    said
}

/// In Java a struct is checked when a field is put into it, before any converter sees it.
fn structs(schema: &Schema, value: &Value) -> Result<(), DataError> {
    let child =
        |schema: &Option<Arc<Schema>>, value: &Value| schema.as_ref().map_or(Ok(()), |schema| structs(schema, value));
    match value {
        Value::Struct(_) => validate::value(schema, value),
        Value::Array(elements) => elements.iter().try_for_each(|element| child(&schema.value_schema, element)),
        Value::Map(entries) => entries.iter().try_for_each(|(_, value)| child(&schema.value_schema, value)),
        _ => Ok(()),
    }
}

fn convert(from: Option<&Arc<Schema>>, input: &Value) -> Vec<String> {
    let from_schema = from.map(|schema| &**schema);
    let ask = |convert: fn(Option<&Schema>, Value) -> Result<Value, DataError>| {
        convert(from_schema, input.clone()).map(|converted| line(&value(&converted)))
    };
    let text = values::convert_to_string(from_schema, input);
    vec![
        answer("boolean", ask(values::convert_to_boolean)),
        answer("byte", ask(values::convert_to_byte)),
        answer("short", ask(values::convert_to_short)),
        answer("integer", ask(values::convert_to_integer)),
        answer("long", ask(values::convert_to_long)),
        answer("float", ask(values::convert_to_float)),
        answer("double", ask(values::convert_to_double)),
        answer("string", text.map(|text| line(&value(&text.map_or(Value::Null, Value::String))))),
        answer("list", ask(values::convert_to_list)),
        answer("map", ask(values::convert_to_map)),
        answer("struct", ask(values::convert_to_struct)),
        answer("date", ask(values::convert_to_date)),
        answer("time", ask(values::convert_to_time)),
        answer("timestamp", ask(values::convert_to_timestamp)),
        answer("decimal", ask(|from, value| values::convert_to_decimal(from, value, 2))),
        answer("infer", values::infer_schema(from, input).map(|inferred| schema(inferred.as_deref()))),
    ]
}

fn define(name: &str) -> Vec<String> {
    let definition = find(name).unwrap().definition();
    let keys = definition.keys().map(|key| {
        let default = match (&key.default, key.required) {
            (Some(default), _) => format!("default {default}"),
            (None, true) => "required".to_owned(),
            (None, false) => "default null".to_owned(),
        };
        let group = key.group.as_deref().unwrap_or("null");
        format!(
            "K {} | {} | {default} | {} | {group} | {} | {} | {}",
            key.name, key.kind, key.importance, key.order_in_group, key.width, key.display_name
        )
    });
    keys.collect()
}

/// What we say to one case, in the recording's form.
fn ours(section: &str, input: &str) -> Vec<String> {
    let parts: Vec<&str> = input.split(" => ").collect();
    let schema = |text: &str| parse_schema(text).unwrap();
    let (command, rest) = section.split_once(' ').unwrap_or((section, ""));
    match command {
        "write" => write(rest, &schema(parts[0]), &language::read(parts[1])),
        "validate" => {
            let (schema, value) = (schema(parts[0]).unwrap(), language::read(parts[1]));
            vec![answer(
                "ok",
                structs(&schema, &value).and_then(|()| validate::value(&schema, &value)).map(|()| String::new()),
            )]
        }
        "equal" => vec![format!("= {}", schema(parts[0]) == schema(parts[1]))],
        "project" => {
            let (source, target) = (schema(parts[0]).unwrap(), schema(parts[2]).unwrap());
            let projected = projector::project(&source, language::read(parts[1]), &target);
            vec![answer("V", projected.map(|projected| line(&value(&projected))))]
        }
        "convert" => convert(schema(parts[0]).as_ref(), &language::read(parts[1])),
        "define" => define(input),
        "configure" => vec![match converter(input) {
            Ok(_) => "ok ".to_owned(),
            // what caused it is said in words of our own
            Err(error) => match error.message().split_once("serialization error: ") {
                Some((own, _)) => format!("! {own}serialization error: "),
                None => format!("! {}", line(error.message())),
            },
        }],
        _ => read(section, input),
    }
}

/// What of the recorded answers does not concern us: the class of what `configure` throws, and the text after a
/// message that announces its cause.
fn expected(section: &str, answer: &str) -> String {
    match section {
        "configure" => answer.split_once(": ").map_or(answer.to_owned(), |(_, message)| format!("! {message}")),
        // the check of a key is a sentence of the validator's; its messages are under @configure
        "define" => answer.rsplit_once(" | ").map_or(answer, |(key, _)| key).to_owned(),
        _ => answer.to_owned(),
    }
}

#[test]
fn we_say_what_kafka_said() {
    let recording = include_str!("recorded/converters.txt");
    let mut section = "";
    let mut lines = recording.split('\n').peekable();
    let mut cases = IndexMap::<&str, usize>::new();
    let mut wrong = String::new();
    let mut faults = 0;
    while let Some(text) = lines.next() {
        if let Some(next) = text.strip_prefix('@') {
            section = next;
        } else if let Some(input) = text.strip_prefix("< ") {
            let mut answers = Vec::new();
            while let Some(answer) = lines.next_if(|line| !line.starts_with(['<', '@'])) {
                if !answer.is_empty() {
                    answers.push(expected(section, answer));
                }
            }
            let command = section.split(' ').next().unwrap();
            *cases.entry(command).or_default() +=
                answers.iter().filter(|answer| !answer.starts_with(['S', 'V'])).count();
            let said = ours(section, input);
            if said != answers {
                faults += 1;
                writeln!(wrong, "@{section}\n< {input}").unwrap();
                for index in 0..said.len().max(answers.len()) {
                    let (theirs, ours) = (answers.get(index), said.get(index));
                    if theirs != ours {
                        writeln!(wrong, "  Kafka: {theirs:?}\n  ours:  {ours:?}").unwrap();
                    }
                }
            }
        }
    }
    println!("{cases:?}");
    assert!(wrong.is_empty(), "{faults} faults\n{wrong}");
    assert!(cases["write"] >= 200 && cases["Json"] >= 200, "{cases:?}");
}
