//! The topics in which a cluster keeps what it knows: how they are made, which are refused, and what a worker makes of
//! records that nobody should have written there.

use std::collections::BTreeMap;

use anyhow::Context as _;
use watertight_cases::cluster::{Case, Ground};
use watertight_cases::topics::{self, Letter};
use watertight_harness::cluster::{Cluster, SETTLED};
use watertight_harness::skips;

/// On a broker without a cluster: each starts its own.
pub const ALONE: &[Case] = &[
    ("storage topics are made as kafka makes them", |g| {
        let mut cluster = g.new_cluster(
            &g.name.clone(),
            &[
                ("config.storage.max.message.bytes", "1234567"),
                ("config.storage.cleanup.policy", "delete"),
                ("config.storage.partitions", "3"),
                ("offset.storage.partitions", "7"),
                ("status.storage.partitions", "-1"),
            ],
        )?;
        cluster.add(g.make.clone())?;
        cluster.start(0)?;
        let bootstrap = cluster.bootstrap().to_owned();
        for (topic, partitions, more) in [("configs", 1, true), ("offsets", 7, false), ("status", 1, false)] {
            let topic = format!("{}-{topic}", g.name);
            anyhow::ensure!(topics::partitions(&bootstrap, &topic)? == partitions, "{topic}");
            let mut wanted = BTreeMap::from([("cleanup.policy".to_owned(), "compact".to_owned())]);
            wanted.extend(more.then(|| ("max.message.bytes".to_owned(), "1234567".to_owned())));
            let found = topics::settings(&bootstrap, &topic)?;
            let unexpected: Vec<_> = wanted.iter().filter(|(key, value)| found.get(*key) != Some(value)).collect();
            anyhow::ensure!(unexpected.is_empty(), "{topic}: {found:?} instead of {wanted:?}");
            println!("{topic}: {found:?}");
        }
        Ok(())
    }),
    ("a config topic of two partitions is refused", |g| {
        let topic = format!("{}-configs", g.name);
        topics::create(&g.broker.bootstrap(), &topic, 2, &[("cleanup.policy", "compact")])?;
        refuses_to_start(
            g,
            &[],
            &format!(
                "Topic '{topic}' supplied via the 'config.storage.topic' property is required to have a single partition in \
             order to guarantee consistency of connector configurations, but found 2 partitions."
            ),
        )
    }),
    ("a config topic that is not compacted is refused", |g| {
        not_compacted(g, "config", "configs", "connector configurations")
    }),
    ("an offset topic that is not compacted is refused", |g| {
        not_compacted(g, "offset", "offsets", "source connector offsets")
    }),
    ("a status topic that is not compacted is refused", |g| {
        not_compacted(g, "status", "status", "connector and task statuses")
    }),
    ("more replicas than brokers are refused, a minute later", |g| {
        if !skips::soak() {
            return Ok(());
        }
        refuses_to_start(g, &[("status.storage.replication.factor", "3")], "replication factor")
    }),
    ("topics that were made before are used", |g| {
        for (topic, partitions) in [("configs", 1), ("offsets", 3), ("status", 2)] {
            let topic = format!("{}-{topic}", g.name);
            topics::create(&g.broker.bootstrap(), &topic, partitions, &[("cleanup.policy", "compact")])?;
        }
        let mut cluster = g.new_cluster(&g.name.clone(), &[("offset.storage.partitions", "9")])?;
        cluster.add(g.make.clone())?;
        cluster.start(0)?;
        anyhow::ensure!(topics::partitions(cluster.bootstrap(), &format!("{}-offsets", g.name))? == 3);
        cluster.connect(0).create(&g.ladder("it", 2))?;
        cluster.connect(0).wait_all(&g.named("it"), "RUNNING", 2, SETTLED).map(drop)
    }),
    ("records that nobody should have written stop no worker, before its start and after", |g| {
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?.of(&g.make.clone(), 2)?;
        let name = g.named("it");
        cluster.connect(0).create(&g.source("it", 2).with("rate", 20))?;
        cluster.connect(0).wait_all(&name, "RUNNING", 2, SETTLED)?;
        spoil(g, &cluster)?;
        // Running workers have met all of it when this is done.
        let other = g.named("other");
        g.ask(|| cluster.connect(1).post(&g.ladder("other", 2)))?.expect(201)?;
        for worker in 0..2 {
            cluster.connect(worker).wait_all(&other, "RUNNING", 2, SETTLED)?;
            cluster.connect(worker).wait_all(&name, "RUNNING", 2, SETTLED)?;
        }
        let known = |cluster: &mut Cluster| -> anyhow::Result<Vec<Vec<String>>> {
            cluster.connects().iter().map(|connect| connect.connectors()).collect()
        };
        let before = known(&mut cluster)?;
        cluster.stop_all()?;
        spoil(g, &cluster)?;
        cluster.start_all()?;
        for worker in 0..2 {
            cluster.connect(worker).wait_all(&other, "RUNNING", 2, SETTLED)?;
            cluster.connect(worker).wait_all(&name, "RUNNING", 2, SETTLED)?;
        }
        let after = known(&mut cluster)?;
        println!("known connectors: {before:?}, then {after:?}");
        anyhow::ensure!(before == after && before[0] == before[1], "{before:?}, then {after:?}");
        let offsets = cluster.connect(0).http.get(&format!("/connectors/{name}/offsets"))?.expect(200)?;
        anyhow::ensure!(offsets["offsets"].as_array().is_some_and(|list| list.len() == 2), "{offsets}");
        Ok(())
    }),
    ("task configs of a connector that is gone are left alone, and do not come back with a new one", |g| {
        // What compaction leaves of a connector that was deleted long ago.
        let topic = format!("{}-configs", g.name);
        topics::create(&g.broker.bootstrap(), &topic, 1, &[("cleanup.policy", "compact")])?;
        let name = g.named("it");
        let old = r#"{"properties":{"task.class":"watertight.test.LadderSourceTask","dir":"nowhere","id":"0"}}"#;
        let letters = [
            (format!("task-{name}-0"), Some(old)),
            (format!("task-{name}-1"), Some(old)),
            (format!("commit-{name}"), Some(r#"{"tasks":2}"#)),
        ];
        write(&g.broker.bootstrap(), &topic, &letters)?;
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?.of(&g.make.clone(), 1)?;
        anyhow::ensure!(cluster.connect(0).connectors()?.is_empty());
        g.ask(|| cluster.connect(0).post(&g.ladder("it", 1)))?.expect(201)?;
        cluster.connect(0).wait_all(&name, "RUNNING", 1, SETTLED)?;
        let tasks = cluster.connect(0).http.get(&format!("/connectors/{name}/tasks"))?.expect(200)?;
        anyhow::ensure!(tasks.as_array().is_some_and(|list| list.len() == 1), "{tasks}");
        cluster.stop_all()
    }),
    ("more tasks in the config topic than are allowed fail when they start", |g| {
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?.of(&g.make.clone(), 1)?;
        let name = g.named("it");
        let config = g.ladder("it", 1);
        cluster.connect(0).create(&config)?;
        cluster.connect(0).wait_all(&name, "RUNNING", 1, SETTLED)?;
        let one = |id: usize| {
            format!(
                r#"{{"properties":{{"connector.class":"watertight.test.LadderSourceConnector",
                "task.class":"watertight.test.LadderSourceTask","name":"{name}","dir":"{}","id":"{id}"}}}}"#,
                g.signs().display()
            )
        };
        let (first, second) = (one(0), one(1));
        let letters = [
            (format!("task-{name}-0"), Some(first.as_str())),
            (format!("task-{name}-1"), Some(second.as_str())),
            (format!("commit-{name}"), Some(r#"{"tasks":2}"#)),
        ];
        write(cluster.bootstrap(), &format!("{}-configs", g.name), &letters)?;
        let status = cluster.connect(0).wait_status("both tasks to be FAILED", &name, SETTLED, |status| {
            let tasks = status["tasks"].as_array().map_or(&[][..], Vec::as_slice);
            tasks.len() == 2 && tasks.iter().all(|task| task["state"] == "FAILED")
        })?;
        let tasks = status["tasks"].as_array().context("tasks")?;
        let said =
            "has generated 2 tasks, which is greater than 1, the maximum number of tasks it is configured to create";
        anyhow::ensure!(tasks[0]["trace"].as_str().is_some_and(|trace| trace.contains(said)), "{status}");
        cluster.stop_all()
    }),
];

