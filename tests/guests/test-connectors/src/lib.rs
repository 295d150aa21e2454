//! Kafka's own test connectors under their own names, so that one test runs against the genuine worker and this one,
//! and two connectors that number records, so that gaps and duplicates are counted and not guessed.
//!
//! Kafka's print a line of JSON to the standard output for each record; so do these.

mod boundary;
mod counting;
mod diary;
mod ladder;
mod mock;
mod offsets;
mod pace;
mod picky;
mod schema_source;
mod sequence;
mod sequence_sink;
mod verifiable;

use watertight_sdk::{Config, Failure, Result};

watertight_sdk::export! {
    sources: [
        mock::MockSourceConnector,
        verifiable::source::VerifiableSourceConnector,
        schema_source::SchemaSourceConnector,
        sequence::SequenceSourceConnector,
        ladder::LadderSourceConnector,
        boundary::BoundarySourceConnector,
        offsets::source::OffsetsSourceConnector,
    ],
    sinks: [
        mock::MockSinkConnector,
        verifiable::sink::VerifiableSinkConnector,
        counting::CountingSinkConnector,
        sequence_sink::SequenceSinkConnector,
        picky::PickySinkConnector,
        offsets::sink::OffsetsSinkConnector,
    ],
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A number that must be there.
fn number<T: std::str::FromStr>(config: &Config, name: &str) -> Result<T> {
    let text = config.get(name).unwrap_or("null");
    text.parse().map_err(|_| Failure::config(format!("Invalid task configuration: {name}={text} is not a number")))
}

/// One copy of the configuration per task, with its number as `id`.
fn numbered(config: &Config, max_tasks: usize) -> Vec<Config> {
    (0..max_tasks).map(|id| config.clone().with("id", id.to_string())).collect()
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A JSON string with its quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            letter if letter < ' ' => out.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
