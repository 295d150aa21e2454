//! The section says what `describe` says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::{encode, measure};
use crate::bindings::base::exports::watertight::plugin::catalogue::{Guest, PluginClass};
use crate::dispatch::Listed;
use crate::{Class, ConfigKey, Importance, Kind, Width};

const KEY: ConfigKey = ConfigKey::new("quote\"d", Kind::Int)
    .default_value("-5")
    .importance(Importance::High)
    .documentation("two\nlines, a tab\t, a back\\slash and ü")
    .group("Group", -12)
    .width(Width::Long)
    .display_name("Shown")
    .dependents(&["a", "b"])
    .attributes(&[("min", "1"), ("one-of", "x")]);
const PLAIN: ConfigKey = ConfigKey::new("plain", Kind::Password).group("G", 120);
const SOURCE: Class = Class::new("a.b.Source", "1.2.3")
    .aliases(&["Source", "S"])
    .task_class("a.b.Task")
    .documentation("d")
    .config(&[KEY, PLAIN])
    .features(&["acknowledge"]);
const SINK: Class = Class::new("a.b.Sink", "1");

struct Plugin;

impl crate::__private::Plugin for Plugin {
    const CLASSES: &'static [Listed] = &LISTS;
}

const LISTS: [Listed; 3] = [
    Listed { role: "source", classes: &[&SOURCE] },
    Listed { role: "sink", classes: &[&SINK] },
    Listed { role: "header_converter", classes: &[&SOURCE, &SINK] },
];
const LENGTH: usize = measure(&LISTS);
static TEXT: [u8; LENGTH] = encode(&LISTS);

fn as_json(class: &PluginClass) -> Value {
    let key = |key: &crate::bindings::base::exports::watertight::plugin::catalogue::ConfigKey| {
        json!({
            "name": key.name, "kind": key.kind, "required": key.required, "default-value": key.default_value,
            "importance": key.importance, "documentation": key.documentation, "group": key.group,
            "order-in-group": key.order_in_group, "width": key.width, "display-name": key.display_name,
            "dependents": key.dependents, "attributes": key.attributes,
        })
    };
    json!({
        "name": class.name, "aliases": class.aliases, "role": class.role, "version": class.version,
        "task-class": class.task_class, "documentation": class.documentation,
        "config": class.config.iter().map(key).collect::<Vec<_>>(), "features": class.features,
    })
}

#[test]
fn the_section_is_what_describe_answers() {
    let text: Value = serde_json::from_slice(&TEXT).unwrap();
    let described: Vec<Value> = Plugin::describe().iter().map(as_json).collect();
    assert_eq!(text, json!({ "contract": "0.2.0", "classes": described }));
}

#[test]
fn a_class_without_anything_is_as_short_as_can_be() {
    let text: Value = serde_json::from_slice(&TEXT).unwrap();
    assert_eq!(
        text["classes"][1],
        json!({"name": "a.b.Sink", "aliases": [], "role": "sink", "version": "1", "task-class": null,
            "documentation": "", "config": [], "features": []})
    );
    assert_eq!(text["classes"][0]["config"][0]["order-in-group"], json!(-12));
    assert_eq!(text["classes"][0]["config"][1]["default-value"], Value::Null);
}
