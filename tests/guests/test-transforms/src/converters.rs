//! Converters that tell what they were told, or do something wrong.

use watertight_sdk::{
    BytesOut, Class, Config, Converter, Datum, Failure, FromItem, Place, RawHeader, Result, ToItem, Usage, Value, ids,
};

use crate::VERSION;
use crate::faults::{FAULT, damaged};

/// Text between usage, topic and header: `value|topic||text`.
#[derive(Default)]
pub struct TagConverter {
    usage: &'static str,
}

impl Converter for TagConverter {
    const CLASS: Class =
        Class::new("watertight.test.TagConverter", VERSION).documentation("Says what it was told in the bytes");

    fn configure(&mut self, _config: &Config, usage: Usage) -> Result<()> {
        self.usage = match usage {
            Usage::Key => "key",
            Usage::Value => "value",
            Usage::Header => "header",
        };
        Ok(())
    }

    fn from_connect(&mut self, datum: Datum, place: &mut Place<'_>) -> Result<Option<Vec<u8>>> {
        let text = match datum.value {
            Value::Null => return Ok(None),
            Value::Text(text) => text,
            other => return Err(Failure::data(format!("no text: {other:?}"))),
        };
        place.headers.push(RawHeader { name: "converted-by".to_owned(), value: Some(b"tag".to_vec()) });
        Ok(Some(format!("{}|{}|{}|{text}", self.usage, place.topic, place.header_name).into_bytes()))
    }

    fn to_connect(&mut self, bytes: Option<Vec<u8>>, place: &mut Place<'_>) -> Result<Datum> {
        let Some(bytes) = bytes else {
            return Ok(Datum::NULL);
        };
        let text = String::from_utf8(bytes).map_err(|error| Failure::data(error.to_string()))?;
        let names: Vec<&str> = place.headers.iter().map(|header| header.name.as_str()).collect();
        let text = format!("{}|{}|{}|{}|{text}", self.usage, place.topic, place.header_name, names.join("+"));
        Ok(Datum::natural(text))
    }
}

/// Does what `fault` says: `too-few`, `too-many-bytes`, `trap`, `loop`, or one of the damaged values for the bytes
/// `bad`; anything else is text and back.
#[derive(Default)]
pub struct FaultyConverter {
    fault: String,
}

impl FaultyConverter {
    fn act(&self) {
        match self.fault.as_str() {
            "trap" => panic!("no converter today"),
            "loop" => loop {
                std::hint::black_box(self);
            },
            _ => {}
        }
    }
}

impl Converter for FaultyConverter {
    const CLASS: Class =
        Class::new("watertight.test.FaultyConverter", VERSION).documentation("Does what `fault` says").config(&[FAULT]);

    fn configure(&mut self, config: &Config, _usage: Usage) -> Result<()> {
        config.string(&FAULT)?.clone_into(&mut self.fault);
        Ok(())
    }

    fn from_connect_batch(
        &mut self,
        _topics: &[String],
        items: Vec<FromItem>,
    ) -> Result<Vec<Result<BytesOut, Failure>>> {
        self.act();
        let mut answers: Vec<Result<BytesOut, Failure>> = items
            .into_iter()
            .map(|item| {
                let bytes = match item.datum.value {
                    Value::Text(text) if self.fault == "too-many-bytes" => Some(text.repeat(1 << 20).into_bytes()),
                    Value::Text(text) => Some(text.into_bytes()),
                    _ => None,
                };
                Ok(BytesOut { bytes, add_headers: Vec::new() })
            })
            .collect();
        if self.fault == "too-few" {
            answers.pop();
        }
        Ok(answers)
    }

    fn to_connect_batch(&mut self, _topics: &[String], items: Vec<ToItem>) -> Result<Vec<Result<Datum, Failure>>> {
        self.act();
        let mut answers: Vec<Result<Datum, Failure>> = items
            .into_iter()
            .map(|item| {
                let bad = item.bytes.as_deref() == Some(b"bad");
                match damaged(&self.fault) {
                    Some(datum) if bad => Ok(datum),
                    _ => Ok(Datum::of(ids::BYTES, item.bytes.unwrap_or_default())),
                }
            })
            .collect();
        if self.fault == "too-few" {
            answers.pop();
        }
        Ok(answers)
    }

    fn from_connect(&mut self, _datum: Datum, _place: &mut Place<'_>) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn to_connect(&mut self, _bytes: Option<Vec<u8>>, _place: &mut Place<'_>) -> Result<Datum> {
        Ok(Datum::NULL)
    }
}
