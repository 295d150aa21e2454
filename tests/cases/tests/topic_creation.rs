//! Topics that a source's worker creates before the first record goes there.

use watertight_cases::{SOON, Scene, TOPIC, genuine, topics};
use watertight_harness::broker::Kind;
use watertight_harness::properties::Properties;
use watertight_harness::wait;
use watertight_harness::worker::{Make, file_source};

fn source(scene: &Scene) -> Properties {
    file_source("maker", &scene.input(), TOPIC)
        .with("topic.creation.groups", "wide")
        .with("topic.creation.default.partitions", 1)
        .with("topic.creation.default.replication.factor", 1)
        .with("topic.creation.wide.include", "li.*, other")
        .with("topic.creation.wide.exclude", "list")
        .with("topic.creation.wide.partitions", 3)
}

fn a_topic_is_made_by_the_first_group_that_takes_it(scene: Scene) -> anyhow::Result<()> {
    std::fs::write(scene.input(), "one\ntwo\n")?;
    let scene = scene.start()?;
    scene.worker.connect().create(&source(&scene))?;
    let bootstrap = scene.broker.bootstrap();
    let letters = topics::read(&bootstrap, TOPIC, 2, SOON)?;
    anyhow::ensure!(letters.len() == 2, "{letters:?}");
    anyhow::ensure!(topics::partitions(&bootstrap, TOPIC)? == 3, "the group's partitions do not hold");
    let log = scene.worker.log();
    for line in ["Creating topic 'lines'", "using creation group"] {
        anyhow::ensure!(log.contains(line), "{line} is not in the log");
    }
    Ok(())
}

#[test]
fn a_topic_is_made_with_the_partitions_of_its_group() -> anyhow::Result<()> {
    a_topic_is_made_by_the_first_group_that_takes_it(Scene::new("topic-creation")?)
}

#[test]
fn a_topic_is_made_with_the_partitions_of_its_group_on_genuine_kafka() -> anyhow::Result<()> {
    let Some(peer) = genuine("topic creation on genuine Kafka")? else { return Ok(()) };
    a_topic_is_made_by_the_first_group_that_takes_it(Scene::on(
        Kind::Genuine(peer),
        Make::Ours,
        "topic-creation-genuine",
    )?)
}

#[test]
fn a_topic_that_the_broker_refuses_ends_the_task_and_is_named_on_genuine_kafka() -> anyhow::Result<()> {
    let Some(peer) = genuine("a topic that the broker refuses")? else { return Ok(()) };
    let scene = Scene::on(Kind::Genuine(peer), Make::Ours, "topic-creation-refused-genuine")?;
    std::fs::write(scene.input(), "one\n")?;
    let scene = scene.start()?;
    let source = source(&scene).with("topic.creation.default.replication.factor", 3);
    scene.worker.connect().create(&source)?;
    let trace = scene.worker.connect().wait_failed("maker", SOON)?;
    anyhow::ensure!(trace.contains("Task failed to create new topic (name=lines, numPartitions=3"), "{trace}");
    Ok(())
}

#[test]
fn a_worker_that_may_not_create_topics_leaves_it_to_the_broker() -> anyhow::Result<()> {
    let scene = Scene::new("topic-creation-off")?.with("topic.creation.enable", false);
    std::fs::write(scene.input(), "one\n")?;
    let scene = scene.start()?;
    scene.worker.connect().create(&source(&scene))?;
    let bootstrap = scene.broker.bootstrap();
    wait::until("the broker's own topic", SOON, || match topics::partitions(&bootstrap, TOPIC) {
        Ok(0) => Err("there is none".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    })?;
    anyhow::ensure!(!scene.worker.log().contains("Creating topic"), "the worker created it");
    Ok(())
}
