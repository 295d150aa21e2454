//! The converter around the mapping: registry, header, errors, and what is remembered.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::converter::registry::SubjectVersion;
use crate::schema::{Field, INT32, INT64, OPTIONAL_STRING, STRING, Type};

/// One subject's schemas; counts what it is asked.
#[derive(Default)]
struct Subject {
    versions: Mutex<Vec<(String, Definition)>>,
    fault: Mutex<Option<RegistryError>>,
    asked: AtomicUsize,
}

fn refused(status: u16, code: i32, message: &str) -> RegistryError {
    RegistryError::Refused { status, code, message: message.to_owned() }
}

impl Subject {
    fn with(texts: &[&str]) -> Arc<Self> {
        let subject = Self::default();
        for text in texts {
            subject.versions.lock().unwrap().push(("t-value".to_owned(), Definition::new(SchemaKind::Avro, *text)));
        }
        Arc::new(subject)
    }

    fn fail(&self, fault: Option<RegistryError>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn ask(&self) -> Result<Vec<(String, Definition)>, RegistryError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &*self.fault.lock().unwrap() {
            Some(fault) => Err(fault.clone()),
            None => Ok(self.versions.lock().unwrap().clone()),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn found(subject: &str, id: usize, definition: &Definition) -> Arc<SubjectVersion> {
    let id = id as i32 + 1;
    Arc::new(SubjectVersion { subject: subject.to_owned(), version: id, id, definition: definition.clone() })
}

impl SchemaRegistry for Subject {
    fn schema_by_id(&self, id: i32, _subject: Option<&str>) -> Result<Arc<Definition>, RegistryError> {
        let versions = self.ask()?;
        let found = usize::try_from(id - 1).ok().and_then(|place| versions.get(place));
        found.map(|(_, one)| Arc::new(one.clone())).ok_or_else(|| refused(404, 40403, "Schema 99 not found"))
    }

    fn lookup(&self, subject: &str, given: &Definition, _: bool) -> Result<Arc<SubjectVersion>, RegistryError> {
        let versions = self.ask()?;
        let place = versions.iter().position(|(name, one)| name == subject && one == given);
        place.map(|place| found(subject, place, given)).ok_or_else(|| refused(404, 40403, "Schema not found"))
    }

    fn register(&self, subject: &str, definition: &Definition, _: bool) -> Result<i32, RegistryError> {
        let known = self.ask()?;
        if let Some(place) = known.iter().position(|(name, one)| name == subject && one == definition) {
            return Ok(place as i32 + 1);
        }
        let mut versions = self.versions.lock().unwrap();
        versions.push((subject.to_owned(), definition.clone()));
        Ok(versions.len() as i32)
    }

    fn latest(&self, subject: &str) -> Result<Arc<SubjectVersion>, RegistryError> {
        let versions = self.ask()?;
        let place = versions.iter().rposition(|(name, _)| name == subject);
        place
            .map(|place| found(subject, place, &versions[place].1))
            .ok_or_else(|| refused(404, 40401, "Subject not found."))
    }

    fn version(&self, subject: &str, version: i32) -> Result<Arc<SubjectVersion>, RegistryError> {
        let versions = self.ask()?;
        let place = version as usize - 1;
        versions
            .get(place)
            .map(|(_, one)| found(subject, place, one))
            .ok_or_else(|| refused(404, 40402, "Version not found."))
    }
}

fn converter(registry: &Arc<Subject>, settings: &[(&str, &str)]) -> AvroConverter {
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    AvroConverter::new(&settings, false, registry.clone()).unwrap()
}

fn structure(name: &str, fields: Vec<Field>) -> Arc<Schema> {
    Schema::structure(fields).unwrap().with_name(name).shared()
}

fn write(converter: &AvroConverter, schema: &Arc<Schema>, value: Value) -> Result<Vec<u8>, DataError> {
    converter.from_connect("t", Some(schema), value).map(Option::unwrap)
}

#[test]
fn the_registry_is_asked_once_for_each_schema_and_direction() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    let make = || structure("x.R", vec![Field::new("a", INT32().clone())]);
    let one = make();
    let bytes = write(&avro, &one, Value::Struct(vec![Value::Int32(1)])).unwrap();
    assert_eq!(bytes, [0, 0, 0, 0, 1, 2]);
    for _ in 0..10 {
        write(&avro, &one, Value::Struct(vec![Value::Int32(1)])).unwrap();
        // the same schema in another object
        write(&avro, &make(), Value::Struct(vec![Value::Int32(1)])).unwrap();
    }
    assert_eq!(registry.asked(), 1);
    let read = avro.to_connect("t", Some(&bytes)).unwrap();
    let asked = registry.asked();
    let again = avro.to_connect("t", Some(&bytes)).unwrap();
    assert_eq!(registry.asked(), asked);
    assert!(Arc::ptr_eq(read.schema.as_ref().unwrap(), again.schema.as_ref().unwrap()));
    // the subject's version is the schema's
    assert_eq!(read.schema.unwrap().version, Some(1));
}

#[test]
fn what_failed_is_asked_again() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    registry.fail(Some(RegistryError::Unreachable("Connection refused (http://r:1)".to_owned())));
    let down = write(&avro, STRING(), "x".into()).unwrap_err();
    assert!(down.is_retriable());
    assert_eq!(down.class(), "org.apache.kafka.connect.errors.RetriableException");
    assert!(down.message().contains("Connection refused (http://r:1)"), "{down}");
    registry.fail(None);
    assert_eq!(write(&avro, STRING(), "x".into()).unwrap(), [0, 0, 0, 0, 1, 2, b'x']);
}

#[test]
fn bytes_at_the_top_have_no_length() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    let bytes = write(&avro, crate::schema::BYTES(), Value::Bytes(vec![7, 8])).unwrap();
    assert_eq!(bytes, [0, 0, 0, 0, 1, 7, 8]);
    assert_eq!(avro.to_connect("t", Some(&bytes)).unwrap().value, Value::Bytes(vec![7, 8]));
}

