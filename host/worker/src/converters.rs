//! The three converters of a task: the connector's own where it names one, else the worker's.

use watertight_data::converter::{self, Converter};

use crate::config::under;
use crate::entities::ConfigMap;

/// Key, value and header converter.
pub struct Converters {
    /// Of keys.
    pub key: Box<dyn Converter>,
    /// Of values.
    pub value: Box<dyn Converter>,
    /// Of headers.
    pub header: Box<dyn Converter>,
}

const SIMPLE_HEADERS: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

impl Converters {
    /// Makes them. A connector that names a converter brings its settings too; the worker's are not mixed in.
    pub fn new(worker: &ConfigMap, connector: &ConfigMap) -> Result<Self, String> {
        Ok(Self {
            key: make("key.converter", worker, connector, true)?,
            value: make("value.converter", worker, connector, false)?,
            header: make("header.converter", worker, connector, false)?,
        })
    }
}

fn make(role: &str, worker: &ConfigMap, connector: &ConfigMap, is_key: bool) -> Result<Box<dyn Converter>, String> {
    let settings = if connector.contains_key(role) { connector } else { worker };
    let class = match settings.get(role) {
        Some(class) => class.as_str(),
        None if role == "header.converter" => SIMPLE_HEADERS,
        None => return Err(format!("Missing required configuration \"{role}\" which has no default value.")),
    };
    converter::create(class, &under(settings, &format!("{role}.")), is_key).map_err(|error| error.to_string())
}
