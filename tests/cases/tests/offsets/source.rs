//! Sources' offsets: Kafka's own test, and what partitions and offsets may hold.

use serde_json::{Value, json};

use crate::ground::{ALTERED, Case, Ground, RESET, begins, framework, says};

pub const CASES: &[Case] = &[
    ("offsets follow what a source has written", shown),
    ("Kafka's test of altering a source", kafkas_alter),
    ("Kafka's test of resetting a source", kafkas_reset),
    ("an offset that is null takes one partition away and leaves the others", null_offset),
    ("a partition that the source never had may be given an offset", new_partition),
    ("of one partition given twice the last offset counts", twice),
    ("the order of a partition's fields makes no other partition", field_order),
    ("whole numbers and others are different partitions", kinds_of_number),
    ("every primitive comes back as it was given", primitives),
    ("texts come back whole, whatever their letters", letters),
    ("a partition and an offset may be empty objects", empty_objects),
    ("lists and objects within a partition or an offset are refused", nested),
    ("whole numbers beyond 64 bits are refused and not rounded", beyond_long),
    ("a wrong entry leaves the right ones unwritten", all_or_nothing),
    ("a partition that is null or missing is refused", no_partition),
    ("a hundred partitions are altered and reset together", many),
    ("a removed offset stays removed when the source is configured anew", stays_removed),
];

fn shown(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.create(&ground.source())?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    ground.configure(&ground.source().with("count", 20))?;
    ground.wait_offsets(&ground.name, &ground.saved(20))
}

fn kafkas_alter(ground: &Ground) -> anyhow::Result<()> {
    let config = ground.finished_source()?;
    says(&ground.alter(&ground.name, &ground.saved(5))?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &ground.saved(5))?;
    ground.configure(&config.with("alter.offsets", "true"))?;
    says(&ground.alter(&ground.name, &ground.saved(7))?, 200, ALTERED)?;
    ground.ensure_offsets(&ground.name, &ground.saved(7))?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(10))
}

fn kafkas_reset(ground: &Ground) -> anyhow::Result<()> {
    let config = ground.finished_source()?;
    for _ in 0..2 {
        says(&ground.reset(&ground.name)?, 200, &framework("reset"))?;
        ground.ensure_offsets(&ground.name, &[])?;
    }
    ground.configure(&config.with("alter.offsets", "true"))?;
    says(&ground.reset(&ground.name)?, 200, RESET)?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(10))
}

fn null_offset(ground: &Ground) -> anyhow::Result<()> {
    ground.finished_source()?;
    ground.alter(&ground.name, &[(ground.task(0), Value::Null)])?.expect(200)?;
    ground.ensure_offsets(&ground.name, &ground.saved(10)[1..])?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(10))
}

/// Alters a source that never ran, and looks whether exactly this is shown.
fn round_trip(ground: &Ground, given: &[(Value, Value)], expected: &[(Value, Value)]) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    says(&ground.alter(&ground.name, given)?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, expected)
}

fn new_partition(ground: &Ground) -> anyhow::Result<()> {
    let list = [(json!({"file": "a", "line": 3}), json!({"at": 1}))];
    round_trip(ground, &list, &list)?;
    let removed = [(json!({"file": "nobody has it"}), Value::Null)];
    ground.alter(&ground.name, &removed)?.expect(200)?;
    ground.ensure_offsets(&ground.name, &list)
}

fn twice(ground: &Ground) -> anyhow::Result<()> {
    let at = json!({"a": 1, "b": 2});
    let list = [(at.clone(), json!({"v": 1})), (json!({"b": 2, "a": 1}), json!({"v": 2}))];
    round_trip(ground, &list, &[(at, json!({"v": 2}))])
}

