//! Records of a source that its converter cannot take: the stage, the class and Kafka's words, and offsets that go on
//! only where that was asked for.

use watertight_cases::{SOON, Scene, TOPIC, topics};
use watertight_harness::wait;
use watertight_harness::worker::file_source;

fn run(case: &str, tolerance: &str) -> anyhow::Result<Scene> {
    let scene = Scene::new(case)?;
    std::fs::write(scene.input(), "one\ntwo\n")?;
    let scene = scene.start()?;
    let source = file_source("misfit", &scene.input(), TOPIC)
        .with("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter")
        .with("errors.tolerance", tolerance)
        .with("errors.log.enable", true)
        .with("errors.log.include.messages", true);
    scene.worker.connect().create(&source)?;
    Ok(scene)
}

fn position(scene: &Scene) -> anyhow::Result<Option<i64>> {
    let offsets = scene.worker.connect().http.get("/connectors/misfit/offsets")?.expect(200)?;
    Ok(offsets["offsets"][0]["offset"]["position"].as_i64())
}

const WORDS: &str = "Invalid schema type for ByteArrayConverter: STRING";

#[test]
fn a_schema_that_does_not_fit_the_converter_ends_the_task_in_kafkas_words() -> anyhow::Result<()> {
    let scene = run("misfit-none", "none")?;
    let trace = scene.worker.connect().wait_failed("misfit", SOON)?;
    for word in ["Tolerance exceeded in error handler", "stage VALUE_CONVERTER", WORDS] {
        anyhow::ensure!(trace.contains(word), "{word} is not in {trace}");
    }
    anyhow::ensure!(position(&scene)?.is_none(), "an offset was stored");
    Ok(())
}

#[test]
fn tolerated_misfits_are_logged_whole_and_their_offsets_go_on() -> anyhow::Result<()> {
    let scene = run("misfit-all", "all")?;
    wait::until("the offset behind the last line", SOON, || match position(&scene) {
        Ok(Some(8)) => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    anyhow::ensure!(topics::partitions(&scene.broker.bootstrap(), TOPIC)? <= 1);
    let log = scene.worker.log();
    let line = "Error encountered in task misfit-0. Executing stage 'VALUE_CONVERTER' with class \
                'org.apache.kafka.connect.converters.ByteArrayConverter', where source record is = \
                SourceRecord{sourcePartition={filename=";
    for word in [line, "value=two, valueSchema=Schema{STRING}", WORDS] {
        anyhow::ensure!(log.contains(word), "{word} is not in the log");
    }
    Ok(())
}
