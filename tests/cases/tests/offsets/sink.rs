//! Sinks' offsets: what their consumer group has committed.

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_cases::topics::{self, Letter};
use watertight_harness::broker::{Broker, Kind};
use watertight_harness::properties::Properties;
use watertight_harness::wait;

use crate::ground::{ALTERED, Case, Ground, RESET, begins, framework, says};

pub const CASES: &[Case] = &[
    ("offsets follow what a sink has taken", shown),
    ("Kafka's test of altering a sink", kafkas_alter),
    ("Kafka's test of resetting a sink", kafkas_reset),
    ("Kafka's test of a sink with a group of its own name", own_group),
    ("Kafka's test of a sink that reads from another cluster", another_cluster),
    ("a sink reads again from where it was set back to", reads_again),
    ("numbers may come as texts, and other keys are passed over", texts),
    ("an offset beyond the end is committed as it was given", beyond_the_end),
    ("a sink that never ran is given offsets to start from", never_ran),
    ("of one place given twice one offset is committed", twice),
    ("resetting a sink whose group there never was succeeds", no_group),
    ("altering is refused while the group has a member", zombie_alter),
    ("removing an offset is refused while the group reads the topic", zombie_remove),
    ("resetting is refused while the group has a member", zombie_reset),
];

/// What only Kafka's own broker looks at; the embedded one commits for topics that it does not have.
pub const STRICT: &[Case] = &[
    ("places that there are not are refused by the broker", no_such_place),
    ("removing an offset from a group that there is not is refused", remove_without_group),
    ("of a change with an unknown topic the rest may be made, and the error is told", unknown_beside_known),
];

/// The case's topic with so many records in its one partition.
pub fn filled(ground: &Ground, records: usize) -> anyhow::Result<()> {
    fill(&ground.scene.broker, &ground.topic(), records)
}

fn fill(broker: &Broker, topic: &str, records: usize) -> anyhow::Result<()> {
    let letter = |n: usize| Letter { value: Some(n.to_string()), ..Letter::default() };
    topics::write(&broker.bootstrap(), topic, &(0..records).map(letter).collect::<Vec<_>>())
}

fn at(ground: &Ground, offset: i64) -> Vec<(Value, Value)> {
    vec![(ground.place(0), json!({"kafka_offset": offset}))]
}

/// A sink that has taken ten records and is stopped.
fn finished(ground: &Ground, config: Properties) -> anyhow::Result<Properties> {
    filled(ground, 10)?;
    ground.connect.create(&config)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))?;
    ground.stop(&ground.name)?;
    Ok(config)
}

fn shown(ground: &Ground) -> anyhow::Result<()> {
    filled(ground, 10)?;
    ground.connect.create(&ground.sink())?;
    ground.wait_offsets(&ground.name, &at(ground, 10))?;
    filled(ground, 5)?;
    ground.wait_offsets(&ground.name, &at(ground, 15))
}

/// Three partitions by way of a source that makes the topic so; where each of them ends.
pub fn three_partitions(ground: &Ground) -> anyhow::Result<()> {
    let name = format!("{}-maker", ground.name);
    let maker = ground
        .source()
        .with("name", &name)
        .with("tasks.max", 1)
        .with("count", 1)
        .with("topic.creation.default.partitions", 3)
        .with("topic.creation.default.replication.factor", 1);
    ground.connect.create(&maker)?;
    ground.wait_offsets(&name, &[(json!({"task.id": format!("{name}-0")}), json!({"saved": 1}))])?;
    ground.connect.http.delete(&format!("/connectors/{name}"))?.expect(204)?;
    let made = topics::partitions(&ground.scene.broker.bootstrap(), &ground.topic())?;
    anyhow::ensure!(made == 3, "the topic has {made} partitions");
    Ok(())
}

