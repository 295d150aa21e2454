//! From the consumer's records to what transforms and sinks see: keys, values, headers, in Kafka's order.

use watertight_data::converter::Converter;
use watertight_data::{DataError, Origin, Record, RecordHeader, SchemaAndValue, TimestampType};
use watertight_kafka::{InRecord, TimestampType as NativeType};
use watertight_sandbox::batch::{ToItem, data_error};
use watertight_sandbox::roles::Conversion;

use super::{Code, Converters, Side, left};
use crate::chain::{Attempts, Slot, Trying};
use crate::errors::{Pause, Problem};
use crate::failure::Failure;

/// A consumed record and what became of it.
#[derive(Debug)]
pub struct Incoming {
    /// As it came; without key, value and headers unless they were to be kept.
    pub raw: InRecord,
    /// Converted, or failed.
    pub slot: Slot,
}

/// The three results of one record, as far as it got.
#[derive(Default)]
struct Parts {
    key: SchemaAndValue,
    value: SchemaAndValue,
    headers: Vec<RecordHeader>,
    state: State,
}

/// How far a record got.
#[derive(Default)]
enum State {
    #[default]
    Sound,
    Failed(Box<Problem>),
    Unfinished,
}

/// What of a record is converted.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Value,
    /// By index.
    Header(usize),
}

/// One thing to convert: the record's index, and what of it.
type Job = (usize, Part);

impl Part {
    fn take(self, record: &mut InRecord) -> Option<Vec<u8>> {
        match self {
            Part::Key => record.key.take(),
            Part::Value => record.value.take(),
            Part::Header(index) => record.headers.get_mut(index).and_then(|header| header.1.take()),
        }
    }

    fn bytes(self, record: &InRecord) -> Option<&[u8]> {
        match self {
            Part::Key => record.key.as_deref(),
            Part::Value => record.value.as_deref(),
            Part::Header(index) => record.headers.get(index).and_then(|header| header.1.as_deref()),
        }
    }

    fn header_name(self, record: &InRecord) -> Option<&str> {
        match self {
            Part::Key | Part::Value => None,
            Part::Header(index) => record.headers.get(index).map(|header| header.0.as_str()),
        }
    }
}

impl Parts {
    fn is_sound(&self) -> bool {
        matches!(self.state, State::Sound)
    }

    fn put(&mut self, part: Part, datum: SchemaAndValue) {
        match part {
            Part::Key => self.key = datum,
            Part::Value => self.value = datum,
            Part::Header(index) => {
                if let Some(header) = self.headers.get_mut(index) {
                    header.value = datum;
                }
            }
        }
    }
}

impl Converters {
    /// A batch from bytes, each record in its place. With `keep` the bytes stay with the record, for the dead
    /// letter queue.
    pub async fn incoming(
        &mut self,
        mut records: Vec<InRecord>,
        keep: bool,
        attempts: &mut Attempts<'_>,
    ) -> Result<Vec<Incoming>, Failure> {
        let mut parts: Vec<Parts> = Vec::new();
        parts.resize_with(records.len(), Parts::default);
        let each = |part: Part| (0..parts.len()).map(|index| (index, part)).collect::<Vec<Job>>();
        let (keys, values) = (each(Part::Key), each(Part::Value));
        self.key.decode(keys, &mut records, &mut parts, keep, attempts).await?;
        self.value.decode(values, &mut records, &mut parts, keep, attempts).await?;
        let mut headers: Vec<Job> = Vec::new();
        for (index, (record, part)) in records.iter().zip(&mut parts).enumerate() {
            let names = record.headers.iter().map(|(name, _)| name.clone());
            part.headers = names.map(|key| RecordHeader { key, value: SchemaAndValue::NULL }).collect();
            headers.extend((0..record.headers.len()).map(|header| (index, Part::Header(header))));
        }
        self.header.decode(headers, &mut records, &mut parts, keep, attempts).await?;
        Ok(records.into_iter().zip(parts).map(|(record, part)| incoming(record, part, keep)).collect())
    }
}

fn incoming(mut raw: InRecord, parts: Parts, keep: bool) -> Incoming {
    let Parts { key, value, headers, state } = parts;
    if !keep {
        (raw.key, raw.value, raw.headers) = (None, None, Vec::new());
    }
    let slot = match state {
        State::Failed(problem) => Slot::Failed(problem),
        State::Unfinished => Slot::Unfinished,
        State::Sound => {
            let timestamp_type = match raw.timestamp_type {
                NativeType::NoTimestampType => TimestampType::NoTimestampType,
                NativeType::CreateTime => TimestampType::CreateTime,
                NativeType::LogAppendTime => TimestampType::LogAppendTime,
            };
            Slot::Live(Record {
                topic: raw.topic.clone(),
                partition: Some(raw.partition),
                key,
                value,
                headers,
                timestamp: raw.timestamp,
                origin: Origin::Sink { offset: raw.offset, timestamp_type },
            })
        }
    };
    Incoming { raw, slot }
}

