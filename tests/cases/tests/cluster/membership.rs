//! Workers that come and go: work moves, and what need not move is not touched. A task that is started writes a file
//! of its own, so whether it was is counted and not read from a log.

use std::collections::BTreeMap;

use watertight_cases::cluster::{Case, Ground};
use watertight_harness::cluster::Assignment;

pub const CASES: &[Case] = &[
    ("a worker that is added takes its share, and only what moves is started again", |g| {
        let name = g.create(&g.source("it", 8).with("rate", 10), 8)?;
        let before = g.cluster.wait_balanced(&[(&name, 8)])?;
        let starts = g.diaries(&name)?.starts();
        let make = g.make.clone();
        let added = g.cluster.add(make)?;
        g.cluster.start(added)?;
        let after = g.cluster.wait_balanced(&[(&name, 8)])?;
        ensure_only_moved(g, &name, &before, &after, &starts)?;
        g.cluster.worker(added).stop()?;
        let last = g.cluster.wait_balanced(&[(&name, 8)])?;
        let starts_then = g.diaries(&name)?.starts();
        println!("starts {starts:?}, after one came and went {starts_then:?}; {last:?}");
        g.cluster.remove(added);
        Ok(())
    }),
    ("what a worker had that is stopped is taken over after the delay, and nothing else is started again", |g| {
        let name = g.create(&g.source("it", 6).with("rate", 10), 6)?;
        let before = g.cluster.wait_balanced(&[(&name, 6)])?;
        let starts = g.diaries(&name)?.starts();
        let last = g.cluster.len() - 1;
        g.cluster.worker(last).stop()?;
        let after = g.cluster.wait_balanced(&[(&name, 6)])?;
        ensure_only_moved(g, &name, &before, &after, &starts)
    }),
    ("what a worker had that is killed is taken over, and nothing else is started again", |g| {
        let name = g.create(&g.source("it", 6).with("rate", 10), 6)?;
        let before = g.cluster.wait_balanced(&[(&name, 6)])?;
        let starts = g.diaries(&name)?.starts();
        let last = g.cluster.len() - 1;
        g.cluster.worker(last).kill();
        let after = g.cluster.wait_balanced(&[(&name, 6)])?;
        ensure_only_moved(g, &name, &before, &after, &starts)
    }),
    ("a paused connector is paused on every worker after all of them were restarted", |g| {
        let source = g.create(&g.source("source", 3), 3)?;
        let sink = g.create(&g.sink("sink", 2), 2)?;
        let stopped = g.create(&g.ladder("stopped", 1), 1)?;
        g.change(&source, "pause")?;
        g.change(&sink, "pause")?;
        g.change(&stopped, "stop")?;
        g.see(&source, "PAUSED | PAUSED PAUSED PAUSED")?;
        g.see(&sink, "PAUSED | PAUSED PAUSED")?;
        g.see(&stopped, "STOPPED |")?;
        g.cluster.stop_all()?;
        g.cluster.start_all()?;
        g.stays(&source, "PAUSED | PAUSED PAUSED PAUSED")?;
        g.stays(&sink, "PAUSED | PAUSED PAUSED")?;
        g.stays(&stopped, "STOPPED |")?;
        g.change(&source, "resume")?;
        g.change(&sink, "resume")?;
        g.see(&source, "RUNNING | RUNNING RUNNING RUNNING")?;
        g.see(&sink, "RUNNING | RUNNING RUNNING")?;
        g.wait_more(&sink, 100)
    }),
    ("a paused sink is paused where its tasks and partitions move to", |g| {
        g.create(&g.source("source", 2), 2)?;
        let sink = g.create(&g.sink("sink", 3), 3)?;
        g.wait_more(&sink, 1)?;
        g.change(&sink, "pause")?;
        g.see(&sink, "PAUSED | PAUSED PAUSED PAUSED")?;
        std::thread::sleep(watertight_cases::cluster::ground::A_WHILE);
        let before = g.diaries(&sink)?.count_got();
        let last = g.cluster.len() - 1;
        g.cluster.worker(last).kill();
        g.stays(&sink, "PAUSED | PAUSED PAUSED PAUSED")?;
        // Everything is somewhere else by now, or will be.
        let gone = g.cluster.id(last);
        wait_left(g, &sink, &gone)?;
        std::thread::sleep(std::time::Duration::from_secs(3));
        let after = g.diaries(&sink)?.count_got();
        anyhow::ensure!(before == after, "{before} records arrived, and {after} after the rebalance");
        g.cluster.start(last)?;
        g.change(&sink, "resume")?;
        g.wait_more(&sink, 100)
    }),
    ("connectors are spread over all workers, when they come, change and go", |g| {
        let mut names = Vec::new();
        for number in 0..6 {
            names.push(g.create(&g.ladder(&format!("n{number}"), 2), 2)?);
        }
        let all: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 2)).collect();
        g.cluster.wait_balanced(&all)?;
        g.put(&g.ladder("n0", 5))?;
        let mut wider = all.clone();
        wider[0].1 = 5;
        g.cluster.wait_balanced(&wider)?;
        g.act("DELETE", &format!("/connectors/{}", names[0]), 204)?;
        g.act("DELETE", &format!("/connectors/{}", names[1]), 204)?;
        let spread = g.cluster.wait_balanced(&all[2..])?;
        println!("{spread:?}");
        Ok(())
    }),
    ("a cluster is balanced again when one worker after the other joins", |g| {
        let names: Vec<String> =
            (0..4).map(|number| g.create(&g.ladder(&format!("n{number}"), 3), 3)).collect::<Result<_, _>>()?;
        let all: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 3)).collect();
        g.cluster.stop_all()?;
        for worker in 0..g.cluster.len() {
            g.cluster.start(worker)?;
            g.cluster.wait_balanced(&all)?;
        }
        Ok(())
    }),
    ("a frozen worker loses its work, and has none when it wakes up before it is given some", |g| {
        let name = g.create(&g.source("it", 3).with("rate", 10), 3)?;
        let before = g.cluster.wait_balanced(&[(&name, 3)])?;
        let last = g.cluster.len() - 1;
        let id = g.cluster.id(last);
        g.cluster.look(last).freeze();
        wait_left(g, &name, &id)?;
        g.cluster.look(last).thaw();
        g.cluster.wait_joined(last)?;
        let after = g.cluster.wait_balanced(&[(&name, 3)])?;
        println!("{before:?}, then {after:?}");
        let starts = g.diaries(&name)?.starts();
        anyhow::ensure!(starts.values().all(|count| *count <= 3), "{starts:?}");
        Ok(())
    }),
];