fn kafkas_alter(ground: &Ground) -> anyhow::Result<()> {
    three_partitions(ground)?;
    let (name, config) = (&ground.name, ground.sink());
    let all = |offset: i64| -> Vec<_> {
        (0..3).map(|partition| (ground.place(partition), json!({"kafka_offset": offset}))).collect()
    };
    ground.create_stopped(&config)?;
    says(&ground.alter(name, &all(8))?, 200, &framework("altered"))?;
    ground.ensure_offsets(name, &all(8))?;
    // One is removed while the others are set.
    let mut change = all(5);
    change[0].1 = Value::Null;
    says(&ground.alter(name, &change)?, 200, &framework("altered"))?;
    ground.ensure_offsets(name, &change[1..])?;
    ground.configure(&config.with("alter.offsets", "true"))?;
    let again = &all(0)[1..];
    says(&ground.alter(name, again)?, 200, ALTERED)?;
    ground.ensure_offsets(name, again)?;
    ground.resume(name, 2)?;
    let ends = |pairs: &[(Value, Value)]| pairs.iter().filter_map(|(_, o)| o["kafka_offset"].as_i64()).sum::<i64>();
    wait::until("the sink to catch up", SOON, || {
        let found = ground.offsets(name).map_err(|error| format!("{error:#}"))?;
        if ends(&found) == 1 { Ok(()) } else { Err(format!("{found:?}")) }
    })
}

fn kafkas_reset(ground: &Ground) -> anyhow::Result<()> {
    let config = finished(ground, ground.sink())?;
    for _ in 0..2 {
        let message = ground.changed(|| ground.reset(&ground.name))?;
        anyhow::ensure!(message == framework("reset"), "{message}");
        ground.ensure_offsets(&ground.name, &[])?;
    }
    ground.configure(&config.with("alter.offsets", "true"))?;
    says(&ground.reset(&ground.name)?, 200, RESET)?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))
}

fn own_group(ground: &Ground) -> anyhow::Result<()> {
    let group = format!("{}-group", ground.name);
    finished(ground, ground.sink().with("consumer.override.group.id", &group))?;
    let message = ground.changed(|| ground.alter(&ground.name, &at(ground, 4)))?;
    anyhow::ensure!(message == framework("altered"), "{message}");
    ground.ensure_offsets(&ground.name, &at(ground, 4))?;
    // Somebody else of that group sees the same, and the group of the usual name was never used.
    let other = format!("{}-other", ground.name);
    ground.create_stopped(&ground.sink().with("name", &other).with("consumer.override.group.id", group))?;
    ground.ensure_offsets(&other, &at(ground, 4))?;
    ground.configure(&ground.sink())?;
    ground.ensure_offsets(&ground.name, &[])?;
    ground.reset(&other)?.expect(200)?;
    ground.ensure_offsets(&other, &[])
}

fn another_cluster(ground: &Ground) -> anyhow::Result<()> {
    let broker = Broker::start(Kind::Embedded, &ground.scene.dir.join("another"))?;
    fill(&broker, &ground.topic(), 10)?;
    let config = ground
        .sink()
        .with("consumer.override.bootstrap.servers", broker.bootstrap())
        .with("admin.override.bootstrap.servers", broker.bootstrap());
    ground.connect.create(&config)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))?;
    ground.stop(&ground.name)?;
    ground.changed(|| ground.alter(&ground.name, &at(ground, 6)))?;
    ground.ensure_offsets(&ground.name, &at(ground, 6))?;
    // The worker's own cluster knows nothing of it.
    ground.configure(&ground.sink())?;
    ground.ensure_offsets(&ground.name, &[])?;
    ground.configure(&config)?;
    ground.reset(&ground.name)?.expect(200)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn reads_again(ground: &Ground) -> anyhow::Result<()> {
    finished(ground, ground.sink())?;
    ground.changed(|| ground.alter(&ground.name, &at(ground, 4)))?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))?;
    ground.stop(&ground.name)?;
    ground.changed(|| ground.alter(&ground.name, &[(ground.place(0), Value::Null)]))?;
    ground.ensure_offsets(&ground.name, &[])?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))
}

fn stopped(ground: &Ground) -> anyhow::Result<()> {
    filled(ground, 10)?;
    ground.create_stopped(&ground.sink())
}

fn texts(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let place = json!({"kafka_topic": ground.topic(), "kafka_partition": "0", "more": 1});
    ground.alter(&ground.name, &[(place.clone(), json!({"kafka_offset": "3", "metadata": "x"}))])?.expect(200)?;
    ground.ensure_offsets(&ground.name, &at(ground, 3))?;
    let signed = json!({"kafka_topic": ground.topic(), "kafka_partition": "+0"});
    ground.alter(&ground.name, &[(signed, json!({"kafka_offset": "+4"}))])?.expect(200)?;
    ground.ensure_offsets(&ground.name, &at(ground, 4))
}

