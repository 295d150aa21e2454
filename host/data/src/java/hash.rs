//! `hashCode`, and the order in which a `HashMap` gives its entries back.
//!
//! JsonConverter reads objects into a `HashMap`, so the order of fields in whatever is written from there (an
//! offset key, a line of a file sink) is the map's order. It follows from the keys' hash codes, the size of the
//! table and, within a bucket, the order of insertion.

use std::hash::Hash;

use crate::value::{Decimal, Value};

/// `String.hashCode`: over UTF-16 units.
pub fn string_hash(text: &str) -> i32 {
    if text.is_ascii() {
        return text.bytes().fold(0, |hash: i32, byte| hash.wrapping_mul(31).wrapping_add(i32::from(byte)));
    }
    text.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `Arrays.hashCode(byte[])`.
pub fn bytes_hash(bytes: &[u8]) -> i32 {
    bytes.iter().fold(1, |hash: i32, byte| hash.wrapping_mul(31).wrapping_add(i32::from(*byte as i8)))
}

/// `Long.hashCode`.
fn long_hash(n: i64) -> i32 {
    (n ^ ((n as u64) >> 32) as i64) as i32
}

/// `Object.hashCode` of a value. Structs hash by their values only, since their schema is not here; as map keys
/// they are unheard of.
pub fn value_hash(value: &Value) -> i32 {
    match value {
        Value::Null => 0,
        Value::Boolean(true) => 1231,
        Value::Boolean(false) => 1237,
        Value::Int8(n) => i32::from(*n),
        Value::Int16(n) => i32::from(*n),
        Value::Int32(n) => *n,
        Value::Int64(n) | Value::Date(n) => long_hash(*n),
        Value::Float32(n) => if n.is_nan() { f32::NAN.to_bits() } else { n.to_bits() }.cast_signed(),
        Value::Float64(n) => long_hash(if n.is_nan() { 0x7FF8_0000_0000_0000 } else { n.to_bits() }.cast_signed()),
        Value::String(text) => string_hash(text),
        Value::Bytes(bytes) => bytes_hash(bytes),
        Value::Decimal(decimal) => decimal_hash(decimal),
        Value::Array(values) | Value::Struct(values) => {
            values.iter().fold(1, |hash: i32, value| hash.wrapping_mul(31).wrapping_add(value_hash(value)))
        }
        Value::Map(entries) => {
            entries.iter().fold(0, |hash: i32, (key, value)| hash.wrapping_add(value_hash(key) ^ value_hash(value)))
        }
    }
}

/// `BigDecimal.hashCode`: 31 x the unscaled value's, plus the scale. Values that fit a long hash their two halves.
fn decimal_hash(decimal: &Decimal) -> i32 {
    let unscaled = decimal.unscaled_int();
    let (sign, words) = unscaled.to_u32_digits();
    let magnitude =
        words.iter().rev().fold(0, |hash: i32, word| hash.wrapping_mul(31).wrapping_add(word.cast_signed()));
    let signed = if sign == num_bigint::Sign::Minus { magnitude.wrapping_neg() } else { magnitude };
    signed.wrapping_mul(31).wrapping_add(decimal.scale)
}

/// Puts entries, given in order of insertion and with unique keys, into the order in which a `HashMap` made with
/// `new HashMap<>()` would give them back.
///
/// A bucket of nine or more entries becomes a tree in Java, which may move its root to the front. That takes
/// keys made for it and is not imitated.
pub fn hash_map_order<T>(entries: &mut [T], hash: impl Fn(&T) -> i32) {
    let buckets = table_size(entries.len());
    // sort_by_key is stable: insertion order stays within a bucket, as it does when Java's table grows
    entries.sort_by_cached_key(|entry| bucket(hash(entry), buckets));
}

/// The same for a map made with `new HashMap<>(n)` for its `n` entries.
pub fn sized_hash_map_order<T>(entries: &mut [T], hash: impl Fn(&T) -> i32) {
    let mut buckets = entries.len().next_power_of_two();
    while entries.len() > buckets * 3 / 4 {
        buckets *= 2;
    }
    entries.sort_by_cached_key(|entry| bucket(hash(entry), buckets));
}

/// The same for a map made with `new HashMap<>(other)`, or filled at once by `putAll`; entries come in the other one's
/// order.
pub fn copied_map_order<T>(entries: &mut [T], hash: impl Fn(&T) -> i32) {
    let buckets = (entries.len() * 4 / 3 + 1).next_power_of_two();
    entries.sort_by_cached_key(|entry| bucket(hash(entry), buckets));
}

/// [`hash_map_order`] where the hashes are known.
pub fn known_map_order<T>(entries: &mut [T], hashes: &[i32]) {
    let buckets = table_size(entries.len());
    let mut order: Vec<(usize, usize)> =
        hashes.iter().enumerate().map(|(index, hash)| (bucket(*hash, buckets), index)).collect();
    order.sort_unstable();
    for place in 0..order.len().min(entries.len()) {
        // what stood there before may have been moved by an earlier exchange, or several
        let mut from = order[place].1;
        while from < place {
            from = order[from].1;
        }
        entries.swap(place, from);
    }
}

/// [`hash_map_order`] for text keys.
pub fn string_map_order<V>(entries: &mut [(String, V)]) {
    hash_map_order(entries, |(key, _)| string_hash(key));
}

/// [`hash_map_order`] for any keys.
pub fn value_map_order(entries: &mut [(Value, Value)]) {
    hash_map_order(entries, |(key, _)| value_hash(key));
}

/// Power of two that holds this many at a load of three quarters; 16 at least.
fn table_size(count: usize) -> usize {
    let mut size = 16;
    while count > size / 4 * 3 {
        size *= 2;
    }
    size
}

fn bucket(hash: i32, buckets: usize) -> usize {
    spread(hash) & (buckets - 1)
}

/// `HashMap.hash`: the upper half has a say in the choice of a bucket.
pub(crate) fn spread(hash: i32) -> usize {
    let hash = hash.cast_unsigned();
    (hash ^ (hash >> 16)) as usize
}

/// Later entries with the same key replace the value of earlier ones, at the earlier one's place.
pub fn put_all<K: Hash + Eq, V>(entries: impl IntoIterator<Item = (K, V)>) -> Vec<(K, V)> {
    entries.into_iter().collect::<indexmap::IndexMap<K, V>>().into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn order(keys: &[&str]) -> Vec<String> {
        let mut entries: Vec<(String, ())> = keys.iter().map(|key| ((*key).to_owned(), ())).collect();
        string_map_order(&mut entries);
        entries.into_iter().map(|(key, ())| key).collect()
    }

    #[test]
    fn strings_hash_as_in_java() {
        for (text, hash) in
            [("", 0), ("a", 97), ("hello world", 1_794_106_052), ("größe", 98_762_257), ("😀", 1_772_899)]
        {
            assert_eq!(string_hash(text), hash, "{text}");
        }
    }

    #[test]
    fn keys_come_in_the_order_of_a_hash_map() {
        assert_eq!(order(&["z", "y", "x", "filename", "position"]), ["filename", "x", "y", "z", "position"]);
        assert_eq!(
            order(&["database", "table", "schema", "server", "partition"]),
            ["schema", "server", "database", "partition", "table"]
        );
    }

    #[test]
    fn a_copy_has_a_table_of_its_own_size() {
        let mut keys = ["file", "name", "topic"];
        copied_map_order(&mut keys, |key| string_hash(key));
        assert_eq!(keys, ["name", "topic", "file"]);
        hash_map_order(&mut keys, |key| string_hash(key));
        assert_eq!(keys, ["file", "name", "topic"]);
    }

    #[test]
    fn known_hashes_give_the_same_order() {
        for count in [0, 1, 11, 12, 13, 40] {
            let mut entries: Vec<(String, usize)> = (0..count).map(|n| (format!("key{}", n * 7919), n)).collect();
            let hashes: Vec<i32> = entries.iter().map(|(key, _)| string_hash(key)).collect();
            let mut known = entries.clone();
            known_map_order(&mut known, &hashes);
            string_map_order(&mut entries);
            assert_eq!(known, entries);
        }
    }

    #[test]
    fn keys_of_one_bucket_keep_their_order() {
        assert_eq!(order(&["BB", "Aa"]), ["BB", "Aa"]);
        assert_eq!(order(&["Aa", "BB"]), ["Aa", "BB"]);
    }

    #[test]
    fn the_table_doubles_after_three_quarters() {
        assert_eq!([0, 12, 13, 24, 25].map(table_size), [16, 16, 32, 32, 64]);
    }

    #[test]
    fn a_later_value_takes_the_earlier_place() {
        assert_eq!(put_all([("a", 1), ("b", 2), ("a", 3)]), [("a", 3), ("b", 2)]);
    }
}
