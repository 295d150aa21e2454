//! `watertight connectors`

use indexmap::IndexMap;

use crate::args::Seen;
use crate::client::Client;
use crate::client::shapes::{Expanded, Status, plain};
use crate::failure::Failure;
use crate::ui::look::{Look, Tint, of_state};
use crate::ui::table::{Cell, Table};
use crate::ui::watch;

const PATH: &str = "/connectors?expand=status&expand=info";

pub(super) fn connectors(seen: &Seen) -> Result<(), Failure> {
    let client = Client::new(&seen.asked.worker)?;
    watch::show(seen.watch.watch, client.url(), |look| {
        let answer = client.get(PATH)?;
        if seen.asked.json {
            return Ok(answer.text);
        }
        Ok(rendered(look, client.parse(&answer)?))
    })
}

fn rendered(look: &Look, mut all: IndexMap<String, Expanded>) -> String {
    if all.is_empty() {
        return "There are no connectors; 'watertight create FILE' makes one\n".to_owned();
    }
    all.sort_keys();
    let mut table = Table::new(["NAME", "TYPE", "STATE", "TASKS", "CLASS"]);
    for (name, found) in &all {
        let kind = found.status.as_ref().map(|status| &status.kind).or(found.info.as_ref().map(|info| &info.kind));
        let state = found.status.as_ref().map_or("", |status| &status.connector.state);
        let class = found.info.as_ref().and_then(|info| info.config.get("connector.class")).map(plain);
        // Who wrote it is the least interesting where room is scarce.
        let class = class.map(|class| match (look.size, class.rsplit_once('.')) {
            (Some(_), Some((_, short))) => short.to_owned(),
            (Some(_) | None, _) => class,
        });
        table.row([
            name.into(),
            kind.map_or("", String::as_str).into(),
            Cell::new(of_state(state), state),
            found.status.as_ref().map_or_else(|| "".into(), tasks),
            class.unwrap_or_default().into(),
        ]);
    }
    table.render(look)
}

/// `2 RUNNING, 1 FAILED`
pub(super) fn tasks(status: &Status) -> Cell {
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for task in &status.tasks {
        *counts.entry(&task.state).or_default() += 1;
    }
    counts.sort_by(|a, ca, b, cb| (*a != "FAILED").cmp(&(*b != "FAILED")).then(cb.cmp(ca)).then(a.cmp(b)));
    let tint = match counts.first() {
        Some((state, _)) => of_state(state),
        None => Tint::Faint,
    };
    let text: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    Cell::new(tint, if text.is_empty() { "none".to_owned() } else { text.join(", ") }.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn connectors_are_sorted_and_failed_tasks_come_first() {
        let all = serde_json::from_value(serde_json::json!({
            "b": {"status": {"name": "b", "connector": {"state": "RUNNING", "worker_id": "w"}, "type": "sink",
                "tasks": [{"id": 0, "state": "RUNNING", "worker_id": "w"}, {"id": 1, "state": "FAILED", "worker_id": "w"}]},
                "info": {"name": "b", "config": {"connector.class": "C"}, "tasks": [], "type": "sink"}},
            "a": {"info": {"name": "a", "config": {}, "tasks": [], "type": "source"}}
        }))
        .unwrap();
        let lines = rendered(&Look::plain(), all);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(
            lines,
            [
                "NAME  TYPE    STATE    TASKS                CLASS",
                "a     source",
                "b     sink    RUNNING  1 FAILED, 1 RUNNING  C",
            ]
        );
    }
}
