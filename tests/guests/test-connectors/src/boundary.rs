//! `watertight.test.BoundarySourceConnector`: the numbers from 0, and where transactions of them end. Its one task ends one
//! behind every `commit.every`-th number, and every `abort.every`-th of those by aborting it: where a number belongs is a
//! matter of arithmetic, whatever was restarted. What the connector says it can do is what `support` and `boundaries` say.

use watertight_sdk::{
    Boundary, Class, Config, ConfigKey, Datum, Failure, Importance, Kind, Message, PollLimits, Position, Result,
    Scalar, SourceBatch, SourceConnector, SourceRecord, SourceTask, TransactionMark, ids, runtime,
};

use crate::VERSION;

const TOPIC: ConfigKey = ConfigKey::new("topic", Kind::String)
    .importance(Importance::High)
    .attributes(&[("non-empty", "")])
    .documentation("Where the numbers go");
const BATCH: ConfigKey =
    ConfigKey::new("batch", Kind::Int).default_value("10").documentation("How many numbers each poll brings");
const PAUSE: ConfigKey = ConfigKey::new("pause.ms", Kind::Long).default_value("20").documentation("Between two polls");
const COUNT: ConfigKey =
    ConfigKey::new("count", Kind::Long).default_value("-1").documentation("How many numbers; -1 for no end");
const COMMIT: ConfigKey = ConfigKey::new("commit.every", Kind::Long)
    .default_value("0")
    .documentation("A transaction ends behind so many numbers; 0 for never");
const ABORT: ConfigKey = ConfigKey::new("abort.every", Kind::Long)
    .default_value("0")
    .documentation("Every so many transactions one is aborted; 0 for none");
const FAIL: ConfigKey = ConfigKey::new("fail.at", Kind::Long)
    .default_value("-1")
    .documentation("The task fails in the poll behind the one that brought this number");
const SUPPORT: ConfigKey = ConfigKey::new("support", Kind::String)
    .default_value("supported")
    .documentation("supported, unsupported, unknown, or fails");
const BOUNDARIES: ConfigKey = ConfigKey::new("boundaries", Kind::String)
    .default_value("supported")
    .documentation("supported, unsupported, or fails");

#[derive(Default)]
pub struct BoundarySourceConnector {
    config: Config,
}

impl SourceConnector for BoundarySourceConnector {
    type Task = BoundarySourceTask;
    const CLASS: Class = Class::new("watertight.test.BoundarySourceConnector", VERSION)
        .documentation("The numbers from 0, and where transactions of them end")
        .config(&[TOPIC, BATCH, PAUSE, COUNT, COMMIT, ABORT, FAIL, SUPPORT, BOUNDARIES]);

    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>> {
        match config.string(&SUPPORT)? {
            "supported" => Ok(Some(true)),
            "unsupported" => Ok(Some(false)),
            "unknown" => Ok(None),
            _ => Err(Failure::new("told", "it fails, as it was told to")),
        }
    }
    fn can_define_transaction_boundaries(&self, config: &Config) -> Result<bool> {
        match config.string(&BOUNDARIES)? {
            "supported" => Ok(true),
            "unsupported" => Ok(false),
            _ => Err(Failure::new("told", "it fails, as it was told to")),
        }
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, _: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone()])
    }
}

#[derive(Default)]
pub struct BoundarySourceTask {
    topic: String,
    next: i64,
    batch: i64,
    pause: u64,
    count: i64,
    commit: i64,
    abort: i64,
    fail: i64,
    marks: bool,
}

impl BoundarySourceTask {
    fn partition() -> Position {
        vec![("all".to_owned(), Scalar::from(0))]
    }

    /// How the transaction ends that ends behind this number, if one does.
    fn end_behind(&self, number: i64) -> Option<Boundary> {
        let which = (number + 1).checked_div(self.commit).filter(|_| (number + 1) % self.commit == 0)?;
        let aborted = which.checked_rem(self.abort) == Some(0);
        Some(if aborted { Boundary::Abort } else { Boundary::Commit })
    }
}

impl SourceTask for BoundarySourceTask {
    fn start(&mut self, config: &Config) -> Result<()> {
        self.topic = config.string(&TOPIC)?.to_owned();
        self.batch = i64::from(config.int(&BATCH)?);
        self.pause = u64::try_from(config.long(&PAUSE)?).unwrap_or(0);
        self.count = match config.long(&COUNT)? {
            count if count < 0 => i64::MAX,
            count => count,
        };
        self.commit = config.long(&COMMIT)?;
        self.abort = config.long(&ABORT)?;
        self.fail = config.long(&FAIL)?;
        self.marks = runtime::fact("transaction.boundary").as_deref() == Some("connector");
        if let Some([(_, Scalar::Integer(next))]) = runtime::stored_offset(&Self::partition())?.as_deref() {
            self.next = *next;
        }
        Ok(())
    }

    fn poll(&mut self, limits: &PollLimits) -> Result<SourceBatch> {
        if self.fail >= 0 && self.next > self.fail {
            return Err(Failure::new("told", format!("it fails behind {}, as it was told to", self.fail)));
        }
        let most = self.batch.min(i64::try_from(limits.max_records).unwrap_or(i64::MAX));
        let until = self.next.saturating_add(most).min(self.count);
        if self.next >= until {
            return Ok(SourceBatch::wait(500));
        }
        let (mut records, mut marks) = (Vec::new(), Vec::new());
        for number in self.next..until {
            let message = Message::new(0, Datum::of(ids::STRING, format!("0-{number}")));
            records.push(SourceRecord::at(message, vec![Scalar::Integer(number + 1)]));
            let after = u32::try_from(records.len()).unwrap_or(u32::MAX);
            marks.extend(self.end_behind(number).map(|boundary| TransactionMark { after, boundary }));
        }
        self.next = until;
        let mut batch = SourceBatch::single(self.topic.as_str(), Self::partition(), &["next"], records);
        if self.marks {
            batch.marks = marks;
        }
        batch.wait_ms = Some(self.pause);
        Ok(batch)
    }
}
