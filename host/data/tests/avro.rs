//! The Avro converter against what the genuine mapping said: `recorded/avro.txt`, written by
//! `recorded/RecordAvro.java` from `recorded/avro.cases`. The judge is Apicurio's copy of Confluent's `AvroData`
//! (io.apicurio:apicurio-registry-utils-converter 2.6.13.Final) with org.apache.avro 1.12.0 on JDK 17.
//!
//! `@` settings, `<` a case. A Connect schema and value as JsonConverter's envelope (or `n`, schemaless JSON):
//! `A` the Avro schema, `B` the datum, `S` and `V` what is read from both. Or `a`, an Avro schema and a datum in
//! Avro's JSON: `B` the datum, `S` and `V` what is read, then `A` and `B` what is written again. `!` an error.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
#[path = "recorded/language.rs"]
mod language;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use language::{from_hex, line, schema, value};
use watertight_data::converter::registry::{
    Definition, Registries, RegistryError, SchemaKind, SchemaRegistry, SubjectVersion,
};
use watertight_data::converter::{Converter, NoRegistries, create};
use watertight_data::{ConfigError, SchemaAndValue};

/// Keeps every schema, and says that all are of one version.
#[derive(Default)]
struct Kept {
    texts: Mutex<Vec<Definition>>,
    version: Option<i32>,
}

impl Kept {
    fn refused() -> RegistryError {
        RegistryError::Refused { status: 404, code: 40403, message: "Schema not found".to_owned() }
    }

    fn last(&self) -> String {
        self.texts.lock().unwrap().last().unwrap().text.clone()
    }

    fn keep(&self, text: &str) -> i32 {
        let mut texts = self.texts.lock().unwrap();
        texts.push(Definition::new(SchemaKind::Avro, text));
        texts.len() as i32
    }
}

impl SchemaRegistry for Kept {
    fn schema_by_id(&self, id: i32, _subject: Option<&str>) -> Result<Arc<Definition>, RegistryError> {
        self.texts.lock().unwrap().get(id as usize - 1).cloned().map(Arc::new).ok_or_else(Self::refused)
    }

    fn lookup(&self, subject: &str, given: &Definition, _: bool) -> Result<Arc<SubjectVersion>, RegistryError> {
        let version = self.version.ok_or_else(Self::refused)?;
        Ok(Arc::new(SubjectVersion { subject: subject.to_owned(), version, id: 1, definition: given.clone() }))
    }

    fn register(&self, _subject: &str, definition: &Definition, _normalize: bool) -> Result<i32, RegistryError> {
        Ok(self.keep(&definition.text))
    }

    fn latest(&self, _subject: &str) -> Result<Arc<SubjectVersion>, RegistryError> {
        Err(Self::refused())
    }

    fn version(&self, _subject: &str, _version: i32) -> Result<Arc<SubjectVersion>, RegistryError> {
        Err(Self::refused())
    }
}

struct Only(Arc<Kept>);

impl Registries for Only {
    fn open(&self, _settings: &IndexMap<String, String>) -> Result<Arc<dyn SchemaRegistry>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Confluent's serializer leaves the length out where the whole datum is bytes, and the mapping alone does not.
fn is_raw(text: &str) -> bool {
    text == "\"bytes\"" || text.starts_with("{\"type\":\"bytes\"")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |out, byte| format!("{out}{byte:02x}"))
}

struct Case {
    registry: Arc<Kept>,
    avro: Box<dyn Converter>,
}

impl Case {
    fn new(settings: &str) -> Self {
        let settings: IndexMap<String, String> = settings
            .split(' ')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let version = settings.get("version").map(|version| version.parse().unwrap());
        let registry = Arc::new(Kept { version, ..Kept::default() });
        let avro =
            create("io.confluent.connect.avro.AvroConverter", &settings, false, &Only(registry.clone())).unwrap();
        Self { registry, avro }
    }

    fn write(&self, given: &SchemaAndValue, said: &mut Vec<String>) -> Option<Vec<u8>> {
        let written = match self.avro.from_connect("t", given.schema.as_ref(), given.value.clone()) {
            Ok(written) => written,
            Err(error) => {
                said.push(format!("! {}: {}", error.class(), line(error.message())));
                return None;
            }
        };
        let Some(bytes) = written else {
            said.push("B (null)".to_owned());
            return None;
        };
        let text = self.registry.last();
        said.push(format!("A {}", line(&text)));
        said.push(format!("B {}", hex(&bytes[5..])));
        Some(bytes)
    }