fn not_compacted(g: &mut Ground, setting: &str, end: &str, what: &str) -> anyhow::Result<()> {
    let topic = format!("{}-{end}", g.name);
    topics::create(&g.broker.bootstrap(), &topic, 1, &[("cleanup.policy", "delete")])?;
    refuses_to_start(
        g,
        &[],
        &format!(
            "Topic '{topic}' supplied via the '{setting}.storage.topic' property is required to have 'cleanup.policy=compact' \
         to guarantee consistency and durability of {what}, but found the topic currently has 'cleanup.policy=delete'. \
         Continuing would likely result in eventually losing {what} and problems restarting this Connect cluster in the \
         future. Change the '{setting}.storage.topic' property in the Connect worker configurations to use a topic with \
         'cleanup.policy=compact'."
        ),
    )
}

/// A worker with these settings ends by itself, not with success, and its log says why.
fn refuses_to_start(g: &mut Ground, settings: &[(&str, &str)], why: &str) -> anyhow::Result<()> {
    let mut cluster = g.new_cluster(&g.name.clone(), settings)?;
    cluster.add(g.make.clone())?;
    cluster.worker(0).spawn()?;
    let ended = cluster.worker(0).wait_end(2 * SETTLED);
    let log = cluster.look(0).log();
    let ended = ended.with_context(|| format!("it still runs: {log}"))?;
    anyhow::ensure!(!ended.success(), "{ended}");
    anyhow::ensure!(log.contains(why), "`{why}` is not in {log}");
    Ok(())
}

