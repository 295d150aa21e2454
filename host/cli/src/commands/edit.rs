//! `watertight edit`: the settings in an editor, and back in force when the worker finds nothing wrong with them. Until
//! then nothing is changed, and nothing that was typed is lost.

use serde_json::{Map, Value};
use std::path::Path;
use ureq::http::Method;

use super::{of, tell, validation};
use crate::args::Edit;
use crate::client::shapes::{Settings, Validation, plain};
use crate::client::{Answer, Client};
use crate::connector_file;
use crate::editor::Draft;
use crate::failure::Failure;
use crate::properties_file;
use crate::ui::{confirm, note, text};

pub(super) fn edit(edit: &Edit) -> Result<(), Failure> {
    let (name, asked) = (&edit.one.connector, &edit.one.asked);
    let client = Client::new(&asked.worker)?;
    let path = of(name, &["config"]);
    let before: Settings = client.read(&path)?;
    let written = written(&before, edit.as_json);
    let mut draft = Draft::new(&name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"), edit.as_json, &written)?;
    match until_accepted(&mut draft, &written, |read| submit(&client, name, &before, &path, read)) {
        Ok(Some(answer)) => tell(asked, &answer, || Ok(format!("Changed {}", text::safe(name)))),
        Ok(None) => {
            note("Nothing was changed");
            Ok(())
        }
        Err(failure) => {
            // Whatever went wrong, an editor that crashed included.
            if draft.differs_from(&written) {
                let kept = draft.keep()?;
                note(&format!("Not accepted; what you wrote is in {}", kept.display()));
            }
            Err(failure)
        }
    }
}

/// Round after round, as long as the user likes; none: the text is what it was.
fn until_accepted(
    draft: &mut Draft,
    written: &str,
    submit: impl Fn(&str) -> Result<Answer, Failure>,
) -> Result<Option<Answer>, Failure> {
    loop {
        draft.open()?;
        let read = draft.read()?;
        if read == written {
            return Ok(None);
        }
        let failure = match submit(&read) {
            Ok(answer) => return Ok(Some(answer)),
            Err(failure) => failure,
        };
        let complaint: Vec<String> = text::block(&failure.to_string());
        note(&complaint.join("\n"));
        if !(confirm::is_attended() && confirm::answer("Edit again? [Y/n]", true)) {
            return Err(again(failure));
        }
        draft.remark(&complaint)?;
    }
}

/// It was told once already.
fn again(failure: Failure) -> Failure {
    match failure {
        Failure::Invalid(_) | Failure::File(_) => Failure::Invalid("the settings cannot be used".to_owned()),
        other => other,
    }
}

fn written(settings: &Settings, as_json: bool) -> String {
    if as_json {
        let text: Map<String, Value> =
            settings.iter().map(|(key, value)| (key.clone(), Value::from(plain(value)))).collect();
        return format!("{:#}\n", Value::Object(text));
    }
    properties_file::text(settings.iter().map(|(key, value)| (key.as_str(), plain(value))))
}

fn submit(client: &Client, name: &str, before: &Settings, path: &str, read: &str) -> Result<Answer, Failure> {
    let file = connector_file::from_bytes(Path::new("what you wrote"), read.as_bytes())?;
    if file.name != name {
        return Err(Failure::Invalid(format!(
            "a connector cannot be renamed: name must stay {name}; 'watertight create' makes another one"
        )));
    }
    let validation: Validation = client.parse(&validation::ask(client, &file.config)?)?;
    if validation.error_count > 0 {
        return Err(Failure::Invalid(validation::errors(&validation).join("\n")));
    }
    let now: Settings = client.read(path)?;
    if now != *before {
        return Err(Failure::Other(format!(
            "somebody else has changed {name} meanwhile: look at it with 'watertight config', and edit again"
        )));
    }
    let body: Map<String, Value> =
        file.config.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    client.ask(Method::PUT, path, Some(&Value::Object(body)))
}
