//! From a source's records to what the producer takes: headers, keys, values, in Kafka's order.

use std::sync::Arc;

use watertight_data::converter::Converter;
use watertight_data::{DataError, RecordHeader, SchemaAndValue};
use watertight_sandbox::batch::{Encoded, FromItem, data_error};
use watertight_sandbox::roles::Conversion;

use super::{Code, Converters, Side, left};
use crate::chain::{Attempts, Slot, Trying};
use crate::errors::{Pause, Problem};
use crate::failure::Failure;

/// One record in bytes.
#[derive(Debug)]
pub struct Outgoing {
    /// Where it goes.
    pub topic: Arc<str>,
    /// As the record asks.
    pub partition: Option<i32>,
    /// As the record says.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// What is to be done for a record of the batch.
// Most are ready: a box would cost an allocation a record.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Sending {
    /// Send it.
    Ready(Outgoing),
    /// Nothing: a transform dropped it.
    Dropped,
    /// Report it.
    Failed(Box<Problem>),
    /// Nothing yet, nor for what is behind it: the task was told to stop.
    Unfinished,
}

/// A record on its way through the three converters.
struct Item {
    out: Outgoing,
    key: SchemaAndValue,
    value: SchemaAndValue,
    state: State,
}

/// How far a record got.
enum State {
    Sound,
    Failed(Box<Problem>),
    Unfinished,
}

/// One thing to convert.
struct Job {
    item: usize,
    part: Part,
    datum: SchemaAndValue,
}

/// Where its bytes go.
#[derive(Clone, Copy)]
enum Part {
    Key,
    Value,
    /// By index.
    Header(usize),
}

impl Item {
    fn put(&mut self, part: Part, bytes: Option<Vec<u8>>) {
        match part {
            Part::Key => self.out.key = bytes,
            Part::Value => self.out.value = bytes,
            Part::Header(index) => {
                if let Some(header) = self.out.headers.get_mut(index) {
                    header.1 = bytes;
                }
            }
        }
    }

    fn is_sound(&self) -> bool {
        matches!(self.state, State::Sound)
    }

    fn header_name(&self, part: Part) -> Option<&str> {
        match part {
            Part::Key | Part::Value => None,
            Part::Header(index) => self.out.headers.get(index).map(|(name, _)| name.as_str()),
        }
    }
}

impl Converters {
    /// A batch to bytes, each slot in its place.
    pub async fn outgoing(&mut self, slots: Vec<Slot>, attempts: &mut Attempts<'_>) -> Result<Vec<Sending>, Failure> {
        let mut items = Vec::with_capacity(slots.len());
        let mut done: Vec<Option<Sending>> = Vec::with_capacity(slots.len());
        let mut headers = Vec::new();
        for slot in slots {
            match slot {
                Slot::Live(record) => {
                    let mut out = Outgoing {
                        topic: record.topic,
                        partition: record.partition,
                        timestamp: record.timestamp,
                        key: None,
                        value: None,
                        headers: Vec::with_capacity(record.headers.len()),
                    };
                    for (index, RecordHeader { key, value }) in record.headers.into_iter().enumerate() {
                        headers.push(Job { item: items.len(), part: Part::Header(index), datum: value });
                        out.headers.push((key, None));
                    }
                    items.push(Item { out, key: record.key, value: record.value, state: State::Sound });
                    done.push(None);
                }
                Slot::Dropped => done.push(Some(Sending::Dropped)),
                Slot::Failed(problem) => done.push(Some(Sending::Failed(problem))),
                Slot::Unfinished => done.push(Some(Sending::Unfinished)),
            }
        }
        self.header.encode(headers, &mut items, attempts).await?;
        let keys = jobs(&mut items, Part::Key, |item| &mut item.key);
        self.key.encode(keys, &mut items, attempts).await?;
        let values = jobs(&mut items, Part::Value, |item| &mut item.value);
        self.value.encode(values, &mut items, attempts).await?;
        let mut items = items.into_iter();
        let sendings = done.into_iter().map(|known| match known {
            Some(sending) => sending,
            None => match items.next() {
                Some(Item { state: State::Failed(problem), .. }) => Sending::Failed(problem),
                Some(Item { state: State::Unfinished, .. }) | None => Sending::Unfinished,
                Some(Item { out, state: State::Sound, .. }) => Sending::Ready(out),
            },
        });
        Ok(sendings.collect())
    }
}

