//! Key, value and header converters.

use tokio::time::timeout;
use wasmtime::component::Func;
use watertight_data::value::SchemaAndValue;

use super::transform::{check_size, orderly, vec_of, weave};
use super::{call, function, load};
use crate::batch::{self, Encoded, FromItem, Room, ToItem, WireFromItem, WireToItem};
use crate::bindings::exports::watertight::converter::conversion::{self, BytesOut};
use crate::bindings::watertight::types::common::{Config, Failure, KeyReport};
use crate::bindings::watertight::types::data::Datum;
use crate::catalogue::PluginClass;
use crate::error::{Call, GuestError};
use crate::instance::GuestInstance;
use crate::lower::Options;

/// What an instance converts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// `key.converter`
    Key,
    /// `value.converter`
    Value,
    /// `header.converter`
    Header,
}

impl Usage {
    /// The contract's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Usage::Key => "key",
            Usage::Value => "value",
            Usage::Header => "header",
        }
    }
}

/// The key, value or header converter of one task.
pub struct Conversion {
    /// Its instance.
    pub guest: GuestInstance,
    exports: conversion::Guest,
    from_connect: Func,
    to_connect: Func,
    class: String,
    options: Options,
}

impl Conversion {
    /// Takes the role.
    pub fn new(mut guest: GuestInstance, indices: &conversion::GuestIndices) -> Result<Self, GuestError> {
        let exports = load(&mut guest, Call::Instantiate, |guest| indices.load(&mut guest.store, &guest.instance))?;
        let from_connect = function(&mut guest, "converter/conversion", "from-connect")?;
        let to_connect = function(&mut guest, "converter/conversion", "to-connect")?;
        let (class, options) = (String::new(), Options::default());
        Ok(Self { guest, exports, from_connect, to_connect, class, options })
    }

    /// What the plugin has to say of its settings: those under its prefix, without the prefix.
    pub async fn validate(&mut self, class: &str, config: &Config) -> Result<Vec<KeyReport>, GuestError> {
        class.clone_into(&mut self.class);
        let answer = fallible!(self, Call::Validate, call_validate(class, config));
        answer.map_err(|error| self.named(error))
    }

    /// Once, before the first batch.
    pub async fn configure(&mut self, class: &PluginClass, config: &Config, usage: Usage) -> Result<(), GuestError> {
        self.class.clone_from(&class.name);
        self.options = Options::of(class);
        let answer = fallible!(self, Call::Configure, call_configure(&class.name, config, usage.as_str()));
        answer.map_err(|error| self.named(error))
    }

    /// Bytes for each of the data, in their order. Large batches go in several calls.
    ///
    /// # Errors
    /// When the instance is at its end: it trapped, broke a limit, or answered against the contract.
    pub async fn from_connect(&mut self, items: &[FromItem<'_>]) -> Result<Vec<Result<Encoded, Failure>>, GuestError> {
        let mut results = Vec::with_capacity(items.len());
        while let Some(rest) = items.get(results.len()..).filter(|rest| !rest.is_empty()) {
            self.encode(rest, &mut results).await.map_err(|error| self.named(error))?;
        }
        Ok(results)
    }

    /// A datum for each of the byte strings, in their order. Large batches go in several calls.
    ///
    /// # Errors
    /// When the instance is at its end: it trapped, broke a limit, or answered against the contract.
    pub async fn to_connect(
        &mut self,
        items: &[ToItem<'_>],
    ) -> Result<Vec<Result<SchemaAndValue, Failure>>, GuestError> {
        let mut results = Vec::with_capacity(items.len());
        while let Some(rest) = items.get(results.len()..).filter(|rest| !rest.is_empty()) {
            self.decode(rest, &mut results).await.map_err(|error| self.named(error))?;
        }
        Ok(results)
    }

    /// The end.
    pub async fn close(&mut self) -> Result<(), GuestError> {
        let answer = infallible!(self, Call::Close, call_close());
        answer.map_err(|error| self.named(error))
    }

    fn named(&self, error: GuestError) -> GuestError {
        error.at(|| format!("converter {}", self.class))
    }

    async fn encode(
        &mut self,
        items: &[FromItem<'_>],
        results: &mut Vec<Result<Encoded, Failure>>,
    ) -> Result<(), GuestError> {
        const CALL: Call = Call::FromConnect;
        let room = Room::of(self.guest.limits());
        let chunk = batch::plan_data(items, &mut self.guest.state_mut().schemas, self.options, room);
        let asked = chunk.len();
        let answers = if asked == 0 {
            Vec::new()
        } else {
            let views = chunk.views();
            let params: (&[&str], &[WireFromItem<'_>]) = (&chunk.topics, &views);
            let answer: Result<Vec<Result<BytesOut, Failure>>, GuestError> =
                call(&mut self.guest, CALL, self.from_connect, params).await;
            match orderly(answer)? {
                Err(failure) => vec_of(asked, || Err(failure.clone())),
                Ok(answer) => {
                    batch::same_number(answer.len(), asked).map_err(|what| self.guest.condemn(CALL, what))?;
                    let answers: Vec<_> = answer.into_iter().map(|one| one.map(batch::bytes_out)).collect();
                    check_size(&mut self.guest, CALL, answers.iter().flatten().map(size_of).sum())?;
                    answers
                }
            }
        };
        weave(chunk.failed, answers, chunk.count, Err, results);
        Ok(())
    }

    async fn decode(
        &mut self,
        items: &[ToItem<'_>],
        results: &mut Vec<Result<SchemaAndValue, Failure>>,
    ) -> Result<(), GuestError> {
        const CALL: Call = Call::ToConnect;
        let chunk = batch::plan_raw(items, Room::of(self.guest.limits()));
        let asked = chunk.len();
        let views = chunk.views();
        let params: (&[&str], &[WireToItem<'_>]) = (&chunk.topics, &views);
        let answer: Result<Vec<Result<Datum, Failure>>, GuestError> =
            call(&mut self.guest, CALL, self.to_connect, params).await;
        match orderly(answer)? {
            Err(failure) => results.extend(vec_of(asked, || Err(failure.clone()))),
            Ok(answer) => {
                batch::same_number(answer.len(), asked).map_err(|what| self.guest.condemn(CALL, what))?;
                check_size(&mut self.guest, CALL, answer.iter().flatten().map(batch::size_of_datum).sum())?;
                let table = &self.guest.state().schemas;
                let options = self.options;
                results
                    .extend(answer.into_iter().map(|one| one.and_then(|datum| batch::data_in(datum, table, options))));
            }
        }
        Ok(())
    }
}

fn size_of(encoded: &Encoded) -> u64 {
    let headers = encoded.add_headers.iter();
    let headers: usize = headers.map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len)).sum();
    (encoded.bytes.as_ref().map_or(0, Vec::len) + headers) as u64
}