fn field_order(ground: &Ground) -> anyhow::Result<()> {
    let ways = [json!({"x": 1, "b": true, "f": "f"}), json!({"f": "f", "b": true, "x": 1})];
    round_trip(ground, &[(ways[0].clone(), json!({"v": 1}))], &[(ways[0].clone(), json!({"v": 1}))])?;
    ground.alter(&ground.name, &[(ways[1].clone(), json!({"v": 2}))])?.expect(200)?;
    ground.ensure_offsets(&ground.name, &[(ways[0].clone(), json!({"v": 2}))])?;
    ground.reset(&ground.name)?.expect(200)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn kinds_of_number(ground: &Ground) -> anyhow::Result<()> {
    let list = [(json!({"d": 1}), json!({"v": 1})), (json!({"d": 1.0}), json!({"v": 2.0}))];
    round_trip(ground, &list, &list)
}

fn primitives(ground: &Ground) -> anyhow::Result<()> {
    let all = json!({
        "least": i64::MIN, "most": i64::MAX, "beyond-53-bits": 9_007_199_254_740_993_i64, "none": null, "yes": true,
        "no": false, "half": 0.5, "large": 1.5e300, "text": "5", "": "empty name",
    });
    round_trip(ground, &[(all.clone(), all.clone())], &[(all.clone(), all)])
}

fn letters(ground: &Ground) -> anyhow::Result<()> {
    let text = "é\"\\/\u{2028}\u{0}\n𝄞 <b>&amp;";
    let list = [(json!({text: text}), json!({text: text}))];
    round_trip(ground, &list, &list)
}

fn empty_objects(ground: &Ground) -> anyhow::Result<()> {
    let list = [(json!({}), json!({"v": 1})), (json!({"e": 1}), json!({}))];
    round_trip(ground, &list, &list)
}

/// Kafka says 500 for what is the client's mistake; ours 400. The words are the same.
fn refused(ground: &Ground, partition: Value, offset: Value, message: &str) -> anyhow::Result<()> {
    let status = if ground.is_ours() { 400 } else { 500 };
    says(&ground.alter(&ground.name, &[(partition, offset)])?, status, message)
}

const ONLY: &str = "Offsets may only contain primitive types as values, but field";

fn nested(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    refused(ground, json!({"e": {"f": 1}}), json!({"v": 1}), &format!("{ONLY} e contains MAP"))?;
    refused(ground, json!({"e": [1]}), json!({"v": 1}), &format!("{ONLY} e contains ARRAY"))?;
    refused(ground, json!({"e": 1}), json!({"v": {}}), &format!("{ONLY} v contains MAP"))?;
    refused(ground, json!({"e": 1}), json!({"v": []}), &format!("{ONLY} v contains ARRAY"))?;
    refused(ground, json!({"e": {}}), Value::Null, &format!("{ONLY} e contains MAP"))?;
    ground.ensure_offsets(&ground.name, &[])
}

fn beyond_long(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    for number in ["9223372036854775808", "-9223372036854775809", "99999999999999999999"] {
        // As text: a JSON library may round it on its way out.
        let body = format!("{{\"offsets\": [{{\"partition\": {{\"e\": 1}}, \"offset\": {{\"v\": {number}}}}}]}}");
        let path = format!("/connectors/{}/offsets", ground.name);
        let status = if ground.is_ours() { 400 } else { 500 };
        let answer = ground.connect.http.send("PATCH", &path, Some(&body))?;
        begins(&answer, status, &format!("{ONLY} v contains class java.math.BigInteger"))?;
    }
    ground.ensure_offsets(&ground.name, &[])
}

fn all_or_nothing(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    let mut list = ground.saved(5);
    list.push((json!({"e": []}), json!({})));
    let answer = ground.alter(&ground.name, &list)?;
    anyhow::ensure!(answer.status >= 400, "{answer:?}");
    ground.ensure_offsets(&ground.name, &[])
}

fn no_partition(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    for entry in [json!({}), json!({"partition": null, "offset": {"v": 1}}), json!({"offset": {"v": 1}})] {
        let answer = ground.send(&ground.name, &json!({"offsets": [entry]}))?;
        // Kafka's worker stores under a partition that nothing can read or remove.
        let status = if ground.is_ours() { 400 } else { 200 };
        anyhow::ensure!(answer.status == status, "{answer:?}");
    }
    ground.ensure_offsets(&ground.name, &[])
}

fn many(ground: &Ground) -> anyhow::Result<()> {
    let list: Vec<_> = (0..100).map(|n| (json!({"shard": n, "of": 100}), json!({"at": n * 7}))).collect();
    round_trip(ground, &list, &list)?;
    ground.reset(&ground.name)?.expect(200)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn stays_removed(ground: &Ground) -> anyhow::Result<()> {
    let config = ground.finished_source()?;
    ground.reset(&ground.name)?.expect(200)?;
    ground.configure(&config.with("count", 3))?;
    ground.ensure_offsets(&ground.name, &[])?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(3))
}
