//! Where a transaction ends, and what is seen of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use watertight_cases::cluster::ground::A_WHILE;
use watertight_cases::cluster::{Case, Ground};
use watertight_cases::{SOON, topics};
use watertight_harness::properties::Properties;
use watertight_harness::wait;

const CLASS: &str = "watertight.test.BoundarySourceConnector";

/// A source of the numbers from 0 into the case's topic.
pub fn numbers(g: &Ground, more: &[(&str, &str)]) -> Properties {
    let mut config = Properties::new()
        .with("name", g.named("it"))
        .with("connector.class", CLASS)
        .with("tasks.max", 1)
        .with("topic", g.topic());
    for (key, value) in more {
        config.set(key, value);
    }
    config
}

/// What a reader of committed records finds in a topic, each number once.
fn committed(g: &Ground, topic: &str, least: usize) -> anyhow::Result<BTreeSet<u64>> {
    let letters = topics::read(&g.broker.bootstrap(), topic, least, 2 * SOON)?;
    let mut numbers = BTreeSet::new();
    for letter in &letters {
        let value = letter.value.as_deref().unwrap_or("null");
        let number = value.strip_prefix("0-").and_then(|number| number.parse().ok());
        let number = number.ok_or_else(|| anyhow::anyhow!("a foreign record: {value:?}"))?;
        anyhow::ensure!(numbers.insert(number), "{number} is there twice");
    }
    Ok(numbers)
}

/// Where the connector has got to, by its offsets.
fn next(g: &Ground, name: &str) -> anyhow::Result<Option<u64>> {
    let offsets = g.offsets(name)?;
    let all = offsets.as_array().map_or(&[] as &[Value], Vec::as_slice);
    anyhow::ensure!(all.len() <= 1, "{offsets}");
    Ok(all.first().and_then(|one| one["offset"]["next"].as_u64()))
}

