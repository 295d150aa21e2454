//! `Values.parseString`.
//!
//! A text that begins like an array or a map but is none becomes text as a whole, so the errors in here only say
//! that, never what was wrong.

use std::sync::Arc;

use super::merge::Merger;
use super::tokens::{Tokens, is_blank, trim};
use super::{convert_to, number, temporal};
use crate::java::digits;
use crate::java::hash::value_hash;
use crate::java::text::MAX_DEPTH;
use crate::schema::{BOOLEAN, STRING, Schema, Type};
use crate::value::{SchemaAndValue, Value};

/// Guesses what a text is: null, a boolean, a number, a date or time, an array, a map; else it is text. Never
/// fails.
pub fn parse_string(text: &str) -> SchemaAndValue {
    if text.is_empty() {
        return string(text);
    }
    match (Parser { tokens: Tokens::new(text), depth: 0 }).parse(false) {
        Ok(Some(parsed)) => parsed,
        Ok(None) => SchemaAndValue::NULL,
        Err(NoGuess) => string(text),
    }
}

/// An array or map that is none.
struct NoGuess;

/// None is null.
type Parsed = Result<Option<SchemaAndValue>, NoGuess>;

struct Parser<'a> {
    tokens: Tokens<'a>,
    depth: usize,
}

fn string(text: &str) -> SchemaAndValue {
    SchemaAndValue::new(Some(STRING().clone()), Value::from(text))
}

impl Parser<'_> {
    fn parse(&mut self, embedded: bool) -> Parsed {
        if !self.tokens.has_next() {
            return Ok(None);
        }
        if embedded && self.tokens.eat("\"") {
            return Ok(Some(self.quoted()));
        }
        if self.literal(embedded, "null") {
            return Ok(None);
        }
        for flag in [true, false] {
            if self.literal(embedded, if flag { "true" } else { "false" }) {
                return Ok(Some(SchemaAndValue::new(Some(BOOLEAN().clone()), Value::Boolean(flag))));
            }
        }
        let start = self.tokens.mark();
        let structure = if self.tokens.eat("[") {
            Some(self.deeper(Self::array))
        } else if self.tokens.eat("{") {
            Some(self.deeper(Self::map))
        } else {
            None
        };
        match structure {
            Some(Some(found)) => return Ok(Some(found)),
            // begun, and none
            Some(None) => self.tokens.rewind(start),
            None => {}
        }
        let token = self.tokens.next();
        if is_blank(token) { Ok(Some(string(token))) } else { self.scalar(embedded, trim(token)) }
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<SchemaAndValue, NoGuess>) -> Option<SchemaAndValue> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let found = read(self).ok();
        self.depth -= 1;
        found
    }

    /// A word. At the top it must be all there is.
    fn literal(&mut self, embedded: bool, word: &str) -> bool {
        let start = self.tokens.mark();
        if self.tokens.eat(word) && (embedded || !self.tokens.has_next()) {
            return true;
        }
        self.tokens.rewind(start);
        false
    }

    fn scalar(&mut self, embedded: bool, token: &str) -> Parsed {
        let first = token.chars().next().unwrap_or_default();
        if digits::value(first).is_some() {
            // an unescaped colon is a piece of its own, so a time of day is five of them
            let start = self.tokens.mark();
            let together = self.tokens.next_pieces(4).map(|rest| format!("{token}{rest}"));
            if let Some(found) = together.as_deref().and_then(temporal::parse) {
                return Ok(Some(found));
            }
            self.tokens.rewind(start);
            if let Some(found) = temporal::parse(token) {
                return Ok(Some(found));
            }
        }
        if (digits::value(first).is_some() || matches!(first, '+' | '-'))
            && let Some(found) = number::parse(token)
        {
            return Ok(Some(found));
        }
        if embedded { Err(NoGuess) } else { Ok(Some(string(self.tokens.text()))) }
    }

    /// After the opening quote. Escapes stay as they are; pieces of white space before a quote are lost.
    fn quoted(&mut self) -> SchemaAndValue {
        let mut content = String::new();
        while self.tokens.has_next() && !self.tokens.eat("\"") {
            content.push_str(self.tokens.next());
        }
        temporal::parse(&content).unwrap_or_else(|| string(&content))
    }

    fn array(&mut self) -> Result<SchemaAndValue, NoGuess> {
        let mut elements = Vec::new();
        let mut merger = Merger::default();
        while self.tokens.has_next() {
            if self.tokens.eat("]") {
                let Some(element) = merger.schema() else {
                    return Ok(SchemaAndValue::new(Some(Schema::new(Type::Array).shared()), Value::Array(elements)));
                };
                let elements = elements.into_iter().map(|value| align(&element, value)).collect::<Result<_, _>>()?;
                return Ok(SchemaAndValue::new(Some(Schema::array(element).shared()), Value::Array(elements)));
            }
            if self.tokens.eat(",") {
                return Err(NoGuess);
            }
            let element = self.parse(true)?;
            merger.merge(element.as_ref());
            elements.push(element.map_or(Value::Null, |element| element.value));
            let here = self.tokens.mark();
            if self.tokens.eat("]") {
                self.tokens.rewind(here);
            } else if !self.tokens.eat(",") {
                return Err(NoGuess);
            }
        }
        Err(NoGuess)
    }

    fn map(&mut self) -> Result<SchemaAndValue, NoGuess> {
        let mut entries = Entries::default();
        let (mut keys, mut values) = (Merger::default(), Merger::default());
        while self.tokens.has_next() {
            if self.tokens.eat("}") {
                return finish(entries.pairs, keys.schema(), values.schema());
            }
            if self.tokens.eat(",") {
                return Err(NoGuess);
            }
            let Some(key) = self.parse(true)?.filter(|key| !key.value.is_null()) else {
                return Err(NoGuess);
            };
            if !self.tokens.eat(":") {
                return Err(NoGuess);
            }
            let value = self.parse(true)?;
            self.tokens.eat(",");
            keys.merge(Some(&key));
            values.merge(value.as_ref());
            entries.put(key.value, value.map_or(Value::Null, |value| value.value));
        }
        Err(NoGuess)
    }
}

