//! Connect's `Converter` and `HeaderConverter`.

use crate::{Class, Config, Datum, Failure, KeyReport, Result};

pub use crate::bindings::converter::exports::watertight::converter::conversion::{
    BytesOut, FromItem, RawHeader, ToItem,
};

/// Between Connect's data and bytes. One instance is the key, value or header converter of one task.
///
/// Where a class may stand is said by the lists of [`crate::export!`] that it is in: `converters`,
/// `header_converters`, or both.
#[allow(clippy::wrong_self_convention)]
pub trait Converter: Default + 'static {
    /// Name, configuration and whatever else a worker lists.
    const CLASS: Class;

    /// What the worker cannot check by itself. Only keys with something to say. Without `configure`.
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        let _ = config;
        Ok(Vec::new())
    }

    /// Called once, before the first value, with the settings under the converter's prefix.
    fn configure(&mut self, config: &Config, usage: Usage) -> Result<()> {
        let _ = (config, usage);
        Ok(())
    }

    /// To bytes; nothing is a null key, value or header.
    fn from_connect(&mut self, datum: Datum, place: &mut Place<'_>) -> Result<Option<Vec<u8>>>;

    /// From bytes; nothing is a null key, value or header.
    fn to_connect(&mut self, bytes: Option<Vec<u8>>, place: &mut Place<'_>) -> Result<Datum>;

    /// A batch; calls [`from_connect`](Self::from_connect) for each as it stands.
    fn from_connect_batch(
        &mut self,
        topics: &[String],
        items: Vec<FromItem>,
    ) -> Result<Vec<Result<BytesOut, Failure>>> {
        let convert = |item: FromItem| {
            let FromItem { topic, header_name, datum } = item;
            let mut place = Place { topic: name(topics, topic), header_name: &header_name, headers: Vec::new() };
            let bytes = self.from_connect(datum, &mut place)?;
            Ok(BytesOut { bytes, add_headers: place.headers })
        };
        Ok(items.into_iter().map(convert).collect())
    }

    /// A batch; calls [`to_connect`](Self::to_connect) for each as it stands.
    fn to_connect_batch(&mut self, topics: &[String], items: Vec<ToItem>) -> Result<Vec<Result<Datum, Failure>>> {
        let convert = |item: ToItem| {
            let ToItem { topic, header_name, bytes, headers } = item;
            let mut place = Place { topic: name(topics, topic), header_name: &header_name, headers };
            self.to_connect(bytes, &mut place)
        };
        Ok(items.into_iter().map(convert).collect())
    }

    /// The end.
    fn close(&mut self) {}
}

fn name(topics: &[String], index: u32) -> &str {
    usize::try_from(index).ok().and_then(|index| topics.get(index)).map_or("", String::as_str)
}

/// What an instance converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// `key.converter`
    Key,
    /// `value.converter`
    Value,
    /// `header.converter`
    Header,
}

impl Usage {
    pub(crate) fn of(word: &str) -> Result<Self> {
        match word {
            "key" => Ok(Self::Key),
            "value" => Ok(Self::Value),
            "header" => Ok(Self::Header),
            other => Err(Failure::unsupported(format!("usage {other} of a converter"))),
        }
    }
}

/// Where a value stands.
#[derive(Debug)]
pub struct Place<'a> {
    /// The record's topic.
    pub topic: &'a str,
    /// Of the header that is converted; empty for keys and values.
    pub header_name: &'a str,
    /// From bytes: the record's headers. To bytes: those to be added to it.
    pub headers: Vec<RawHeader>,
}
