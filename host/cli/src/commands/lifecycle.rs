//! `watertight pause`, `resume`, `stop` and `delete`

use ureq::http::Method;

use super::{change, of, wait};
use crate::args::{Delete, Move};
use crate::client::Client;
use crate::failure::Failure;
use crate::ui::confirm;

pub(super) fn pause(these: &Move) -> Result<(), Failure> {
    go(these, "pause", "Pausing", "PAUSED")
}

pub(super) fn resume(these: &Move) -> Result<(), Failure> {
    go(these, "resume", "Resuming", "RUNNING")
}

pub(super) fn stop(these: &Move) -> Result<(), Failure> {
    go(these, "stop", "Stopping", "STOPPED")
}

/// All are asked before the first is waited for.
fn go(these: &Move, verb: &str, doing: &str, state: &'static str) -> Result<(), Failure> {
    let client = Client::new(&these.asked.worker)?;
    for name in &these.target.connectors {
        change(&client, &these.asked, Method::PUT, &of(name, &[verb]), None, &format!("{doing} {name}"))?;
    }
    if let Some(limit) = these.wait.wait {
        for name in &these.target.connectors {
            wait::until(&client, name, wait::Wanted::State(state), limit)?;
        }
    }
    Ok(())
}

pub(super) fn delete(delete: &Delete) -> Result<(), Failure> {
    let client = Client::new(&delete.asked.worker)?;
    let names = &delete.target.connectors;
    confirm::ask(delete.sure.yes, &format!("Delete {} on {}?", names.join(", "), client.url()))?;
    for name in names {
        change(&client, &delete.asked, Method::DELETE, &of(name, &[]), None, &format!("Deleted {name}"))?;
    }
    Ok(())
}
