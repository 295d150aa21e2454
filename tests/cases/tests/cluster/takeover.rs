//! A cluster of genuine workers is stopped, and ours go on with its topics; and back again. Connectors go on exactly
//! where they were, in the states that they had.

use serde_json::{Value, json};
use watertight_cases::cluster::Ground;
use watertight_cases::cluster::sequences::Sequences;
use watertight_cases::{SOON, topics, wait_for_lines};
use watertight_harness::broker::More;
use watertight_harness::cluster::{Cluster, SETTLED};
use watertight_harness::worker::{Make, file_sink, file_source};
use watertight_harness::{lines, wait};

const LINES: u64 = 500;

/// From whom to whom, and back.
pub fn there_and_back() -> anyhow::Result<()> {
    let Some(g) = Ground::bare("takeover", &More::default())? else { return Ok(()) };
    let (theirs, ours) = (Make::Genuine(g.peer.clone()), g.make.clone());
    let (input, output) = (g.dir.join("input.txt"), g.dir.join("output.txt"));
    let mut written = 0;
    let mut before: Option<Vec<(&str, Value)>> = None;
    for (turn, make) in [theirs.clone(), ours, theirs].into_iter().enumerate() {
        let cluster =
            &mut g.new_cluster("takeover", &[])?.in_folder(&g.dir.join(format!("turn-{turn}"))).of(&make, 2)?;
        if turn == 0 {
            let source = file_source("lines-source", &input, "lines");
            for config in
                [source, file_sink("lines-sink", &output, "lines"), g.source("paused", 2), g.ladder("stopped", 2)]
            {
                g.ask(|| cluster.connect(0).post(&config))?.expect(201)?;
            }
            cluster.connect(0).wait_all("case-paused", "RUNNING", 2, SETTLED)?;
            g.wait_flowing(&["case-paused"], 0)?;
            let put = |path: &str| g.ask(|| cluster.connect(1).http.put(path, &Value::Null));
            put("/connectors/case-paused/pause")?.expect(202)?;
            cluster.connect(0).wait_all("case-paused", "PAUSED", 2, SETTLED)?;
            cluster.connect(0).wait_all("case-stopped", "RUNNING", 2, SETTLED)?;
            put("/connectors/case-stopped/stop")?.expect(204)?;
        }
        for worker in 0..2 {
            let connect = cluster.connect(worker);
            for (name, state, tasks) in [
                ("lines-source", "RUNNING", 1),
                ("lines-sink", "RUNNING", 1),
                ("case-paused", "PAUSED", 2),
                ("case-stopped", "STOPPED", 0),
            ] {
                connect.wait_all(name, state, tasks, SETTLED)?;
            }
        }
        if let Some(before) = &before {
            ensure_exact(&g, cluster)?;
            for ((path, now), (_, before)) in known(cluster)?.iter().zip(before) {
                anyhow::ensure!(now == before, "turn {turn}, {path}: {now} instead of {before}");
            }
        }
        // Some were written while nobody ran.
        lines::append(&input, written, written + LINES)?;
        written += LINES;
        let tally = wait_for_lines(&output, written, 3 * SOON)?;
        println!("turn {turn}: {tally}");
        anyhow::ensure!(tally.is_exact(), "turn {turn}: {tally}");
        wait_flushed(cluster)?;
        before = Some(known(cluster)?);
        cluster.stop_all()?;
        lines::append(&input, written, written + LINES)?;
        written += LINES;
    }
    Ok(())
}

/// Configs, task configs and offsets of all connectors.
fn known(cluster: &Cluster) -> anyhow::Result<Vec<(&'static str, Value)>> {
    let get = |path: &'static str| -> anyhow::Result<(&'static str, Value)> {
        let mut told = cluster.connect(1).http.get(path)?.expect(200)?;
        let list =
            if told.is_array() { told.as_array_mut() } else { told.get_mut("offsets").and_then(Value::as_array_mut) };
        if let Some(list) = list {
            list.sort_by_key(Value::to_string);
        }
        Ok((path, told))
    };
    [
        "/connectors",
        "/connectors/lines-source/config",
        "/connectors/lines-source/tasks",
        "/connectors/lines-sink/tasks",
        "/connectors/case-paused/config",
        "/connectors/case-paused/tasks",
        "/connectors/case-stopped/tasks",
        "/connectors/lines-source/topics",
        "/connectors/lines-sink/topics",
    ]
    .into_iter()
    .map(get)
    .collect()
}

/// Waits until the sink's offsets are stored: a stop would see to it as well.
fn wait_flushed(cluster: &Cluster) -> anyhow::Result<()> {
    let look = || offsets(cluster, "lines-sink");
    wait::until("the sink's offsets to be stored", SOON, || match look() {
        Ok(told) if told["offsets"][0]["offset"]["kafka_offset"].is_i64() => Ok(()),
        other => Err(format!("{other:?}")),
    })
}

/// The offsets of the paused source are those of its last records. A genuine worker stores what it sent last before a
/// pause only when the task ends.
fn ensure_exact(g: &Ground, cluster: &Cluster) -> anyhow::Result<()> {
    let sent = Sequences::in_topic(&topics::read(cluster.bootstrap(), &g.topic(), 1, SOON)?)?;
    let told = offsets(cluster, "case-paused")?;
    for task in 0..2 {
        let expected = json!({"partition": {"task": task}, "offset": {"next": sent.next(task)}});
        let right = told["offsets"].as_array().is_some_and(|list| list.contains(&expected));
        anyhow::ensure!(right && sent.next(task) > 0, "{told} without {expected}");
    }
    Ok(())
}

fn offsets(cluster: &Cluster, name: &str) -> anyhow::Result<Value> {
    cluster.connect(0).http.get(&format!("/connectors/{name}/offsets"))?.expect(200)
}
