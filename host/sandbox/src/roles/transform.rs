//! Transforms and predicates.

use tokio::time::timeout;
use wasmtime::component::Func;
use watertight_data::record::Record;

use super::{call, function, load};
use crate::batch::{self, MessageBatch, Outcome, Room, Settled};
use crate::bindings::exports::watertight::transform::{predicate, transformation};
use crate::bindings::watertight::types::common::{Config, Failure, KeyReport};
use crate::catalogue::PluginClass;
use crate::error::{Call, GuestError};
use crate::instance::GuestInstance;
use crate::limits::key;
use crate::lower::Options;

/// One entry of `transforms` in one task.
pub struct Transformation {
    /// Its instance.
    pub guest: GuestInstance,
    exports: transformation::Guest,
    apply: Func,
    class: String,
    options: Options,
}

/// One entry of `predicates` in one task.
pub struct Predicate {
    /// Its instance.
    pub guest: GuestInstance,
    exports: predicate::Guest,
    test: Func,
    class: String,
    options: Options,
}

macro_rules! configurable {
    ($name:ident, $module:ident, $field:ident, $interface:literal, $function:literal, $word:literal) => {
        impl $name {
            /// Takes the role.
            pub fn new(mut guest: GuestInstance, indices: &$module::GuestIndices) -> Result<Self, GuestError> {
                let exports =
                    load(&mut guest, Call::Instantiate, |guest| indices.load(&mut guest.store, &guest.instance))?;
                let $field = function(&mut guest, $interface, $function)?;
                Ok(Self { guest, exports, $field, class: String::new(), options: Options::default() })
            }

            /// What the plugin has to say of its settings: those under its prefix, without the prefix.
            pub async fn validate(&mut self, class: &str, config: &Config) -> Result<Vec<KeyReport>, GuestError> {
                class.clone_into(&mut self.class);
                let answer = fallible!(self, Call::Validate, call_validate(class, config));
                answer.map_err(|error| self.named(error))
            }

            /// Once, before the first batch.
            pub async fn configure(&mut self, class: &PluginClass, config: &Config) -> Result<(), GuestError> {
                self.class.clone_from(&class.name);
                self.options = Options::of(class);
                let answer = fallible!(self, Call::Configure, call_configure(&class.name, config));
                answer.map_err(|error| self.named(error))
            }

            /// The end.
            pub async fn close(&mut self) -> Result<(), GuestError> {
                let answer = infallible!(self, Call::Close, call_close());
                answer.map_err(|error| self.named(error))
            }

            fn named(&self, error: GuestError) -> GuestError {
                error.at(|| format!(concat!($word, " {}"), self.class))
            }
        }
    };
}

configurable!(Transformation, transformation, apply, "transform/transformation", "apply", "transformation");
configurable!(Predicate, predicate, test, "transform/predicate", "test", "predicate");

impl Transformation {
    /// What becomes of each of the records, in their order. Large batches go in several calls.
    ///
    /// A failure of a whole call is a failure of each of its records, and may be tried again like any other.
    ///
    /// # Errors
    /// When the instance is at its end: it trapped, broke a limit, or answered against the contract.
    pub async fn transform_batch(&mut self, records: Vec<Record>) -> Result<Vec<Outcome>, GuestError> {
        let mut settled = Vec::with_capacity(records.len());
        while let Some(rest) = records.get(settled.len()..).filter(|rest| !rest.is_empty()) {
            self.chunk(rest, &mut settled).await.map_err(|error| self.named(error))?;
        }
        Ok(settled.into_iter().zip(records).map(|(settled, record)| settled.of(record)).collect())
    }

