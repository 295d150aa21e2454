//! Numbered words, in rows and in records: what flows while something else is tried.

use serde_json::json;
use watertight_cases::topics::Letter;

use crate::ground::Ground;
use crate::sinks::{key, value};

/// The words of these numbers in records.
pub fn letters(from: i64, to: i64) -> Vec<Letter> {
    let letter = |n: i64| Letter {
        key: Some(key(n)),
        value: Some(value(&[("word", "string")], json!({"word": format!("word {n}")}))),
        ..Letter::default()
    };
    (from..to).map(letter).collect()
}

/// The words of these numbers into the table `words`.
pub fn insert(ground: &Ground, from: u64, to: u64) -> anyhow::Result<()> {
    let rows: Vec<String> = (from..to).map(|n| format!("({n}, 'word {n}')")).collect();
    ground.database.sql(&format!("INSERT INTO words (id, word) VALUES {};", rows.join(", "))).map(drop)
}
