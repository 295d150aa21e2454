//! Which connectors' offsets may be seen and changed.

use serde_json::{Value, json};
use watertight_cases::SOON;

use crate::ground::{ALTERED, Case, Ground, framework, says};

pub const CASES: &[Case] = &[
    ("an unknown connector has no offsets to show, alter or reset", unknown),
    ("a running connector's offsets are not changed", running),
    ("a paused connector's offsets are not changed", paused),
    ("a connector is not altered any more once resuming it was accepted", resumed),
    ("a connector that never ran is given offsets to start from", never_ran),
    ("a connector that was paused and then stopped may be altered", paused_then_stopped),
    ("offsets are shown while it runs, is paused and is stopped", shown_in_any_state),
    ("offsets outlive their connector and are shown to the next of its name", outlive),
    ("of a connector that is gone nothing can be altered", gone),
    ("tasks that fail on their offset are mended by another one", failed),
];

fn unknown(ground: &Ground) -> anyhow::Result<()> {
    let message = "Connector nobody not found";
    says(&ground.alter("nobody", &[(json!({}), json!({}))])?, 404, message)?;
    says(&ground.reset("nobody")?, 404, message)?;
    says(&ground.connect.http.get("/connectors/nobody/offsets")?, 404, message)
}

fn refused(ground: &Ground) -> anyhow::Result<()> {
    let message = format!(
        "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
         specified connector by issuing a 'PUT' request to the '/connectors/{}/stop' endpoint",
        ground.name
    );
    says(&ground.alter(&ground.name, &ground.saved(5))?, 400, &message)?;
    says(&ground.reset(&ground.name)?, 400, &message)?;
    ground.ensure_offsets(&ground.name, &ground.saved(10))
}

fn running(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.create(&ground.source())?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    refused(ground)
}

fn pause(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.http.put(&format!("/connectors/{}/pause", ground.name), &Value::Null)?.expect(202)?;
    ground.connect.wait_all(&ground.name, "PAUSED", 2, SOON).map(drop)
}

fn paused(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.create(&ground.source())?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    pause(ground)?;
    refused(ground)
}

fn resumed(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    for _ in 0..5 {
        ground.connect.http.put(&format!("/connectors/{}/resume", ground.name), &Value::Null)?.expect(202)?;
        let answer = ground.alter(&ground.name, &ground.saved(5))?;
        anyhow::ensure!(answer.status == 400 && answer.message().contains("STOPPED state"), "{answer:?}");
        ground.stop(&ground.name)?;
        ground.alter(&ground.name, &ground.saved(5))?.expect(200)?;
    }
    Ok(())
}

fn never_ran(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.ensure_offsets(&ground.name, &[])?;
    says(&ground.alter(&ground.name, &ground.saved(7))?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &ground.saved(7))?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    let records = watertight_cases::topics::read(&ground.scene.broker.bootstrap(), &ground.topic(), 6, SOON)?;
    let mut values: Vec<_> = records.into_iter().filter_map(|record| record.value).collect();
    values.sort();
    anyhow::ensure!(values == ["10", "10", "8", "8", "9", "9"], "{values:?}");
    Ok(())
}

fn paused_then_stopped(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.create(&ground.source())?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    pause(ground)?;
    ground.stop(&ground.name)?;
    says(&ground.alter(&ground.name, &ground.saved(3))?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &ground.saved(3))
}

fn shown_in_any_state(ground: &Ground) -> anyhow::Result<()> {
    ground.connect.create(&ground.source())?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    pause(ground)?;
    ground.ensure_offsets(&ground.name, &ground.saved(10))?;
    ground.stop(&ground.name)?;
    ground.ensure_offsets(&ground.name, &ground.saved(10))
}

fn outlive(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(4))?.expect(200)?;
    ground.connect.http.delete(&format!("/connectors/{}", ground.name))?.expect(204)?;
    ground.create_stopped(&ground.source())?;
    ground.ensure_offsets(&ground.name, &ground.saved(4))
}

fn gone(ground: &Ground) -> anyhow::Result<()> {
    ground.create_stopped(&ground.source())?;
    ground.connect.http.delete(&format!("/connectors/{}", ground.name))?.expect(204)?;
    says(&ground.alter(&ground.name, &ground.saved(4))?, 404, &format!("Connector {} not found", ground.name))
}

fn failed(ground: &Ground) -> anyhow::Result<()> {
    let (name, config) = (&ground.name, ground.source().with("alter.offsets", "true"));
    ground.create_stopped(&config)?;
    let unreadable = json!({"saved": "far"});
    says(&ground.alter(name, &[(ground.task(0), unreadable)])?, 200, ALTERED)?;
    ground.connect.http.put(&format!("/connectors/{name}/resume"), &Value::Null)?.expect(202)?;
    ground.connect.wait_failed(name, SOON)?;
    ground.stop(name)?;
    says(&ground.alter(name, &ground.saved(2))?, 200, ALTERED)?;
    ground.resume(name, 2)?;
    ground.wait_offsets(name, &ground.saved(10))
}
