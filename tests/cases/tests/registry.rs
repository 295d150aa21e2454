//! Records through a Schema Registry, and what a task says when the registry does not play along.

use watertight_cases::{SOON, Scene, TOPIC};
use watertight_harness::properties::Properties;
use watertight_harness::registry::Registry;
use watertight_harness::wait;
use watertight_harness::worker::{file_sink, file_source};

const AVRO: &str = "io.confluent.connect.avro.AvroConverter";
const LINES: [&str; 4] = ["one", "", "größe 😀", "\"quoted\""];

fn with_avro(connector: Properties, registry: &Registry) -> Properties {
    connector
        .with("value.converter", AVRO)
        .with("value.converter.schema.registry.url", registry.url())
        .with("value.converter.max.retries", 0)
}

fn scene(case: &str, registry: &Registry, source_too: bool) -> anyhow::Result<Scene> {
    let mut scene = Scene::new(case)?;
    let source = file_source("file-source", &scene.input(), TOPIC);
    let source = if source_too { with_avro(source, registry) } else { source };
    let sink = with_avro(file_sink("file-sink", &scene.output(), TOPIC), registry);
    std::fs::write(scene.input(), LINES.join("\n") + "\n")?;
    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.start()
}

#[test]
fn avro_records_arrive_and_the_registry_is_asked_once_for_each_thing() -> anyhow::Result<()> {
    let registry = Registry::start()?;
    let scene = scene("registry-avro", &registry, true)?;
    wait::until("all lines", SOON, || match std::fs::read_to_string(scene.output()) {
        Ok(text) if text == LINES.join("\n") + "\n" => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    let subject = format!("{TOPIC}-value");
    anyhow::ensure!(registry.versions(&subject) == ["\"string\""], "{:?}", registry.versions(&subject));
    anyhow::ensure!(registry.requests().len() == 3, "{:?}", registry.requests());
    Ok(())
}

#[test]
fn a_registry_that_is_down_fails_the_task_with_its_address() -> anyhow::Result<()> {
    let registry = Registry::start()?;
    registry.fail("POST", 100, 503, 50302, "not ready");
    let scene = scene("registry-down", &registry, true)?;
    let trace = scene.worker.connect().wait_failed("file-source", SOON)?;
    for word in ["VALUE_CONVERTER", "Failed to serialize Avro data from topic", "not ready; error code: 50302"] {
        anyhow::ensure!(trace.contains(word), "{word} is not named: {trace}");
    }
    Ok(())
}

#[test]
fn records_that_are_not_avro_are_named_so() -> anyhow::Result<()> {
    let registry = Registry::start()?;
    let scene = scene("registry-magic", &registry, false)?;
    let trace = scene.worker.connect().wait_failed("file-sink", SOON)?;
    for word in ["VALUE_CONVERTER", "Unknown magic byte!", "Failed to deserialize data for topic"] {
        anyhow::ensure!(trace.contains(word), "{word} is not named: {trace}");
    }
    Ok(())
}
