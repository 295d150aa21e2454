//! Which topics a connector has used since it was created or since somebody reset that (KIP-558). A source uses a
//! topic when the broker has acknowledged a record, a sink when a record of it was converted, before transforms.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Topics by connector. Clones share one book.
#[derive(Debug, Clone, Default)]
pub struct TopicsInUse {
    /// `topic.tracking.enable=false`
    off: bool,
    resets: Arc<AtomicU64>,
    book: Arc<Mutex<HashMap<String, BTreeSet<String>>>>,
}

impl TopicsInUse {
    /// An empty book; with `enabled` false it stays so.
    pub fn new(enabled: bool) -> Self {
        Self { off: !enabled, ..Self::default() }
    }

    /// Notes a topic; the first note counts, later ones change nothing.
    pub fn note(&self, connector: &str, topic: &str) {
        if self.off {
            return;
        }
        if let Ok(mut book) = self.book.lock() {
            let topics = book.entry(connector.to_owned()).or_default();
            if !topics.contains(topic) {
                topics.insert(topic.to_owned());
            }
        }
    }

    /// The connector's topics, sorted.
    pub fn of(&self, connector: &str) -> Vec<String> {
        let book = self.book.lock();
        book.ok().and_then(|book| Some(book.get(connector)?.iter().cloned().collect())).unwrap_or_default()
    }

    /// How often a page was emptied: what a task has noted before that, it has to note again.
    pub fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }

    /// Empties the connector's page; also when it is deleted.
    pub fn reset(&self, connector: &str) {
        self.resets.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut book) = self.book.lock() {
            book.remove(connector);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_noted_once_and_forgotten_on_reset() {
        let topics = TopicsInUse::new(true);
        for topic in ["b", "a", "b"] {
            topics.note("c", topic);
        }
        assert_eq!(topics.of("c"), ["a", "b"]);
        topics.reset("c");
        assert!(topics.of("c").is_empty());
    }

    #[test]
    fn nothing_is_noted_where_tracking_is_off() {
        let topics = TopicsInUse::new(false);
        topics.note("c", "a");
        assert!(topics.of("c").is_empty());
    }
}
