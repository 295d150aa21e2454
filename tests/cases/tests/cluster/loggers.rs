//! Loggers of one worker and of all of them (KIP-976).

use std::time::UNIX_EPOCH;

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_cases::cluster::ground::says;
use watertight_cases::cluster::{Case, Ground};
use watertight_harness::wait;

pub const CASES: &[Case] = &[
    ("a level is set on one worker or on all, and a worker that starts anew has its own", |g| {
        let first = listed(g, 0)?;
        anyhow::ensure!(first.get("root").is_some(), "{first}");
        let worker = 2;
        let initial = listed(g, worker)?;

        // One worker alone.
        let namespace = "org.apache.kafka";
        let here = g.cluster.connect(0).http;
        let changed = here.put(&format!("/admin/loggers/{namespace}"), &json!({"level": "WARN"}))?.expect(200)?;
        anyhow::ensure!(changed.as_array().is_some_and(|c| c.iter().any(|l| l == namespace)), "{changed}");
        anyhow::ensure!(level(g, 0, namespace)?.0 == "WARN");
        for other in [1, 2] {
            anyhow::ensure!(listed(g, other)?[namespace]["level"] != "WARN", "{}", listed(g, other)?);
        }

        // All of them, whoever is asked; a repetition of what is set changes nothing.
        for (asked, level) in [(0, "DEBUG"), (1, "INFO"), (2, "ERROR")] {
            let since = now();
            set_everywhere(g, asked, "root", level)?;
            wait_level(g, "root", level, since)?;
        }
        set_everywhere(g, 1, "root", "INFO")?;
        let since = now();
        set_everywhere(g, 1, namespace, "TRACE")?;
        wait_level(g, namespace, "TRACE", since)?;
        let before: Vec<u64> = (0..3).map(|w| level(g, w, namespace).map(|(_, at)| at)).collect::<Result<_, _>>()?;
        set_everywhere(g, 0, namespace, "TRACE")?;
        let other = "watertight.test";
        let since = now();
        set_everywhere(g, 0, other, "WARN")?;
        wait_level(g, other, "WARN", since)?;
        let after: Vec<u64> = (0..3).map(|w| level(g, w, namespace).map(|(_, at)| at)).collect::<Result<_, _>>()?;
        anyhow::ensure!(before == after, "{before:?} became {after:?}");

        // Not for ever.
        g.cluster.worker(worker).stop()?;
        g.cluster.start(worker)?;
        let restarted = listed(g, worker)?;
        anyhow::ensure!(restarted["root"] == initial["root"], "{restarted} and before {initial}");
        set_everywhere(g, 0, "root", "INFO")?;
        set_everywhere(g, 0, namespace, "INFO")
    }),
    ("a level or a logger that does not exist is refused, of one worker and of all", |g| {
        for scope in ["", "?scope=worker", "?scope=cluster"] {
            let path = format!("/admin/loggers/org.apache.kafka{scope}");
            let http = g.cluster.connect(1).http;
            says(&http.put(&path, &json!({"level": "LOUD"}))?, 404, "invalid log level 'LOUD'.")?;
            let none = "Desired 'level' parameter was not specified in request.";
            says(&http.put(&path, &json!({}))?, 400, none)?;
        }
        says(&g.cluster.connect(1).http.get("/admin/loggers/no.such")?, 404, "Logger no.such not found.")
    }),
];

fn now() -> u64 {
    UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64)
}

fn listed(g: &Ground, worker: usize) -> anyhow::Result<Value> {
    g.cluster.connect(worker).http.get("/admin/loggers")?.expect(200)
}

/// And when it was set.
fn level(g: &Ground, worker: usize, logger: &str) -> anyhow::Result<(String, u64)> {
    let told = g.cluster.connect(worker).http.get(&format!("/admin/loggers/{logger}"))?.expect(200)?;
    Ok((told["level"].as_str().unwrap_or("?").to_owned(), told["last_modified"].as_u64().unwrap_or(0)))
}

fn set_everywhere(g: &Ground, asked: usize, logger: &str, level: &str) -> anyhow::Result<()> {
    let path = format!("/admin/loggers/{logger}?scope=cluster");
    g.cluster.connect(asked).http.put(&path, &json!({"level": level}))?.expect(204).map(drop)
}

fn wait_level(g: &Ground, logger: &str, expected: &str, since: u64) -> anyhow::Result<()> {
    for worker in 0..g.cluster.len() {
        wait::until(&format!("{logger} to be {expected} on worker {worker}"), SOON, || {
            match level(g, worker, logger) {
                Ok((level, at)) if level == expected && at >= since => Ok(()),
                other => Err(format!("{other:?}, since {since}")),
            }
        })?;
    }
    Ok(())
}
