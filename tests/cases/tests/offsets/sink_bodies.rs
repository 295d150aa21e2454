//! How a sink's offsets must be said. Each of these is one body of Kafka's own test, or one beside it.

use serde_json::{Value, json};

use crate::ground::{Case, Ground, says};

pub const CASES: &[Case] = &[
    ("a sink's partition must be there", no_partition),
    ("a sink's partition must have a topic and a number", no_keys),
    ("a sink's partition must be a number of 32 bits", no_number),
    ("a sink's offset must be null or have its key", no_offset),
    ("a sink's offset must be a number of 64 bits", no_long),
    ("a sink's offset is never negative", negative),
    ("of several mistakes the same one is told as by Kafka", several),
    ("a body with one mistake changes nothing", nothing_changes),
];

fn stopped(ground: &Ground) -> anyhow::Result<()> {
    crate::sink::filled(ground, 1)?;
    ground.create_stopped(&ground.sink())
}

fn refused(ground: &Ground, partition: Value, offset: Value, message: &str) -> anyhow::Result<()> {
    let given = format!("{partition} {offset}");
    says(&ground.alter(&ground.name, &[(partition, offset)])?, 400, message).map_err(|error| error.context(given))
}

fn no_partition(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let message = "The partition for a sink connector offset cannot be null or missing";
    for entry in [json!({}), json!({"partition": null, "offset": null}), json!({"offset": {"kafka_offset": 1}})] {
        says(&ground.send(&ground.name, &json!({"offsets": [entry]}))?, 400, message)?;
    }
    Ok(())
}

fn no_keys(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let keys = "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'";
    for partition in [json!({}), json!({"kafka_topic": "t"}), json!({"kafka_partition": 0}), json!({"topic": "t"})] {
        refused(ground, partition, Value::Null, keys)?;
    }
    let topic = json!({"kafka_topic": null, "kafka_partition": 0});
    refused(ground, topic, Value::Null, "Kafka topic names must be valid strings and may not be null")?;
    refused(ground, number(Value::Null), Value::Null, "Kafka partitions must be valid numbers and may not be null")
}

fn number(partition: Value) -> Value {
    json!({"kafka_topic": "t", "kafka_partition": partition})
}

fn no_number(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    for (given, said) in [
        (json!("not a number"), "not a number"),
        (json!(" 1"), " 1"),
        (json!(""), ""),
        (json!(1.0), "1.0"),
        (json!(1.5e30), "1.5E30"),
        (json!(true), "true"),
        (json!(2_147_483_648_i64), "2147483648"),
        (json!([1, "a", null, {"x": 1.0}]), "[1, a, null, {x=1.0}]"),
        (json!({"a": 1, "b": "c"}), "{a=1, b=c}"),
    ] {
        let message = format!(
            "Failed to parse the following Kafka partition value in the provided offsets: '{said}'. Partition values \
             for sink connectors need to be integers."
        );
        refused(ground, number(given), Value::Null, &message)?;
    }
    Ok(())
}

fn no_offset(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let message = "The offset for a sink connector should either be null or contain the key 'kafka_offset'";
    refused(ground, number(json!(1)), json!({}), message)?;
    refused(ground, number(json!(1)), json!({"offset": 1}), message)
}

fn no_long(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    for (given, said) in [
        (json!("not a number"), "not a number"),
        (Value::Null, "null"),
        (json!(1.5), "1.5"),
        (json!(false), "false"),
        (json!(9_223_372_036_854_775_808_u64), "9223372036854775808"),
        (json!("9223372036854775808"), "9223372036854775808"),
    ] {
        let message = format!(
            "Failed to parse the following Kafka offset value in the provided offsets: '{said}'. Offset values for \
             sink connectors need to be integers."
        );
        refused(ground, number(json!(1)), json!({"kafka_offset": given}), &message)?;
    }
    Ok(())
}

fn negative(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let answer = ground.alter(&ground.name, &[(ground.place(0), json!({"kafka_offset": -1}))])?;
    let failed = format!("Failed to modify offsets for sink connector {}", ground.name);
    if ground.is_ours() {
        // It is the client's mistake, and the plugin need not be asked.
        says(&answer, 400, &format!("{failed}: Invalid negative offset"))?;
    } else {
        says(&answer, 500, &failed)?;
    }
    ground.ensure_offsets(&ground.name, &[])
}

fn several(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let list = [(number(json!("x")), Value::Null), (json!({}), Value::Null)];
    let message = "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'";
    says(&ground.alter(&ground.name, &list)?, 400, message)
}

fn nothing_changes(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let right = (ground.place(0), json!({"kafka_offset": 1}));
    ground.alter(&ground.name, std::slice::from_ref(&right))?.expect(200)?;
    let list = [(ground.place(0), json!({"kafka_offset": 0})), (number(json!("x")), Value::Null)];
    ground.alter(&ground.name, &list)?.expect(400)?;
    ground.ensure_offsets(&ground.name, &[right])
}
