//! `watertight plugins` and `plugin`

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::tell;
use crate::args::{Plugin, Plugins};
use crate::client::shapes::{Definition, Plugin as Listed, plain};
use crate::client::{Client, path};
use crate::failure::Failure;
use crate::ui::look::{Look, Tint};
use crate::ui::table::Table;
use crate::ui::text;

pub(super) fn plugins(plugins: &Plugins) -> Result<(), Failure> {
    let client = Client::new(&plugins.asked.worker)?;
    // Without it every worker lists connectors only, also those which do not know the switch.
    let query = if plugins.all { "?connectorsOnly=false" } else { "" };
    let answer = client.get(&format!("/connector-plugins{query}"))?;
    tell(&plugins.asked, &answer, || {
        let found: Vec<Listed> = client.parse(&answer)?;
        let mut table = Table::new(["CLASS", "TYPE", "VERSION"]);
        for plugin in found {
            table.row([plugin.class.into(), plugin.kind.into(), plugin.version.unwrap_or_default().into()]);
        }
        if table.is_empty() {
            return Ok("There are no plugins; plugin.path in the worker's properties says where they are\n".to_owned());
        }
        Ok(table.render(&Look::of_stdout()))
    })
}

pub(super) fn plugin(plugin: &Plugin) -> Result<(), Failure> {
    let client = Client::new(&plugin.asked.worker)?;
    let mut asked = path(&["connector-plugins", &plugin.class, "config"]);
    if let Some(version) = &plugin.plugin_version {
        let _ = write!(asked, "?version={}", utf8_percent_encode(version, NON_ALPHANUMERIC));
    }
    let answer = client.get(&asked)?;
    tell(&plugin.asked, &answer, || Ok(settings(&Look::of_stdout(), &client.parse::<Vec<Definition>>(&answer)?)))
}

/// One paragraph for each setting, in the worker's order.
fn settings(look: &Look, definitions: &[Definition]) -> String {
    if definitions.is_empty() {
        return "It has no settings\n".to_owned();
    }
    let mut out = String::new();
    let mut group: Option<&str> = None;
    for setting in definitions {
        let its = setting.group.as_deref().filter(|name| !name.is_empty());
        if its.is_some() && its != group {
            group = its;
            let _ =
                writeln!(out, "{}", look.paint(Tint::Faint, &format!("-- {} --", text::safe(its.unwrap_or_default()))));
        }
        let _ = writeln!(
            out,
            "{} {}",
            look.paint(Tint::Head, &text::safe(&setting.name)),
            look.paint(Tint::Faint, &summary(setting))
        );
        let documentation = setting.documentation.as_deref().unwrap_or_default();
        for line in text::wrapped(documentation, look.columns().min(110), 4) {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn summary(setting: &Definition) -> String {
    let mut words = vec![setting.kind.to_lowercase()];
    match &setting.default_value {
        _ if setting.required => words.push("required".to_owned()),
        Some(value) if !plain(value).is_empty() && !value.is_null() => words.push(format!("default {}", plain(value))),
        Some(_) | None => {}
    }
    words.push(format!("{} importance", setting.importance.to_lowercase()));
    format!("({})", text::safe(&words.join(", ")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_is_explained() {
        let definitions = json!([
            {"name": "file", "type": "STRING", "required": true, "importance": "HIGH", "documentation": "Which file.", "group": "Files"},
            {"name": "n", "type": "INT", "required": false, "default_value": "5", "importance": "LOW", "documentation": null, "group": "Files"}
        ]);
        let shown = settings(&Look::plain(), &serde_json::from_value::<Vec<Definition>>(definitions).unwrap());
        assert_eq!(
            shown,
            "-- Files --\nfile (string, required, high importance)\n    Which file.\nn (int, default 5, low importance)\n"
        );
    }
}
