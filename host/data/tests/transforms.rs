//! The transforms and predicates against what the genuine ones said: `recorded/transforms.txt`, written by
//! `recorded/Transforms.java` from `recorded/transforms.cases` on Kafka 4.3.1 and JDK 17.
//!
//! `$` names a schema: in JsonConverter's form, or with a default or of named ones, for what that form cannot say. `@` is a class of `org.apache.kafka.connect.transforms`, `.` its
//! settings; `!` what it said of them, if it did not like them, and `?` what validating them said. `<` begins a record for the last class, with
//! lines for what it has: `n` topic, `p` partition, `t` timestamp, `o` offset (of a sink, whose partition is 0 unless said), `k` and `v` schemaless
//! JSON, `K` and `V` a named schema and a payload, `y` and `x` the same without the schema, `H` a header. Then
//! `>` what came out, or `!` class and message of the exception.
//! Before all that, `%` are the classes that there are, and `%%` their keys.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "recorded/language.rs"]
#[allow(dead_code)]
mod language;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Split;
use std::sync::Arc;

use indexmap::IndexMap;
use language::{line, schema, value};
use watertight_data::config::ConfigDef;
use watertight_data::converter::{self, Converter, NoRegistries};
use watertight_data::predicate::Predicate;
use watertight_data::transform::Transformation;
use watertight_data::{
    DataError, Field, Origin, Record, RecordHeader, Schema, SchemaAndValue, TimestampType, Value, predicate, transform,
};

const PACKAGE: &str = "org.apache.kafka.connect.transforms.";

enum Subject {
    Transformation(Box<dyn Transformation>),
    Predicate(Box<dyn Predicate>),
}

struct Replay {
    schemas: HashMap<String, String>,
    plain: Box<dyn Converter>,
    envelope: Box<dyn Converter>,
}

impl Replay {
    fn new() -> Self {
        let json = |schemas: &str| {
            let settings = [("schemas.enable", schemas), ("replace.null.with.default", "false")];
            let settings: IndexMap<String, String> =
                settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            converter::create("org.apache.kafka.connect.json.JsonConverter", &settings, false, &NoRegistries).unwrap()
        };
        Self { schemas: HashMap::new(), plain: json("false"), envelope: json("true") }
    }

    fn envelope(&self, schema: &str, payload: &str) -> SchemaAndValue {
        let envelope = format!("{{\"schema\":{schema},\"payload\":{payload}}}");
        self.envelope.to_connect("t", Some(envelope.as_bytes())).unwrap()
    }

    /// A named schema: JsonConverter's JSON, a struct of named ones, or one with a default, which no JSON can say.
    fn named(&self, name: &str) -> Arc<Schema> {
        let definition = self.schemas[name].as_str();
        if let Some(definition) = definition.strip_prefix("=default ") {
            let (base, payload) = definition.split_once(' ').unwrap();
            return Schema::clone(&self.named(base)).with_default(self.read(base, payload)).shared();
        }
        if let Some(fields) = definition.strip_prefix("=struct ") {
            let fields = fields.split(' ').map(|field| field.split_once(':').unwrap());
            let fields = fields.map(|(field, schema)| Field::new(field, self.named(schema)));
            return Schema::structure(fields.collect()).unwrap().shared();
        }
        let array = format!("{{\"type\":\"array\",\"optional\":true,\"items\":{definition}}}");
        self.envelope(&array, "null").schema.unwrap().value_schema.clone().unwrap()
    }

    fn read(&self, name: &str, payload: &str) -> Value {
        let definition = self.schemas[name].as_str();
        if payload == "null" {
            return Value::Null;
        }
        if let Some(definition) = definition.strip_prefix("=default ") {
            return self.read(definition.split_once(' ').unwrap().0, payload);
        }
        if let Some(fields) = definition.strip_prefix("=struct ") {
            let schemas = fields.split(' ').map(|field| field.split_once(':').unwrap().1);
            return Value::Struct(schemas.zip(payload.split(" ; ")).map(|(name, one)| self.read(name, one)).collect());
        }
        self.envelope(definition, payload).value
    }

