//! `watertight.test.OffsetsSourceConnector` and `watertight.test.OffsetsSinkConnector`: when they are asked to alter
//! offsets, they do what their setting `alter.offsets` says. `tests/cases/java` has their twins for the genuine worker.

pub mod sink;
pub mod source;

use std::time::Duration;

use watertight_sdk::{Config, Failure, Position, Result, Scalar};

/// Answers as the settings want it. `offered` is told, where that is wanted.
fn answer(config: &Config, offered: impl FnOnce() -> String) -> Result<bool> {
    match config.get("alter.offsets").unwrap_or("false") {
        "true" => Ok(true),
        "tell" => Err(Failure::data(format!("told {}", offered()))),
        "refuse" => Err(Failure::data("These offsets are not to my liking")),
        "unsupported" => Err(Failure::unsupported("I keep no offsets")),
        "trap" => panic!("broken"),
        "hang" => {
            let ms = config.get("alter.offsets.ms").and_then(|ms| ms.parse().ok()).unwrap_or(600_000);
            std::thread::sleep(Duration::from_millis(ms));
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// `{first=1, second=null}`, sorted, as a JVM prints a sorted map.
fn listed(mut entries: Vec<(String, String)>) -> String {
    entries.sort();
    let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{{{}}}", entries.join(", "))
}

/// Names in order, and of each value its Java class and its text.
fn tell(position: &Position) -> String {
    let fields = position.iter().map(|(name, value)| {
        let said = match value {
            Scalar::Null => "null".to_owned(),
            Scalar::Boolean(value) => format!("Boolean:{value}"),
            Scalar::Integer(value) => format!("Long:{value}"),
            Scalar::Float(value) => format!("Double:{value:?}"),
            Scalar::Text(value) => format!("String:{value}"),
        };
        (name.clone(), said)
    });
    listed(fields.collect())
}
