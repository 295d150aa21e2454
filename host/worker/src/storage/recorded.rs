//! What a genuine worker wrote, as data of tests.

use super::memory::record;
use watertight_kafka::InRecord;

/// One line each: offset, key, value, between tabs.
pub(crate) struct Recorded(&'static str);

pub(crate) const CONFIGS: Recorded = Recorded(include_str!("recorded/configs.tsv"));
pub(crate) const CONFIGS_EXACTLY_ONCE: Recorded = Recorded(include_str!("recorded/configs_exactly_once.tsv"));
pub(crate) const STATUSES: Recorded = Recorded(include_str!("recorded/statuses.tsv"));
pub(crate) const OFFSETS: Recorded = Recorded(include_str!("recorded/offsets.tsv"));

impl Recorded {
    pub(crate) fn records(&self) -> Vec<InRecord> {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        lines
            .map(|line| {
                let fields: Vec<&str> = line.splitn(3, '\t').collect();
                let value = Some(fields[2].as_bytes()).filter(|value| *value != b"<null>");
                record(fields[0].parse().unwrap(), Some(fields[1].as_bytes()), value)
            })
            .collect()
    }
}

/// For comparing as text.
pub(crate) fn text(bytes: Option<&Vec<u8>>) -> Option<String> {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
