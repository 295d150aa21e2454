//! Everything a transform can do wrong, by name in the setting `fault`:
//!
//! `too-few`, `too-many` outcomes; `bad-topic` (an index that is not there); `deep-tape`, `short-tape`, `long-tape`,
//! `wrong-type`, `out-of-range`, `unknown-schema`, `null-where-required` (values that do not hold, in the record
//! whose value is `bad`); `too-many-bytes`; `loop`; `trap-on-third`; `allocate`; `fail-bad` (that record only),
//! `retry` (each record fails, as something to try again, until it was seen `times` times), `fail-batch`,
//! `retry-batch` (whole calls fail so often), `new-topic` (sends every record to one), `drop-bad`, `refuse` (in
//! `configure`), `inexact` (answers a schemaless float beyond 2^53).

use watertight_sdk::{
    Class, Config, ConfigKey, Datum, Failure, KeyReport, Kind, MessageBatch, Outcome, Record, Result, Transformation,
    Transformed, Value, ValueNode, Verdict, ids,
};

use crate::VERSION;

pub const FAULT: ConfigKey = ConfigKey::new("fault", Kind::String).documentation("What to do wrong");
pub const TIMES: ConfigKey =
    ConfigKey::new("times", Kind::Int).default_value("2").documentation("How often, where it ends at some time");

#[derive(Default)]
pub struct Faulty {
    fault: String,
    times: i32,
    seen: i32,
}

impl Transformation for Faulty {
    const CLASS: Class =
        Class::new("watertight.test.Faulty", VERSION).documentation("Does what `fault` says").config(&[FAULT, TIMES]);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        if config.get(FAULT.name()) == Some("unwanted") {
            let errors = vec!["unwanted faults are not wanted".to_owned()];
            let name = FAULT.name().to_owned();
            return Ok(vec![KeyReport { name, errors, recommended_values: Vec::new(), visible: true }]);
        }
        Ok(Vec::new())
    }

    fn configure(&mut self, config: &Config) -> Result<()> {
        config.string(&FAULT)?.clone_into(&mut self.fault);
        self.times = config.int(&TIMES)?;
        if self.fault == "refuse" {
            return Err(Failure::config("refused on purpose"));
        }
        Ok(())
    }

    fn apply_batch(&mut self, batch: MessageBatch) -> Result<Transformed> {
        let count = batch.messages.len();
        let unchanged = |count: usize| Transformed {
            new_topics: Vec::new(),
            outcomes: (0..count).map(|_| Outcome::Unchanged).collect(),
        };
        match self.fault.as_str() {
            "too-few" => return Ok(unchanged(count.saturating_sub(1))),
            "too-many" => return Ok(unchanged(count + 1)),
            "fail-batch" => return Err(Failure::data("the whole batch is wrong")),
            "retry-batch" if self.seen < self.times => {
                self.seen += 1;
                return Err(Failure::unavailable("not yet"));
            }
            "loop" => loop {
                std::hint::black_box(&batch);
            },
            "allocate" => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(std::hint::black_box(vec![1_u8; 1 << 20]));
                }
            }
            _ => {}
        }
        let mut topics = Topics { names: batch.topics };
        let given = topics.names.len();
        let mut outcomes = Vec::with_capacity(count);
        for (index, mut message) in batch.messages.into_iter().enumerate() {
            if self.fault == "trap-on-third" && index == 2 {
                panic!("the third record is too much");
            }
            let bad = matches!(&message.value.value, Value::Text(text) if text == "bad");
            outcomes.push(match self.fault.as_str() {
                "bad-topic" => {
                    message.topic = 99;
                    Outcome::Changed(message)
                }
                "new-topic" => {
                    message.topic = topics.index("elsewhere");
                    Outcome::Changed(message)
                }
                "too-many-bytes" => {
                    message.value = Datum::natural("x".repeat(1 << 20));
                    Outcome::Changed(message)
                }
                "inexact" => {
                    message.value = Datum::of(ids::NONE, 9_007_199_254_740_994.0);
                    Outcome::Changed(message)
                }
                "retry" if self.seen < self.times => {
                    self.seen += 1;
                    Outcome::Failed(Failure::unavailable("try again").retriable(Some(1)))
                }
                "fail-bad" if bad => Outcome::Failed(Failure::data("this record is bad")),
                "drop-bad" if bad => Outcome::Dropped,
                fault if bad => match damaged(fault) {
                    Some(datum) => {
                        message.value = datum;
                        Outcome::Changed(message)
                    }
                    None => Outcome::Unchanged,
                },
                _ => Outcome::Unchanged,
            });
        }
        Ok(Transformed { new_topics: topics.names.split_off(given), outcomes })
    }

    fn apply(&mut self, _record: &mut Record<'_>) -> Result<Verdict> {
        Ok(Verdict::Unchanged)
    }
}

struct Topics {
    names: Vec<String>,
}

impl Topics {
    fn index(&mut self, name: &str) -> u32 {
        let known = self.names.iter().position(|topic| topic == name);
        let index = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}

/// A datum that does not hold.
pub fn damaged(fault: &str) -> Option<Datum> {
    let tape = |nodes| Datum { schema: ids::NONE, value: Value::Tape(nodes) };
    Some(match fault {
        "deep-tape" => {
            let mut nodes = vec![ValueNode::Elements(1); 5_000];
            nodes.push(ValueNode::Null);
            tape(nodes)
        }
        "short-tape" => tape(vec![ValueNode::Elements(u32::MAX), ValueNode::Null]),
        "long-tape" => tape(vec![ValueNode::Null, ValueNode::Null]),
        "wrong-type" => Datum::of(ids::INT32, "text"),
        "out-of-range" => Datum::of(ids::INT8, 128_i64),
        "unknown-schema" => Datum::of(4_711, "text"),
        "null-where-required" => Datum { schema: ids::STRING, value: Value::Null },
        _ => return None,
    })
}
