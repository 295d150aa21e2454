//! What a guest can make the worker write and remember: lines of a bounded length, at a bounded rate, and
//! a bounded number of series.

use std::time::{Duration, Instant};
use watertight_cases::SOON;
use watertight_cases::hostile::{scene, source};
use watertight_harness::wait;

const LINE: usize = 200;
const RATE: usize = 5;
/// What the worker itself puts in front of a line and behind one that it cut.
const AROUND: usize = 120;

#[test]
fn lines_of_a_plugin_are_short_and_few_and_the_log_names_the_setting() -> anyhow::Result<()> {
    let mut scene = scene("hostile-logs")?
        .with("sandbox.cpu.call.ms", 10_000)
        .with("sandbox.wall.call.ms", 10_000)
        .with("sandbox.log.line.bytes", LINE)
        .with("sandbox.log.lines.per.second", RATE)
        .with("sandbox.metrics.series", 7)
        .start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    let begun = Instant::now();
    let attacks = ["log-flood", "log-a-long-line", "print-without-end", "metrics-flood"];
    for attack in attacks {
        connect.create(&source(attack))?;
    }
    let names = |context: &str, words: &[&str]| {
        let said = |l: &str| l.contains(context) && words.iter().all(|w| l.contains(w));
        wait::until(&format!("a line of {context} with {words:?}"), SOON, || {
            let log = scene.worker.log();
            log.lines().find(|l| said(l)).map(str::to_owned).ok_or(format!("{} lines", log.lines().count()))
        })
    };
    for flood in ["log-flood", "print-without-end"] {
        let line = names(flood, &["were dropped", "sandbox.log.lines.per.second"])?;
        println!("hostile-logs: {line}");
    }
    let cut = names("log-a-long-line", &["long long", "(cut)"])?;
    anyhow::ensure!((LINE..LINE + AROUND).contains(&cut.len()), "{} bytes: {cut}", cut.len());
    println!("hostile-logs: {}", names("metrics-flood", &["sandbox.metrics.series = 7"])?);
    for attack in attacks {
        connect.wait_running(attack, Duration::ZERO)?;
        connect.http.delete(&format!("/connectors/{attack}"))?.expect(204)?;
    }
    let seconds = begun.elapsed().as_secs() as usize + 2;
    let log = scene.worker.log();
    for flood in ["flood line", "printed "] {
        // A trace, which is no line of the plugin's but one of the worker's, is indented.
        let count = log.lines().filter(|l| l.starts_with('[') && l.contains(flood)).count();
        // One task's two ways to write share one rate.
        anyhow::ensure!((1..=RATE * seconds).contains(&count), "{count} lines of {flood:?} in {seconds} s");
    }
    anyhow::ensure!(log.lines().filter(|l| l.contains("sandbox.metrics.series")).count() == 1, "said more than once");
    anyhow::ensure!(scene.worker.is_alive(), "the worker is gone");
    Ok(())
}
