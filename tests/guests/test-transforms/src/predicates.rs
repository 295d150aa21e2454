//! Predicates that do something wrong.

use watertight_sdk::{Class, Config, Failure, MessageBatch, Predicate, Record, Result, Value};

use crate::VERSION;
use crate::faults::FAULT;

/// True for the value `bad`, unless `fault` says otherwise: `too-few`, `fail-bad`, `fail-batch`, `loop`, `trap`.
#[derive(Default)]
pub struct FaultyPredicate {
    fault: String,
}

impl Predicate for FaultyPredicate {
    const CLASS: Class = Class::new("watertight.test.FaultyPredicate", VERSION)
        .documentation("True for the value `bad`, or what `fault` says")
        .config(&[FAULT]);

    fn configure(&mut self, config: &Config) -> Result<()> {
        config.string(&FAULT)?.clone_into(&mut self.fault);
        Ok(())
    }

    fn test_batch(&mut self, batch: MessageBatch) -> Result<Vec<Result<bool, Failure>>> {
        match self.fault.as_str() {
            "fail-batch" => return Err(Failure::data("the whole batch is wrong")),
            "loop" => loop {
                std::hint::black_box(&batch);
            },
            "trap" => panic!("no predicate today"),
            _ => {}
        }
        let judge = |message: &watertight_sdk::Message| {
            let bad = matches!(&message.value.value, Value::Text(text) if text == "bad");
            match self.fault.as_str() {
                "fail-bad" if bad => Err(Failure::data("this record is bad")),
                _ => Ok(bad),
            }
        };
        let mut answers: Vec<_> = batch.messages.iter().map(judge).collect();
        if self.fault == "too-few" {
            answers.pop();
        }
        Ok(answers)
    }

    fn test(&mut self, _record: &Record<'_>) -> Result<bool> {
        Ok(false)
    }
}
