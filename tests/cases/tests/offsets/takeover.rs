//! Offsets that one worker changed, as the other one reads them: the file's keys are compared as bytes by Kafka's.

use serde_json::{Value, json};
use watertight_cases::table::Ground as _;
use watertight_cases::{Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;

use crate::ground::{Ground, framework, says};

fn altered_by(first: Make, second: Make, case: &str) -> anyhow::Result<()> {
    let ground = Ground::start(Scene::on(Kind::Embedded, first, case)?)?;
    let (here, there) = (json!({"x": 1, "b": true, "n": null, "f": 1.5, "t": "é"}), json!({"kept": "as it was"}));
    let offset = |number: i64| json!({"zulu": number, "alpha": 0.25, "text": "\u{2028}"});
    let both = |number: i64| vec![(here.clone(), offset(number)), (there.clone(), offset(0))];
    ground.create_stopped(&ground.source())?;
    says(&ground.alter(&ground.name, &both(0))?, 200, &framework("altered"))?;
    says(&ground.alter(&ground.name, &[(json!({"gone": 1}), offset(1))])?, 200, &framework("altered"))?;
    says(&ground.alter(&ground.name, &[(json!({"gone": 1}), Value::Null)])?, 200, &framework("altered"))?;
    let ground = ground.handed_over(second)?;
    ground.create_stopped(&ground.source())?;
    ground.ensure_offsets(&ground.name, &both(0))?;
    // Were the bytes of its key others, it would now be there twice.
    says(&ground.alter(&ground.name, &[(here.clone(), offset(7))])?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &both(7))?;
    says(&ground.reset(&ground.name)?, 200, &framework("reset"))?;
    ground.ensure_offsets(&ground.name, &[])
}

#[test]
fn what_ours_altered_a_genuine_worker_reads_and_alters() -> anyhow::Result<()> {
    match genuine("what_ours_altered_a_genuine_worker_reads_and_alters")? {
        Some(peer) => altered_by(Make::Ours, Make::Genuine(peer), "offsets-altered-to-genuine"),
        None => Ok(()),
    }
}

#[test]
fn what_a_genuine_worker_altered_ours_reads_and_alters() -> anyhow::Result<()> {
    match genuine("what_a_genuine_worker_altered_ours_reads_and_alters")? {
        Some(peer) => altered_by(Make::Genuine(peer), Make::Ours, "offsets-altered-from-genuine"),
        None => Ok(()),
    }
}
