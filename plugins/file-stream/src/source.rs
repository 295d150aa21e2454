//! The source: one task that follows one file.
//!
//! Rules, beyond Kafka's:
//! - A missing file is waited for. A file outside the granted roots is an error at start.
//! - A last line without its end is not sent until the end comes.
//! - A file that became shorter than what was read, or was replaced by another of the same name, is read again from
//!   its start, with a warning that says how many unfinished bytes were left behind.
//! - A line over [`LONGEST_LINE`] fails the task; nothing of it is sent.
//! - Bytes that are not UTF-8 become U+FFFD, as Java decodes them; positions still count the file's own bytes.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use watertight_sdk::{
    Class, Config, ConfigKey, Datum, Failure, Importance, KeyReport, Kind, Message, PollLimits, Position, Result,
    Scalar, SourceBatch, SourceConnector, SourceRecord, SourceTask, Value, ids, info, runtime, warn,
};

use crate::files::{Purpose, Reader, Trouble};
use crate::lines::{LONGEST_LINE, Lines, TooLong};
use crate::paths;

const FILENAME: &str = "filename";
const POSITION: &str = "position";

/// An appended line is to arrive within a second; asking ten times as often costs next to nothing.
const WAIT_FOR_LINES_MS: u64 = 100;
/// Where nobody writes: still well within the second, and a third of the looks.
const WAIT_IN_SILENCE_MS: u64 = 300;
/// Looks in vain until that is so: five seconds.
const SILENCE: u32 = 50;
const WAIT_FOR_FILE_MS: u64 = 500;

const FILE: ConfigKey = ConfigKey::new("file", Kind::String)
    .optional()
    .importance(Importance::High)
    .documentation("Source filename. Required here: the standard input is not available to a sandboxed connector");
const TOPIC: ConfigKey = ConfigKey::new("topic", Kind::String)
    .importance(Importance::High)
    .attributes(&[("non-empty", "")])
    .documentation("The topic to publish data to");
const BATCH_SIZE: ConfigKey = ConfigKey::new("batch.size", Kind::Int)
    .default_value("2000")
    .importance(Importance::Low)
    .documentation("The maximum number of records the source task can read from the file each time it is polled");

/// Plans exactly one task: a file has one reader.
#[derive(Default)]
pub struct FileStreamSourceConnector {
    config: Config,
}

impl SourceConnector for FileStreamSourceConnector {
    type Task = FileStreamSourceTask;

    const CLASS: Class =
        Class::new("org.apache.kafka.connect.file.FileStreamSourceConnector", env!("CARGO_PKG_VERSION"))
            .aliases(&["FileStreamSourceConnector", "FileStreamSource"])
            .task_class("org.apache.kafka.connect.file.FileStreamSourceTask")
            .documentation("Reads a file line by line and follows it as it grows")
            .config(&[FILE, TOPIC, BATCH_SIZE]);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Ok(paths::report(config, &FILE, Purpose::Reading))
    }

    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>> {
        Ok(Some(config.optional(&FILE).is_some_and(|file| !file.is_empty())))
    }

    fn alter_offsets(&self, config: &Config, offsets: &[(Position, Option<Position>)]) -> Result<bool> {
        if config.optional(&FILE).is_none_or(str::is_empty) {
            return Err(Failure::config(
                "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is \
                 used for input and offsets are not tracked.",
            ));
        }
        for (partition, offset) in offsets {
            let Some(offset) = offset else { continue };
            check_offset(offset)?;
            if !partition.iter().any(|(name, _)| name == FILENAME) {
                return Err(Failure::config("Partition objects should contain the key 'filename'"));
            }
        }
        Ok(true)
    }

    fn start(&mut self, config: &Config) -> Result<()> {
        paths::required(config, &FILE)?;
        config.string(&TOPIC)?;
        config.int(&BATCH_SIZE)?;
        self.config = config.clone();
        Ok(())
    }

    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone()])
    }
}

fn check_offset(offset: &Position) -> Result<u64> {
    match offset.iter().find(|(name, _)| name == POSITION) {
        None => Err(Failure::config("Offset objects should either be null or contain the key 'position'")),
        Some((_, Scalar::Integer(position))) => u64::try_from(*position).map_err(|_| {
            Failure::config("The value for the 'position' key in the offset should be a non-negative value")
        }),
        Some(_) => {
            Err(Failure::config("The value for the 'position' key in the offset is expected to be a Long value"))
        }
    }
}

/// Follows one file.
#[derive(Default)]
pub struct FileStreamSourceTask {
    /// As configured: part of the stored offset's key, so it must stay as Kafka writes it.
    filename: String,
    path: PathBuf,
    topic: String,
    batch_size: usize,
    file: Option<Reader>,
    /// There was nothing more to read. Then only what becomes of the file tells whether there is: each call to the
    /// host costs two changes of threads there, ten times a second for every file that nobody writes to.
    at_end: bool,
    /// Looks in vain since the last line.
    in_vain: u32,
    lines: Lines,
    /// Where the first line not yet sent begins.
    position: u64,
    said_missing: bool,
}

/// What became of a file that was read to its end.
enum Look {
    Same,
    Grown,
    /// It is read from its start.
    Another,
}

