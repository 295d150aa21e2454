//! Which topics a connector has used since it was created or since somebody reset that (KIP-558). A source uses a
//! topic when the broker has acknowledged a record, a sink when a record of it was converted, before transforms.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::entities::{ConfigMap, TaskId};
use crate::herder::{HerderError, Result};

/// What REST may ask of the book: `topic.tracking.enable` and `topic.tracking.allow.reset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicTracking {
    /// Topics are noted, and shown.
    pub enabled: bool,
    /// They may be forgotten.
    pub allows_reset: bool,
}

impl TopicTracking {
    /// From the worker's settings.
    pub fn of(worker: &ConfigMap) -> Self {
        let on = |key: &str| worker.get(key).is_none_or(|value| !value.trim().eq_ignore_ascii_case("false"));
        Self { enabled: on("topic.tracking.enable"), allows_reset: on("topic.tracking.allow.reset") }
    }

    /// Whether topics may be asked for.
    ///
    /// # Errors
    /// Kafka's words where they may not.
    pub fn check(self) -> Result<()> {
        if self.enabled { Ok(()) } else { Err(HerderError::Forbidden("Topic tracking is disabled.".to_owned())) }
    }

    /// Whether they may be reset.
    ///
    /// # Errors
    /// Kafka's words where they may not.
    pub fn check_reset(self) -> Result<()> {
        self.check()?;
        if self.allows_reset {
            Ok(())
        } else {
            Err(HerderError::Forbidden("Topic tracking reset is disabled.".to_owned()))
        }
    }
}

/// Who is told of topics that are noted for the first time.
type Listener = Arc<dyn Fn(&TaskId, &str) + Send + Sync>;

/// Topics by connector. Clones share one book.
#[derive(Clone, Default)]
pub struct TopicsInUse {
    /// `topic.tracking.enable=false`
    off: bool,
    resets: Arc<AtomicU64>,
    book: Arc<Mutex<HashMap<String, BTreeSet<String>>>>,
    listener: Option<Listener>,
}

impl TopicsInUse {
    /// An empty book; with `enabled` false it stays so.
    pub fn new(enabled: bool) -> Self {
        Self { off: !enabled, ..Self::default() }
    }

    /// The same, and someone who is told of each topic that is noted here for the first time, and by which task. He
    /// must not wait for anything.
    pub fn with_listener(enabled: bool, listener: impl Fn(&TaskId, &str) + Send + Sync + 'static) -> Self {
        Self { listener: Some(Arc::new(listener)), ..Self::new(enabled) }
    }

    /// Notes a topic; the first note counts, later ones change nothing.
    pub fn note(&self, task: &TaskId, topic: &str) {
        if self.learn(&task.connector, topic)
            && let Some(listener) = &self.listener
        {
            listener(task, topic);
        }
    }

    /// Takes over what was noted elsewhere; whether that is news.
    pub fn learn(&self, connector: &str, topic: &str) -> bool {
        if self.off {
            return false;
        }
        let Ok(mut book) = self.book.lock() else { return false };
        match book.get_mut(connector) {
            Some(topics) => !topics.contains(topic) && topics.insert(topic.to_owned()),
            None => book.insert(connector.to_owned(), BTreeSet::from([topic.to_owned()])).is_none(),
        }
    }

    /// Takes over that one topic was forgotten elsewhere.
    pub fn unlearn(&self, connector: &str, topic: &str) {
        if let Ok(mut book) = self.book.lock()
            && let Some(topics) = book.get_mut(connector)
            && topics.remove(topic)
        {
            if topics.is_empty() {
                book.remove(connector);
            }
            // Afterwards: who sees the new number finds the topic gone.
            self.resets.fetch_add(1, Ordering::Relaxed);
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn task(number: u32) -> TaskId {
        TaskId { connector: "c".into(), task: number }
    }

    #[test]
    fn topics_are_noted_once_and_forgotten_on_reset() {
        let topics = TopicsInUse::new(true);
        for topic in ["b", "a", "b"] {
            topics.note(&task(0), topic);
        }
        assert_eq!(topics.of("c"), ["a", "b"]);
        topics.reset("c");
        assert!(topics.of("c").is_empty());
    }

    #[test]
    fn each_switch_forbids_what_it_is_for() {
        let said = |settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let tracking = TopicTracking::of(&settings);
            [tracking.check(), tracking.check_reset()].map(|checked| checked.err().map(|error| error.to_string()))
        };
        let (off, no_reset) = ("Topic tracking is disabled.", "Topic tracking reset is disabled.");
        assert_eq!(said(&[]), [None, None]);
        assert_eq!(said(&[("topic.tracking.enable", "false")]), [Some(off.into()), Some(off.into())]);
        assert_eq!(said(&[("topic.tracking.allow.reset", " FALSE ")]), [None, Some(no_reset.into())]);
        let both = [("topic.tracking.enable", "false"), ("topic.tracking.allow.reset", "false")];
        assert_eq!(said(&both), [Some(off.into()), Some(off.into())]);
    }

    #[test]
    fn nothing_is_noted_where_tracking_is_off() {
        let topics = TopicsInUse::new(false);
        topics.note(&task(0), "a");
        assert!(topics.of("c").is_empty());
    }

    #[test]
    fn whoever_listens_hears_of_each_topic_once_and_again_after_it_was_forgotten() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = {
            let heard = Arc::clone(&heard);
            move |task: &TaskId, topic: &str| heard.lock().unwrap().push(format!("{task} {topic}"))
        };
        let topics = TopicsInUse::with_listener(true, listener);
        assert!(topics.learn("c", "known") && !topics.learn("c", "known"));
        for (number, topic) in [(0, "known"), (1, "new"), (2, "new")] {
            topics.note(&task(number), topic);
        }
        let resets = topics.resets();
        topics.unlearn("c", "new");
        topics.unlearn("c", "unknown");
        assert_eq!(topics.resets(), resets + 1);
        topics.note(&task(2), "new");
        assert_eq!(*heard.lock().unwrap(), ["c-1 new", "c-2 new"]);
    }
}
