//! Connectors given on the command line, in any of the three forms that Kafka's standalone worker takes:
//! properties, a flat JSON map of settings, or `{"name","config","initial_state"}`.
//!
//! What a file is, is decided by what stands in it, not by its name. Kafka tries one form after the other and
//! ends with properties, so that a forgotten comma in JSON is reported as a missing `name`; here a file that
//! begins with `{` is JSON, and its mistakes are reported as such, with their place.

use std::io;
use std::path::{Path, PathBuf};

use watertight_data::properties;
use watertight_rest::request::{CreateConnector, FlatConfig};
use watertight_worker::entities::{ConfigMap, TargetState};

/// A connector to create when the worker starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectorFile {
    /// Its name.
    pub(crate) name: String,
    /// Its settings, `name` among them.
    pub(crate) config: ConfigMap,
    /// Where the file says so.
    pub(crate) initial_state: Option<TargetState>,
}

/// A file that describes no connector.
#[derive(Debug, thiserror::Error)]
#[error("Connector configuration at '{}': {why}", .path.display())]
pub(crate) struct ConnectorFileError {
    path: PathBuf,
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("is not UTF-8 text")]
    NotText(#[from] std::str::Utf8Error),
    #[error("malformed JSON, neither a flat map of settings nor an object with \"name\" and \"config\": {0}")]
    Json(#[from] serde_json::Error),
    #[error("malformed properties: {0}")]
    Properties(String),
    #[error("is missing the mandatory 'name' configuration")]
    NoName,
    #[error("'name' within \"config\" ({0}) doesn't match \"name\" ({1})")]
    NameMismatch(String, String),
    #[error("{0}")]
    Config(#[from] watertight_rest::request::ConfigError),
}

/// Reads one file.
pub(crate) fn read(path: &Path) -> Result<ConnectorFile, ConnectorFileError> {
    match std::fs::read(path) {
        Ok(bytes) => from_bytes(path, &bytes),
        Err(error) => Err(ConnectorFileError { path: path.to_owned(), why: error.into() }),
    }
}

/// Understands what was read from there.
pub(crate) fn from_bytes(path: &Path, bytes: &[u8]) -> Result<ConnectorFile, ConnectorFileError> {
    let text = std::str::from_utf8(bytes).map_err(Why::from);
    let parsed = text.and_then(|text| parse(text.strip_prefix('\u{feff}').unwrap_or(text)));
    parsed.map_err(|why| ConnectorFileError { path: path.to_owned(), why })
}

fn parse(text: &str) -> Result<ConnectorFile, Why> {
    if !text.trim_start().starts_with('{') {
        let settings = properties::parse(text).map_err(|error| Why::Properties(error.to_string()))?;
        return flat(FlatConfig(settings.into_iter().map(|(key, value)| (key, Some(value))).collect()));
    }
    // A flat map has no nested object, the other form always has one: at most one of the two reads.
    match serde_json::from_str::<FlatConfig>(text) {
        Ok(settings) => flat(settings),
        Err(_) => nested(serde_json::from_str(text)?),
    }
}

fn flat(settings: FlatConfig) -> Result<ConnectorFile, Why> {
    let name = settings.0.get("name").cloned().flatten().ok_or(Why::NoName)?;
    let config = settings.into_config(&name)?;
    Ok(ConnectorFile { name, config, initial_state: None })
}

fn nested(request: CreateConnector) -> Result<ConnectorFile, Why> {
    let name = request.name.ok_or(Why::NoName)?;
    let settings = request.config.unwrap_or_default();
    if let Some(Some(other)) = settings.0.get("name")
        && *other != name
    {
        return Err(Why::NameMismatch(other.clone(), name));
    }
    let config = settings.into_config(&name)?;
    Ok(ConnectorFile { name, config, initial_state: request.initial_state })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn properties_are_read() {
        let file = parse("# a source\nname=a\nfile = /tmp/in.txt\n").unwrap();
        assert_eq!((file.name.as_str(), file.config["file"].as_str()), ("a", "/tmp/in.txt"));
        assert_eq!(file.initial_state, None);
    }

    #[test]
    fn a_flat_json_map_is_read() {
        let file = parse(r#"{"name":"a","tasks.max":2}"#).unwrap();
        assert_eq!((file.name.as_str(), file.config["tasks.max"].as_str()), ("a", "2"));
    }

    #[test]
    fn the_rest_form_is_read_and_unknown_fields_are_passed_over() {
        let file =
            parse(r#" {"name":"a","config":{"tasks.max":"2"},"initial_state":"paused","tasks":[],"type":"source"}"#)
                .unwrap();
        assert_eq!(file.initial_state, Some(TargetState::Paused));
        assert_eq!(file.config["name"], "a");
    }

    #[test]
    fn a_file_without_a_name_says_so_in_every_form() {
        for text in ["file=x", r#"{"file":"x"}"#, r#"{"config":{"file":"x"}}"#, "", "{}"] {
            assert_eq!(refusal(text), "is missing the mandatory 'name' configuration", "{text}");
        }
    }

    #[test]
    fn two_different_names_are_refused() {
        let refused = refusal(r#"{"name":"a","config":{"name":"b"}}"#);
        assert_eq!(refused, "'name' within \"config\" (b) doesn't match \"name\" (a)");
    }

    #[test]
    fn malformed_json_is_reported_with_its_place_and_not_as_properties() {
        let refused = refusal("{\"name\":\"a\"\n \"file\":\"x\"}");
        assert!(refused.starts_with("malformed JSON") && refused.contains("line 2 column"), "{refused}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        let refused = read(&path).unwrap_err().to_string();
        assert!(refused.contains("a.json") && refused.contains("cannot be read"), "{refused}");
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        std::fs::write(&path, "\u{feff}{\"name\":\"a\"}").unwrap();
        assert_eq!(read(&path).unwrap().name, "a");
    }
}
