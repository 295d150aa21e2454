//! `watertight status`

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::list::tasks;
use super::of;
use crate::args::Seen;
use crate::client::Client;
use crate::client::shapes::{Expanded, Instance, Status};
use crate::failure::Failure;
use crate::ui::look::{Look, Tint, of_state};
use crate::ui::table::{Cell, Table};
use crate::ui::{text, watch};

/// With whole traces.
pub(super) fn one(name: &str, seen: &Seen) -> Result<(), Failure> {
    let client = Client::new(&seen.asked.worker)?;
    let path = of(name, &["status"]);
    watch::show(seen.watch.watch, client.url(), |look| {
        let answer = client.get(&path)?;
        if seen.asked.json {
            return Ok(answer.text);
        }
        Ok(rendered(look, &client.parse(&answer)?))
    })
}

/// With the first line of each trace.
pub(super) fn all(seen: &Seen) -> Result<(), Failure> {
    let client = Client::new(&seen.asked.worker)?;
    watch::show(seen.watch.watch, client.url(), |look| {
        let answer = client.get("/connectors?expand=status")?;
        if seen.asked.json {
            return Ok(answer.text);
        }
        Ok(overview(look, client.parse(&answer)?))
    })
}

fn overview(look: &Look, mut all: IndexMap<String, Expanded>) -> String {
    if all.is_empty() {
        return "There are no connectors; 'watertight create FILE' makes one\n".to_owned();
    }
    all.sort_keys();
    let mut table = Table::new(["NAME", "TYPE", "STATE", "TASKS", "WORKER"]);
    for (name, found) in all {
        let Some(status) = found.status else { continue };
        let connector = &status.connector;
        table.row([
            name.into(),
            (&status.kind).into(),
            Cell::new(of_state(&connector.state), &connector.state),
            tasks(&status),
            (&connector.worker_id).into(),
        ]);
        for part in std::iter::once(connector).chain(&status.tasks) {
            if let Some(line) = part.trace.as_deref().and_then(|trace| trace.lines().next()) {
                let whose = part.id.map_or_else(String::new, |id| format!("task {id}: "));
                table.below(Tint::Bad, &format!("{whose}{line}"));
            }
        }
    }
    table.render(look)
}

fn rendered(look: &Look, status: &Status) -> String {
    let connector = &status.connector;
    let mut out = format!("{} ", text::safe(&status.name));
    if !status.kind.is_empty() {
        let _ = write!(out, "({}) ", text::safe(&status.kind));
    }
    let _ = write!(out, "is {}", look.paint(of_state(&connector.state), &text::safe(&connector.state)));
    if !connector.worker_id.is_empty() {
        let _ = write!(out, " on {}", text::safe(&connector.worker_id));
    }
    if let Some(version) = &connector.version {
        let _ = write!(out, ", version {}", text::safe(version));
    }
    out.push('\n');
    trace(&mut out, look, connector);
    if status.tasks.is_empty() {
        out.push_str("No tasks\n");
        return out;
    }
    let mut table = Table::new(["TASK", "STATE", "WORKER"]);
    for task in &status.tasks {
        table.row([
            task.id.unwrap_or_default().to_string().into(),
            Cell::new(of_state(&task.state), &task.state),
            (&task.worker_id).into(),
        ]);
    }
    out.push_str(&table.render(look));
    for task in status.tasks.iter().filter(|task| task.trace.is_some()) {
        let _ = writeln!(out, "\nTask {} {}:", task.id.unwrap_or_default(), text::safe(&task.state.to_lowercase()));
        trace(&mut out, look, task);
    }
    out
}

/// Whole: a person looks for the line that says it.
fn trace(out: &mut String, look: &Look, part: &Instance) {
    for line in part.trace.iter().flat_map(|trace| text::block(trace)) {
        let _ = writeln!(out, "  {}", look.paint(Tint::Bad, &line));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_shown_with_its_whole_trace() {
        let status = serde_json::from_value(serde_json::json!({
            "name": "a", "type": "sink", "connector": {"state": "RUNNING", "worker_id": "w:1", "version": "1"},
            "tasks": [{"id": 0, "state": "FAILED", "worker_id": "w:1", "trace": "it broke\n\tat \u{1b}[2Jline", "version": null}]
        }))
        .unwrap();
        let shown = rendered(&Look::plain(), &status);
        assert_eq!(
            shown,
            "a (sink) is RUNNING on w:1, version 1\nTASK  STATE   WORKER\n0     FAILED  w:1\n\n\
             Task 0 failed:\n  it broke\n      at \\x1b[2Jline\n"
        );
    }
}