    fn datum(&self, kind: char, text: &str) -> SchemaAndValue {
        if matches!(kind, 'k' | 'v') {
            return self.plain.to_connect("t", Some(text.as_bytes())).unwrap();
        }
        let (name, payload) = text.split_once(' ').unwrap();
        let schema = if matches!(kind, 'x' | 'y') { None } else { Some(self.named(name)) };
        SchemaAndValue::new(schema, self.read(name, payload))
    }

    fn record(&self, lines: &[&str]) -> Record {
        let mut record = Record {
            topic: "t".into(),
            partition: None,
            key: SchemaAndValue::NULL,
            value: SchemaAndValue::NULL,
            headers: Vec::new(),
            timestamp: None,
            origin: Origin::Source,
        };
        for text in lines {
            let kind = text.chars().next().unwrap();
            let rest = &text[2..];
            match kind {
                'n' => record.topic = rest.into(),
                'p' => record.partition = Some(rest.parse().unwrap()),
                't' => record.timestamp = Some(rest.parse().unwrap()),
                'o' => {
                    let timestamp_type = TimestampType::CreateTime;
                    record.partition.get_or_insert(0);
                    record.origin = Origin::Sink { offset: rest.parse().unwrap(), timestamp_type };
                }
                'k' | 'K' | 'y' => record.key = self.datum(kind, rest),
                'v' | 'V' | 'x' => record.value = self.datum(kind, rest),
                'H' => {
                    let (key, datum) = rest.split_once(' ').unwrap();
                    record.headers.push(RecordHeader { key: key.to_owned(), value: self.datum('V', datum) });
                }
                _ => panic!("{text}"),
            }
        }
        record
    }
}

fn make(class: &str, settings: &IndexMap<String, String>) -> Result<Subject, String> {
    let full = format!("{PACKAGE}{class}");
    if predicate::find(&full).is_some() {
        return predicate::create(&full, settings).map(Subject::Predicate).map_err(|error| error.to_string());
    }
    transform::create(&full, settings).map(Subject::Transformation).map_err(|error| error.to_string())
}

fn definition(class: &str) -> ConfigDef {
    match (transform::find(class), predicate::find(class)) {
        (Some(found), _) => (found.definition)(),
        (None, Some(found)) => (found.definition)(),
        (None, None) => panic!("{class}"),
    }
}

#[test]
fn the_classes_and_their_keys_are_kafkas() {
    let recorded: Vec<&str> = include_str!("recorded/transforms.txt").lines().filter(|l| l.starts_with('%')).collect();
    let mut ours = Vec::new();
    let classes =
        transform::BUILT_IN.iter().map(|one| one.class).chain(predicate::BUILT_IN.iter().map(|one| one.class));
    for class in classes {
        ours.push(format!("% {class}"));
        for key in definition(class).keys() {
            let value = match (&key.default, key.required) {
                (Some(default), _) => format!("'{default}'"),
                (None, true) => "required".to_owned(),
                (None, false) => "null".to_owned(),
            };
            ours.push(format!("%% {} {} {value} {}", key.name, key.kind, key.importance));
            assert!(!key.documentation.is_empty(), "{class} {}", key.name);
        }
    }
    assert_eq!(ours, recorded);
}

fn ask(subject: &mut Subject, record: Record) -> Result<Vec<String>, DataError> {
    let result = match subject {
        Subject::Predicate(predicate) => return Ok(vec![format!("> {}", predicate.test(&record)?)]),
        Subject::Transformation(transformation) => transformation.apply(record)?,
    };
    let Some(record) = result else {
        return Ok(vec!["> dropped".to_owned()]);
    };
    let or_null = |number: Option<i64>| number.map_or("null".to_owned(), |number| number.to_string());
    let partition = or_null(record.partition.map(i64::from));
    let mut said = vec![format!("> {} {partition} {}", record.topic, or_null(record.timestamp))];
    let mut datum = |what: &str, datum: &SchemaAndValue| {
        said.push(format!("> {what} {}", line(&schema(datum.schema.as_deref()))));
        said.push(format!("> = {}", line(&value(&datum.value))));
    };
    if record.key != SchemaAndValue::NULL {
        datum("key", &record.key);
    }
    datum("value", &record.value);
    for header in &record.headers {
        datum(&format!("header {}", header.key), &header.value);
    }
    Ok(said)
}

