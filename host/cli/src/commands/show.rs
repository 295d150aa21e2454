//! `watertight show`, `config` and `tasks`

use std::fmt::Write as _;

use super::{of, tell};
use crate::args::One;
use crate::client::Client;
use crate::client::shapes::{Info, Settings, Status, Task, plain};
use crate::failure::Failure;
use crate::properties_file;
use crate::ui::look::{Look, Tint, of_state};
use crate::ui::table::{Cell, Table};
use crate::ui::text;

pub(super) fn show(one: &One) -> Result<(), Failure> {
    let client = Client::new(&one.asked.worker)?;
    let answer = client.get(&of(&one.connector, &[]))?;
    tell(&one.asked, &answer, || {
        let info: Info = client.parse(&answer)?;
        let look = Look::of_stdout().uncut();
        let tasks: Vec<String> = info.tasks.iter().map(|id| id.task.to_string()).collect();
        let mut out = format!("{} ({})\n", text::safe(&info.name), text::safe(&info.kind));
        let _ = writeln!(out, "Tasks: {}\n", if tasks.is_empty() { "none".to_owned() } else { tasks.join(", ") });
        out.push_str(&settings(&info.config).render(&look));
        Ok(out)
    })
}

pub(super) fn config(one: &One) -> Result<(), Failure> {
    let client = Client::new(&one.asked.worker)?;
    let answer = client.get(&of(&one.connector, &["config"]))?;
    tell(&one.asked, &answer, || {
        let settings: Settings = client.parse(&answer)?;
        Ok(properties_file::text(settings.iter().map(|(key, value)| (key.as_str(), plain(value)))))
    })
}

pub(super) fn tasks(one: &One, config: bool) -> Result<(), Failure> {
    let client = Client::new(&one.asked.worker)?;
    let answer = client.get(&of(&one.connector, &["tasks"]))?;
    tell(&one.asked, &answer, || {
        let tasks: Vec<Task> = client.parse(&answer)?;
        if tasks.is_empty() {
            return Ok("No tasks\n".to_owned());
        }
        // Between the two answers a task may have come or gone: what is not known is left blank.
        let status: Option<Status> = client.read(&of(&one.connector, &["status"])).ok();
        let mut table = Table::new(["TASK", "STATE", "WORKER", "CLASS"]);
        for task in &tasks {
            let running = status.iter().flat_map(|status| &status.tasks).find(|found| found.id == Some(task.id.task));
            let state = running.map_or("", |found| &found.state);
            table.row([
                task.id.task.to_string().into(),
                Cell::new(of_state(state), state),
                running.map_or("", |found| &found.worker_id).into(),
                task.config.get("task.class").map(plain).unwrap_or_default().into(),
            ]);
            for (key, value) in task.config.iter().filter(|_| config) {
                table.below(Tint::Plain, &format!("{} = {}", text::safe(key), text::safe(&plain(value))));
            }
        }
        Ok(table.render(&if config { Look::of_stdout().uncut() } else { Look::of_stdout() }))
    })
}

/// In the order they were given.
fn settings(config: &Settings) -> Table {
    let mut table = Table::new(["SETTING", "VALUE"]);
    for (key, value) in config {
        table.row([key.into(), plain(value).into()]);
    }
    table
}
