//! Workers that are not like the others: another protocol, a plugin less, another program's group, another maker.

use anyhow::Context as _;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde_json::Value;
use std::time::Duration;
use watertight_cases::cluster::{Case, Ground};
use watertight_cases::{SOON, topics};
use watertight_harness::cluster::{Cluster, SETTLED};
use watertight_harness::wait;
use watertight_harness::worker::Make;

pub const ALONE: &[Case] = &[
    ("workers of all three protocols share their work, by what all of them know", |g| {
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?;
        let name = g.named("it");
        for (number, protocol) in ["sessioned", "compatible", "eager"].into_iter().enumerate() {
            cluster.add_with(g.make.clone(), &[("connect.protocol", protocol)])?;
            cluster.start(number)?;
            if number == 0 {
                cluster.connect(0).create(&g.source("it", 3).with("rate", 20))?;
            }
            cluster.wait_balanced(&[(&name, 3)])?;
        }
        // And without the one that knows least.
        cluster.worker(2).stop()?;
        cluster.wait_balanced(&[(&name, 3)])?;
        cluster.stop_all()
    }),
    ("a cluster of eager workers shares its work, and takes over what a killed one had", |g| protocol(g, "eager")),
    ("a cluster of compatible workers does so, and asks for no signatures", |g| protocol(g, "compatible")),
    ("a worker without a plugin fails what needs it, and the others go on", |g| {
        let empty = g.dir.join("no-plugins");
        std::fs::create_dir_all(&empty)?;
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?;
        cluster.add(g.make.clone())?;
        // The first to come is the leader.
        cluster.start(0)?;
        let empty = empty.display().to_string();
        cluster.add_with(g.make.clone(), &[("plugin.path", &empty)])?;
        cluster.start(1)?;
        // Its validation is the business of whoever is asked: only one of them knows the class.
        let poor = cluster.connect(1).post(&g.source("it", 4).with("rate", 20))?;
        anyhow::ensure!(poor.status == 500 || poor.status == 400, "{poor:?}");
        println!(
            "the worker without the plugin: {} {}",
            poor.status,
            poor.message().lines().next().unwrap_or_default()
        );
        for number in 0..2 {
            let config = g.source(&format!("n{number}"), 4).with("rate", 20);
            g.ask(|| cluster.connect(0).post(&config))?.expect(201)?;
        }
        let id = cluster.id(1);
        let told = wait::until("what is given to the poor worker to fail, and nothing else", SETTLED, || {
            let told = cluster.connect(0).http.get("/connectors?expand=status").map_err(|e| format!("{e:#}"))?;
            let told = told.json().map_err(|e| format!("{e:#}"))?;
            let mut states = std::collections::BTreeMap::<(bool, String), usize>::new();
            let mut note = |instance: &Value| {
                let there = instance["worker_id"] == *id;
                *states.entry((there, instance["state"].as_str().unwrap_or("?").to_owned())).or_default() += 1;
            };
            for (_, connector) in told.as_object().into_iter().flatten() {
                note(&connector["status"]["connector"]);
                connector["status"]["tasks"].as_array().into_iter().flatten().for_each(&mut note);
            }
            // Whoever has the connector makes its task configs.
            let failed = states.get(&(true, "FAILED".to_owned())).copied().unwrap_or(0);
            let running = states.get(&(false, "RUNNING".to_owned())).copied().unwrap_or(0);
            let right = failed > 0 && running > 0 && failed + running == states.values().sum::<usize>();
            if right { Ok(told) } else { Err(format!("{states:?} {told}")) }
        })?;
        anyhow::ensure!(told.to_string().contains("Failed to find any class that implements"), "{told}");
        cluster.stop_all()
    }),
    ("a group of consumers is no place for a worker, and the consumers stay", |g| {
        let topic = g.topic();
        topics::create(&g.broker.bootstrap(), &topic, 1, &[])?;
        let consumer: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", g.broker.bootstrap()).set("group.id", &g.name).create()?;
        consumer.subscribe(&[&topic])?;
        wait::until("the consumer to have its partition", SETTLED, || {
            consumer.poll(Duration::from_millis(100));
            match consumer.assignment() {
                Ok(list) if list.count() == 1 => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })?;
        let mut cluster = g.new_cluster(&g.name.clone(), &[])?;
        cluster.add(g.make.clone())?;
        cluster.worker(0).spawn()?;
        let log = wait::until("the worker to say why it cannot join", SETTLED, || {
            consumer.poll(Duration::from_millis(100));
            let log = cluster.look(0).log();
            let said = match g.is_ours() {
                true => "The worker cannot be a member of group",
                false => "The group member's supported protocols are incompatible with those of existing members",
            };
            if log.contains(said) { Ok(log) } else { Err(log) }
        })?;
        let ended = wait::until("the worker to end", 2 * SETTLED, || {
            consumer.poll(Duration::from_millis(100));
            cluster.worker(0).wait_end(Duration::ZERO).ok_or_else(|| "it still runs".to_owned())
        })?;
        anyhow::ensure!(!ended.success(), "{ended}: {log}");
        anyhow::ensure!(consumer.assignment()?.count() == 1, "the consumer lost its partition");
        Ok(())
    }),
];

fn protocol(g: &mut Ground, protocol: &str) -> anyhow::Result<()> {
    let mut cluster = g.new_cluster(&g.name.clone(), &[("connect.protocol", protocol)])?.of(&g.make.clone(), 3)?;
    let name = g.named("it");
    g.ask(|| cluster.connect(1).post(&g.source("it", 6).with("rate", 20)))?.expect(201)?;
    cluster.wait_balanced(&[(&name, 6)])?;
    let unsigned = g.ask(|| cluster.connect(0).http.send("POST", "/connectors/nobody/tasks", Some("[]")))?;
    anyhow::ensure!(unsigned.status == 404, "{unsigned:?}");
    g.ask(|| cluster.connect(2).http.put(&format!("/connectors/{name}/config"), &g.source("it", 4).to_json()))?
        .expect(200)?;
    cluster.wait_balanced(&[(&name, 4)])?;
    cluster.worker(2).kill();
    cluster.wait_balanced(&[(&name, 4)])?;
    cluster.start(2)?;
    cluster.wait_balanced(&[(&name, 4)])?;
    cluster.stop_all()
}

/// Genuine workers and ours in one group.
pub const MIXED: &[Case] = &[
    ("genuine workers and ours share their work, and each takes the other's over", |g| {
        let mut cluster = mixed(g, &[])?;
        let names: Vec<String> = ["one", "two"].iter().map(|end| g.named(end)).collect();
        for (worker, end) in ["one", "two"].into_iter().enumerate() {
            g.ask(|| cluster.connect(worker).post(&g.source(end, 4).with("rate", 20)))?.expect(201)?;
        }
        let wanted = [(names[0].as_str(), 4), (names[1].as_str(), 4)];
        println!("{:?}", cluster.wait_balanced(&wanted)?);
        // Either of them as the leader, and as the one that is left.
        for gone in [0, 1] {
            cluster.worker(gone).stop()?;
            cluster.wait_balanced(&wanted)?;
            let other = cluster.connect(1 - gone);
            let config = g.source("one", 4).with("rate", 21 + gone);
            g.ask(|| other.http.put(&format!("/connectors/{}/config", names[0]), &config.to_json()))?.expect(200)?;
            cluster.start(gone)?;
            println!("{:?}", cluster.wait_balanced(&wanted)?);
            for worker in 0..2 {
                let path = format!("/connectors/{}/restart?includeTasks=true", names[1]);
                g.ask(|| cluster.connect(worker).http.send("POST", &path, None))?.expect(202)?;
                cluster.wait_balanced(&wanted)?;
            }
        }
        cluster.worker(0).kill();
        cluster.wait_balanced(&wanted)?;
        cluster.start(0)?;
        cluster.worker(1).kill();
        cluster.wait_balanced(&wanted)?;
        cluster.stop_all()
    }),
    ("every state and every answer is the same from a genuine worker and from ours", |g| {
        let mut cluster = mixed(g, &[])?;
        let name = g.named("it");
        g.ask(|| cluster.connect(0).post(&g.source("it", 4).with("rate", 20)))?.expect(201)?;
        cluster.wait_balanced(&[(&name, 4)])?;
        for (asked, verb, state, tasks) in [
            (0, "pause", "PAUSED", 4),
            (1, "resume", "RUNNING", 4),
            (1, "stop", "STOPPED", 0),
            (0, "resume", "RUNNING", 4),
        ] {
            let path = format!("/connectors/{name}/{verb}");
            let answer = g.ask(|| cluster.connect(asked).http.send("PUT", &path, None))?;
            anyhow::ensure!(answer.status < 300, "{answer:?}");
            for worker in 0..2 {
                cluster.connect(worker).wait_all(&name, state, tasks, SETTLED)?;
            }
        }
        for path in ["", "/config", "/status", "/tasks", "/topics"] {
            wait::until("the same answers", SOON, || {
                let ask = |worker: usize| {
                    let answer = cluster.connect(worker).http.get(&format!("/connectors/{name}{path}"));
                    answer.and_then(|answer| answer.expect(200)).map_err(|error| format!("{error:#}"))
                };
                let (theirs, ours) = (ask(0)?, ask(1)?);
                if theirs == ours { Ok(()) } else { Err(format!("{theirs}\nand\n{ours}")) }
            })?;
        }
        g.ask(|| cluster.connect(1).http.delete(&format!("/connectors/{name}")))?.expect(204)?;
        cluster.stop_all()
    }),
];

/// The genuine one is number 0, and joins first.
fn mixed(g: &Ground, settings: &[(&str, &str)]) -> anyhow::Result<Cluster> {
    let mut cluster = g.new_cluster(&g.name, settings)?;
    cluster.add(Make::Genuine(g.peer.clone()))?;
    cluster.add(Make::Ours)?;
    cluster.start_all().context("a mixed cluster")?;
    Ok(cluster)
}
