//! One transform with its predicate, built in or a plugin's.

use std::sync::Arc;

use watertight_data::predicate::Predicate;
use watertight_data::transform::Transformation;
use watertight_data::{DataError, Record};
use watertight_sandbox::batch::{Outcome, data_error};
use watertight_sandbox::roles;

use super::{Attempts, Slot, Trying};
use crate::errors::{Pause, Problem, Stage};
use crate::failure::Failure;

pub(super) struct Link {
    pub(super) class: Arc<str>,
    pub(super) condition: Option<Condition>,
    pub(super) transform: Transform,
}

pub(super) struct Condition {
    pub(super) negate: bool,
    pub(super) test: Test,
}

pub(super) enum Transform {
    BuiltIn(Box<dyn Transformation>),
    Plugin(Box<roles::Transformation>),
}

pub(super) enum Test {
    BuiltIn(Box<dyn Predicate>),
    Plugin(Box<roles::Predicate>),
}

impl Link {
    pub(super) async fn apply(&mut self, slots: &mut [Slot], attempts: &mut Attempts<'_>) -> Result<(), Failure> {
        let Self { class, condition, transform } = self;
        let (negate, test) = match condition {
            None => (false, None),
            Some(Condition { negate, test }) => (*negate, Some(test)),
        };
        match (test, transform) {
            (None, Transform::BuiltIn(transform)) => {
                slots.iter_mut().for_each(|slot| step(slot, class, &mut **transform, None));
                Ok(())
            }
            (Some(Test::BuiltIn(test)), Transform::BuiltIn(transform)) => {
                for slot in slots {
                    step(slot, class, &mut **transform, Some((negate, &mut **test)));
                }
                Ok(())
            }
            (None, Transform::Plugin(transform)) => {
                let all: Vec<usize> = (0..slots.len()).collect();
                call(slots, &all, class, transform, attempts).await
            }
            (Some(Test::BuiltIn(test)), Transform::Plugin(transform)) => {
                let mut chosen = Vec::with_capacity(slots.len());
                for (index, slot) in slots.iter_mut().enumerate() {
                    if let Slot::Live(record) = slot {
                        match test.test(record) {
                            Ok(holds) if holds != negate => chosen.push(index),
                            Ok(_) => {}
                            Err(error) => *slot = failed(class, error),
                        }
                    }
                }
                call(slots, &chosen, class, transform, attempts).await
            }
            (Some(Test::Plugin(test)), Transform::BuiltIn(transform)) => {
                for index in choose(slots, class, test, negate, attempts).await? {
                    if let Some(slot) = slots.get_mut(index) {
                        step(slot, class, &mut **transform, None);
                    }
                }
                Ok(())
            }
            (Some(Test::Plugin(test)), Transform::Plugin(transform)) => {
                let chosen = choose(slots, class, test, negate, attempts).await?;
                call(slots, &chosen, class, transform, attempts).await
            }
        }
    }

    pub(super) async fn close(&mut self) {
        if let Transform::Plugin(transform) = &mut self.transform
            && !transform.guest.is_gone()
            && let Err(error) = transform.close().await
        {
            tracing::warn!("the plugin failed in close: {}", error.trace());
        }
        if let Some(Condition { test: Test::Plugin(test), .. }) = &mut self.condition
            && !test.guest.is_gone()
            && let Err(error) = test.close().await
        {
            tracing::warn!("the plugin failed in close: {}", error.trace());
        }
    }
}

fn failed(class: &Arc<str>, error: DataError) -> Slot {
    Slot::Failed(Box::new(Problem::new(Stage::Transformation, class, error)))
}

/// One record through a built-in transform. None of these fails in a way that another attempt would mend.
fn step(
    slot: &mut Slot,
    class: &Arc<str>,
    transform: &mut dyn Transformation,
    condition: Option<(bool, &mut dyn Predicate)>,
) {
    let Slot::Live(record) = slot else { return };
    let applies = match condition {
        None => Ok(true),
        Some((negate, test)) => test.test(record).map(|holds| holds != negate),
    };
    if let Ok(false) = applies {
        return;
    }
    let Slot::Live(record) = std::mem::replace(slot, Slot::Dropped) else { return };
    *slot = match applies.and_then(|_| transform.apply(record)) {
        Ok(Some(record)) => Slot::Live(record),
        Ok(None) => Slot::Dropped,
        Err(error) => failed(class, error),
    };
}

