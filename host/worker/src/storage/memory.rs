//! A topic in memory, for tests: what is sent is there at once, and applied when somebody reads to the end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use watertight_kafka::{InRecord, TimestampType};

use super::log::{Apply, Log, LogTrouble, Pair};

/// One record, with offset `offset`.
pub(crate) fn record(offset: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> InRecord {
    InRecord {
        topic: "topic".into(),
        partition: 0,
        offset,
        timestamp: None,
        timestamp_type: TimestampType::NoTimestampType,
        key: key.map(<[u8]>::to_vec),
        value: value.map(<[u8]>::to_vec),
        headers: Vec::new(),
    }
}

/// What a test may look at, and spoil.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    records: Vec<Pair>,
    applied: usize,
    apply: Option<Apply>,
    /// What becomes of the next writes; then they succeed.
    fates: VecDeque<Result<(), LogTrouble>>,
}

impl Memory {
    pub(crate) fn with(pairs: &[(&str, Option<&str>)]) -> Self {
        let memory = Self::default();
        memory.add(pairs);
        memory
    }

    /// Somebody else writes.
    pub(crate) fn add(&self, pairs: &[(&str, Option<&str>)]) {
        let pairs = pairs.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.map(|v| v.as_bytes().to_vec())));
        self.0.lock().unwrap().records.extend(pairs);
    }

    pub(crate) fn next_writes(&self, fates: impl IntoIterator<Item = Result<(), LogTrouble>>) {
        self.0.lock().unwrap().fates.extend(fates);
    }

    /// As text.
    pub(crate) fn written(&self) -> Vec<(String, Option<String>)> {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).unwrap();
        self.0.lock().unwrap().records.iter().map(|(key, value)| (text(key), value.as_ref().map(text))).collect()
    }

    /// Reads what is there and answers as a log.
    pub(crate) fn start(&self, apply: Apply) -> Arc<dyn Log> {
        self.0.lock().unwrap().apply = Some(apply);
        self.catch_up();
        Arc::new(self.clone())
    }

    pub(crate) fn catch_up(&self) {
        loop {
            let mut inner = self.0.lock().unwrap();
            let at = inner.applied;
            let Some((key, value)) = inner.records.get(at).cloned() else { return };
            inner.applied += 1;
            let mut apply = inner.apply.take().unwrap();
            drop(inner);
            apply(record(at as i64, Some(&key), value.as_deref()));
            self.0.lock().unwrap().apply = Some(apply);
        }
    }
}

#[async_trait::async_trait]
impl Log for Memory {
    async fn read_to_end(&self, _: Duration) -> Result<(), LogTrouble> {
        self.catch_up();
        Ok(())
    }

    async fn send(&self, pairs: Vec<Pair>) -> Result<(), LogTrouble> {
        let mut inner = self.0.lock().unwrap();
        if let Some(fate) = inner.fates.pop_front() {
            fate?;
        }
        inner.records.extend(pairs);
        Ok(())
    }

    fn partitions(&self) -> usize {
        1
    }

    fn purge(&self) {}

    async fn stop(&self) {}
}