    fn read(&self, bytes: &[u8], said: &mut Vec<String>) -> Option<SchemaAndValue> {
        match self.avro.to_connect("t", Some(bytes)) {
            Ok(read) => {
                said.push(format!("S {}", line(&schema(read.schema.as_deref()))));
                said.push(format!("V {}", line(&value(&read.value))));
                Some(read)
            }
            Err(error) => {
                said.push(format!("! {}: {}", error.class(), line(error.message())));
                None
            }
        }
    }
}

fn without_length(datum: &str) -> String {
    // all recorded ones are shorter than 64 bytes, so that their length is one byte
    datum.get(2..).unwrap_or_default().to_owned()
}

fn json(enable: bool) -> Box<dyn Converter> {
    let settings = [("schemas.enable".to_owned(), enable.to_string())].into_iter().collect();
    create("Json", &settings, false, &NoRegistries).unwrap()
}

fn ours(settings: &str, input: &str, expected: &[String]) -> Vec<String> {
    let case = Case::new(settings);
    let mut said = Vec::new();
    if let Some(parts) = input.strip_prefix("a ") {
        let (text, _) = parts.split_once('\t').unwrap();
        let datum = expected[0].strip_prefix("B ").unwrap();
        said.push(format!("B {datum}"));
        let id = case.registry.keep(text);
        let mut bytes = vec![0];
        bytes.extend(id.to_be_bytes());
        bytes.extend(from_hex(datum));
        if let Some(read) = case.read(&bytes, &mut said) {
            case.write(&read, &mut said);
        }
        return said;
    }
    let given = match input.strip_prefix("n ") {
        Some(bare) => json(false).to_connect("t", Some(bare.as_bytes())),
        None => json(true).to_connect("t", Some(input.as_bytes())),
    }
    .unwrap();
    if let Some(bytes) = case.write(&given, &mut said) {
        case.read(&bytes, &mut said);
    }
    said
}

/// Adapts what the mapping alone says to what the serializer around it makes of it.
fn adapted(answers: Vec<String>) -> Vec<String> {
    let mut out = Vec::new();
    let mut raw = false;
    for answer in answers {
        match answer.split_once(' ') {
            Some(("A", text)) => {
                raw = is_raw(text);
                out.push(answer);
            }
            // a null needs no schema, so none is registered
            Some(("B", "(null)")) => {
                if out.last().is_some_and(|last: &String| last.starts_with("A ")) {
                    out.pop();
                }
                out.push(answer);
            }
            Some(("B", datum)) if raw => out.push(format!("B {}", without_length(datum))),
            _ => out.push(answer),
        }
    }
    out
}

#[test]
fn the_avro_converter_says_what_the_genuine_one_said() {
    let recording = include_str!("recorded/avro.txt");
    let mut settings = "";
    let mut lines = recording.split('\n').peekable();
    let mut cases = 0;
    let mut wrong = String::new();
    while let Some(text) = lines.next() {
        if let Some(next) = text.strip_prefix('@') {
            settings = next.trim();
            continue;
        }
        let Some(input) = text.strip_prefix("< ") else {
            continue;
        };
        let mut expected = Vec::new();
        while let Some(answer) = lines.next_if(|line| !line.starts_with(['<', '@'])) {
            if !answer.is_empty() {
                expected.push(answer.to_owned());
            }
        }
        let mut expected = adapted(expected);
        if input.starts_with("a ") && is_raw(input[2..].split('\t').next().unwrap()) {
            expected[0] = format!("B {}", without_length(expected[0].strip_prefix("B ").unwrap()));
        }
        cases += 1;
        let said = ours(settings, input, &expected);
        if said != expected {
            writeln!(wrong, "@{settings}\n< {input}\ngenuine: {expected:#?}\nours:    {said:#?}").unwrap();
        }
    }
    assert!(cases >= 110, "{cases} cases");
    assert!(wrong.is_empty(), "{wrong}");
}
