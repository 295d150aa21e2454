//! Bad records on their way to a sink: a thousand, every second one malformed, and what becomes of each.

use std::collections::HashSet;

use watertight_cases::topics::{self, Letter};
use watertight_cases::{Dice, SOON, Scene, TOPIC, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::properties::Properties;
use watertight_harness::skips;
use watertight_harness::wait;
use watertight_harness::worker::{Make, file_sink};

const DEAD: &str = "dead";
const RECORDS: usize = 1_000;

fn record(number: usize) -> Letter {
    let value = if number.is_multiple_of(2) { format!("{{\"n\":{number}}}") } else { format!("{{\"n\":{number}") };
    Letter {
        key: Some(format!("key-{number}")),
        value: Some(value),
        headers: vec![("own".into(), Some(format!("h{number}")))],
        timestamp: Some(1_600_000_000_000 + number as i64),
        ..Letter::default()
    }
}

fn sink(scene: &Scene, tolerance: &str) -> Properties {
    file_sink("picky", &scene.output(), TOPIC)
        .with("key.converter", "org.apache.kafka.connect.storage.StringConverter")
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", false)
        .with("errors.tolerance", tolerance)
        .with("errors.deadletterqueue.topic.name", DEAD)
        .with("errors.deadletterqueue.topic.replication.factor", 1)
        .with("errors.deadletterqueue.context.headers.enable", true)
}

fn run(scene: Scene, tolerance: &str) -> anyhow::Result<Scene> {
    let records: Vec<Letter> = (0..RECORDS).map(record).collect();
    topics::write(&scene.broker.bootstrap(), TOPIC, &records)?;
    let scene = scene.start()?;
    let sink = sink(&scene, tolerance);
    scene.worker.connect().create(&sink)?;
    Ok(scene)
}

/// The header that a letter must have, word for word.
fn check(letter: &Letter, number: usize) -> anyhow::Result<()> {
    let sent = record(number);
    anyhow::ensure!(
        (&letter.key, &letter.value, letter.timestamp) == (&sent.key, &sent.value, sent.timestamp),
        "letter of record {number} is not the record: {letter:?}"
    );
    let names: Vec<&str> = letter.headers.iter().map(|(name, _)| name.as_str()).collect();
    let own = ["topic", "partition", "offset", "connector.name", "task.id", "stage", "class.name"];
    let exception = ["exception.class.name", "exception.message", "exception.stacktrace"];
    let context = own.iter().chain(&exception).map(|name| format!("__connect.errors.{name}"));
    let expected: Vec<String> = std::iter::once("own".to_owned()).chain(context).collect();
    anyhow::ensure!(names == expected, "letter of record {number} has the headers {names:?}");
    let offset = number.to_string();
    for (name, wanted) in [
        ("topic", TOPIC),
        ("partition", "0"),
        ("offset", &offset),
        ("connector.name", "picky"),
        ("task.id", "0"),
        ("stage", "VALUE_CONVERTER"),
        ("class.name", "org.apache.kafka.connect.json.JsonConverter"),
        ("exception.class.name", "org.apache.kafka.connect.errors.DataException"),
        ("exception.message", "Converting byte[] to Kafka Connect data failed due to serialization error: "),
    ] {
        let found = letter.header(&format!("__connect.errors.{name}"));
        anyhow::ensure!(found == Some(wanted), "record {number}: {name} is {found:?}, not {wanted:?}");
    }
    anyhow::ensure!(letter.header("own") == Some(&format!("h{number}")), "the record's own header is gone");
    let trace = letter.header("__connect.errors.exception.stacktrace").unwrap_or_default();
    let begin = "org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed";
    anyhow::ensure!(trace.starts_with(begin) && trace.contains("Caused by: "), "record {number}: {trace}");
    Ok(())
}

fn all_good_arrive_and_all_bad_are_kept(scene: Scene) -> anyhow::Result<()> {
    let scene = run(scene, "all")?;
    let good: String = (0..RECORDS).step_by(2).map(|number| format!("{{n={number}}}\n")).collect();
    wait::until("the good half to arrive", SOON, || match std::fs::read_to_string(scene.output()) {
        Ok(text) if text.len() >= good.len() => Ok(()),
        other => Err(format!("{:?} bytes", other.map(|text| text.len()))),
    })?;
    anyhow::ensure!(std::fs::read_to_string(scene.output())? == good, "the sink has other records than the good ones");
    let letters = topics::read(&scene.broker.bootstrap(), DEAD, RECORDS / 2, SOON)?;
    anyhow::ensure!(letters.len() == RECORDS / 2, "{} letters", letters.len());
    anyhow::ensure!(letters.iter().all(|letter| letter.place.0 == 0), "more than one partition");
    for (index, letter) in letters.iter().enumerate() {
        check(letter, index * 2 + 1)?;
    }
    println!(
        "{} good records in the sink, {} letters in order with 10 context headers each",
        RECORDS / 2,
        letters.len()
    );
    Ok(())
}

fn the_first_bad_record_is_kept_and_ends_the_task(scene: Scene) -> anyhow::Result<()> {
    let ours = scene.worker.is_ours();
    let scene = run(scene, "none")?;
    let trace = scene.worker.connect().wait_failed("picky", SOON)?;
    anyhow::ensure!(trace.contains("Tolerance exceeded in error handler"), "{trace}");
    anyhow::ensure!(trace.contains("Converting byte[] to Kafka Connect data failed"), "{trace}");
    anyhow::ensure!(!ours || trace.contains("VALUE_CONVERTER, the record at lines-0, offset 1"), "{trace}");
    let letters = topics::read(&scene.broker.bootstrap(), DEAD, 1, SOON)?;
    anyhow::ensure!(letters.len() == 1, "{} letters", letters.len());
    check(&letters[0], 1)
}

#[test]
fn of_a_thousand_records_the_good_half_arrives_and_the_bad_half_is_kept_in_order() -> anyhow::Result<()> {
    all_good_arrive_and_all_bad_are_kept(Scene::new("dead-letters-all")?)
}

#[test]
fn of_a_thousand_records_the_good_half_arrives_and_the_bad_half_is_kept_on_genuine_kafka() -> anyhow::Result<()> {
    let Some(peer) = genuine("dead letters on genuine Kafka")? else { return Ok(()) };
    all_good_arrive_and_all_bad_are_kept(Scene::on(Kind::Genuine(peer), Make::Ours, "dead-letters-all-genuine")?)
}

#[test]
fn without_tolerance_the_first_bad_record_is_kept_and_ends_the_task() -> anyhow::Result<()> {
    the_first_bad_record_is_kept_and_ends_the_task(Scene::new("dead-letters-none")?)
}

#[test]
fn without_tolerance_the_first_bad_record_is_kept_and_ends_the_task_on_genuine_kafka() -> anyhow::Result<()> {
    let Some(peer) = genuine("dead letters without tolerance on genuine Kafka")? else { return Ok(()) };
    the_first_bad_record_is_kept_and_ends_the_task(Scene::on(
        Kind::Genuine(peer),
        Make::Ours,
        "dead-letters-none-genuine",
    )?)
}

#[test]
fn bad_records_are_logged_with_stage_class_and_place_where_that_is_asked_for() -> anyhow::Result<()> {
    let scene = Scene::new("errors-logged")?;
    topics::write(&scene.broker.bootstrap(), TOPIC, &[record(0), record(1), record(2)])?;
    let scene = scene.start()?;
    let sink = sink(&scene, "all")
        .without("errors.deadletterqueue.topic.name")
        .with("errors.log.enable", true)
        .with("errors.log.include.messages", true);
    scene.worker.connect().create(&sink)?;
    let line = "Error encountered in task picky-0. Executing stage 'VALUE_CONVERTER' with class \
                'org.apache.kafka.connect.json.JsonConverter', where consumed record is {topic='lines', partition=0, \
                offset=1, timestamp=1600000000001, timestampType=CreateTime}.";
    wait::until("the error to be logged", SOON, || match scene.worker.log() {
        log if log.contains(line) => Ok(()),
        log => Err(log.lines().last().unwrap_or_default().to_owned()),
    })
}

#[test]
fn a_queue_that_cannot_be_made_ends_the_task_before_it_reads() -> anyhow::Result<()> {
    let Some(peer) = genuine("a dead letter queue that cannot be made")? else { return Ok(()) };
    let scene = Scene::on(Kind::Genuine(peer), Make::Ours, "dead-letters-refused-genuine")?;
    topics::write(&scene.broker.bootstrap(), TOPIC, &[record(0)])?;
    let scene = scene.start()?;
    let sink = sink(&scene, "all").with("errors.deadletterqueue.topic.replication.factor", 3);
    scene.worker.connect().create(&sink)?;
    let trace = scene.worker.connect().wait_failed("picky", SOON)?;
    anyhow::ensure!(trace.contains("Could not initialize dead letter queue with topic=dead"), "{trace}");
    Ok(())
}

/// Records of each round: between two kills.
const ROUND: usize = 2_000;

#[test]
fn no_letter_is_lost_when_the_worker_is_killed() -> anyhow::Result<()> {
    let kills = if skips::soak() { 20 } else { 5 };
    let mut scene = Scene::new("dead-letters-killed")?;
    let bootstrap = scene.broker.bootstrap();
    let round = |first: usize| (first..first + ROUND).map(record).collect::<Vec<Letter>>();
    topics::write(&bootstrap, TOPIC, &round(0))?;
    let config = sink(&scene, "all");
    scene.worker = scene.worker.with_connector(&config)?;
    let mut scene = scene.start()?;
    let mut dice = Dice::new();
    for kill in 1..=kills {
        std::thread::sleep(dice.millis(0, 1500));
        topics::write(&bootstrap, TOPIC, &round(kill * ROUND))?;
        std::thread::sleep(dice.millis(0, 300));
        scene.worker.kill();
        scene.worker.start()?;
    }
    let total = (kills + 1) * ROUND;
    let good: HashSet<String> = (0..total).step_by(2).map(|number| format!("{{n={number}}}")).collect();
    wait::until("every good record", 4 * SOON, || {
        let text = std::fs::read_to_string(scene.output()).unwrap_or_default();
        let found = text.lines().filter(|line| good.contains(*line)).collect::<HashSet<_>>().len();
        if found == good.len() { Ok(()) } else { Err(format!("{found} of {}", good.len())) }
    })?;
    // The last commit says that the letters before it are there.
    wait::until("the last record to be committed", SOON, || {
        let offsets =
            scene.worker.connect().http.get("/connectors/picky/offsets").map_err(|error| error.to_string())?;
        let offsets = offsets.expect(200).map_err(|error| error.to_string())?;
        let committed = offsets["offsets"][0]["offset"]["kafka_offset"].as_u64().unwrap_or_default();
        if committed == total as u64 { Ok(()) } else { Err(format!("{committed} of {total}")) }
    })?;
    let letters = topics::read(&bootstrap, DEAD, total / 2, SOON)?;
    let kept: HashSet<&str> = letters.iter().filter_map(|letter| letter.key.as_deref()).collect();
    let missing = (1..total).step_by(2).filter(|number| !kept.contains(format!("key-{number}").as_str())).count();
    println!("{kills} kills, {total} records: {missing} letters missing, {} twice", letters.len() - kept.len());
    anyhow::ensure!(missing == 0 && kept.len() == total / 2, "{missing} letters are missing, {} kept", kept.len());
    Ok(())
}
