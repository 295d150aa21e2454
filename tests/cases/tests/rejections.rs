//! Records that a sink itself rejects, at once or later: reported like any other bad record.

use watertight_cases::topics::{self, Letter};
use watertight_cases::{SOON, Scene, TOPIC};
use watertight_harness::properties::Properties;
use watertight_harness::wait;

const DEAD: &str = "dead";

fn picky(tolerance: &str) -> Properties {
    Properties::new()
        .with("name", "picky")
        .with("connector.class", "watertight.test.PickySinkConnector")
        .with("topics", TOPIC)
        .with("errors.tolerance", tolerance)
}

fn with_queue(config: Properties) -> Properties {
    config
        .with("errors.deadletterqueue.topic.name", DEAD)
        .with("errors.deadletterqueue.topic.replication.factor", 1)
        .with("errors.deadletterqueue.context.headers.enable", true)
}

fn run(case: &str, config: &Properties) -> anyhow::Result<Scene> {
    let mut scene = Scene::new(case)?;
    scene.worker = scene.worker.with_test_guests();
    let values = ["one", "bad", "two", "late", "three"];
    let records: Vec<Letter> =
        values.iter().map(|value| Letter { value: Some((*value).to_owned()), ..Letter::default() }).collect();
    topics::write(&scene.broker.bootstrap(), TOPIC, &records)?;
    let scene = scene.start()?;
    scene.worker.connect().create(config)?;
    Ok(scene)
}

fn check(letter: &Letter, value: &str, offset: &str, message: &str) -> anyhow::Result<()> {
    anyhow::ensure!(letter.value.as_deref() == Some(value), "{letter:?}");
    for (name, wanted) in [
        ("offset", offset),
        ("stage", "TASK_PUT"),
        ("class.name", "org.apache.kafka.connect.sink.SinkTask"),
        ("exception.class.name", "com.example.PickyException"),
        ("exception.message", message),
    ] {
        let found = letter.header(&format!("__connect.errors.{name}"));
        anyhow::ensure!(found == Some(wanted), "{name} of {value} is {found:?}, not {wanted:?}");
    }
    Ok(())
}

#[test]
fn rejected_records_are_kept_at_once_and_later_and_the_others_are_taken() -> anyhow::Result<()> {
    let scene = run("rejections-all", &with_queue(picky("all")))?;
    let letters = topics::read(&scene.broker.bootstrap(), DEAD, 2, SOON)?;
    anyhow::ensure!(letters.len() == 2, "{letters:?}");
    check(&letters[0], "bad", "1", "not this one")?;
    check(&letters[1], "late", "3", "not this one either")?;
    wait::until("the last record to be committed", SOON, || {
        let offsets =
            scene.worker.connect().http.get("/connectors/picky/offsets").map_err(|error| error.to_string())?;
        let offsets = offsets.expect(200).map_err(|error| error.to_string())?;
        match offsets["offsets"][0]["offset"]["kafka_offset"].as_i64() {
            Some(5) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })?;
    let log = scene.worker.log();
    anyhow::ensure!(["one", "two", "three"].iter().all(|text| log.contains(&format!("picked {text}"))), "{log}");
    Ok(())
}

#[test]
fn a_rejected_record_is_kept_and_ends_the_task_where_nothing_is_tolerated() -> anyhow::Result<()> {
    let scene = run("rejections-none", &with_queue(picky("none")))?;
    let trace = scene.worker.connect().wait_failed("picky", SOON)?;
    for word in [
        "Exiting WorkerSinkTask due to unrecoverable exception.",
        "Tolerance exceeded in error handler",
        "com.example.PickyException: not this one",
    ] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    let letters = topics::read(&scene.broker.bootstrap(), DEAD, 1, SOON)?;
    anyhow::ensure!(!letters.is_empty(), "the record is not in the queue");
    check(&letters[0], "bad", "1", "not this one")
}

#[test]
fn a_rejected_record_ends_the_task_where_nobody_would_hear_of_it() -> anyhow::Result<()> {
    let scene = run("rejections-unheard", &picky("all"))?;
    let trace = scene.worker.connect().wait_failed("picky", SOON)?;
    anyhow::ensure!(trace.contains("the record at lines-0, offset 1, was rejected"), "{trace}");
    Ok(())
}
