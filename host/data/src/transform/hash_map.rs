//! A `java.util.HashMap` in the making.
//!
//! Transforms copy a schemaless value into a new map, and the order in which that map gives its entries back is
//! the order of the fields in whatever is written from it. It depends on the size of the table, and the size on
//! how the map was made: a copy of three entries has eight buckets, a map that grew to three has sixteen.

use crate::java::hash;
use crate::value::Value;

/// Entries in order of insertion, and how many buckets they are spread over.
pub(super) struct HashMap {
    entries: Vec<(Value, Value)>,
    buckets: usize,
}

impl HashMap {
    /// `new HashMap<>(map)`, as JDK 17 sizes it.
    pub(super) fn copy_of(entries: Vec<(Value, Value)>) -> Self {
        let buckets = match entries.len() {
            0 => 16,
            count => ((count as f32 / 0.75 + 1.0) as usize).next_power_of_two(),
        };
        let mut made = Self { entries, buckets };
        made.grow();
        made
    }

    /// `new HashMap<>(capacity)`.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), buckets: capacity.next_power_of_two() }
    }

    /// `new HashMap<>()`.
    pub(super) fn new() -> Self {
        Self::with_capacity(16)
    }

    fn grow(&mut self) {
        while self.entries.len() > (self.buckets as f32 * 0.75) as usize {
            self.buckets *= 2;
        }
    }

    /// `put`: at the earlier entry's place, if there is one.
    pub(super) fn put(&mut self, key: Value, value: Value) {
        match self.entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => {
                self.entries.push((key, value));
                self.grow();
            }
        }
    }

    /// `put` under a text.
    pub(super) fn put_text(&mut self, key: &str, value: Value) {
        match self.get_mut(key) {
            Some(entry) => *entry = value,
            None => {
                self.entries.push((Value::from(key), value));
                self.grow();
            }
        }
    }

    /// The value under a text.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|(known, _)| known.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// `remove`; null where there was none.
    pub(super) fn remove(&mut self, key: &str) -> Value {
        match self.entries.iter().position(|(known, _)| known.as_str() == Some(key)) {
            Some(index) => self.entries.remove(index).1,
            None => Value::Null,
        }
    }

    /// The map, in its order.
    pub(super) fn into_value(mut self) -> Value {
        let mask = self.buckets - 1;
        let bucket = |(key, _): &(Value, Value)| hash::spread(hash::value_hash(key)) & mask;
        if !self.entries.is_sorted_by_key(bucket) {
            self.entries.sort_by_cached_key(bucket);
        }
        Value::Map(self.entries)
    }
}

/// The value under a text; null where there is none.
pub(super) fn get<'a>(entries: &'a [(Value, Value)], key: &str) -> &'a Value {
    entries.iter().find(|(known, _)| known.as_str() == Some(key)).map_or(&Value::Null, |(_, value)| value)
}

/// The texts of a list as a `HashSet` made from it gives them back.
pub(super) fn set_order(texts: &[String]) -> Vec<String> {
    let capacity = ((texts.len() as f32 / 0.75) as usize + 1).max(16);
    let mut set = HashMap::with_capacity(capacity);
    for text in texts {
        set.put_text(text, Value::Null);
    }
    match set.into_value() {
        Value::Map(entries) => entries.iter().filter_map(|(key, _)| key.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn keys(map: HashMap) -> Vec<String> {
        let Value::Map(entries) = map.into_value() else { unreachable!() };
        entries.into_iter().map(|(key, _)| key.as_str().unwrap().to_owned()).collect()
    }

    fn entries(keys: &[&str]) -> Vec<(Value, Value)> {
        keys.iter().map(|key| (Value::from(*key), Value::Null)).collect()
    }

    #[test]
    fn a_copy_has_other_buckets_than_a_map_that_grew() {
        assert_eq!(HashMap::copy_of(entries(&["a", "b", "c"])).buckets, 8);
        assert_eq!(HashMap::copy_of(entries(&[])).buckets, 16);
        let mut grown = HashMap::new();
        for key in ["p", "a"] {
            grown.put_text(key, Value::Null);
        }
        // p is 112: bucket 0 of 16; a is 97: bucket 1
        assert_eq!(keys(grown), ["p", "a"]);
        let mut copied = HashMap::with_capacity(1);
        for key in ["p", "a", "i"] {
            copied.put_text(key, Value::Null);
        }
        assert_eq!(copied.buckets, 4);
        assert_eq!(keys(copied), ["p", "a", "i"]);
    }

    #[test]
    fn putting_again_keeps_the_place() {
        let mut map = HashMap::copy_of(entries(&["a", "b"]));
        map.put(Value::from("a"), Value::Int8(1));
        assert_eq!(map.remove("a"), Value::Int8(1));
        assert_eq!(map.remove("a"), Value::Null);
        assert_eq!(keys(map), ["b"]);
    }
}
