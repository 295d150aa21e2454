//! Connectors and tasks that do not stop when they are asked to: nobody else waits for them.

use std::time::Instant;

use watertight_cases::cluster::{Case, Ground};
use watertight_harness::cluster::SETTLED;

use crate::states::wait_gone;

pub const CASES: &[Case] = &[
    ("tasks whose stop hangs do not hold up other connectors", |g| {
        let hanging = g.create(&g.ladder("hanging", 3), 3)?;
        let other = g.create(&g.source("other", 3).with("rate", 20), 3)?;
        g.sign("hang-task-stop")?;
        let start = Instant::now();
        g.act("DELETE", &format!("/connectors/{hanging}"), 204)?;
        third(g, start)?;
        g.wait_flowing(&[&other], 0)?;
        anyhow::ensure!(g.diaries(&other)?.all_starts() == 3, "the tasks of another connector were started again");
        wait_gone(g, &hanging)
    }),
    ("a connector whose stop hangs does not hold up other connectors", |g| {
        let hanging = g.create(&g.ladder("hanging", 1), 1)?;
        g.sign("hang-stop")?;
        let start = Instant::now();
        g.change(&hanging, "stop")?;
        println!("stopped after {:.1} s", start.elapsed().as_secs_f64());
        third(g, start)?;
        g.unsign("hang-stop")?;
        g.change(&hanging, "resume")?;
        g.see(&hanging, "RUNNING | RUNNING")
    }),
    ("a worker that joins gets its share of the others while revoked tasks hang", |g| {
        let names: Vec<String> =
            ["one", "two"].iter().map(|end| g.create(&g.ladder(end, 4), 4)).collect::<Result<_, _>>()?;
        let make = g.make.clone();
        g.sign("hang-task-stop")?;
        let start = Instant::now();
        let added = g.cluster.add(make)?;
        g.cluster.start(added)?;
        g.cluster.wait_balanced(&[(&names[0], 4), (&names[1], 4)])?;
        println!("balanced after {:.1} s", start.elapsed().as_secs_f64());
        g.unsign("hang-task-stop")?;
        g.cluster.worker(added).stop()?;
        g.cluster.remove(added);
        Ok(())
    }),
    ("a worker ends although a task does not", |g| {
        let name = g.create(&g.ladder("hanging", 3), 3)?;
        g.cluster.wait_balanced(&[(&name, 3)])?;
        g.sign("hang-task-stop")?;
        let last = g.cluster.len() - 1;
        let start = Instant::now();
        g.cluster.worker(last).stop()?;
        println!("ended after {:.1} s", start.elapsed().as_secs_f64());
        g.cluster.wait_balanced(&[(&name, 3)]).map(drop)
    }),
];

/// Another connector is created and runs meanwhile.
fn third(g: &mut Ground, start: Instant) -> anyhow::Result<()> {
    let name = g.create(&g.ladder("third", 2), 2)?;
    let took = start.elapsed();
    println!("another connector ran after {:.1} s", took.as_secs_f64());
    anyhow::ensure!(took < SETTLED);
    g.see(&name, "RUNNING | RUNNING RUNNING")
}
