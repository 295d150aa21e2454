//! Waiting until a connector is as it was asked to be: most changes are only begun when the worker answers.

use std::time::{Duration, Instant};

use super::of;
use crate::client::Client;
use crate::client::shapes::{Instance, Status};
use crate::failure::Failure;
use crate::ui::text;

const STEP: Duration = Duration::from_millis(200);
/// Where the wanted state is there already: what was asked for may not have begun.
const BEGIN: Duration = Duration::from_millis(600);

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Connector and tasks are in this state.
    State(&'static str),
    /// Nothing is on its way any more.
    Settled,
}

/// Waits; a failed connector or task ends it.
pub(super) fn until(client: &Client, name: &str, wanted: Wanted, limit: Duration) -> Result<(), Failure> {
    let begun = Instant::now();
    if wanted == Wanted::Settled {
        std::thread::sleep(BEGIN.min(limit));
    }
    let path = of(name, &["status"]);
    loop {
        let last = match client.read::<Status>(&path) {
            Ok(status) => match verdict(&status, wanted) {
                Some(Ok(())) => return Ok(()),
                Some(Err(why)) => return Err(Failure::Other(why)),
                None => seen(&status),
            },
            // Not there yet, or not there for a moment.
            Err(Failure::Refused { status: 404 | 409, message, .. }) => message,
            Err(other) => return Err(other),
        };
        if begun.elapsed() >= limit {
            return Err(Failure::Other(format!(
                "{} is still not as it should be after {} s: {}",
                text::safe(name),
                limit.as_secs_f64(),
                text::safe(&last)
            )));
        }
        std::thread::sleep(STEP);
    }
}

fn verdict(status: &Status, wanted: Wanted) -> Option<Result<(), String>> {
    let mut parts = std::iter::once(&status.connector).chain(&status.tasks);
    if let Some(failed) = parts.clone().find(|part| part.state == "FAILED") {
        return Some(Err(complaint(&status.name, failed)));
    }
    let there = match wanted {
        Wanted::State("STOPPED") => status.connector.state == "STOPPED" && status.tasks.is_empty(),
        // A connector that is created paused has no tasks; one that runs and has none may have them in a moment.
        Wanted::State("RUNNING") => parts.all(|part| part.state == "RUNNING") && !status.tasks.is_empty(),
        Wanted::State(state) => parts.all(|part| part.state == state),
        Wanted::Settled => parts.all(|part| !["UNASSIGNED", "RESTARTING"].contains(&part.state.as_str())),
    };
    there.then_some(Ok(()))
}

fn complaint(name: &str, failed: &Instance) -> String {
    let what = failed.id.map_or_else(|| name.to_owned(), |id| format!("Task {id} of {name}"));
    let why = failed.trace.as_deref().and_then(|trace| trace.lines().next()).unwrap_or("no reason was given");
    format!("{what} has failed: {why}\n'watertight status {name}' shows the whole trace")
}

fn seen(status: &Status) -> String {
    let tasks: Vec<&str> = status.tasks.iter().map(|task| task.state.as_str()).collect();
    let tasks = if tasks.is_empty() { "none".to_owned() } else { tasks.join(", ") };
    format!("the connector is {}, its tasks: {tasks}", status.connector.state)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(connector: &str, tasks: &[&str], wanted: Wanted) -> Option<Result<(), String>> {
        let tasks: Vec<_> = tasks.iter().enumerate().map(|(id, state)| json!({"id": id, "state": state})).collect();
        let status = json!({"name": "a", "connector": {"state": connector}, "tasks": tasks});
        verdict(&serde_json::from_value(status).unwrap(), wanted)
    }

    #[test]
    fn it_is_over_when_all_parts_are_there_and_lost_when_one_failed() {
        assert_eq!(of("RUNNING", &["RUNNING"], Wanted::State("RUNNING")), Some(Ok(())));
        assert_eq!(of("RUNNING", &["UNASSIGNED"], Wanted::State("RUNNING")), None);
        assert_eq!(of("RUNNING", &[], Wanted::State("RUNNING")), None);
        assert_eq!(of("PAUSED", &[], Wanted::State("PAUSED")), Some(Ok(())));
        assert_eq!(of("STOPPED", &["RUNNING"], Wanted::State("STOPPED")), None);
        assert_eq!(of("RUNNING", &["RESTARTING"], Wanted::Settled), None);
        assert!(matches!(of("RUNNING", &["FAILED"], Wanted::Settled), Some(Err(_))));
    }
}