/// Takes the live records among the chosen out of their slots.
fn take(slots: &mut [Slot], chosen: &[usize]) -> (Vec<usize>, Vec<Record>) {
    let mut indexes = Vec::with_capacity(chosen.len());
    let mut records = Vec::with_capacity(chosen.len());
    for &index in chosen {
        if let Some(slot @ Slot::Live(_)) = slots.get_mut(index)
            && let Slot::Live(record) = std::mem::replace(slot, Slot::Dropped)
        {
            indexes.push(index);
            records.push(record);
        }
    }
    (indexes, records)
}

/// Records that were tried again and are no more: for good, or until the task runs again.
fn leave(slots: &mut [Slot], indexes: &[usize], errors: Vec<DataError>, class: &Arc<str>, pause: Pause) {
    for (index, error) in indexes.iter().zip(errors) {
        if let Some(slot) = slots.get_mut(*index) {
            *slot = if pause == Pause::Stopped { Slot::Unfinished } else { failed(class, error) };
        }
    }
}

/// The chosen records through a plugin's transform, those that fail for the moment again.
async fn call(
    slots: &mut [Slot],
    chosen: &[usize],
    class: &Arc<str>,
    transform: &mut roles::Transformation,
    attempts: &mut Attempts<'_>,
) -> Result<(), Failure> {
    let (mut indexes, mut records) = take(slots, chosen);
    let mut trying = Trying::begin();
    while !records.is_empty() {
        let outcomes = transform.transform_batch(records).await.map_err(Failure::from)?;
        let (mut again, mut late) = (Vec::new(), Vec::new());
        for (index, outcome) in indexes.into_iter().zip(outcomes) {
            let Some(slot) = slots.get_mut(index) else { continue };
            *slot = match outcome {
                Outcome::Unchanged(record) | Outcome::Changed(record) => Slot::Live(record),
                Outcome::Dropped => Slot::Dropped,
                Outcome::Failed { failure, record } if failure.retriable => {
                    again.push((index, record));
                    late.push(data_error(failure));
                    Slot::Dropped
                }
                Outcome::Failed { failure, record: _ } => failed(class, data_error(failure)),
            };
        }
        (indexes, records) = again.into_iter().unzip();
        if !records.is_empty() {
            match trying.again(attempts, records.len()).await {
                Pause::Over => {}
                pause @ (Pause::Stopped | Pause::TooLate) => {
                    leave(slots, &indexes, late, class, pause);
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Those live records to which the transform applies, by a plugin's predicate.
async fn choose(
    slots: &mut [Slot],
    class: &Arc<str>,
    test: &mut roles::Predicate,
    negate: bool,
    attempts: &mut Attempts<'_>,
) -> Result<Vec<usize>, Failure> {
    let all: Vec<usize> = (0..slots.len()).collect();
    let (mut indexes, mut records) = take(slots, &all);
    let mut chosen = Vec::with_capacity(records.len());
    let mut trying = Trying::begin();
    while !records.is_empty() {
        let answers = test.test_batch(&records).await.map_err(Failure::from)?;
        let (mut again, mut late) = (Vec::new(), Vec::new());
        for ((index, record), answer) in indexes.into_iter().zip(records).zip(answers) {
            let Some(slot) = slots.get_mut(index) else { continue };
            *slot = match answer {
                Ok(holds) => {
                    if holds != negate {
                        chosen.push(index);
                    }
                    Slot::Live(record)
                }
                Err(failure) if failure.retriable => {
                    again.push((index, record));
                    late.push(data_error(failure));
                    Slot::Dropped
                }
                Err(failure) => failed(class, data_error(failure)),
            };
        }
        (indexes, records) = again.into_iter().unzip();
        if !records.is_empty() {
            match trying.again(attempts, records.len()).await {
                Pause::Over => {}
                pause @ (Pause::Stopped | Pause::TooLate) => {
                    leave(slots, &indexes, late, class, pause);
                    break;
                }
            }
        }
    }
    chosen.sort_unstable();
    Ok(chosen)
}
