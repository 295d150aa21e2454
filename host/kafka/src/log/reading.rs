//! The thread that reads a log and applies what it reads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::error::LogError;
use super::place::Place;
use crate::consumer::{EARLIEST, Waker};
use crate::settings::ClientSettings;
use crate::{InRecord, KafkaError, Reading as Read, TopicPartition, TopicReader};

/// How many records are taken at once.
const BATCH: usize = 500;

/// How long nothing may come before the thread looks around. It is woken to stop.
const REST: Duration = Duration::from_secs(10);

/// After trouble, before the next look.
const PAUSE: Duration = Duration::from_millis(100);

/// Between two lines of the log about the same trouble.
const QUIET: Duration = Duration::from_secs(30);

/// How long `stop` waits for a record that is being applied, and for librdkafka.
const STOP: Duration = Duration::from_secs(10);

/// What the thread tells.
#[derive(Debug)]
struct State {
    place: Place,
    /// The last trouble, if nothing was read since.
    trouble: Option<KafkaError>,
}

/// A log's reading half. Dropping it tells the thread to stop and does not wait.
pub(super) struct Reading {
    topic: Arc<str>,
    state: watch::Receiver<State>,
    shared: Arc<Shared>,
}

struct Shared {
    stop: AtomicBool,
    waker: Waker,
}

impl Reading {
    pub(super) fn start(
        topic: &Arc<str>,
        partitions: usize,
        settings: ClientSettings,
        apply: impl FnMut(InRecord) + Send + 'static,
    ) -> Result<Self, LogError> {
        let settings = settings.with("auto.offset.reset", "earliest").with("enable.partition.eof", "true");
        let (tell, state) = watch::channel(State { place: Place::new(partitions), trouble: None });
        let shared = Arc::new(Shared { stop: AtomicBool::new(false), waker: Waker::default() });
        let failed = |text: String| LogError::Client { topic: topic.clone(), error: KafkaError::Creation(text) };
        let work = Work { topic: topic.clone(), apply, tell, shared: shared.clone(), spoken: None };
        let from: Vec<_> = (0..partitions)
            .filter_map(|at| i32::try_from(at).ok())
            .map(|at| (TopicPartition::new(&**topic, at), EARLIEST))
            .collect();
        let thread = std::thread::Builder::new().name("kafka-log".to_owned());
        thread.spawn(move || work.run(&settings, &from)).map_err(|error| failed(format!("no thread: {error}")))?;
        Ok(Self { topic: topic.clone(), state, shared })
    }

    /// Returns when these ends are reached; trouble may pass.
    pub(super) async fn reach(&self, ends: &[i64]) -> Result<(), LogError> {
        let mut state = self.state.clone();
        match state.wait_for(|state| state.place.has_reached(ends)).await {
            Ok(_) => Ok(()),
            Err(_) => Err(self.ended()),
        }
    }

    /// The same for the first time: trouble that will not pass is an error.
    pub(super) async fn reach_first(&self, ends: &[i64]) -> Result<(), LogError> {
        let hopeless = |state: &State| state.trouble.as_ref().is_some_and(KafkaError::is_authorization);
        let mut state = self.state.clone();
        match state.wait_for(|state| hopeless(state) || state.place.has_reached(ends)).await {
            Ok(state) if state.place.has_reached(ends) => Ok(()),
            Ok(_) | Err(_) => Err(self.ended()),
        }
    }

    /// In words, what is missing.
    pub(super) fn behind(&self, ends: &[i64]) -> String {
        let state = self.state.borrow();
        match (&state.trouble, state.place.behind(ends)) {
            (Some(error), _) => error.to_string(),
            (None, Some((partition, next, end))) => format!(
                "partition {partition} was read up to offset {next} of {end} (a transaction that is still open there?)"
            ),
            (None, None) => "just too late".to_owned(),
        }
    }

    /// Stops the thread and waits for its end, but not for ever.
    pub(super) async fn stop(&self) {
        self.shared.stop();
        let mut state = self.state.clone();
        let ended = async { while state.changed().await.is_ok() {} };
        if tokio::time::timeout(STOP, ended).await.is_err() {
            tracing::warn!(topic = %self.topic, "a log did not stop within {STOP:?}; its thread is given up");
        }
    }

    /// Why there will be nothing more.
    fn ended(&self) -> LogError {
        match &self.state.borrow().trouble {
            Some(error) => LogError::Client { topic: self.topic.clone(), error: error.clone() },
            None => LogError::Stopped { topic: self.topic.clone() },
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl Shared {
    fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// The thread's own.
struct Work<F> {
    topic: Arc<str>,
    apply: F,
    tell: watch::Sender<State>,
    shared: Arc<Shared>,
    /// What was last said about trouble, and when.
    spoken: Option<(String, Instant)>,
}

impl<F: FnMut(InRecord)> Work<F> {
    fn run(mut self, settings: &ClientSettings, from: &[(TopicPartition, i64)]) {
        let mut reader = match TopicReader::start(settings, from) {
            Ok(reader) => reader,
            Err(error) => {
                self.tell.send_modify(|state| state.trouble = Some(error));
                return;
            }
        };
        let shared = self.shared.clone();
        let _wakeable = shared.waker.attach(&reader);
        while !shared.stop.load(Ordering::Acquire) {
            match reader.next(BATCH, REST) {
                Read::Records(records) => self.records(records),
                Read::End { partition, offset } => self.tell.send_modify(|state| {
                    state.place.set(partition.partition, offset);
                    state.trouble = None;
                }),
                Read::Idle => {}
                Read::Warning(text) => self.say(&text),
                Read::Failed(error) => {
                    self.say(&error.to_string());
                    self.tell.send_modify(|state| state.trouble = Some(error));
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    fn records(&mut self, records: Vec<InRecord>) {
        // Consecutive records are mostly of one partition.
        let mut places: Vec<(i32, i64)> = Vec::new();
        for record in records {
            if self.shared.stop.load(Ordering::Acquire) {
                break;
            }
            let (partition, offset) = (record.partition, record.offset);
            if catch_unwind(AssertUnwindSafe(|| (self.apply)(record))).is_err() {
                tracing::error!(topic = %self.topic, partition, offset, "a record of a log could not be applied");
            }
            match places.last_mut() {
                Some((last, next)) if *last == partition => *next = offset + 1,
                Some(_) | None => places.push((partition, offset + 1)),
            }
        }
        self.tell.send_modify(|state| {
            state.trouble = None;
            for (partition, next) in places {
                state.place.set(partition, next);
            }
        });
    }

    /// As in Kafka Connect, trouble is told and reading goes on; but not a line for each attempt.
    fn say(&mut self, text: &str) {
        let repeated = self.spoken.as_ref().is_some_and(|(last, at)| last == text && at.elapsed() < QUIET);
        if !repeated {
            tracing::error!(topic = %self.topic, "Error polling: {text}");
            self.spoken = Some((text.to_owned(), Instant::now()));
        }
    }
}
