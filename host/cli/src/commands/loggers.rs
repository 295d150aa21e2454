//! `watertight loggers` and `log-level`

use indexmap::IndexMap;
use serde_json::json;
use ureq::http::Method;

use super::tell;
use crate::args::{Asked, LogLevel};
use crate::client::shapes::Logger;
use crate::client::{Client, path};
use crate::failure::Failure;
use crate::ui::look::Look;
use crate::ui::table::Table;
use crate::ui::{text, time};

pub(super) fn loggers(asked: &Asked) -> Result<(), Failure> {
    let client = Client::new(&asked.worker)?;
    let answer = client.get("/admin/loggers")?;
    tell(asked, &answer, || {
        let found: IndexMap<String, Logger> = client.parse(&answer)?;
        let mut table = Table::new(["LOGGER", "LEVEL", "CHANGED (UTC)"]);
        for (name, logger) in found {
            let changed = logger.last_modified.map(time::of_millis).unwrap_or_default();
            table.row([name.into(), logger.level.unwrap_or_default().into(), changed.into()]);
        }
        Ok(table.render(&Look::of_stdout()))
    })
}

pub(super) fn log_level(wanted: &LogLevel) -> Result<(), Failure> {
    let client = Client::new(&wanted.asked.worker)?;
    let logger = path(&["admin", "loggers", &wanted.logger]);
    let Some(level) = &wanted.level else {
        let answer = client.get(&logger)?;
        return tell(&wanted.asked, &answer, || {
            let found: Logger = client.parse(&answer)?;
            Ok(text::safe(&found.level.unwrap_or_default()).into_owned())
        });
    };
    let scope = if wanted.cluster { "?scope=cluster" } else { "" };
    let body = json!({"level": level.to_uppercase()});
    let answer = client.ask(Method::PUT, &format!("{logger}{scope}"), Some(&body))?;
    tell(&wanted.asked, &answer, || {
        if answer.text.trim().is_empty() {
            return Ok(format!("{} is {level} in all workers soon", text::safe(&wanted.logger)));
        }
        let changed: Vec<String> = client.parse(&answer)?;
        match changed.as_slice() {
            [] => Ok("Nothing had to change".to_owned()),
            changed => {
                Ok(changed.iter().map(|name| format!("{} is {}\n", text::safe(name), level.to_uppercase())).collect())
            }
        }
    })
}
