//! The sink: appends each record's value as a line.
//!
//! A batch becomes one text and leaves in pieces of whole lines, each one append of the operating system: lines of
//! several tasks on one file never mix. Only a line that is longer than such a piece ([`CHUNK`]) may be parted by
//! another task's.
//! Nothing is kept back between calls, and offsets are committed only after the file was synced to the disk.

use std::path::PathBuf;

use watertight_sdk::{
    Class, Config, ConfigKey, Failure, Importance, KeyReport, Kind, PutReport, Result, SinkBatch, SinkConnector,
    SinkTask, TopicPartition,
};

use crate::files::{Appender, CHUNK, Purpose, Trouble};
use crate::{paths, text, torn};

const FILE: ConfigKey = ConfigKey::new("file", Kind::String).optional().importance(Importance::High).documentation(
    "Destination filename. Required here: the standard output is not available to a sandboxed connector",
);

/// Plans as many tasks as allowed: they append to the same file.
#[derive(Default)]
pub struct FileStreamSinkConnector {
    config: Config,
}

impl SinkConnector for FileStreamSinkConnector {
    type Task = FileStreamSinkTask;

    const CLASS: Class = Class::new("org.apache.kafka.connect.file.FileStreamSinkConnector", env!("CARGO_PKG_VERSION"))
        .aliases(&["FileStreamSinkConnector", "FileStreamSink"])
        .task_class("org.apache.kafka.connect.file.FileStreamSinkTask")
        .documentation("Appends the value of each record to a file, one line each")
        .config(&[FILE]);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Ok(paths::report(config, &FILE, Purpose::Appending))
    }

    fn alter_offsets(&self, _config: &Config, _offsets: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        Ok(true)
    }

    fn start(&mut self, config: &Config) -> Result<()> {
        paths::required(config, &FILE)?;
        self.config = config.clone();
        Ok(())
    }

    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone(); max_tasks])
    }
}

/// Appends to one file.
#[derive(Default)]
pub struct FileStreamSinkTask {
    path: PathBuf,
    file: Option<Appender>,
    buffer: Vec<u8>,
    schemas: text::Schemas,
}

impl SinkTask for FileStreamSinkTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.path = paths::resolve(&paths::required(config, &FILE)?)?;
        let only_writer = matches!(config.get("tasks.max").map(str::trim), None | Some("1"));
        let opened = Appender::open(&self.path).and_then(|mut file| {
            torn::mend(&mut file, &self.path, only_writer)?;
            Ok(file)
        });
        self.file = Some(opened.map_err(|trouble| self.failure(trouble))?);
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        let Some(file) = &mut self.file else {
            return Err(Failure::new("illegal-state", "put before start"));
        };
        self.buffer.clear();
        for record in &batch.records {
            text::write_line(record, &mut self.schemas, &mut self.buffer);
        }
        match write_whole_lines(file, &self.buffer) {
            Ok(()) => Ok(PutReport::all(batch.records.len())),
            Err(trouble) => Err(self.failure(trouble)),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match &self.file {
            Some(file) => file.sync().map_err(|trouble| self.failure(trouble)),
            None => Ok(()),
        }
    }

    fn stop(&mut self) {
        self.file = None;
    }
}

impl FileStreamSinkTask {
    fn failure(&self, trouble: Trouble) -> Failure {
        trouble.with(&self.path, Purpose::Appending)
    }
}

fn write_whole_lines(file: &mut Appender, mut text: &[u8]) -> Result<(), Trouble> {
    while !text.is_empty() {
        let (piece, rest) = text.split_at(whole_lines_within(text));
        file.append(piece)?;
        text = rest;
    }
    Ok(())
}

/// As many whole lines as fit into one append; one line where not even that fits.
fn whole_lines_within(text: &[u8]) -> usize {
    if text.len() <= CHUNK {
        return text.len();
    }
    match memchr::memrchr(b'\n', &text[..CHUNK]) {
        Some(at) => at + 1,
        None => memchr::memchr(b'\n', text).map_or(text.len(), |at| at + 1),
    }
}

#[cfg(test)]
mod tests;
