//! Changes that do not go smoothly: plugins that do not answer, clients that go away, a worker that is killed. Of our
//! worker alone: nothing of this is promised by Kafka's.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_cases::table::Ground as _;
use watertight_cases::{Dice, SOON, Scene, hostile};
use watertight_harness::properties::Properties;
use watertight_harness::worker::FILE_SOURCE;

use crate::ground::{A_WHILE, Ground, begins};

/// A change of one partition.
fn at(number: i64) -> Vec<(Value, Value)> {
    vec![(json!({"task": "0"}), json!({"polls": number}))]
}

#[test]
fn a_plugin_that_attacks_when_its_offsets_change_is_cut_off_and_they_stay() -> anyhow::Result<()> {
    let scene = hostile::scene("offsets-hostile")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let ground = Ground::start(scene)?;
    for (attack, words) in [
        ("loop-for-ever", "sandbox.cpu.call.ms = 1000"),
        ("sleep-for-ever", "sandbox.wall.call.ms = 8000"),
        ("allocate-without-end", "sandbox.memory.bytes"),
        ("trap", "trapped in alter-offsets"),
        ("panic", "trapped in alter-offsets"),
        ("overflow-the-stack", "trapped in alter-offsets"),
        ("exit-the-process", "alter-offsets"),
        ("ask-for-offsets-without-end", ""),
        ("fork-bomb-of-handles", "sandbox.handles"),
        ("oversized-host-call", "sandbox.hostcall.bytes"),
    ] {
        let harmless = hostile::source("none").with("name", attack);
        ground.create_stopped(&harmless)?;
        ground.alter(attack, &at(5))?.expect(200)?;
        let armed = hostile::source(attack).with("during", "alter-offsets");
        ground.configure(&armed)?;
        for reset in [false, true] {
            let begun = Instant::now();
            let answer = if reset { ground.reset(attack)? } else { ground.alter(attack, &at(6))? };
            println!("offsets-hostile: {attack} after {:?}: {}", begun.elapsed(), answer.body);
            anyhow::ensure!(begun.elapsed() < Duration::from_secs(16), "{attack}: {:?}", begun.elapsed());
            anyhow::ensure!(!answer.body.contains("ESCAPED"), "{attack}: {answer:?}");
            if !words.is_empty() {
                begins(&answer, 500, "Failed to modify offsets for source connector ")?;
                anyhow::ensure!(answer.message().contains(words), "{attack}: {words} is not named: {answer:?}");
            }
            if answer.status != 200 {
                ground.ensure_offsets(attack, &at(5))?;
            }
        }
        // Nothing of it sticks.
        ground.configure(&harmless)?;
        ground.alter(attack, &at(7))?.expect(200)?;
        ground.ensure_offsets(attack, &at(7))?;
        ground.connect.http.delete(&format!("/connectors/{attack}"))?.expect(204)?;
    }
    ground.scene.wait_running()
}

/// A source whose plugin takes so long to agree.
fn slow(ground: &Ground, ms: u64) -> anyhow::Result<Properties> {
    let config = ground.source().with("alter.offsets", "hang").with("alter.offsets.ms", ms);
    ground.create_stopped(&ground.source())?;
    ground.alter(&ground.name, &ground.saved(2))?.expect(200)?;
    ground.configure(&config)?;
    Ok(config)
}

fn ours(case: &str) -> anyhow::Result<Option<Ground>> {
    let scene = Scene::new(case)?;
    if scene.worker.is_ours() { Ground::start(scene).map(Some) } else { Ok(None) }
}

#[test]
fn others_are_served_and_its_own_turn_is_waited_for_while_a_plugin_thinks() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-slow")? else { return Ok(()) };
    slow(&ground, 3000)?;
    std::thread::scope(|scope| {
        let change = scope.spawn(|| (ground.alter(&ground.name, &ground.saved(5)), Instant::now()));
        std::thread::sleep(A_WHILE);
        let begun = Instant::now();
        ground.ensure_offsets(&ground.name, &ground.saved(2))?;
        ground.connect.status(&ground.name)?;
        ground.connect.connectors()?;
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(1), "others wait for {:?}", begun.elapsed());
        // Accepted, and done once the change is made.
        ground.connect.http.put(&format!("/connectors/{}/resume", ground.name), &Value::Null)?.expect(202)?;
        let resumed = begun + A_WHILE;
        while Instant::now() < resumed {
            let status = ground.connect.status(&ground.name)?;
            anyhow::ensure!(status["connector"]["state"] == "STOPPED", "it runs while its offsets change: {status}");
        }
        let (answer, _) = change.join().map_err(|_| anyhow::anyhow!("the request panicked"))?;
        answer?.expect(200)?;
        ground.connect.wait_all(&ground.name, "RUNNING", 2, SOON)?;
        ground.wait_offsets(&ground.name, &ground.saved(10))
    })?;
    let records = watertight_cases::topics::read(&ground.scene.broker.bootstrap(), &ground.topic(), 10, SOON)?;
    anyhow::ensure!(records.len() == 10, "five records a task from 5 on, but there are {}", records.len());
    Ok(())
}

#[test]
fn whoever_deletes_a_connector_does_not_wait_long_for_a_plugin_that_thinks() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-deleted")? else { return Ok(()) };
    slow(&ground, 60_000)?;
    std::thread::scope(|scope| {
        let change = scope.spawn(|| ground.alter(&ground.name, &ground.saved(5)));
        std::thread::sleep(A_WHILE);
        let begun = Instant::now();
        ground.connect.http.delete(&format!("/connectors/{}", ground.name))?.expect(204)?;
        println!("offsets-deleted: after {:?}", begun.elapsed());
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        let answer = change.join().map_err(|_| anyhow::anyhow!("the request panicked"))??;
        begins(&answer, 500, "Failed to modify offsets for source connector ")?;
        ground.create_stopped(&ground.source())?;
        ground.ensure_offsets(&ground.name, &ground.saved(2))
    })
}