impl SourceTask for FileStreamSourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.filename = paths::required(config, &FILE)?;
        self.path = paths::resolve(&self.filename)?;
        self.topic = config.string(&TOPIC)?.to_owned();
        // Kafka takes any number, and always reads one line.
        self.batch_size = usize::try_from(config.int(&BATCH_SIZE)?).unwrap_or(1);
        if let Some(offset) = runtime::stored_offset(&self.partition())? {
            self.position = check_offset(&offset)?;
        }
        self.open()
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        if self.file.is_none() {
            self.open()?;
        }
        if self.file.is_none() {
            return Ok(SourceBatch::wait(WAIT_FOR_FILE_MS));
        }
        let read = !self.at_end;
        if read {
            let records = self.read(limits)?;
            if !records.is_empty() {
                self.in_vain = 0;
                return Ok(SourceBatch::single(self.topic.as_str(), self.partition(), &[POSITION], records));
            }
        }
        let at_once = match self.look()? {
            Look::Same => false,
            // Some file systems tell of more bytes than they give.
            Look::Grown => !read,
            Look::Another => true,
        };
        if at_once {
            return Ok(SourceBatch::wait(0));
        }
        self.in_vain = self.in_vain.saturating_add(1);
        Ok(SourceBatch::wait(if self.in_vain > SILENCE { WAIT_IN_SILENCE_MS } else { WAIT_FOR_LINES_MS }))
    }

    fn stop(&mut self) {
        self.file = None;
    }
}

impl FileStreamSourceTask {
    fn partition(&self) -> Position {
        vec![(FILENAME.to_owned(), Scalar::from(self.filename.as_str()))]
    }

    /// Opens the file at `position`, or leaves it closed if there is none yet.
    fn open(&mut self) -> Result<()> {
        let file = match Reader::open(&self.path) {
            Ok(file) => file,
            Err(Trouble::Missing) => {
                if !self.said_missing {
                    warn!("Couldn't find file {}, waiting for it to be created", self.path.display());
                    self.said_missing = true;
                }
                return Ok(());
            }
            Err(trouble) => return Err(self.failure(trouble)),
        };
        self.said_missing = false;
        let length = file.length().map_err(|trouble| self.failure(trouble))?;
        if length < self.position {
            warn!(
                "{} has {length} bytes, fewer than the {} that were read before: it was truncated or replaced and is \
                 read again from its start",
                self.path.display(),
                self.position
            );
            self.position = 0;
        }
        info!("Reading {} from byte {}", self.path.display(), self.position);
        self.lines = Lines::default();
        self.at_end = false;
        self.file = Some(file);
        Ok(())
    }

    fn read(&mut self, limits: &PollLimits) -> Result<Vec<SourceRecord>> {
        let Some(file) = &self.file else {
            return Ok(Vec::new());
        };
        let most = self.batch_size.min(limits.max_records).max(1);
        let mut records = Vec::new();
        let mut bytes = 0;
        let timestamp = now();
        while records.len() < most && bytes < limits.max_bytes {
            match self.lines.next_line() {
                Ok(Some((line, taken))) => {
                    bytes += line.len();
                    self.position += taken as u64;
                    if records.is_empty() {
                        records.reserve_exact(most);
                    }
                    records.push(record(line, self.position, timestamp));
                }
                Ok(None) => {
                    let read_to = self.position + self.lines.pending() as u64;
                    let chunk = file.read(read_to).map_err(|trouble| self.failure(trouble))?;
                    if chunk.is_empty() {
                        self.at_end = true;
                        break;
                    }
                    self.lines.feed(chunk);
                }
                // The lines before it go first; the next poll begins with it and says so.
                Err(TooLong) if !records.is_empty() => break,
                Err(TooLong) => return Err(self.too_long()),
            }
        }
        Ok(records)
    }

    fn failure(&self, trouble: Trouble) -> Failure {
        trouble.with(&self.path, Purpose::Reading)
    }

    fn too_long(&self) -> Failure {
        Failure::data(format!(
            "The line at byte {} of {} is longer than {LONGEST_LINE} bytes, the longest this connector carries. Split \
             it, or set the connector's offset behind it",
            self.position,
            self.path.display()
        ))
    }

    /// At the end of the file: is there more by now, or another file?
    fn look(&mut self) -> Result<Look> {
        let Some(file) = &self.file else {
            return Ok(Look::Same);
        };
        let read_to = self.position + self.lines.pending() as u64;
        let length = || file.length().map_err(|trouble| self.failure(trouble));
        let mut now = length()?;
        let replaced = now == read_to && file.was_replaced().map_err(|trouble| self.failure(trouble))?;
        if replaced {
            // Its last lines may have come just before.
            now = length()?;
        }
        let reason = if now > read_to {
            self.at_end = false;
            return Ok(Look::Grown);
        } else if now < read_to {
            "was truncated"
        } else if replaced {
            "was replaced"
        } else {
            return Ok(Look::Same);
        };
        warn!(
            "{} {reason} after {} bytes were read ({} of them an unfinished line, which is left behind): reading it \
             from its start",
            self.path.display(),
            read_to,
            self.lines.pending()
        );
        self.position = 0;
        self.file = None;
        self.open()?;
        Ok(Look::Another)
    }
}

fn record(line: &[u8], position: u64, timestamp: Option<i64>) -> SourceRecord {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(line).into_owned(),
    };
    let mut message = Message::new(0, Datum { schema: ids::STRING, value: Value::Text(text) });
    message.timestamp = timestamp;
    SourceRecord::at(message, vec![Scalar::Integer(i64::try_from(position).unwrap_or(i64::MAX))])
}

fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests;
