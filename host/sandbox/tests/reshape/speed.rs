//! What a record costs in a chain of three transforms, in time of the processor, so that a busy machine does not
//! matter much. Nothing is asserted: `cargo test --profile quick -p watertight-sandbox --test reshape -- --ignored
//! --nocapture speed` prints it.

use std::time::Duration;

use crate::support::*;
use watertight_data::record::Record;
use watertight_data::schema::{BOOLEAN, FLOAT64, Field, INT32, INT64, STRING, Schema};
use watertight_data::value::{SchemaAndValue, Value};
use watertight_sandbox::batch::Outcome;
use watertight_sandbox::roles::Transformation;

/// Four numbers, two floats, two booleans, two texts of 20 bytes.
fn rows(count: usize) -> Vec<Record> {
    let kinds = [INT64(), INT32(), INT32(), INT64(), FLOAT64(), FLOAT64(), BOOLEAN(), BOOLEAN(), STRING(), STRING()];
    let fields = kinds.iter().enumerate().map(|(n, kind)| Field::new(format!("field{n}"), (*kind).clone())).collect();
    let schema = Schema::structure(fields).unwrap().shared();
    let row = |n: i64| {
        let number = n as i32;
        vec![
            Value::Int64(n),
            Value::Int32(number & 0xffff),
            Value::Int32(7),
            Value::Int64(-n),
            Value::Float64(0.5),
            Value::Float64(n as f64),
            Value::Boolean(true),
            Value::Boolean(n & 1 == 0),
            Value::String("y".repeat(20)),
            Value::String("z".repeat(20)),
        ]
    };
    (0..count as i64).map(|n| record(SchemaAndValue::new(Some(schema.clone()), Value::Struct(row(n))))).collect()
}

async fn chain(links: &mut [Transformation], mut records: Vec<Record>) -> Vec<Record> {
    for link in links {
        let outcomes = link.transform_batch(records).await.unwrap();
        let goes_on = |outcome| match outcome {
            Outcome::Changed(record) | Outcome::Unchanged(record) => Some(record),
            Outcome::Dropped | Outcome::Failed { .. } => None,
        };
        records = outcomes.into_iter().filter_map(goes_on).collect();
    }
    records
}

/// What this process has used: user and system time, in ticks of 10 ms.
fn used() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

async fn measure(what: &str, links: &mut [Transformation], batch: usize) {
    measure_sample(what, links, &rows(batch)).await;
}

async fn measure_sample(what: &str, links: &mut [Transformation], sample: &[Record]) {
    let batch = sample.len();
    let mut best = f64::MAX;
    for _ in 0..3 {
        let (begun, mut count) = (used(), 0);
        while used() - begun < Duration::from_millis(700) {
            for _ in 0..20 {
                count += chain(links, sample.to_vec()).await.len();
            }
        }
        let cloning = used();
        for _ in 0..count / batch {
            drop(std::hint::black_box(sample.to_vec()));
        }
        let cloned = used() - cloning;
        let taken = (cloning - begun).saturating_sub(cloned);
        best = best.min(taken.as_nanos() as f64 / count as f64);
    }
    println!("{what}, batches of {batch}: {best:.0} ns a record, {:.2} M records per CPU-second", 1e3 / best);
}

#[test]
#[ignore = "prints what a chain costs"]
fn speed() {
    RUNTIME.block_on(async {
        let insert = [("static.field", "origin"), ("static.value", "here")];
        let insert = transform(&EXAMPLES, "watertight.example.InsertField$Value", &insert).await;
        let replace = [("exclude", "field2"), ("renames", "field3:third")];
        let replace = transform(&EXAMPLES, "watertight.example.ReplaceField$Value", &replace).await;
        let mask = transform(&EXAMPLES, "watertight.example.MaskField$Value", &[("fields", "field9")]).await;
        let mut links = [insert, replace, mask];
        for batch in [500, 1000] {
            measure("chain of three", &mut links, batch).await;
        }
        for (link, name) in links.iter_mut().zip(["insert", "replace", "mask"]) {
            measure(name, std::slice::from_mut(link), 500).await;
        }
        let mut upper = [transform(&TESTS, "watertight.test.Upper$Value", &[]).await];
        let mut sample = rows(500);
        for record in &mut sample {
            if let Value::Struct(values) = &mut record.value.value {
                values.truncate(8);
                values.extend(["Y".repeat(20).into(), "Z".repeat(20).into()]);
            }
        }
        measure_sample("unchanged (looks at each text)", &mut upper, &sample).await;
    });
}
