//! Who reaches the REST interface, how, and how many at once: HTTPS, users, crowds. What the genuine worker does was
//! asked of it; where it has no bounds, ours are in DIFFERENCES.md.

mod advertised;
mod crowd;
mod https;
mod users;

use std::time::Duration;
use watertight_cases::Scene;
use watertight_harness::http::Response;

/// Long enough for a JVM.
const START: Duration = Duration::from_secs(90);

type Settings<'a> = &'a [(&'a str, &'a str)];

/// A case, its settings, and what is said of them.
type Refused<'a> = (&'a str, Settings<'a>, &'a str);

/// One request with headers of its own.
fn ask(scene: &Scene, line: &str, headers: &str) -> anyhow::Result<Response> {
    let http = &scene.worker.connect().http;
    http.raw(format!("{line} HTTP/1.1\r\nhost: w\r\nconnection: close\r\n{headers}\r\n").as_bytes())
}

/// Starts a worker that cannot start, and gives what it said.
fn refusal(mut scene: Scene) -> anyhow::Result<String> {
    let status = scene.worker.spawn()?.wait(START);
    let log = scene.worker.log();
    anyhow::ensure!(status.is_some_and(|status| !status.success()), "it started, or waits: {log}");
    Ok(log)
}