#[test]
fn a_change_whose_client_went_away_is_made_whole() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-away")? else { return Ok(()) };
    slow(&ground, 1500)?;
    let body = json!({"offsets": [{"partition": ground.task(0), "offset": {"saved": 6}},
                                  {"partition": ground.task(1), "offset": {"saved": 6}}]})
    .to_string();
    {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, ground.scene.worker.port()))?;
        let head = format!(
            "PATCH /connectors/{}/offsets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
            ground.name
        );
        socket.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
        std::thread::sleep(A_WHILE);
    }
    // The client is gone; whoever resumes now still finds the new offsets.
    ground.resume(&ground.name, 2)?;
    ground.wait_offsets(&ground.name, &ground.saved(10))?;
    let records = watertight_cases::topics::read(&ground.scene.broker.bootstrap(), &ground.topic(), 8, SOON)?;
    anyhow::ensure!(records.len() == 8, "four records a task from 6 on, but there are {}", records.len());
    Ok(())
}

#[test]
fn a_killed_worker_leaves_all_of_a_sources_change_or_nothing_of_it() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-killed-source")? else { return Ok(()) };
    let config = ground.source();
    killed(ground, &config, |_, at| {
        (0..50).map(|shard| (json!({"shard": shard, "of": 50}), json!({"kafka_offset": at}))).collect()
    })
}

#[test]
fn a_killed_worker_leaves_all_of_a_sinks_change_or_nothing_of_it() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-killed-sink")? else { return Ok(()) };
    let config = ground.sink();
    crate::sink::three_partitions(&ground)?;
    killed(ground, &config, |ground, at| {
        (0..3).map(|partition| (ground.place(partition), json!({"kafka_offset": at}))).collect()
    })
}

/// Changes all offsets together to the next number, again and again, and kills the worker meanwhile.
fn killed(
    mut ground: Ground,
    config: &Properties,
    all: impl Fn(&Ground, i64) -> Vec<(Value, Value)> + Sync,
) -> anyhow::Result<()> {
    let mut dice = Dice::new();
    ground.create_stopped(config)?;
    ground.alter(&ground.name, &all(&ground, 0))?.expect(200)?;
    let partitions = ground.offsets(&ground.name)?.len();
    let acknowledged = AtomicI64::new(0);
    let mut last_sent = 0;
    for round in 1..=8 {
        let pid = ground.scene.worker.pid().context("the worker is not running")?;
        let after = dice.millis(20, 400);
        last_sent = std::thread::scope(|scope| {
            let changing = scope.spawn(|| {
                let mut number = last_sent;
                loop {
                    number += 1;
                    match ground.alter(&ground.name, &all(&ground, number)) {
                        Ok(answer) if answer.status == 200 => acknowledged.store(number, Ordering::Relaxed),
                        Ok(_) | Err(_) => return number,
                    }
                }
            });
            std::thread::sleep(after);
            watertight_harness::signals::kill(pid);
            changing.join().unwrap_or(i64::MAX)
        });
        ground.scene.worker.kill();
        ground.scene.worker.start()?;
        ground.create_stopped(config)?;
        let found = ground.offsets(&ground.name)?;
        let numbers: Vec<i64> = found.iter().filter_map(|(_, offset)| offset["kafka_offset"].as_i64()).collect();
        let acknowledged = acknowledged.load(Ordering::Relaxed);
        let first = numbers.first().copied().unwrap_or_default();
        println!("round {round}, killed after {after:?}: acknowledged {acknowledged}, sent {last_sent}, found {first}");
        anyhow::ensure!(numbers.len() == partitions, "{} of {partitions} are there", numbers.len());
        anyhow::ensure!(numbers.iter().all(|number| *number == first), "a change by halves: {numbers:?}");
        anyhow::ensure!((acknowledged..=last_sent).contains(&first), "{first} was neither acknowledged nor sent last");
    }
    Ok(())
}

#[test]
fn what_a_plugin_says_to_a_change_does_not_tell_its_passwords() -> anyhow::Result<()> {
    let scene = hostile::scene("offsets-secrets")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let ground = Ground::start(scene)?;
    let config =
        hostile::source("fail-with-the-settings").with("during", "alter-offsets").with("password", "pa55-w0rd");
    ground.create_stopped(&config)?;
    let answer = ground.alter("fail-with-the-settings", &at(1))?;
    anyhow::ensure!(answer.status == 500 && !answer.body.contains("pa55-w0rd"), "{answer:?}");
    Ok(())
}

#[test]
fn a_store_that_cannot_be_written_is_an_error_and_what_was_there_stays() -> anyhow::Result<()> {
    let Some(ground) = ours("offsets-unwritable")? else { return Ok(()) };
    let config = Properties::new()
        .with("name", "f")
        .with("connector.class", FILE_SOURCE)
        .with("file", ground.scene.input().display())
        .with("topic", "t");
    let at = |position: i64| [(json!({"filename": config.get("file")}), json!({"position": position}))];
    ground.create_stopped(&config)?;
    ground.alter("f", &at(5))?.expect(200)?;
    // Where the new file would be written first.
    let blocker = ground.scene.dir.join(".offsets.tmp");
    std::fs::create_dir_all(&blocker)?;
    begins(&ground.alter("f", &at(6))?, 500, "Failed to modify offsets for source connector f: ")?;
    ground.ensure_offsets("f", &at(5))?;
    std::fs::remove_dir_all(&blocker)?;
    ground.alter("f", &at(7))?.expect(200)?;
    ground.ensure_offsets("f", &at(7))
}
