//! Text: the hot path of every line-oriented connector, so a string's bytes are handed over, not copied.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Converter;
use crate::error::{ConfigError, DataError};
use crate::java::charset::Charset;
use crate::java::text;
use crate::schema::{OPTIONAL_STRING, Schema};
use crate::value::{SchemaAndValue, Value};

/// `org.apache.kafka.connect.storage.StringConverter`. What is not text is written as Java's `toString` would.
#[derive(Debug, Clone, Copy, Default)]
pub struct StringConverter {
    charset: Charset,
}

const ENCODING: &str = "converter.encoding";

impl StringConverter {
    /// From its settings: `converter.encoding`.
    ///
    /// # Errors
    /// When there is no such encoding.
    pub fn new(settings: &IndexMap<String, String>) -> Result<Self, ConfigError> {
        let Some(name) = settings.get(ENCODING).map(|name| name.trim()) else {
            return Ok(Self::default());
        };
        match Charset::for_name(name) {
            Some(charset) => Ok(Self { charset }),
            None => Err(ConfigError::new(format!("Unsupported encoding {name}"))),
        }
    }
}

impl Converter for StringConverter {
    fn from_connect(
        &self,
        _topic: &str,
        schema: Option<&Arc<Schema>>,
        value: Value,
    ) -> Result<Option<Vec<u8>>, DataError> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(self.charset.encode(text))),
            other => Ok(Some(self.charset.encode(text::to_string(schema.map(|schema| &**schema), &other)?))),
        }
    }

    fn to_connect(&self, _topic: &str, bytes: Option<&[u8]>) -> Result<SchemaAndValue, DataError> {
        let value = bytes.map_or(Value::Null, |bytes| Value::String(self.charset.decode(bytes)));
        Ok(SchemaAndValue::new(Some(OPTIONAL_STRING().clone()), value))
    }

    fn to_connect_owned(&self, topic: &str, bytes: Option<Vec<u8>>) -> Result<SchemaAndValue, DataError> {
        match (self.charset, bytes.map(String::from_utf8)) {
            (Charset::Utf8, Some(Ok(text))) => {
                Ok(SchemaAndValue::new(Some(OPTIONAL_STRING().clone()), Value::String(text)))
            }
            (_, Some(Ok(text))) => self.to_connect(topic, Some(text.as_bytes())),
            (_, Some(Err(error))) => self.to_connect(topic, Some(error.as_bytes())),
            (_, None) => self.to_connect(topic, None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn with(encoding: &str) -> StringConverter {
        StringConverter::new(&IndexMap::from([(ENCODING.to_owned(), encoding.to_owned())])).unwrap()
    }

    #[test]
    fn a_string_s_bytes_are_handed_over() {
        let text = "x".repeat(100);
        let before = text.as_ptr();
        let after = StringConverter::default().from_connect("t", None, Value::String(text)).unwrap().unwrap();
        assert_eq!(before, after.as_ptr());
    }

    #[test]
    fn owned_bytes_are_not_copied_and_mean_the_same() {
        let bytes = b"some text".to_vec();
        let before = bytes.as_ptr();
        let value = StringConverter::default().to_connect_owned("t", Some(bytes)).unwrap().value;
        assert!(matches!(&value, Value::String(text) if text.as_ptr() == before));
        for bytes in [&b"\xff\xfe"[..], b"", b"\xc3\xa4"] {
            for encoding in ["UTF-8", "ISO-8859-1", "US-ASCII"] {
                let converter = with(encoding);
                let owned = converter.to_connect_owned("t", Some(bytes.to_vec())).unwrap();
                assert_eq!(owned, converter.to_connect("t", Some(bytes)).unwrap(), "{encoding} {bytes:?}");
            }
        }
        assert_eq!(StringConverter::default().to_connect_owned("t", None).unwrap().value, Value::Null);
    }

    #[test]
    fn null_is_null_both_ways() {
        let converter = StringConverter::default();
        assert_eq!(converter.from_connect("t", None, Value::Null).unwrap(), None);
        assert_eq!(converter.to_connect("t", None).unwrap().value, Value::Null);
    }

    #[test]
    fn an_unknown_encoding_is_refused_by_name() {
        let refused = StringConverter::new(&IndexMap::from([(ENCODING.to_owned(), "EBCDIC".to_owned())])).unwrap_err();
        assert_eq!(refused.message(), "Unsupported encoding EBCDIC");
    }
}