/// The reverse of [`line`].
fn unline(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().map(|c| if c == 'n' { '\n' } else { c })),
            other => out.push(other),
        }
    }
    out
}

/// Lines that begin with one of these.
fn take<'a>(lines: &mut Peekable<Split<'a, char>>, starts: &[char]) -> Vec<&'a str> {
    let mut taken = Vec::new();
    while let Some(line) = lines.next_if(|line| line.starts_with(starts)) {
        taken.push(line);
    }
    taken
}

/// What can be no better than alike: the identity of an object, and what only a connector's record prints.
fn normal(said: &str) -> String {
    let mut said = match said.split_once("ConnectRecord{") {
        Some((_, rest)) if said.contains("Timestamp missing on record: ") => {
            format!("! Timestamp missing on record: {rest}")
        }
        _ => said.to_owned(),
    };
    // a fault of Java's in a configuration is one of the configuration here
    if let Some(message) = said.strip_prefix("! java.lang.ArrayIndexOutOfBoundsException: ") {
        said = format!("! org.apache.kafka.common.config.ConfigException: {message}");
    }
    if let Some(at) = said.find("No value specified for static field: ") {
        said.truncate(at);
    }
    said
}

#[test]
fn the_transforms_say_what_kafkas_said() {
    let mut replay = Replay::new();
    let mut subject = None;
    let mut lines = include_str!("recorded/transforms.txt").split('\n').peekable();
    let (mut cases, mut class) = (0, String::new());
    let mut wrong = String::new();
    while let Some(text) = lines.next() {
        let (input, expected, said);
        if let Some(definition) = text.strip_prefix('$') {
            let (name, schema) = definition.split_once(' ').unwrap();
            replay.schemas.insert(name.to_owned(), schema.to_owned());
            continue;
        } else if let Some(next) = text.strip_prefix('@') {
            next.clone_into(&mut class);
            input = take(&mut lines, &['.']);
            let pairs = input.iter().map(|line| line[2..].split_once('=').unwrap());
            let settings = pairs.map(|(key, value)| (key.to_owned(), unline(value))).collect();
            expected = take(&mut lines, &['!', '?']);
            let mut answer = Vec::new();
            subject = make(&class, &settings)
                .map_err(|message| {
                    answer.push(format!("! org.apache.kafka.common.config.ConfigException: {}", line(&message)));
                })
                .ok();
            let validated = definition(&format!("{PACKAGE}{class}")).validate(&settings);
            answer.extend(validated.iter().flat_map(|key| &key.errors).map(|error| format!("? {}", line(error))));
            said = answer;
        } else if text == "<" {
            input = take(&mut lines, &['n', 'p', 't', 'o', 'k', 'K', 'y', 'v', 'V', 'x', 'H']);
            expected = take(&mut lines, &['!', '>']);
            said = match subject.as_mut().map(|subject| ask(subject, replay.record(&input))) {
                Some(Ok(said)) => said,
                Some(Err(error)) => vec![format!("! {}: {}", error.class(), line(error.own_message()))],
                None => vec!["! not made".to_owned()],
            };
        } else {
            continue;
        }
        cases += 1;
        let alike = |said: &[String]| said.iter().map(|line| normal(line)).collect::<Vec<_>>();
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        if alike(&expected) != alike(&said) {
            writeln!(wrong, "@{class} {input:?}\nKafka: {expected:#?}\nours:  {said:#?}").unwrap();
        }
    }
    assert!(cases > 500, "{cases} cases");
    assert!(wrong.is_empty(), "{wrong}");
}
