//! The validations of Kafka's `connect_rest_test.py`: which settings the file connectors have.

use super::ask::{Asked, scene};
use serde_json::json;
use std::collections::BTreeSet;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE};

const BOTH: &str = "name connector.class tasks.max tasks.max.enforce key.converter value.converter header.converter \
    connector.plugin.version key.converter.plugin.version value.converter.plugin.version header.converter.plugin.version \
    transforms predicates config.action.reload errors.retry.timeout errors.retry.delay.max.ms errors.tolerance \
    errors.log.enable errors.log.include.messages";
const SOURCE: &str = "batch.size topic file topic.creation.groups exactly.once.support transaction.boundary \
    transaction.boundary.interval.ms offsets.storage.topic";
const SINK: &str = "topics file topics.regex errors.deadletterqueue.topic.name \
    errors.deadletterqueue.topic.replication.factor errors.deadletterqueue.context.headers.enable";

#[test]
fn the_file_connectors_have_the_settings_that_kafkas_system_test_names() -> anyhow::Result<()> {
    let scene = scene("validation-keys")?.start()?;
    let asked = Asked::of_scene(&scene)?;
    for (class, own, topics) in [(FILE_SOURCE, SOURCE, ("topic", "t")), (FILE_SINK, SINK, ("topics", "t"))] {
        let expected: BTreeSet<&str> = BOTH.split_whitespace().chain(own.split_whitespace()).collect();
        let mut config = json!({"name": "x", "connector.class": class, "file": asked.fill("{dir}/f")});
        config[topics.0] = json!(topics.1);
        let path = format!("/connector-plugins/{class}/config");
        let validation = asked.http.put(&format!("{path}/validate"), &config)?.expect(200)?;
        anyhow::ensure!(validation["name"] == class && validation["error_count"] == json!(0), "{validation:#}");
        let definition = |one: &serde_json::Value| one["definition"]["name"].as_str().map(str::to_owned);
        let validated: Vec<String> =
            validation["configs"].as_array().into_iter().flatten().filter_map(definition).collect();
        anyhow::ensure!(validated.iter().map(String::as_str).collect::<BTreeSet<_>>() == expected, "{validated:?}");
        anyhow::ensure!(validated.len() == expected.len(), "something is there twice: {validated:?}");
        let listed = asked.http.get(&path)?.expect(200)?;
        let listed: Vec<&str> =
            listed.as_array().into_iter().flatten().filter_map(|key| key["name"].as_str()).collect();
        anyhow::ensure!(listed.iter().copied().collect::<BTreeSet<_>>() == expected, "{listed:?}");
        anyhow::ensure!(listed.first() == Some(&"file"), "the connector's own settings come first: {listed:?}");
    }
    Ok(())
}
