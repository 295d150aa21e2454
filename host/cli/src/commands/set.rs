//! `watertight set`

use serde_json::{Map, Value};
use ureq::http::Method;

use super::{of, tell};
use crate::args::Set;
use crate::client::Client;
use crate::failure::Failure;
use crate::ui::text;

pub(super) fn set(set: &Set) -> Result<(), Failure> {
    let (body, told) = patch(set)?;
    let client = Client::new(&set.asked.worker)?;
    let answer = client.ask(Method::PATCH, &of(&set.connector, &["config"]), Some(&Value::Object(body)))?;
    tell(&set.asked, &answer, || {
        let told: Vec<String> = told.iter().map(|line| format!("  {}\n", text::safe(line))).collect();
        Ok(format!("Changed {}:\n{}", text::safe(&set.connector), told.concat()))
    })
}

/// The body, and each change in words.
fn patch(set: &Set) -> Result<(Map<String, Value>, Vec<String>), Failure> {
    let given = set.settings.iter().map(|(key, value)| (key, (!value.is_empty()).then_some(value.as_str())));
    let unset = set.unset.iter().map(|key| (key, None));
    let empty = set.empty.iter().map(|key| (key, Some("")));
    let (mut body, mut told) = (Map::new(), Vec::new());
    for (key, value) in given.chain(unset).chain(empty) {
        told.push(match value {
            Some(value) => format!("{key} = {value}"),
            None => format!("{key} is gone"),
        });
        if body.insert(key.clone(), Value::from(value)).is_some() {
            return Err(Failure::Usage(format!("{key} is given more than once")));
        }
    }
    Ok((body, told))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::args::{Cli, Command, People};

    fn patched(line: &str) -> Result<Value, Failure> {
        let words = std::iter::once("watertight").chain(line.split_whitespace());
        let Command::People(People::Set(set)) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        Ok(Value::Object(patch(&set)?.0))
    }

    #[test]
    fn a_setting_without_a_value_is_taken_away() {
        let body = patched("set a x=1 y= z=a=b --unset u --empty e").unwrap();
        assert_eq!(body, json!({"x": "1", "y": null, "z": "a=b", "u": null, "e": ""}));
    }

    #[test]
    fn a_setting_is_given_once() {
        assert_eq!(patched("set a x=1 --unset x").unwrap_err().code(), 2);
    }
}
