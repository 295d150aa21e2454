//! `watertight restart`

use ureq::http::Method;

use super::{of, tell, wait};
use crate::args::Restart;
use crate::client::Client;
use crate::client::shapes::{Instance, Status};
use crate::failure::Failure;
use crate::ui::text;

pub(super) fn restart(restart: &Restart) -> Result<(), Failure> {
    let client = Client::new(&restart.asked.worker)?;
    for name in &restart.target.connectors {
        one(&client, restart, name)?;
    }
    if let Some(limit) = restart.wait.wait {
        for name in &restart.target.connectors {
            wait::until(&client, name, wait::Wanted::Settled, limit)?;
        }
    }
    Ok(())
}

fn one(client: &Client, restart: &Restart, name: &str) -> Result<(), Failure> {
    let shown = text::safe(name);
    if let Some(task) = restart.task {
        let answer = client.ask(Method::POST, &of(name, &["tasks", &task.to_string(), "restart"]), None)?;
        return tell(&restart.asked, &answer, || Ok(format!("Restarting task {task} of {shown}")));
    }
    let query = match (restart.include_tasks, restart.only_failed) {
        // Without flags every worker knows it, and the connector alone is restarted.
        (false, false) => String::new(),
        (tasks, failed) => format!("?includeTasks={tasks}&onlyFailed={failed}"),
    };
    let answer = client.ask(Method::POST, &format!("{}{query}", of(name, &["restart"])), None)?;
    tell(&restart.asked, &answer, || {
        if answer.text.trim().is_empty() {
            return Ok(format!("Restarting {shown}"));
        }
        Ok(plan(&client.parse(&answer)?))
    })
}

/// What of it is restarted.
fn plan(status: &Status) -> String {
    let name = text::safe(&status.name);
    let restarts = |part: &&Instance| part.state == "RESTARTING";
    let mut parts = Vec::new();
    if restarts(&&status.connector) {
        parts.push("the connector".to_owned());
    }
    let tasks = status.tasks.iter().filter(restarts);
    parts.extend(tasks.map(|task| format!("task {}", task.id.unwrap_or_default())));
    match parts.as_slice() {
        [] => format!("Nothing of {name} needs a restart"),
        parts => format!("Restarting of {name}: {}", parts.join(", ")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_plan_names_what_is_restarted() {
        let of = |connector: &str, tasks: [&str; 2]| {
            let [a, b] = tasks;
            let status = json!({"name": "a", "connector": {"state": connector},
                "tasks": [{"id": 0, "state": a}, {"id": 1, "state": b}]});
            plan(&serde_json::from_value(status).unwrap())
        };
        assert_eq!(of("RESTARTING", ["RUNNING", "RESTARTING"]), "Restarting of a: the connector, task 1");
        assert_eq!(of("RUNNING", ["RUNNING", "RUNNING"]), "Nothing of a needs a restart");
    }
}