#[test]
fn what_cannot_be_read_says_why() {
    let registry = Subject::with(&[
        "\"string\"",
        "{",
        r#"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#,
    ]);
    let avro = converter(&registry, &[]);
    let trace = |bytes: &[u8]| avro.to_connect("t", Some(bytes)).unwrap_err().stack_trace();
    let own = "org.apache.kafka.connect.errors.DataException: Failed to deserialize data for topic t to Avro: \n\
        Caused by: org.apache.kafka.common.errors.SerializationException: ";
    assert_eq!(trace(b"plain text"), format!("{own}Unknown magic byte!"));
    assert_eq!(trace(&[0, 0, 0]), format!("{own}Unknown magic byte!"));
    assert_eq!(
        trace(&[0, 0, 0, 0, 99, 2]),
        format!(
            "{own}Error retrieving Avro value schema for id 99\nCaused by: \
             io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException: Schema 99 not found; \
             error code: 40403"
        )
    );
    assert_eq!(
        trace(&[0, 0, 0, 0, 1, 20, b'x']),
        format!("{own}Error deserializing Avro message for id 1\nCaused by: java.io.EOFException")
    );
    assert!(trace(&[0, 0, 0, 0, 2, 0]).contains("Could not parse Avro schema"));
    assert!(trace(&[0, 0, 0, 0, 3, 0]).contains("refers to itself"));
}

#[test]
fn what_the_registry_refuses_says_so() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    registry.fail(Some(refused(409, 409, "Schema being registered is incompatible with an earlier schema")));
    let error = write(&avro, STRING(), "x".into()).unwrap_err();
    assert!(!error.is_retriable());
    assert_eq!(
        error.stack_trace(),
        "org.apache.kafka.common.config.ConfigException: Failed to access Avro data from topic t : Schema being \
         registered is incompatible with an earlier schema; error code: 409"
    );
}

