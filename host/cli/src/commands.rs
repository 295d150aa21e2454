//! What each command does. A command asks the worker, shows what it said, and leaves all wording of errors to it
//! where it has any.

mod create;
mod edit;
mod health;
mod lifecycle;
mod list;
mod loggers;
mod offsets;
mod plugins;
mod restart;
mod set;
mod show;
mod status;
mod tail;
mod topics;
mod topics_used;
mod validation;
mod wait;

use serde_json::Value;
use ureq::http::Method;

use crate::args::{Asked, People};
use crate::client::{Answer, Client, path};
use crate::completing;
use crate::failure::Failure;
use crate::ui;

/// Does it.
pub(crate) fn run(command: People) -> Result<(), Failure> {
    match command {
        People::Connectors(seen) => list::connectors(&seen),
        People::Status { connector: Some(name), seen } => status::one(&name, &seen),
        People::Status { connector: None, seen } => status::all(&seen),
        People::Show(one) => show::show(&one),
        People::Config(one) => show::config(&one),
        People::Tasks { config, one } => show::tasks(&one, config),
        People::Create(create) => create::create(&create),
        People::Validate(validate) => validation::validate(&validate),
        People::Edit(edit) => edit::edit(&edit),
        People::Set(set) => set::set(&set),
        People::Pause(these) => lifecycle::pause(&these),
        People::Resume(these) => lifecycle::resume(&these),
        People::Stop(these) => lifecycle::stop(&these),
        People::Restart(restart) => restart::restart(&restart),
        People::Delete(delete) => lifecycle::delete(&delete),
        People::Offsets(offsets) => offsets::offsets(&offsets),
        People::TopicsUsed(used) => topics_used::topics_used(&used),
        People::Plugins(plugins) => plugins::plugins(&plugins),
        People::Plugin(plugin) => plugins::plugin(&plugin),
        People::Loggers(asked) => loggers::loggers(&asked),
        People::LogLevel(level) => loggers::log_level(&level),
        People::Health(asked) => health::health(&asked),
        People::Topics(topics) => topics::topics(&topics),
        People::Tail(tail) => tail::tail(&tail),
        People::Completion { shell } => completing::script(&shell),
    }
}

/// What stands behind a name.
fn of(connector: &str, rest: &[&str]) -> String {
    let mut parts = vec!["connectors", connector];
    parts.extend(rest);
    path(&parts)
}

/// Shows an answer as it came, or what `shown` makes of it.
fn tell(asked: &Asked, answer: &Answer, shown: impl FnOnce() -> Result<String, Failure>) -> Result<(), Failure> {
    if asked.json { ui::print(answer.text.trim_end()) } else { ui::print(&shown()?) }
}

/// A change, and one line about it.
fn change(
    client: &Client,
    asked: &Asked,
    method: Method,
    path: &str,
    body: Option<&Value>,
    done: &str,
) -> Result<(), Failure> {
    let answer = client.ask(method, path, body)?;
    tell(asked, &answer, || Ok(ui::text::safe(done).into_owned()))
}

/// A file, or standard input where it is called `-`.
fn read(file: &std::path::Path) -> Result<Vec<u8>, Failure> {
    let read = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| Failure::Invalid(format!("{} cannot be read: {error}", file.display())))
}