fn write(bootstrap: &str, topic: &str, letters: &[(String, Option<&str>)]) -> anyhow::Result<()> {
    let letters: Vec<Letter> = letters
        .iter()
        .map(|(key, value)| Letter { key: Some(key.clone()), value: value.map(str::to_owned), ..Letter::default() })
        .collect();
    topics::write(bootstrap, topic, &letters)
}

/// Writes what nobody should.
fn spoil(g: &Ground, cluster: &Cluster) -> anyhow::Result<()> {
    let name = g.named("ghost");
    let at = |key: &str| key.replace("{}", &name);
    let fatal: Spoilt = if g.is_ours() { FATAL_TO_GENUINE } else { &[] };
    for (topic, letters) in [("configs", CONFIGS), ("configs", fatal), ("status", STATUSES), ("offsets", OFFSETS)] {
        let letters: Vec<(String, Option<&str>)> = letters.iter().map(|(key, value)| (at(key), *value)).collect();
        for letter in &letters {
            let one = std::slice::from_ref(letter);
            write(cluster.bootstrap(), &format!("{}-{topic}", g.name), one)
                .with_context(|| format!("{letter:?} into {topic}"))?;
        }
    }
    Ok(())
}

type Spoilt = &'static [(&'static str, Option<&'static str>)];

