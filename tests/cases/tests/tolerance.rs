//! Records that cannot be converted: they fail the task, or are skipped and left behind for good.

use watertight_cases::{SOON, Scene, TOPIC};
use watertight_harness::wait;
use watertight_harness::worker::{file_sink, file_source};

/// Of ten records the last is malformed too: nothing behind it would carry the offset on.
const LINES: [&str; 10] =
    ["{\"n\":0}", "bad", "{\"n\":2}", "{", "{\"n\":4}", "]", "{\"n\":6}", "nul", "{\"n\":8}", "{\"n\":"];

fn scene(case: &str, tolerance: &str) -> anyhow::Result<Scene> {
    let mut scene = Scene::new(case)?;
    let source = file_source("file-source", &scene.input(), TOPIC);
    let sink = file_sink("file-sink", &scene.output(), TOPIC)
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter.schemas.enable", false)
        .with("errors.tolerance", tolerance);
    std::fs::write(scene.input(), LINES.join("\n") + "\n")?;
    scene.worker = scene.worker.with_connector(&source)?.with_connector(&sink)?;
    scene.start()
}

fn committed(scene: &Scene) -> anyhow::Result<i64> {
    let offsets = scene.worker.connect().http.get("/connectors/file-sink/offsets")?.expect(200)?;
    Ok(offsets["offsets"][0]["offset"]["kafka_offset"].as_i64().unwrap_or(-1))
}

#[test]
fn tolerated_records_are_skipped_and_left_behind() -> anyhow::Result<()> {
    let mut scene = scene("tolerance-all", "all")?;
    wait::until("the last record to be committed", SOON, || match committed(&scene) {
        Ok(10) => Ok(()),
        other => Err(format!("{other:?}")),
    })?;
    let good = ["{n=0}", "{n=2}", "{n=4}", "{n=6}", "{n=8}"].join("\n") + "\n";
    anyhow::ensure!(std::fs::read_to_string(scene.output())? == good);
    scene.worker.stop()?;
    scene.worker.start()?;
    scene.wait_running()?;
    anyhow::ensure!(committed(&scene)? == 10);
    anyhow::ensure!(std::fs::read_to_string(scene.output())? == good, "something came again");
    Ok(())
}

#[test]
fn without_tolerance_the_first_bad_record_fails_the_task_and_is_named() -> anyhow::Result<()> {
    let scene = scene("tolerance-none", "none")?;
    let trace = scene.worker.connect().wait_failed("file-sink", SOON)?;
    for word in ["Tolerance exceeded in error handler", "VALUE_CONVERTER", "lines-0, offset 1"] {
        anyhow::ensure!(trace.contains(word), "{word} is not named: {trace}");
    }
    anyhow::ensure!(committed(&scene)? <= 1, "the bad record was committed");
    Ok(())
}
