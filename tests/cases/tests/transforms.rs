//! Chains of transforms in running connectors: built in, from plugins, and both mixed.

use watertight_cases::topics::{self, Letter};
use watertight_cases::{SOON, Scene, TOPIC, wait_for_text};
use watertight_harness::properties::Properties;
use watertight_harness::worker::{file_sink, file_source};

const TRANSFORMS: &str = "org.apache.kafka.connect.transforms";

/// A source of lines with a chain.
fn source(scene: &Scene) -> Properties {
    file_source("shaped", &scene.input(), TOPIC)
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", false)
        .with("transforms", "hoist, mark, route")
        .with("transforms.hoist.type", format!("{TRANSFORMS}.HoistField$Value"))
        .with("transforms.hoist.field", "line")
        .with("transforms.mark.type", format!("{TRANSFORMS}.InsertField$Value"))
        .with("transforms.mark.static.field", "source")
        .with("transforms.mark.static.value", "file")
        .with("transforms.route.type", format!("{TRANSFORMS}.RegexRouter"))
        .with("transforms.route.regex", "li(.*)")
        .with("transforms.route.replacement", "out-$1")
}

#[test]
fn a_source_chain_reshapes_and_reroutes_in_the_order_of_its_aliases() -> anyhow::Result<()> {
    let scene = Scene::new("transforms-source")?;
    std::fs::write(scene.input(), "one\ntwo\n")?;
    let scene = scene.start()?;
    scene.worker.connect().create(&source(&scene))?;
    let letters = topics::read(&scene.broker.bootstrap(), "out-nes", 2, SOON)?;
    let values: Vec<_> = letters.iter().filter_map(|letter| letter.value.as_deref()).collect();
    anyhow::ensure!(values == [r#"{"line":"one","source":"file"}"#, r#"{"line":"two","source":"file"}"#], "{values:?}");
    Ok(())
}

#[test]
fn a_sink_filters_what_its_predicate_finds_and_leaves_it_behind() -> anyhow::Result<()> {
    let scene = Scene::new("transforms-sink")?;
    let letter = |value: Option<&str>, header: Option<&str>| Letter {
        value: value.map(str::to_owned),
        headers: header.map(|name| (name.to_owned(), Some("1".to_owned()))).into_iter().collect(),
        ..Letter::default()
    };
    let records = [
        letter(Some("kept"), None),
        letter(Some("marked"), Some("drop")),
        letter(None, None),
        letter(Some("last"), None),
    ];
    topics::write(&scene.broker.bootstrap(), TOPIC, &records)?;
    let scene = scene.start()?;
    let sink = file_sink("filtering", &scene.output(), TOPIC)
        .with("transforms", "marked,tombs")
        .with("transforms.marked.type", format!("{TRANSFORMS}.Filter"))
        .with("transforms.marked.predicate", "isMarked")
        .with("transforms.tombs.type", format!("{TRANSFORMS}.Filter"))
        .with("transforms.tombs.predicate", "isValue")
        .with("transforms.tombs.negate", true)
        .with("predicates", "isMarked,isValue")
        .with("predicates.isMarked.type", format!("{TRANSFORMS}.predicates.HasHeaderKey"))
        .with("predicates.isMarked.name", "drop")
        .with("predicates.isValue.type", format!("{TRANSFORMS}.predicates.RecordIsTombstone"));
    // Negated twice in words: what is no tombstone is dropped, so that only the tombstone goes on.
    scene.worker.connect().create(&sink)?;
    wait_for_text(&scene.output(), "null\n", SOON)
}

#[test]
fn a_transform_that_fails_names_its_stage_and_class() -> anyhow::Result<()> {
    let scene = Scene::new("transforms-failing")?;
    std::fs::write(scene.input(), "one\n")?;
    let scene = scene.start()?;
    let source = source(&scene)
        .with("transforms", "dig")
        .with("transforms.dig.type", format!("{TRANSFORMS}.ReplaceField$Value"))
        .with("transforms.dig.exclude", "x");
    scene.worker.connect().create(&source)?;
    let trace = scene.worker.connect().wait_failed("shaped", SOON)?;
    anyhow::ensure!(!scene.worker.is_ours() || trace.contains("stage TRANSFORMATION"), "{trace}");
    for word in [
        "Tolerance exceeded in error handler",
        "org.apache.kafka.connect.errors.DataException: Only Struct objects supported for [field replacement], found: java.lang.String",
    ] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    Ok(())
}
