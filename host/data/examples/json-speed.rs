//! How long JsonConverter takes for a record: `cargo run --release -p watertight-data --example json-speed`.
//!
//! Ten fields, with and without schemas, both ways, in nanoseconds of CPU time (Linux).

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use watertight_data::converter::{Converter, JsonConverter};
use watertight_data::logical;
use watertight_data::schema::{BOOLEAN, Field, INT32, INT64, OPTIONAL_FLOAT64, OPTIONAL_STRING, STRING, Schema};
use watertight_data::{Decimal, Value};

fn schema() -> Result<Arc<Schema>, Box<dyn Error>> {
    let fields = vec![
        Field::new("id", INT64().clone()),
        Field::new("name", STRING().clone()),
        Field::new("email", OPTIONAL_STRING().clone()),
        Field::new("age", INT32().clone()),
        Field::new("score", OPTIONAL_FLOAT64().clone()),
        Field::new("active", BOOLEAN().clone()),
        Field::new("balance", logical::decimal(2).shared()),
        Field::new("created", logical::timestamp().shared()),
        Field::new("city", STRING().clone()),
        Field::new("note", OPTIONAL_STRING().clone()),
    ];
    Ok(Schema::structure(fields)?.with_name("com.example.Customer").shared())
}

fn value(id: i64) -> Value {
    Value::Struct(vec![
        Value::Int64(id),
        Value::String(format!("Customer number {id}")),
        Value::String(format!("customer-{id}@example.com")),
        Value::Int32((id % 90) as i32),
        Value::Float64(id as f64 / 7.0),
        Value::Boolean(id % 2 == 0),
        Value::Decimal(Decimal::new(id * 100 + 37, 2)),
        Value::Date(1_700_000_000_000 + id),
        Value::from("Springfield"),
        Value::Null,
    ])
}

/// What this thread has computed so far.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: i64 = std::env::args().nth(1).map_or(Ok(2_000_000), |text| text.parse())?;
    let schema = schema()?;
    let values: Vec<Value> = (0..1000).map(value).collect();
    for enabled in std::env::args().nth(2).as_deref().map_or(vec!["true", "false"], |only| vec![only]) {
        let settings = IndexMap::from([("schemas.enable".to_owned(), enabled.to_owned())]);
        let converter = JsonConverter::new(&settings)?;
        let mut texts = Vec::new();
        for value in &values {
            texts.push(converter.from_connect("t", Some(&schema), value.clone())?.unwrap_or_default());
        }
        let start = cpu_time()?;
        for round in 0..rounds {
            black_box(converter.from_connect("t", Some(&schema), values[(round % 1000) as usize].clone())?);
        }
        let written = cpu_time()? - start;
        let start = cpu_time()?;
        for round in 0..rounds {
            black_box(values[(round % 1000) as usize].clone());
        }
        let copied = cpu_time()? - start;
        let start = cpu_time()?;
        for round in 0..rounds {
            black_box(converter.to_connect("t", Some(&texts[(round % 1000) as usize]))?);
        }
        let read = cpu_time()? - start;
        println!(
            "schemas.enable={enabled}: write {} ns, read {} ns, {} bytes",
            written.saturating_sub(copied).as_nanos() / rounds as u128,
            read.as_nanos() / rounds as u128,
            texts[7].len()
        );
    }
    Ok(())
}