#[test]
fn without_registering_the_schema_must_be_there() {
    let registry = Subject::with(&["\"int\""]);
    let avro = converter(&registry, &[("auto.register.schemas", "false")]);
    assert_eq!(write(&avro, INT32(), Value::Int32(1)).unwrap(), [0, 0, 0, 0, 1, 2]);
    let error = write(&avro, STRING(), "x".into()).unwrap_err();
    assert_eq!(
        error.stack_trace(),
        "org.apache.kafka.connect.errors.DataException: Failed to serialize Avro data from topic t :\n\
         Caused by: org.apache.kafka.common.errors.SerializationException: Error retrieving Avro schema\"string\"\n\
         Caused by: io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException: \
         Schema not found; error code: 40403"
    );
    assert_eq!(registry.versions.lock().unwrap().len(), 1);
}

#[test]
fn the_latest_version_is_written_by_name() {
    let latest = r#"{"type":"record","name":"R","fields":[{"name":"new","type":"string","default":"n"},{"name":"b","type":["null","string"]},{"name":"a","type":"long"}]}"#;
    let registry = Subject::with(&["\"int\"", latest]);
    let settings = [("auto.register.schemas", "false"), ("use.latest.version", "true")];
    let avro = converter(&registry, &settings);
    let schema = structure("R", vec![Field::new("a", INT32().clone()), Field::new("b", OPTIONAL_STRING().clone())]);
    let bytes = write(&avro, &schema, Value::Struct(vec![Value::Int32(3), Value::Null])).unwrap();
    assert_eq!(bytes, [0, 0, 0, 0, 2, 2, b'n', 0, 6]);

    let narrow = structure("R", vec![Field::new("b", OPTIONAL_STRING().clone())]);
    let error = write(&avro, &narrow, Value::Struct(vec![Value::Null])).unwrap_err();
    assert!(error.message().contains("Incompatible schema"), "{error}");
    assert!(error.message().contains("Set latest.compatibility.strict=false to disable this check"), "{error}");

    // not strict: what fits is written, what does not is not
    let lenient = converter(&registry, &[settings[0], settings[1], ("latest.compatibility.strict", "false")]);
    let wide = structure(
        "R",
        vec![Field::new("a", crate::schema::OPTIONAL_INT64().clone()), Field::new("b", OPTIONAL_STRING().clone())],
    );
    assert!(write(&lenient, &wide, Value::Struct(vec![Value::Int64(3), Value::Null])).is_ok());
    assert!(write(&lenient, &wide, Value::Struct(vec![Value::Null, Value::Null])).is_err());
    assert!(write(&avro, &wide, Value::Struct(vec![Value::Int64(3), Value::Null])).is_err());
}

#[test]
fn a_schema_of_the_users_choice_is_written_by() {
    let registry = Subject::with(&["\"long\"", "\"string\""]);
    let avro = converter(&registry, &[("auto.register.schemas", "false"), ("use.schema.id", "1")]);
    assert_eq!(write(&avro, INT32(), Value::Int32(1)).unwrap(), [0, 0, 0, 0, 1, 2]);
    assert_eq!(write(&avro, INT64(), Value::Int64(1)).unwrap(), [0, 0, 0, 0, 1, 2]);
}

#[test]
fn subjects_are_named_by_the_strategy() {
    for (strategy, subject) in [
        ("io.confluent.kafka.serializers.subject.TopicNameStrategy", "t-value"),
        ("io.confluent.kafka.serializers.subject.RecordNameStrategy", "x.R"),
        ("io.confluent.kafka.serializers.subject.TopicRecordNameStrategy", "t-x.R"),
    ] {
        let registry = Subject::with(&[]);
        let avro = converter(&registry, &[("value.subject.name.strategy", strategy)]);
        let schema = structure("x.R", vec![Field::new("a", INT32().clone())]);
        write(&avro, &schema, Value::Struct(vec![Value::Int32(1)])).unwrap();
        assert_eq!(registry.versions.lock().unwrap()[0].0, subject);
    }
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[("value.subject.name.strategy", "RecordNameStrategy")]);
    assert!(write(&avro, STRING(), "x".into()).unwrap_err().message().contains("must only be a record schema"));
}

