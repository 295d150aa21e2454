//! How long a chain of three transforms takes for a record: `cargo run --release -p watertight-data --example
//! transform-speed`.
//!
//! InsertField, ReplaceField and Cast on ten fields, with a schema and without, in nanoseconds of CPU time (Linux),
//! making and dropping the record included.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use watertight_data::schema::{Field, INT64, OPTIONAL_STRING, Schema};
use watertight_data::transform::{self, Transformation};
use watertight_data::{Origin, Record, SchemaAndValue, TimestampType, Value};

const FIELDS: [&str; 10] = ["id", "name", "email", "age", "score", "active", "balance", "created", "city", "note"];

fn chain() -> Result<Vec<Box<dyn Transformation>>, Box<dyn Error>> {
    let mut chain = Vec::new();
    for (class, settings) in [
        ("InsertField$Value", &[("topic.field", "topic"), ("timestamp.field", "ts")][..]),
        ("ReplaceField$Value", &[("exclude", "note"), ("renames", "name:full_name,city:town")]),
        ("Cast$Value", &[("spec", "age:string,score:int32")]),
    ] {
        let settings: IndexMap<String, String> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        chain.push(transform::create(&format!("org.apache.kafka.connect.transforms.{class}"), &settings)?);
    }
    Ok(chain)
}

fn record(topic: &Arc<str>, schema: Option<&Arc<Schema>>, n: i64) -> Record {
    let values = FIELDS.iter().enumerate().map(|(index, _)| match index % 2 {
        1 => Value::from("a text of some length"),
        _ => Value::Int64(n + index as i64),
    });
    let value = match schema {
        Some(_) => Value::Struct(values.collect()),
        None => Value::Map(FIELDS.iter().map(|name| Value::from(*name)).zip(values).collect()),
    };
    Record {
        topic: topic.clone(),
        partition: Some(0),
        key: SchemaAndValue::NULL,
        value: SchemaAndValue::new(schema.cloned(), value),
        headers: Vec::new(),
        timestamp: Some(1_700_000_000_000 + n),
        origin: Origin::Sink { offset: n, timestamp_type: TimestampType::CreateTime },
    }
}

/// What this thread has computed so far.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: i64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let topic: Arc<str> = "customers".into();
    let fields = FIELDS.iter().enumerate().map(|(index, name)| {
        Field::new(*name, if index % 2 == 1 { OPTIONAL_STRING().clone() } else { INT64().clone() })
    });
    let schema = Schema::structure(fields.collect())?.shared();
    for (what, schema) in [("with a schema", Some(&schema)), ("schemaless", None)] {
        for transformed in [false, true] {
            let mut chain = if transformed { chain()? } else { Vec::new() };
            let start = cpu_time()?;
            for n in 0..rounds {
                let mut record = Some(record(&topic, schema, n));
                for transformation in &mut chain {
                    record = match record {
                        Some(record) => transformation.apply(record)?,
                        None => None,
                    };
                }
                black_box(record);
            }
            let each = (cpu_time()? - start).as_nanos() / rounds.unsigned_abs() as u128;
            println!("{what}, {}: {each} ns", if transformed { "three transforms" } else { "none" });
        }
    }
    Ok(())
}
