//! Settings of the hostile connectors, and a scene for them with limits that are reached soon.

use crate::{Scene, TOPIC, component};
use watertight_harness::paths;
use watertight_harness::properties::Properties;

/// A source that attacks in this way, and is called like the attack.
pub fn source(attack: &str) -> Properties {
    Properties::new()
        .with("name", attack)
        .with("connector.class", "watertight.hostile.HostileSourceConnector")
        .with("tasks.max", 1)
        .with("attack", attack)
        .with("topic", "hostile")
}

/// A sink of the topic of [`Scene::with_files`], likewise.
pub fn sink(attack: &str) -> Properties {
    Properties::new()
        .with("name", attack)
        .with("connector.class", "watertight.hostile.HostileSinkConnector")
        .with("tasks.max", 1)
        .with("attack", attack)
        .with("topics", TOPIC)
}

/// The attack in that call, under a name of its own.
pub fn during(config: &Properties, call: &str) -> Properties {
    let name = format!("{}-in-{call}", config.get("name").unwrap_or_default());
    config.clone().with("name", name).with("during", call)
}

/// Not yet started; with the harmless pair of files as neighbours.
pub fn scene(case: &str) -> anyhow::Result<Scene> {
    component(&paths::guests(), "hostile.wasm")?;
    let mut scene = Scene::new(case)?
        .with("sandbox.cpu.call.ms", 1000)
        .with("sandbox.wall.call.ms", 8000)
        .with("sandbox.wall.stop.ms", 700)
        .with("sandbox.wall.validate.ms", 5000)
        .with_files()?;
    scene.worker = scene.worker.with_test_guests();
    Ok(scene)
}