/// Waits until nothing of a connector is said to run on a worker.
fn wait_left(g: &Ground, name: &str, id: &str) -> anyhow::Result<()> {
    let connect = g.connect();
    connect
        .wait_status("all of it to have moved", name, watertight_harness::cluster::SETTLED, |status| {
            !status.to_string().contains(id) && !status.to_string().contains("UNASSIGNED")
        })
        .map(drop)
}

/// Which worker has what.
fn places(all: &Assignment) -> BTreeMap<&str, &str> {
    all.iter().flat_map(|(worker, work)| work.iter().map(|what| (what.as_str(), worker.as_str()))).collect()
}

/// Tasks that are where they were have been started as often as before, and those that moved at least once more.
fn ensure_only_moved(
    g: &Ground,
    name: &str,
    before: &Assignment,
    after: &Assignment,
    starts: &BTreeMap<u32, usize>,
) -> anyhow::Result<()> {
    let now = g.diaries(name)?.starts();
    let (was, is) = (places(before), places(after));
    let (mut stayed, mut moved) = (0, 0);
    for (task, count) in starts {
        let what = format!("{name}-{task}");
        let again = now.get(task).copied().unwrap_or(0) - count;
        if was.get(what.as_str()) == is.get(what.as_str()) {
            stayed += 1;
            anyhow::ensure!(again == 0, "task {task} did not move and was started {again} times: {was:?}, then {is:?}");
        } else {
            moved += 1;
            anyhow::ensure!(again == 1, "task {task} moved and was started {again} times: {was:?}, then {is:?}");
        }
    }
    println!("{stayed} tasks stayed and were not started again, {moved} moved");
    anyhow::ensure!(moved > 0 && stayed > 0, "{was:?}, then {is:?}");
    Ok(())
}
