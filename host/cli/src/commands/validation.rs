//! `watertight validate`, and what `edit` asks before it changes anything.

use serde_json::{Map, Value};
use ureq::http::Method;
use watertight_worker::entities::ConfigMap;

use super::{create, tell};
use crate::args::Validate;
use crate::client::shapes::{Validation, plain};
use crate::client::{Answer, Client, path};
use crate::failure::Failure;
use crate::ui::text;

pub(super) fn validate(validate: &Validate) -> Result<(), Failure> {
    let client = Client::new(&validate.asked.worker)?;
    let file = create::connector(&validate.file)?;
    let answer = ask(&client, &file.config)?;
    let validation: Validation = client.parse(&answer)?;
    let count = validation.error_count;
    tell(&validate.asked, &answer, || match count {
        0 => Ok(format!("{} can be created like this", text::safe(&file.name))),
        _ => Ok(errors(&validation).join("\n")),
    })?;
    match count {
        0 => Ok(()),
        1 => Err(Failure::Invalid("one error".to_owned())),
        count => Err(Failure::Invalid(format!("{count} errors"))),
    }
}

/// Asks the worker about these settings.
pub(super) fn ask(client: &Client, config: &ConfigMap) -> Result<Answer, Failure> {
    let class = config.get("connector.class").filter(|class| !class.trim().is_empty());
    let class = class.ok_or_else(|| {
        Failure::Invalid("there is no connector.class; 'watertight plugins' lists those there are".to_owned())
    })?;
    let body: Map<String, Value> =
        config.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    client.ask(Method::PUT, &path(&["connector-plugins", class, "config", "validate"]), Some(&Value::Object(body)))
}

/// One line for each error, and one for what would do.
pub(super) fn errors(validation: &Validation) -> Vec<String> {
    let mut lines = Vec::new();
    for found in validation.configs.iter().filter_map(|config| config.value.as_ref()) {
        for error in &found.errors {
            let given = found.value.as_ref().map_or_else(String::new, |value| format!("={}", plain(value)));
            lines.push(text::safe(&format!("{}{given}: {error}", found.name)).into_owned());
        }
        if !found.errors.is_empty() && !found.recommended_values.is_empty() {
            let would_do: Vec<String> = found.recommended_values.iter().map(plain).collect();
            lines.push(text::safe(&format!("    try one of: {}", would_do.join(", "))).into_owned());
        }
    }
    lines
}
