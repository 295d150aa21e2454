//! A waiting fetch is answered when a record arrives.
//!
//! A consumer at the end of its partition asks the broker to hold the fetch until there is something
//! to send (`fetch.wait.max.ms`, 500 by default). The engine holds it by looking again after half of
//! the remaining time, so a record waits a quarter of a second for no reason. Every append passes
//! through this process, so we can know: the fetch is held here, and goes to the engine when one of
//! its topics was appended to.

use std::{collections::HashMap, sync::Arc, time::Duration};

use nisshi_sans_io::{FetchRequest, IsolationLevel, ProduceRequest, fetch_request::FetchTopic};
use nisshi_storage::{ArcDynStorage, Storage as _, TopicId, Topition};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

/// What the engine gets when it has nothing to read. It answers a fetch that has no time at all with
/// no partitions at all.
const TO_ANSWER: Duration = Duration::from_millis(2);

/// What the engine gets at least when there are records. It reads until the time is up, so a
/// consumer that does not like to wait would get its backlog in small pieces.
const TO_READ: Duration = Duration::from_millis(500);

/// What the engine gets at least when records came but perhaps not as many bytes as the client
/// wants to wait for.
const TO_GATHER: Duration = Duration::from_millis(50);

/// How often each topic was appended to; clones share the counts.
#[derive(Clone, Debug)]
pub struct Appends {
    counts: Arc<watch::Sender<HashMap<String, u64>>>,
}

impl Default for Appends {
    fn default() -> Self {
        Self { counts: Arc::new(watch::Sender::new(HashMap::new())) }
    }
}

/// One partition of a fetch.
#[derive(Debug)]
struct Position {
    topition: Topition,
    offset: i64,
}

impl Appends {
    /// The topics a Produce request writes to.
    pub fn topics_of(request: &ProduceRequest) -> Vec<String> {
        request.topic_data.iter().flatten().map(|topic| topic.name.clone()).collect()
    }

    /// Wakes the fetches that wait for one of `topics`.
    pub fn happened(&self, topics: Vec<String>) {
        self.counts.send_modify(|counts| {
            for topic in topics {
                *counts.entry(topic).or_default() += 1;
            }
        });
    }

    /// Holds `request` until the engine has something to answer, at most as long as it says, and
    /// writes into it how long the engine may take.
    pub async fn hold(&self, request: &mut FetchRequest, storage: &ArcDynStorage) {
        // The engine refuses a negative wait, in its own words.
        let Ok(patience) = u64::try_from(request.max_wait_ms) else {
            return;
        };
        let deadline = Instant::now() + Duration::from_millis(patience);

        let time = if self.records_to_read(request, deadline, storage).await {
            let least = if request.min_bytes <= 1 { TO_READ } else { TO_GATHER };
            deadline.duration_since(Instant::now()).max(least)
        } else {
            TO_ANSWER
        };
        request.max_wait_ms = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    }

    /// True if the engine needs time to read records, false if there are none or if it has to
    /// refuse the fetch.
    async fn records_to_read(&self, request: &FetchRequest, deadline: Instant, storage: &ArcDynStorage) -> bool {
        let mut counts = self.counts.subscribe();
        let Some(positions) = positions(request, storage).await else {
            return false;
        };
        let committed_only = request.isolation_level == Some(IsolationLevel::ReadCommitted.into());

        loop {
            // Taken before looking: an append after this line is noticed by the wait below.
            let seen: Vec<(String, Option<u64>)> = {
                let counts = counts.borrow_and_update();
                positions
                    .iter()
                    .map(|position| position.topition.topic())
                    .map(|topic| (topic.to_owned(), counts.get(topic).copied()))
                    .collect()
            };

            match look(&positions, committed_only, storage).await {
                Seen::Records => return true,
                Seen::Refusal => return false,
                Seen::Nothing => {}
            }

            let appended =
                counts.wait_for(|counts| seen.iter().any(|(topic, count)| counts.get(topic).copied() != *count));
            if timeout_at(deadline, appended).await.is_err() {
                return false;
            }
        }
    }
}

/// Where the fetch stands, or nothing if it names a topic the engine has to refuse.
async fn positions(request: &FetchRequest, storage: &ArcDynStorage) -> Option<Vec<Position>> {
    let mut positions = Vec::new();

    for topic in request.topics.iter().flatten() {
        let name = name_of(topic, storage).await?;
        for partition in topic.partitions.iter().flatten() {
            positions.push(Position {
                topition: Topition::new(name.clone(), partition.partition),
                offset: partition.fetch_offset,
            });
        }
    }

    (!positions.is_empty()).then_some(positions)
}

/// From version 13 on a fetch names its topics by id.
async fn name_of(topic: &FetchTopic, storage: &ArcDynStorage) -> Option<String> {
    match (&topic.topic, topic.topic_id) {
        (Some(name), _) => Some(name.clone()),
        (None, Some(id)) => storage
            .metadata(Some(&[TopicId::Id(Uuid::from_bytes(id))]))
            .await
            .ok()?
            .topics()
            .first()
            .and_then(|topic| topic.name.clone()),
        (None, None) => None,
    }
}

/// What a fetch would find.
enum Seen {
    /// Records, at one position or more.
    Records,
    /// An error, which needs no time to be said.
    Refusal,
    /// Nothing yet.
    Nothing,
}

async fn look(positions: &[Position], committed_only: bool, storage: &ArcDynStorage) -> Seen {
    let mut seen = Seen::Nothing;

    for position in positions {
        let Ok(stage) = storage.offset_stage(&position.topition).await else {
            return Seen::Refusal;
        };
        let end = if committed_only { stage.last_stable() } else { stage.high_watermark() };
        if position.offset < stage.log_start() || position.offset > stage.high_watermark() {
            return Seen::Refusal;
        }
        if position.offset < end {
            seen = Seen::Records;
        }
    }
    seen
}
