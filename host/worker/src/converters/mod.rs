//! The three converters of a task: the connector's own where it names one, else the worker's.
//!
//! Like transforms they work on batches, because one in a sandbox costs a call a batch; a record that fails keeps
//! its place in the batch, so that errors are met in the order of the records.

mod build;
mod incoming;
mod outgoing;

use std::sync::Arc;

use watertight_data::DataError;
use watertight_data::converter::Converter;
use watertight_sandbox::roles::Conversion;

pub use build::ConverterBuilder;
pub use incoming::Incoming;
pub use outgoing::{Outgoing, Sending};

use crate::errors::{Pause, Stage};

/// Key, value and header converter.
pub struct Converters {
    pub(crate) key: Side,
    pub(crate) value: Side,
    pub(crate) header: Side,
}

/// One of the three.
pub(crate) struct Side {
    pub(crate) stage: Stage,
    pub(crate) class: Arc<str>,
    pub(crate) code: Code,
}

/// Who converts.
pub(crate) enum Code {
    /// One of ours.
    BuiltIn(Box<dyn Converter>),
    /// A plugin.
    Plugin(Box<Conversion>),
}

impl Converters {
    /// Lets the plugins among them end.
    pub async fn close(&mut self) {
        for side in [&mut self.key, &mut self.value, &mut self.header] {
            if let Code::Plugin(conversion) = &mut side.code
                && !conversion.guest.is_gone()
                && let Err(error) = conversion.close().await
            {
                tracing::warn!("the plugin failed in close: {}", error.trace());
            }
        }
    }
}

/// What is left of a batch when it is not tried again: failed for good, or (without an error) unfinished.
fn left(late: Vec<(usize, DataError)>, pause: Pause) -> impl Iterator<Item = (usize, Option<DataError>)> {
    late.into_iter().map(move |(index, error)| (index, (pause == Pause::TooLate).then_some(error)))
}