    async fn chunk(&mut self, records: &[Record], settled: &mut Vec<Settled>) -> Result<(), GuestError> {
        let room = Room::of(self.guest.limits());
        let chunk = batch::plan(records, &mut self.guest.state_mut().schemas, self.options, room);
        let asked = chunk.plan.len();
        let answers = if asked == 0 {
            Vec::new()
        } else {
            let views = chunk.plan.views();
            let messages = chunk.plan.messages(&views);
            let batch = chunk.plan.batch(&views, &messages);
            let answer: Result<transformation::Transformed, GuestError> =
                call::<(MessageBatch<'_>,), _>(&mut self.guest, Call::Apply, self.apply, (batch,)).await;
            match orderly(answer)? {
                Err(failure) => vec_of(asked, || Settled::Failed(failure.clone())),
                Ok(answer) => {
                    check_size(&mut self.guest, Call::Apply, batch::size_of(&answer))?;
                    let table = &self.guest.state().schemas;
                    batch::settle(answer, &chunk.plan.topics, asked, table, self.options)
                        .map_err(|what| self.guest.condemn(Call::Apply, what))?
                }
            }
        };
        weave(chunk.failed, answers, chunk.count, Settled::Failed, settled);
        Ok(())
    }
}

impl Predicate {
    /// Whether the predicate holds for each of the records, in their order. Large batches go in several calls.
    ///
    /// # Errors
    /// When the instance is at its end: it trapped, broke a limit, or answered against the contract.
    pub async fn test_batch(&mut self, records: &[Record]) -> Result<Vec<Result<bool, Failure>>, GuestError> {
        let mut results = Vec::with_capacity(records.len());
        while let Some(rest) = records.get(results.len()..).filter(|rest| !rest.is_empty()) {
            self.chunk(rest, &mut results).await.map_err(|error| self.named(error))?;
        }
        Ok(results)
    }

    async fn chunk(&mut self, records: &[Record], results: &mut Vec<Result<bool, Failure>>) -> Result<(), GuestError> {
        let room = Room::of(self.guest.limits());
        let chunk = batch::plan(records, &mut self.guest.state_mut().schemas, self.options, room);
        let asked = chunk.plan.len();
        let answers = if asked == 0 {
            Vec::new()
        } else {
            let views = chunk.plan.views();
            let messages = chunk.plan.messages(&views);
            let batch = chunk.plan.batch(&views, &messages);
            let answer = call::<(MessageBatch<'_>,), _>(&mut self.guest, Call::Test, self.test, (batch,)).await;
            match orderly(answer)? {
                Err(failure) => vec_of(asked, || Err(failure.clone())),
                Ok(answer) => {
                    let answer: Vec<Result<bool, Failure>> = answer;
                    batch::same_number(answer.len(), asked).map_err(|what| self.guest.condemn(Call::Test, what))?;
                    answer
                }
            }
        };
        weave(chunk.failed, answers, chunk.count, Err, results);
        Ok(())
    }
}

/// An orderly failure is an answer; anything else is the end.
pub(super) fn orderly<R>(answer: Result<R, GuestError>) -> Result<Result<R, Failure>, GuestError> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(GuestError::Failure { code, message, trace, retriable, retry_after }) => {
            let retry_after_ms = retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            Ok(Err(Failure { code, message, trace, retriable, retry_after_ms }))
        }
        Err(error) => Err(error),
    }
}

/// As many of them.
pub(super) fn vec_of<T>(count: usize, make: impl Fn() -> T) -> Vec<T> {
    std::iter::repeat_with(make).take(count).collect()
}

/// The host's own failures and the guest's answers, in the order of the records.
pub(super) fn weave<T>(
    failed: Vec<(usize, Failure)>,
    answers: Vec<T>,
    count: usize,
    fail: impl Fn(Failure) -> T,
    into: &mut Vec<T>,
) {
    let mut failed = failed.into_iter().peekable();
    let mut answers = answers.into_iter();
    for index in 0..count {
        match failed.next_if(|(at, _)| *at == index) {
            Some((_, failure)) => into.push(fail(failure)),
            None => into.extend(answers.next()),
        }
    }
}

/// The host holds an answer before it can say no; the guest must not make that much of it.
pub(super) fn check_size(guest: &mut GuestInstance, call: Call, size: u64) -> Result<(), GuestError> {
    let limit = guest.limits().get(key::BATCH_BYTES);
    if size <= limit {
        return Ok(());
    }
    let what = format!("it answered with {size} bytes");
    guest.condemn(call, what.as_str());
    Err(GuestError::Limit { call: call.name(), key: key::BATCH_BYTES, limit, what, trace: None })
}
