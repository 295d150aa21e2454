//! `watertight create`

use std::path::Path;

use serde_json::{Map, Value, json};
use ureq::http::Method;
use watertight_worker::entities::TargetState;

use super::{of, read, tell, wait};
use crate::args::{Create, InitialState};
use crate::client::Client;
use crate::connector_file::{self, ConnectorFile};
use crate::failure::Failure;
use crate::ui::text;

/// All files are read before the first connector is made: a typing error in the third leaves none half done.
pub(super) fn create(create: &Create) -> Result<(), Failure> {
    let client = Client::new(&create.asked.worker)?;
    let files = create.files.iter().map(|path| connector(path)).collect::<Result<Vec<_>, _>>()?;
    for file in &files {
        one(&client, create, file)?;
    }
    if let Some(limit) = create.wait.wait {
        for file in &files {
            let state = create.state.or(file.initial_state.map(from_file)).unwrap_or(InitialState::Running);
            // What was there before keeps the state that it had.
            let wanted = if create.replace { wait::Wanted::Settled } else { wait::Wanted::State(word(state)) };
            wait::until(&client, &file.name, wanted, limit)?;
        }
    }
    Ok(())
}

fn one(client: &Client, create: &Create, file: &ConnectorFile) -> Result<(), Failure> {
    let config: Map<String, Value> =
        file.config.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let name = text::safe(&file.name);
    if create.replace {
        let answer = client.ask(Method::PUT, &of(&file.name, &["config"]), Some(&Value::Object(config)))?;
        let did = if answer.status == 201 { "Created" } else { "Replaced the settings of" };
        return tell(&create.asked, &answer, || Ok(format!("{did} {name}")));
    }
    let mut body = json!({"name": file.name, "config": config});
    if let Some(state) = create.state.or(file.initial_state.map(from_file)) {
        // An older worker refuses what it does not know: the field is sent where somebody asked for it.
        body["initial_state"] = Value::from(word(state));
    }
    let answer = client.ask(Method::POST, "/connectors", Some(&body))?;
    tell(&create.asked, &answer, || Ok(format!("Created {name}")))
}

/// The connector in a file, or in standard input.
pub(super) fn connector(path: &Path) -> Result<ConnectorFile, Failure> {
    if path.as_os_str() == "-" {
        return Ok(connector_file::from_bytes(Path::new("standard input"), &read(path)?)?);
    }
    Ok(connector_file::read(path)?)
}

fn from_file(state: TargetState) -> InitialState {
    match state {
        TargetState::Started => InitialState::Running,
        TargetState::Paused => InitialState::Paused,
        TargetState::Stopped => InitialState::Stopped,
    }
}

fn word(state: InitialState) -> &'static str {
    match state {
        InitialState::Running => "RUNNING",
        InitialState::Paused => "PAUSED",
        InitialState::Stopped => "STOPPED",
    }
}
