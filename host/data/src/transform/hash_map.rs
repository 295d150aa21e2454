//! A `java.util.HashMap` in the making.
//!
//! Transforms copy a schemaless value into a new map, and the order in which that map gives its entries back is
//! the order of the fields in whatever is written from it. It depends on the size of the table, and the size on
//! how the map was made: a copy of three entries has eight buckets, a map that grew to three has sixteen.

use std::cell::RefCell;

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

    /// `put` of a key that is known not to be there.
    pub(super) fn put_new(&mut self, key: Value, value: Value) {
        self.entries.push((key, value));
        self.grow();
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
    pub(super) fn into_value(self) -> Value {
        Value::Map(KNOWN.with_borrow_mut(|known| known.sort(self.entries, self.buckets)))
    }
}

thread_local! {
    static KNOWN: RefCell<KnownOrders> = const { RefCell::new(KnownOrders(Vec::new())) };
}

/// Orders worked out before. Records of one kind have the same keys in the same order, and comparing keys is
/// much cheaper than hashing and sorting them.
struct KnownOrders(Vec<KnownOrder>);

struct KnownOrder {
    keys: Vec<String>,
    buckets: usize,
    /// Where each place's entry was before; none if all were in their places already.
    places: Option<Vec<usize>>,
}

/// Few enough to be searched faster than an order is worked out.
const KNOWN_ORDERS: usize = 8;
/// Longer maps are sorted every time.
const LONGEST_KNOWN: usize = 64;

impl KnownOrders {
    fn sort(&mut self, entries: Vec<(Value, Value)>, buckets: usize) -> Vec<(Value, Value)> {
        if let Some(index) = self.0.iter().position(|order| order.is_for(&entries, buckets)) {
            self.0[..=index].rotate_right(1);
            return self.0[0].apply(entries);
        }
        let bucket = |(key, _): &(Value, Value)| hash::spread(hash::value_hash(key)) & (buckets - 1);
        let of: Vec<usize> = entries.iter().map(bucket).collect();
        let mut places: Vec<usize> = (0..entries.len()).collect();
        places.sort_by_key(|place| of[*place]);
        let places = (!places.is_sorted()).then_some(places);
        let keys = entries.iter().map(|(key, _)| Some(key.as_str()?.to_owned())).collect::<Option<Vec<String>>>();
        let keys = keys.filter(|keys| keys.len() <= LONGEST_KNOWN && keys.iter().all(|key| key.len() <= 256));
        let order = KnownOrder { keys: keys.unwrap_or_default(), buckets, places };
        let sorted = order.apply(entries);
        if !order.keys.is_empty() {
            self.0.truncate(KNOWN_ORDERS - 1);
            self.0.insert(0, order);
        }
        sorted
    }
}

impl KnownOrder {
    fn is_for(&self, entries: &[(Value, Value)], buckets: usize) -> bool {
        self.buckets == buckets
            && self.keys.len() == entries.len()
            && self.keys.iter().zip(entries).all(|(known, (key, _))| key.as_str() == Some(known))
    }

    fn apply(&self, mut entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
        match &self.places {
            None => entries,
            Some(places) => places.iter().map(|place| std::mem::take(&mut entries[*place])).collect(),
        }
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
    fn an_order_once_known_is_the_same_as_one_worked_out() {
        let names = ["filename", "position", "a", "zebra", "database", "schema"];
        for _ in 0..2 {
            for count in 0..names.len() {
                let copied = HashMap::copy_of(entries(&names[..count]));
                let buckets = copied.buckets;
                let found = keys(copied);
                let bucket = |key: &String| hash::spread(hash::string_hash(key)) & (buckets - 1);
                assert!(found.is_sorted_by_key(bucket), "{found:?}");
                assert_eq!(found.len(), count);
            }
        }
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