fn beyond_the_end(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    ground.alter(&ground.name, &at(ground, 1_000_000))?.expect(200)?;
    ground.ensure_offsets(&ground.name, &at(ground, 1_000_000))
}

fn never_ran(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    ground.ensure_offsets(&ground.name, &[])?;
    says(&ground.alter(&ground.name, &at(ground, 0))?, 200, &framework("altered"))?;
    ground.ensure_offsets(&ground.name, &at(ground, 0))?;
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &at(ground, 10))
}

fn twice(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let list = [at(ground, 3), at(ground, 7)].concat();
    ground.alter(&ground.name, &list)?.expect(200)?;
    ground.ensure_offsets(&ground.name, &at(ground, 7))
}

fn no_group(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    says(&ground.reset(&ground.name)?, 200, &framework("reset"))?;
    says(&ground.reset(&ground.name)?, 200, &framework("reset"))
}

/// A stopped sink in whose group somebody else reads the same topic.
fn zombie(ground: &Ground) -> anyhow::Result<String> {
    filled(ground, 10)?;
    let other = format!("{}-zombie", ground.name);
    let group = format!("connect-{}", ground.name);
    ground.connect.create(&ground.sink().with("name", &other).with("consumer.override.group.id", group))?;
    ground.create_stopped(&ground.sink())?;
    ground.wait_offsets(&ground.name, &at(ground, 10))?;
    Ok(other)
}

fn zombies(ground: &Ground, doing: &str) -> String {
    format!(
        "Failed to {doing} consumer group offsets for connector {} either because its tasks haven't stopped completely \
         yet or the connector was resumed before the request to {doing} its offsets could be successfully completed. \
         If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually \
         succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.",
        ground.name
    )
}

/// Refused now, and granted once the other one is stopped.
fn refused_while_read(ground: &Ground, doing: &str, to: Option<&[(Value, Value)]>) -> anyhow::Result<()> {
    let other = zombie(ground)?;
    let ask = || match to {
        Some(to) => ground.alter(&ground.name, to),
        None => ground.reset(&ground.name),
    };
    says(&ask()?, 500, &zombies(ground, doing))?;
    ground.ensure_offsets(&ground.name, &at(ground, 10))?;
    ground.stop(&other)?;
    ground.changed(ask).map(drop)
}

fn zombie_alter(ground: &Ground) -> anyhow::Result<()> {
    refused_while_read(ground, "alter", Some(&at(ground, 2)))?;
    ground.ensure_offsets(&ground.name, &at(ground, 2))
}

fn zombie_remove(ground: &Ground) -> anyhow::Result<()> {
    refused_while_read(ground, "alter", Some(&[(ground.place(0), Value::Null)]))?;
    ground.ensure_offsets(&ground.name, &[])
}

fn zombie_reset(ground: &Ground) -> anyhow::Result<()> {
    refused_while_read(ground, "reset", None)?;
    ground.ensure_offsets(&ground.name, &[])
}

fn failed(ground: &Ground) -> String {
    format!("Failed to alter consumer group offsets for connector {}", ground.name)
}

fn no_such_place(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    ground.alter(&ground.name, &at(ground, 3))?.expect(200)?;
    let topic = |name: &str| json!({"kafka_topic": name, "kafka_partition": 0});
    for place in [ground.place(9), ground.place(-1), topic("nowhere"), topic("a b/c"), topic("")] {
        for offset in [json!({"kafka_offset": 1}), Value::Null] {
            let answer = ground.alter(&ground.name, &[(place.clone(), offset.clone())])?;
            begins(&answer, 500, &failed(ground)).map_err(|error| error.context(format!("{place} {offset}")))?;
        }
    }
    ground.ensure_offsets(&ground.name, &at(ground, 3))
}

fn remove_without_group(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    begins(&ground.alter(&ground.name, &[(ground.place(0), Value::Null)])?, 500, &failed(ground))?;
    ground.ensure_offsets(&ground.name, &[])
}

fn unknown_beside_known(ground: &Ground) -> anyhow::Result<()> {
    stopped(ground)?;
    let list = [at(ground, 3), vec![(ground.place(5), json!({"kafka_offset": 1}))]].concat();
    begins(&ground.alter(&ground.name, &list)?, 500, &failed(ground))?;
    let found = ground.offsets(&ground.name)?;
    anyhow::ensure!(found.is_empty() || found == at(ground, 3), "{found:?}");
    Ok(())
}