fn align(schema: &Arc<Schema>, value: Value) -> Result<Value, NoGuess> {
    convert_to(schema, None, value).map_err(|_| NoGuess)
}

fn finish(
    pairs: Vec<(Value, Value)>,
    keys: Option<Arc<Schema>>,
    values: Option<Arc<Schema>>,
) -> Result<SchemaAndValue, NoGuess> {
    let Some(keys) = keys else {
        return Ok(SchemaAndValue::new(Some(Schema::new(Type::Map).shared()), Value::Map(pairs)));
    };
    let mut aligned = Entries::default();
    for (key, value) in pairs {
        let key = align(&keys, key)?;
        let value = match &values {
            Some(values) => align(values, value)?,
            None => value,
        };
        aligned.put(key, value);
    }
    let schema = Schema { key_schema: Some(keys), value_schema: values, ..Schema::new(Type::Map) };
    Ok(SchemaAndValue::new(Some(schema.shared()), Value::Map(aligned.pairs)))
}

/// `LinkedHashMap`: a repeated key takes the last value at the first one's place.
#[derive(Default)]
struct Entries {
    pairs: Vec<(Value, Value)>,
    places: std::collections::HashMap<i32, Vec<usize>>,
}

impl Entries {
    fn put(&mut self, key: Value, value: Value) {
        let places = self.places.entry(value_hash(&key)).or_default();
        match places.iter().find(|place| self.pairs[**place].0 == key) {
            Some(place) => self.pairs[*place].1 = value,
            None => {
                places.push(self.pairs.len());
                self.pairs.push((key, value));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::values::convert_to_string;

    #[test]
    fn nesting_has_an_end() {
        for depth in [MAX_DEPTH - 1, MAX_DEPTH + 1, 100_000] {
            let text = "[".repeat(depth) + "1" + &"]".repeat(depth);
            let parsed = parse_string(&text);
            assert_eq!(matches!(parsed.value, Value::Array(_)), depth <= MAX_DEPTH, "{depth}");
            assert_eq!(convert_to_string(parsed.schema.as_deref(), &parsed.value).unwrap(), Some(text));
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in
            ["[1,2,300]", "{\"a\":[true],\"b\":[]}", "1.5", "2020-02-29T01:02:03.004Z", "[\"x\"]", "[null,null]", "-7"]
        {
            let parsed = parse_string(text);
            assert!(parsed.value.as_str().is_none(), "{text}");
            assert_eq!(convert_to_string(parsed.schema.as_deref(), &parsed.value).unwrap().as_deref(), Some(text));
        }
    }
}
