//! Transforms, predicates and converters that are plugins, in running connectors: named like Kafka's own, and no
//! more trusted than a connector.

use watertight_cases::topics::{self, Letter};
use watertight_cases::{SOON, Scene, TOPIC, wait_for_text};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{file_sink, file_source};

const DEAD: &str = "dead";

fn scene(case: &str) -> anyhow::Result<Scene> {
    let mut scene = Scene::new(case)?;
    scene.worker = scene.worker.with_test_guests();
    Ok(scene)
}

fn letters(values: &[&str]) -> Vec<Letter> {
    values.iter().map(|value| Letter { value: Some((*value).to_owned()), ..Letter::default() }).collect()
}

/// A file sink behind a transform that does what `fault` says.
fn faulty(scene: &Scene, fault: &str) -> Properties {
    file_sink("faulty", &scene.output(), TOPIC)
        .with("transforms", "f")
        .with("transforms.f.type", "watertight.test.Faulty")
        .with("transforms.f.fault", fault)
        .with("errors.deadletterqueue.topic.name", DEAD)
        .with("errors.deadletterqueue.topic.replication.factor", 1)
        .with("errors.deadletterqueue.context.headers.enable", true)
}

#[test]
fn plugins_of_every_role_are_listed_beside_kafkas_own() -> anyhow::Result<()> {
    let scene = scene("plugin-roles")?.start()?;
    let all = scene.worker.connect().http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
    let listed = |class: &str| {
        let plugins = all.as_array().into_iter().flatten();
        plugins
            .filter(|plugin| plugin["class"] == class)
            .filter_map(|plugin| plugin["type"].as_str())
            .collect::<Vec<_>>()
    };
    for (class, types) in [
        ("watertight.example.InsertField$Value", &["transformation"][..]),
        ("watertight.example.TopicNameMatches", &["predicate"]),
        ("watertight.test.TagConverter", &["converter"]),
        ("org.apache.kafka.connect.transforms.InsertField$Value", &["transformation"]),
        ("org.apache.kafka.connect.transforms.predicates.TopicNameMatches", &["predicate"]),
        ("org.apache.kafka.connect.json.JsonConverter", &["converter", "header_converter"]),
    ] {
        let found = listed(class);
        anyhow::ensure!(types.iter().all(|kind| found.contains(kind)), "{class} is listed as {found:?}");
    }
    let connectors = scene.worker.connect().http.get("/connector-plugins")?.expect(200)?;
    anyhow::ensure!(!connectors.to_string().contains("InsertField"), "{connectors}");
    Ok(())
}

#[test]
fn plugins_and_kafkas_transforms_stand_in_one_chain() -> anyhow::Result<()> {
    let scene = scene("plugin-chain")?;
    std::fs::write(scene.input(), "one\n")?;
    let scene = scene.start()?;
    let source = file_source("mixed", &scene.input(), TOPIC)
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", false)
        .with("transforms", "hoist,mark,never,rename")
        .with("transforms.hoist.type", "org.apache.kafka.connect.transforms.HoistField$Value")
        .with("transforms.hoist.field", "line")
        .with("transforms.mark.type", "watertight.example.InsertField$Value")
        .with("transforms.mark.static.field", "by")
        .with("transforms.mark.static.value", "plugin")
        .with("transforms.mark.predicate", "ours")
        .with("transforms.never.type", "org.apache.kafka.connect.transforms.Filter")
        .with("transforms.never.predicate", "ours")
        .with("transforms.never.negate", true)
        .with("transforms.rename.type", "org.apache.kafka.connect.transforms.ReplaceField$Value")
        .with("transforms.rename.renames", "line:text")
        .with("predicates", "ours")
        .with("predicates.ours.type", "watertight.example.TopicNameMatches")
        .with("predicates.ours.pattern", "li.*");
    scene.worker.connect().create(&source)?;
    let found = topics::read(&scene.broker.bootstrap(), TOPIC, 1, SOON)?;
    let value: serde_json::Value = serde_json::from_str(found[0].value.as_deref().unwrap_or_default())?;
    anyhow::ensure!(value == serde_json::json!({"text": "one", "by": "plugin"}), "{value}");
    Ok(())
}

#[test]
fn a_converter_that_is_a_plugin_serves_keys_values_and_headers_both_ways() -> anyhow::Result<()> {
    const TAG: &str = "watertight.test.TagConverter";
    let scene = scene("plugin-converter")?;
    std::fs::write(scene.input(), "one\n")?;
    let scene = scene.start()?;
    let source = file_source("tagging", &scene.input(), TOPIC).with("value.converter", TAG);
    scene.worker.connect().create(&source)?;
    let found = topics::read(&scene.broker.bootstrap(), TOPIC, 1, SOON)?;
    anyhow::ensure!(found[0].value.as_deref() == Some("value|lines||one"), "{found:?}");
    anyhow::ensure!(found[0].header("converted-by") == Some("tag"), "{found:?}");
    let sink = file_sink("untagging", &scene.output(), TOPIC).with("value.converter", TAG);
    scene.worker.connect().create(&sink)?;
    wait_for_text(&scene.output(), "value|lines||converted-by|value|lines||one\n", SOON)
}