const CONFIGS: Spoilt = &[
    ("", Some("{}")),
    ("nobody knows this", Some("{}")),
    ("nobody knows this", None),
    ("connector-{}", Some("no json")),
    ("connector-{}", Some("[1]")),
    ("connector-{}", Some("7")),
    ("connector-{}", Some("{}")),
    ("connector-{}", Some(r#"{"properties":5}"#)),
    ("target-state-{}", Some("no json")),
    ("target-state-{}", Some(r#"{"state":5}"#)),
    ("target-state-{}", Some(r#"{"state":"DANCING"}"#)),
    ("target-state-{}", Some(r#"{"state":"PAUSED","state.v2":"DANCING"}"#)),
    ("task-", Some("{}")),
    ("task-{}", Some("{}")),
    ("task-{}-x", Some(r#"{"properties":{}}"#)),
    ("task-{}-99999999999", Some(r#"{"properties":{}}"#)),
    ("task-{}-0", Some("no json")),
    ("task-{}-0", Some(r#"{"properties":[]}"#)),
    ("task-{}-0", None),
    ("commit-{}", Some("no json")),
    ("commit-{}", Some("{}")),
    ("commit-{}", Some(r#"{"tasks":"many"}"#)),
    ("commit-{}", Some(r#"{"tasks":3}"#)),
    ("commit-{}", None),
    ("tasks-fencing-{}", Some("no json")),
    ("tasks-fencing-{}", None),
    ("restart-connector-{}", Some("no json")),
    ("restart-connector-{}", Some(r#"{"include-tasks":"x"}"#)),
    ("restart-connector-{}", None),
    ("logger-cluster-{}", Some("no json")),
    ("logger-cluster-{}", Some(r#"{"level":5}"#)),
    ("logger-cluster-{}", Some(r#"{"level":"LOUD"}"#)),
    ("logger-cluster-{}", None),
    ("session-key", Some("no json")),
    ("session-key", Some("{}")),
    ("session-key", Some(r#"{"key":5,"algorithm":5,"creation-timestamp":"x"}"#)),
    ("session-key-", Some("{}")),
];

/// A genuine worker forgets whatever came together with one of these, configs of other connectors too: "Error polling: Expected
/// integer value to be either Integer or Long".
const FATAL_TO_GENUINE: Spoilt = &[
    ("tasks-fencing-{}", Some(r#"{"task-count":"many"}"#)),
    ("connector-{}", Some(r#"{"properties":{}}"#)),
    ("commit-{}", Some(r#"{"tasks":"many"}"#)),
    ("connector-{}", None),
];

const STATUSES: Spoilt = &[
    ("", Some("{}")),
    ("nobody knows this", Some("{}")),
    ("status-connector-", Some("{}")),
    ("status-connector-{}", Some("no json")),
    ("status-connector-{}", Some("{}")),
    ("status-connector-{}", Some(r#"{"state":"DANCING","trace":null,"worker_id":"x","generation":1}"#)),
    ("status-connector-{}", Some(r#"{"state":"RUNNING","trace":null,"worker_id":"x","generation":"one"}"#)),
    ("status-connector-{}", None),
    ("status-task-{}", Some("{}")),
    ("status-task-{}-x", Some(r#"{"state":"RUNNING","trace":null,"worker_id":"x","generation":1}"#)),
    ("status-task-{}-0", Some("no json")),
    ("status-task-{}-0", None),
    ("status-topic-{}", Some("{}")),
    ("status-topic-:connector-", Some("{}")),
    ("status-topic-x:connector-{}", Some("no json")),
    ("status-topic-x:connector-{}", Some("{}")),
    ("status-topic-x:connector-{}", None),
];

const OFFSETS: Spoilt = &[
    ("", Some("{}")),
    ("no json", Some("{}")),
    ("{}", Some("{}")),
    ("[]", Some("{}")),
    (r#"["x"]"#, Some("{}")),
    (r#"[1,2]"#, Some("{}")),
    (r#"["x",{"a":{"b":1}}]"#, Some("{}")),
    (r#"["{}",{"a":1}]"#, Some("no json")),
    (r#"["{}",{"a":2}]"#, Some("[1]")),
    (r#"["{}",{"a":2}]"#, None),
    (r#"{"a":1}"#, Some(r#"{"b":1}"#)),
];
