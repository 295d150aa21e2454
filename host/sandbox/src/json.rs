//! Schemaless JSON, the cheap path for plugins that speak it: read and written by Kafka's own rules.

use std::sync::LazyLock;

use watertight_data::converter::{self, Converter};
use watertight_data::value::Value;

static SCHEMALESS: LazyLock<Option<Box<dyn Converter>>> = LazyLock::new(|| {
    let settings = [("schemas.enable".to_owned(), "false".to_owned())].into_iter().collect();
    converter::create("org.apache.kafka.connect.json.JsonConverter", &settings, false, &converter::NoRegistries).ok()
});

/// JsonConverter with `schemas.enable=false`.
pub(crate) fn schemaless() -> Option<&'static dyn Converter> {
    SCHEMALESS.as_deref()
}

/// The text of a schemaless value; none where JSON cannot say it.
pub(crate) fn text(value: &Value) -> Option<String> {
    let bytes = schemaless()?.from_connect("", None, value.clone()).ok()??;
    String::from_utf8(bytes).ok()
}