/// What of the items is still sound, taken out.
fn jobs(items: &mut [Item], what: Part, datum: fn(&mut Item) -> &mut SchemaAndValue) -> Vec<Job> {
    let mut jobs = Vec::with_capacity(items.len());
    for (index, item) in items.iter_mut().enumerate() {
        if item.is_sound() {
            jobs.push(Job { item: index, part: what, datum: std::mem::replace(datum(item), SchemaAndValue::NULL) });
        }
    }
    jobs
}

impl Side {
    async fn encode(&mut self, jobs: Vec<Job>, items: &mut [Item], attempts: &mut Attempts<'_>) -> Result<(), Failure> {
        attempts.counts.conversions.many(jobs.len() as u64);
        let (stage, class) = (self.stage, &self.class);
        match &mut self.code {
            Code::BuiltIn(converter) => {
                let asks = converter.reaches_out() && attempts.policy.retries();
                for Job { item, part, datum } in jobs {
                    let Some(item) = items.get_mut(item).filter(|item| item.is_sound()) else { continue };
                    let (topic, header) = (&item.out.topic, item.header_name(part));
                    let converted = if asks {
                        persist(&**converter, topic, header, datum, attempts).await
                    } else {
                        Some(once(&**converter, topic, header, datum))
                    };
                    match converted {
                        Some(Ok(bytes)) => item.put(part, bytes),
                        Some(Err(error)) => item.state = State::Failed(Box::new(Problem::new(stage, class, error))),
                        None => item.state = State::Unfinished,
                    }
                }
            }
            Code::Plugin(conversion) => {
                for (item, error) in plugin(conversion, jobs, items, attempts).await? {
                    if let Some(item) = items.get_mut(item).filter(|item| item.is_sound()) {
                        item.state = match error {
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

/// All of it through a plugin, those that fail for the moment again. Answers the items
/// that failed for good, with their errors, and those that were left unfinished.
async fn plugin(
    conversion: &mut Conversion,
    mut jobs: Vec<Job>,
    items: &mut [Item],
    attempts: &mut Attempts<'_>,
) -> Result<Vec<(usize, Option<DataError>)>, Failure> {
    let mut trying = Trying::begin();
    let mut failed = Vec::new();
    while !jobs.is_empty() {
        let asked: Vec<FromItem<'_>> = jobs
            .iter()
            .filter_map(|job| {
                let item = items.get(job.item)?;
                let header_name = item.header_name(job.part).unwrap_or_default();
                Some(FromItem { topic: &item.out.topic, header_name, datum: &job.datum })
            })
            .collect();
        let answers = conversion.from_connect(&asked).await.map_err(Failure::from)?;
        let (mut again, mut late) = (Vec::new(), Vec::new());
        for (job, answer) in jobs.into_iter().zip(answers) {
            match answer {
                Ok(Encoded { bytes, add_headers }) => {
                    if let Some(item) = items.get_mut(job.item) {
                        item.put(job.part, bytes);
                        item.out.headers.extend(add_headers);
                    }
                }
                Err(failure) if failure.retriable => {
                    late.push((job.item, data_error(failure)));
                    again.push(job);
                }
                Err(failure) => failed.push((job.item, Some(data_error(failure)))),
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

fn once(
    converter: &dyn Converter,
    topic: &str,
    header: Option<&str>,
    SchemaAndValue { schema, value }: SchemaAndValue,
) -> Result<Option<Vec<u8>>, DataError> {
    match header {
        Some(name) => converter.from_connect_header(topic, name, schema.as_ref(), value),
        None => converter.from_connect(topic, schema.as_ref(), value),
    }
}

/// One datum, tried as often as the policy has it; none: the task was told to stop.
async fn persist(
    converter: &dyn Converter,
    topic: &str,
    header: Option<&str>,
    datum: SchemaAndValue,
    attempts: &mut Attempts<'_>,
) -> Option<Result<Option<Vec<u8>>, DataError>> {
    let mut trying = Trying::begin();
    loop {
        match once(converter, topic, header, datum.clone()) {
            Err(error) if error.is_retriable() => match trying.again(attempts, 1).await {
                Pause::Over => {}
                Pause::TooLate => return Some(Err(error)),
                Pause::Stopped => return None,
            },
            converted => return Some(converted),
        }
    }
}
