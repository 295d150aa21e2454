//! What a request's body may look like. Kafka answers 500 where the body is not of the expected shape; ours says 400.

use serde_json::json;

use crate::ground::{Case, Ground, says};

pub const CASES: &[Case] = &[
    ("no offsets at all are refused before anybody looks for the connector", nothing),
    ("a body of another shape is refused and changes nothing", shapes),
    ("a body that is missing, null or no JSON is refused and changes nothing", no_body),
    ("a reset with a body is a reset", reset_with_a_body),
];

fn nothing(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    let message = "Partitions / offsets need to be provided for an alter offsets request";
    for body in [json!({}), json!({"offsets": null}), json!({"offsets": []})] {
        says(&ground.send(&ground.name, &body)?, 400, message)?;
        says(&ground.send("nobody", &body)?, 400, message)?;
    }
    Ok(())
}

fn status(ground: &Ground) -> u16 {
    if ground.is_ours() { 400 } else { 500 }
}

fn shapes(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(5))?.expect(200)?;
    for body in [
        json!([]),
        json!("offsets"),
        json!({"key": []}),
        json!({"offsets": {}}),
        json!({"offsets": [123]}),
        json!({"offsets": [null]}),
        json!({"offsets": [{"key": "val"}]}),
        json!({"offsets": [{"partition": []}]}),
        json!({"offsets": [{"partition": 5, "offset": {}}]}),
        json!({"offsets": [{"partition": {"a": 1}, "offset": "x"}]}),
        json!({"offsets": [{"partition": {"a": 1}, "offset": null, "more": 1}]}),
        json!({"offsets": [{"partition": ground.task(0), "offset": {"saved": 1}}, 5]}),
    ] {
        let answer = ground.send(&ground.name, &body)?;
        anyhow::ensure!(answer.status == status(ground) && !answer.message().is_empty(), "{body}: {answer:?}");
    }
    ground.ensure_offsets(&ground.name, &ground.saved(5))
}

fn no_body(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(5))?.expect(200)?;
    let path = format!("/connectors/{}/offsets", ground.name);
    for body in [None, Some("null"), Some("{\"offsets\": ["), Some("offsets")] {
        let answer = ground.connect.http.send("PATCH", &path, body)?;
        anyhow::ensure!(answer.status == status(ground), "{body:?}: {answer:?}");
    }
    ground.ensure_offsets(&ground.name, &ground.saved(5))
}

fn reset_with_a_body(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(5))?.expect(200)?;
    let path = format!("/connectors/{}/offsets", ground.name);
    ground.connect.http.send("DELETE", &path, Some("{}"))?.expect(200)?;
    ground.ensure_offsets(&ground.name, &[])
}