impl Side {
    async fn decode(
        &mut self,
        jobs: Vec<Job>,
        records: &mut [InRecord],
        parts: &mut [Parts],
        keep: bool,
        attempts: &mut Attempts<'_>,
    ) -> Result<(), Failure> {
        attempts.counts.conversions.many(jobs.len() as u64);
        let (stage, class) = (self.stage, &self.class);
        match &mut self.code {
            Code::BuiltIn(converter) => {
                let asks = converter.reaches_out() && attempts.policy.retries();
                for (index, what) in jobs {
                    let (Some(record), Some(part)) = (records.get_mut(index), parts.get_mut(index)) else { continue };
                    if !part.is_sound() {
                        continue;
                    }
                    let converted = match what {
                        Part::Key | Part::Value if !keep && !asks => {
                            let bytes = what.take(record);
                            Some(converter.to_connect_owned(&record.topic, bytes))
                        }
                        _ if !asks => Some(once(&**converter, record, what)),
                        _ => persist(&**converter, record, what, attempts).await,
                    };
                    match converted {
                        Some(Ok(datum)) => part.put(what, datum),
                        Some(Err(error)) => part.state = State::Failed(Box::new(Problem::new(stage, class, error))),
                        None => part.state = State::Unfinished,
                    }
                }
            }
            Code::Plugin(conversion) => {
                let sound = |(index, _): &Job| parts.get(*index).is_some_and(Parts::is_sound);
                let jobs = jobs.into_iter().filter(sound).collect();
                for (index, error) in plugin(conversion, jobs, records, parts, attempts).await? {
                    if let Some(part) = parts.get_mut(index).filter(|part| part.is_sound()) {
                        part.state = match error {
                            Some(error) => State::Failed(Box::new(Problem::new(stage, class, error))),
                            None => State::Unfinished,
                        };
                    }
                }
            }
        }
        Ok(())
    }
}

fn once(converter: &dyn Converter, record: &InRecord, what: Part) -> Result<SchemaAndValue, DataError> {
    match what.header_name(record) {
        Some(name) => converter.to_connect_header(&record.topic, name, what.bytes(record)),
        None => converter.to_connect(&record.topic, what.bytes(record)),
    }
}

/// One datum, tried as often as the policy has it; none: the task was told to stop.
async fn persist(
    converter: &dyn Converter,
    record: &InRecord,
    what: Part,
    attempts: &mut Attempts<'_>,
) -> Option<Result<SchemaAndValue, DataError>> {
    let mut trying = Trying::begin();
    loop {
        match once(converter, record, what) {
            Err(error) if error.is_retriable() => match trying.again(attempts, 1).await {
                Pause::Over => {}
                Pause::TooLate => return Some(Err(error)),
                Pause::Stopped => return None,
            },
            converted => return Some(converted),
        }
    }
}

/// All of it through a plugin, those that fail for the moment again. Answers the records
/// that failed for good, with their errors, and those that were left unfinished.
async fn plugin(
    conversion: &mut Conversion,
    mut jobs: Vec<Job>,
    records: &[InRecord],
    parts: &mut [Parts],
    attempts: &mut Attempts<'_>,
) -> Result<Vec<(usize, Option<DataError>)>, Failure> {
    let mut trying = Trying::begin();
    let mut failed = Vec::new();
    while !jobs.is_empty() {
        let asked: Vec<ToItem<'_>> = jobs
            .iter()
            .filter_map(|(index, what)| {
                let record = records.get(*index)?;
                Some(ToItem {
                    topic: &record.topic,
                    header_name: what.header_name(record).unwrap_or_default(),
                    bytes: what.bytes(record),
                    headers: &record.headers,
                })
            })
            .collect();
        let answers = conversion.to_connect(&asked).await.map_err(Failure::from)?;
        let (mut again, mut late) = (Vec::new(), Vec::new());
        for ((index, what), answer) in jobs.into_iter().zip(answers) {
            match answer {
                Ok(datum) => {
                    if let Some(part) = parts.get_mut(index) {
                        part.put(what, datum);
                    }
                }
                Err(failure) if failure.retriable => {
                    late.push((index, data_error(failure)));
                    again.push((index, what));
                }
                Err(failure) => failed.push((index, Some(data_error(failure)))),
            }
        }
        jobs = again;
        if !jobs.is_empty() {
            match trying.again(attempts, jobs.len()).await {
                Pause::Over => {}
                pause @ (Pause::Stopped | Pause::TooLate) => {
                    failed.extend(left(late, pause));
                    break;
                }
            }
        }
    }
    Ok(failed)
}