#[test]
fn a_value_that_does_not_fit_registers_nothing() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    let schema = structure("R", vec![Field::new("a", INT32().clone())]);
    for (value, message) in [
        (Value::Struct(vec![Value::Int64(1)]), "Invalid type for INT32: class java.lang.Long"),
        (Value::Struct(vec![Value::Null]), "Found null value for non-optional schema"),
        (Value::Null, "Found null value for non-optional schema"),
    ] {
        let error = avro.from_connect("t", Some(&schema), value).unwrap_err();
        assert_eq!(error.message(), message);
    }
    assert_eq!(avro.from_connect("t", Some(OPTIONAL_STRING()), Value::Null).unwrap(), None);
    assert_eq!(avro.from_connect("t", None, Value::Null).unwrap(), None);
    assert_eq!(registry.asked(), 0);
}

#[test]
fn two_types_of_one_name_are_refused() {
    let registry = Subject::with(&[]);
    let avro = converter(&registry, &[]);
    let inner = |field: &str| structure("Same", vec![Field::new(field, INT32().clone())]);
    let schema = structure("A", vec![Field::new("a", inner("x")), Field::new("b", inner("y"))]);
    let one = Value::Struct(vec![Value::Int32(1)]);
    let error = write(&avro, &schema, Value::Struct(vec![one.clone(), one])).unwrap_err();
    assert_eq!(error.stack_trace(), "org.apache.avro.SchemaParseException: Can't redefine: Same");
}

#[test]
fn schemas_may_refer_to_others() {
    let registry = Subject::with(&[r#"{"type":"record","name":"n.In","fields":[{"name":"x","type":"int"}]}"#]);
    registry.versions.lock().unwrap().push((
        "t-value".to_owned(),
        Definition {
            kind: SchemaKind::Avro,
            text: r#"{"type":"record","name":"n.Out","fields":[{"name":"in","type":"In"}]}"#.to_owned(),
            references: vec![crate::converter::registry::Reference {
                name: "n.In".to_owned(),
                subject: "t-value".to_owned(),
                version: 1,
            }],
        },
    ));
    let read = converter(&registry, &[]).to_connect("t", Some(&[0, 0, 0, 0, 2, 4])).unwrap();
    assert_eq!(read.value, Value::Struct(vec![Value::Struct(vec![Value::Int32(2)])]));
    assert_eq!(read.schema.unwrap().fields[0].schema.name.as_deref(), Some("n.In"));
}

#[test]
fn hostile_bytes_are_errors_and_nothing_worse() {
    let texts = [
        r#"{"type":"array","items":"null"}"#,
        r#"{"type":"array","items":{"type":"record","name":"E","fields":[]}}"#,
        "\"string\"",
        r#"{"type":"map","values":"long"}"#,
        anything::SCHEMA,
    ];
    let registry = Subject::with(&texts);
    let avro = converter(&registry, &[]);
    for id in 1..=texts.len() as u8 {
        for tail in [&[0xFF; 12][..], &[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 1], &[1], &[]] {
            let mut bytes = vec![0, 0, 0, 0, id];
            bytes.extend(tail);
            assert!(avro.to_connect("t", Some(&bytes)).is_err(), "{id} {tail:?}");
        }
    }
    // nested beyond all reason
    let mut bytes = vec![0, 0, 0, 0, 5];
    for _ in 0..100_000 {
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2, 2]);
    }
    assert!(avro.to_connect("t", Some(&bytes)).is_err());
    let wide = Schema::array(Schema::new(Type::Int8).shared()).shared();
    assert!(write(&avro, &wide, Value::Array(vec![Value::Int8(1); 1000])).is_ok());
}