/// Of three records the middle one cannot come through, and the others do.
fn only_the_bad_one_is_kept(fault: &str, class: &str, message: &str) -> anyhow::Result<()> {
    let scene = scene(&format!("plugin-{fault}"))?;
    topics::write(&scene.broker.bootstrap(), TOPIC, &letters(&["first", "bad", "last"]))?;
    let scene = scene.start()?;
    scene.worker.connect().create(&faulty(&scene, fault).with("errors.tolerance", "all"))?;
    wait_for_text(&scene.output(), "first\nlast\n", SOON)?;
    let found = topics::read(&scene.broker.bootstrap(), DEAD, 1, SOON)?;
    anyhow::ensure!(found.len() == 1 && found[0].value.as_deref() == Some("bad"), "{found:?}");
    for (name, wanted) in
        [("stage", "TRANSFORMATION"), ("class.name", "watertight.test.Faulty"), ("exception.class.name", class)]
    {
        let header = found[0].header(&format!("__connect.errors.{name}"));
        anyhow::ensure!(header == Some(wanted), "{name} is {header:?}");
    }
    let said = found[0].header("__connect.errors.exception.message").unwrap_or_default();
    anyhow::ensure!(said.contains(message), "{said} does not say: {message}");
    Ok(())
}

const DATA: &str = "org.apache.kafka.connect.errors.DataException";

#[test]
fn a_record_that_a_plugin_refuses_is_kept_alone() -> anyhow::Result<()> {
    only_the_bad_one_is_kept("fail-bad", DATA, "this record is bad")
}

#[test]
fn a_value_nested_too_deep_by_a_plugin_concerns_its_record_only() -> anyhow::Result<()> {
    only_the_bad_one_is_kept("deep-tape", DATA, "deeper than 64 levels")
}

#[test]
fn a_tape_that_promises_more_than_it_holds_concerns_its_record_only() -> anyhow::Result<()> {
    only_the_bad_one_is_kept("short-tape", DATA, "the tape ends before its counts say")
}

#[test]
fn a_value_out_of_its_schemas_range_concerns_its_record_only() -> anyhow::Result<()> {
    only_the_bad_one_is_kept("out-of-range", DATA, "128 is out of the range")
}

#[test]
fn what_may_work_later_is_tried_again_and_nothing_is_lost() -> anyhow::Result<()> {
    let scene = scene("plugin-retry")?;
    topics::write(&scene.broker.bootstrap(), TOPIC, &letters(&["first", "second", "third"]))?;
    let scene = scene.start()?;
    let sink = faulty(&scene, "retry").with("transforms.f.times", 4).with("errors.retry.timeout", 30_000);
    scene.worker.connect().create(&sink)?;
    wait_for_text(&scene.output(), "first\nsecond\nthird\n", SOON)
}

#[test]
fn what_is_not_tried_again_fails_the_task_where_nothing_is_tolerated() -> anyhow::Result<()> {
    let scene = scene("plugin-no-retry")?;
    topics::write(&scene.broker.bootstrap(), TOPIC, &letters(&["first"]))?;
    let scene = scene.start()?;
    scene.worker.connect().create(&faulty(&scene, "retry").with("transforms.f.times", 1_000_000))?;
    let trace = scene.worker.connect().wait_failed("faulty", SOON)?;
    for word in ["Tolerance exceeded in error handler", "TRANSFORMATION", "lines-0, offset 0", "try again"] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    Ok(())
}

/// The instance is at its end, and with it the task, whatever is tolerated.
fn the_task_fails(fault: &str, words: &[&str]) -> anyhow::Result<()> {
    let scene = scene(&format!("plugin-{fault}"))?.with("sandbox.cpu.call.ms", 500);
    topics::write(&scene.broker.bootstrap(), TOPIC, &letters(&["first", "second", "third"]))?;
    let scene = scene.start()?;
    scene.worker.connect().create(&faulty(&scene, fault).with("errors.tolerance", "all"))?;
    let trace = scene.worker.connect().wait_failed("faulty", SOON)?;
    for word in words.iter().chain(&["watertight.test.Faulty"]) {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    let info = scene.worker.connect().http.get("/")?.expect(200)?;
    anyhow::ensure!(info["version"].is_string(), "the worker does not answer");
    Ok(())
}

#[test]
fn a_transform_that_traps_ends_its_task_and_is_named() -> anyhow::Result<()> {
    the_task_fails("trap-on-third", &["trapped in apply", "the third record is too much"])
}

#[test]
fn a_transform_that_never_returns_ends_its_task_and_the_setting_is_named() -> anyhow::Result<()> {
    the_task_fails("loop", &["sandbox.cpu.call.ms"])
}

#[test]
fn a_transform_that_eats_memory_ends_its_task_and_the_setting_is_named() -> anyhow::Result<()> {
    the_task_fails("allocate", &["sandbox.memory.bytes"])
}

#[test]
fn a_transform_that_answers_for_too_few_records_ends_its_task() -> anyhow::Result<()> {
    the_task_fails("too-few", &["it was given 3 records and answered 2"])
}