fn wait_next(g: &Ground, name: &str, wanted: u64) -> anyhow::Result<()> {
    wait::until(&format!("the offset of {name} to be {wanted}"), 2 * SOON, || match next(g, name) {
        Ok(Some(next)) if next >= wanted => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

fn all(g: &Ground, count: u64) -> anyhow::Result<()> {
    let found = committed(g, &g.topic(), count as usize)?;
    anyhow::ensure!(found == (0..count).collect(), "{} of {count}: {found:?}", found.len());
    Ok(())
}

pub const CASES: &[Case] = &[
    ("each poll is a transaction, and there are more than ten in a second", |g| {
        let begin = Instant::now();
        let name = g.create(&numbers(g, &[("batch", "1"), ("pause.ms", "0"), ("count", "500")]), 1)?;
        wait_next(g, &name, 500)?;
        let rate = 500.0 / begin.elapsed().as_secs_f64();
        println!("{rate:.0} transactions a second, start and the last look included");
        anyhow::ensure!(rate > 20.0, "{rate}");
        all(g, 500)
    }),
    ("nothing is lost or repeated when a task starts again in the middle", |g| {
        let config = numbers(g, &[("batch", "7"), ("pause.ms", "5"), ("count", "3000")]);
        let name = g.create(&config, 1)?;
        wait_next(g, &name, 100)?;
        g.act("POST", &format!("/connectors/{name}/tasks/0/restart"), 204)?;
        wait_next(g, &name, 400)?;
        // Another set of task settings: another generation.
        g.put(&config.clone().with("pause.ms", "4"))?;
        wait_next(g, &name, 900)?;
        g.change(&name, "pause")?;
        g.see(&name, "PAUSED | PAUSED")?;
        g.change(&name, "resume")?;
        wait_next(g, &name, 1500)?;
        g.change(&name, "stop")?;
        g.see(&name, "STOPPED |")?;
        g.change(&name, "resume")?;
        wait_next(g, &name, 3000)?;
        all(g, 3000)
    }),
    ("an interval lets many polls be one transaction", |g| {
        let settings =
            [("transaction.boundary", "interval"), ("transaction.boundary.interval.ms", "3000"), ("batch", "1")];
        let name = g.create(&numbers(g, &settings), 1)?;
        wait_next(g, &name, 2)?;
        let first = next(g, &name)?.unwrap_or(0);
        wait_next(g, &name, first + 1)?;
        let second = next(g, &name)?.unwrap_or(0);
        anyhow::ensure!(second - first > 2, "{first}, then {second}");
        // What is open when it pauses is committed, and seen.
        g.change(&name, "pause")?;
        g.see(&name, "PAUSED | PAUSED")?;
        let paused = next(g, &name)?.unwrap_or(0);
        all(g, paused)?;
        g.change(&name, "resume")?;
        wait_next(g, &name, paused + 1)?;
        g.change(&name, "stop")?;
        g.see(&name, "STOPPED |")?;
        let stopped = next(g, &name)?.unwrap_or(0);
        all(g, stopped)
    }),
    ("a plugin ends its transactions across polls, and what it aborts is not seen and does not come again", |g| {
        let settings =
            [("transaction.boundary", "connector"), ("commit.every", "7"), ("abort.every", "3"), ("count", "700")];
        let name = g.create(&numbers(g, &settings), 1)?;
        wait_next(g, &name, 700)?;
        let kept: BTreeSet<u64> = (0..700).filter(|number| (number / 7 + 1) % 3 != 0).collect();
        let found = committed(g, &g.topic(), kept.len())?;
        anyhow::ensure!(found == kept, "{} instead of {}: {found:?}", found.len(), kept.len());
        Ok(())
    }),
    ("several transactions may end within one poll", |g| {
        let settings = [("transaction.boundary", "connector"), ("commit.every", "2"), ("batch", "9"), ("count", "180")];
        let name = g.create(&numbers(g, &settings), 1)?;
        wait_next(g, &name, 180)?;
        all(g, 180)
    }),
    ("what the plugin has not ended is not committed by a pause or a stop, and comes again", |g| {
        let settings = [("transaction.boundary", "connector"), ("commit.every", "100"), ("count", "150")];
        let config = numbers(g, &settings);
        let name = g.create(&config, 1)?;
        wait_next(g, &name, 100)?;
        std::thread::sleep(A_WHILE);
        g.change(&name, "stop")?;
        g.see(&name, "STOPPED |")?;
        anyhow::ensure!(next(g, &name)? == Some(100), "{:?}", next(g, &name)?);
        all(g, 100)?;
        g.change(&name, "resume")?;
        g.put(&config.with("count", "200"))?;
        wait_next(g, &name, 200)?;
        all(g, 200)
    }),
    ("a task that fails commits nothing more, and begins behind what is committed", |g| {
        let settings =
            [("fail.at", "105"), ("transaction.boundary", "interval"), ("transaction.boundary.interval.ms", "3600000")];
        let config = numbers(g, &settings);
        let name = config.get("name").unwrap_or_default().to_owned();
        g.put(&config)?;
        let trace = g.connect().wait_failed(&name, SOON)?;
        anyhow::ensure!(trace.contains("it fails behind 105"), "{trace}");
        anyhow::ensure!(next(g, &name)?.is_none(), "{:?}", next(g, &name)?);
        g.put(&numbers(g, &[("count", "300")]))?;
        wait_next(g, &name, 300)?;
        all(g, 300)
    }),
    ("offsets go to the connector's own topic, and to the worker's", |g| {
        let own = g.named("own-offsets");
        let name = g.create(&numbers(g, &[("offsets.storage.topic", &own), ("count", "50")]), 1)?;
        wait_next(g, &name, 50)?;
        all(g, 50)?;
        let settings = topics::settings(&g.broker.bootstrap(), &own)?;
        anyhow::ensure!(settings.get("cleanup.policy").map(String::as_str) == Some("compact"), "{settings:?}");
        let letters = topics::read(&g.broker.bootstrap(), &own, 1, SOON)?;
        let key = format!("[\"{name}\",{{\"all\":0}}]");
        let last = letters.iter().rfind(|letter| letter.key.as_deref() == Some(&key));
        anyhow::ensure!(last.and_then(|letter| letter.value.as_deref()) == Some("{\"next\":50}"), "{letters:?}");
        let workers = g.cluster.common().get("offset.storage.topic").unwrap_or_default().to_owned();
        wait::until("the worker's topic to have it too", SOON, || {
            let letters =
                topics::read(&g.broker.bootstrap(), &workers, 1, SOON).map_err(|error| format!("{error:#}"))?;
            let there = letters
                .iter()
                .any(|letter| letter.key.as_deref() == Some(&key) && letter.value.as_deref() == Some("{\"next\":50}"));
            if there { Ok(()) } else { Err(format!("{} records", letters.len())) }
        })
    }),
    ("a task does not write to its own offsets topic", |g| {
        let own = g.named("own-offsets");
        let config = numbers(g, &[("offsets.storage.topic", &own)]).with("topic", &own);
        g.put(&config)?;
        let trace = g.connect().wait_failed(config.get("name").unwrap_or_default(), SOON)?;
        let text = "Source tasks may not produce to their own offsets topics when exactly-once support is enabled";
        anyhow::ensure!(trace.contains(text), "{trace}");
        Ok(())
    }),
    ("a transaction that takes too long fails its task, with advice", |g| {
        let settings = [
            ("transaction.boundary", "interval"),
            ("transaction.boundary.interval.ms", "20000"),
            ("producer.override.transaction.timeout.ms", "2000"),
            ("producer.override.delivery.timeout.ms", "2000"),
            ("producer.override.request.timeout.ms", "1500"),
            ("producer.override.linger.ms", "0"),
            ("pause.ms", "100"),
        ];
        let config = numbers(g, &settings);
        g.put(&config)?;
        let name = config.get("name").unwrap_or_default().to_owned();
        // The coordinator looks for such transactions every ten seconds.
        let trace = g.connect().wait_failed(&name, 2 * SOON)?;
        anyhow::ensure!(trace.contains("before its producer transaction expired"), "{trace}");
        anyhow::ensure!(committed(g, &g.topic(), 0)?.is_empty());
        Ok(())
    }),
    ("an offset that is changed while the connector is stopped counts", |g| {
        let name = g.create(&numbers(g, &[("count", "100")]), 1)?;
        wait_next(g, &name, 100)?;
        g.change(&name, "stop")?;
        g.see(&name, "STOPPED |")?;
        let body = serde_json::json!({"offsets": [{"partition": {"all": 0}, "offset": {"next": 90}}]});
        g.ask(|| g.connect().http.send("PATCH", &format!("/connectors/{name}/offsets"), Some(&body.to_string())))?
            .expect(200)?;
        g.change(&name, "resume")?;
        wait_next(g, &name, 100)?;
        let letters = topics::read(&g.broker.bootstrap(), &g.topic(), 110, SOON)?;
        anyhow::ensure!(letters.len() == 110, "{}", letters.len());
        Ok(())
    }),
    ("a task that is killed with its worker leaves nothing half done", |g| {
        let name = g.create(&numbers(g, &[("batch", "13"), ("pause.ms", "2"), ("count", "6000")]), 1)?;
        for round in 1..=3u64 {
            wait_next(g, &name, round * 500)?;
            let status = g.connect().status(&name)?;
            let worker = g.cluster.number_of(status["tasks"][0]["worker_id"].as_str().unwrap_or_default())?;
            if worker != 0 {
                g.cluster.worker(worker).kill();
                g.cluster.start(worker)?;
            } else {
                g.act("POST", &format!("/connectors/{name}/restart?includeTasks=true"), 202)?;
            }
        }
        wait_next(g, &name, 6000)?;
        std::thread::sleep(Duration::from_millis(100));
        all(g, 6000)
    }),
];
