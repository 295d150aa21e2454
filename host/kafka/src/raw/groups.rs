//! Offsets of a group that nobody is a member of: written, taken away, or forgotten with the group.
//!
//! These are what Java's admin client calls `alterConsumerGroupOffsets`, `deleteConsumerGroupOffsets` and
//! `deleteConsumerGroups`. The coordinator refuses all three while the group has members, which is what protects a
//! consumer that nobody knows of any more from having its offsets changed under it.

use std::collections::BTreeMap;

use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use kafka_protocol::messages::{DeleteGroupsRequest, GroupId, OffsetCommitRequest, OffsetDeleteRequest};
use kafka_protocol::protocol::StrBytes;

use super::connection::Versions;
use super::routing::{Lent, topic_name};
use super::{Admin, RawError};
use crate::TopicPartition;

const COORDINATOR_LOAD_IN_PROGRESS: i16 = 14;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const NOT_COORDINATOR: i16 = 16;
const UNKNOWN_MEMBER_ID: i16 = 25;
const REBALANCE_IN_PROGRESS: i16 = 27;
const NON_EMPTY_GROUP: i16 = 68;
const GROUP_ID_NOT_FOUND: i16 = 69;
const GROUP_SUBSCRIBED_TO_TOPIC: i16 = 86;

/// What a broker without OffsetDelete is told instead, and what every consumer reads as "nothing committed".
const NO_OFFSET: i64 = -1;

/// An attempt's end: the outer error may pass with time or at another broker, the inner one is the answer.
type Attempt = Result<Result<(), RawError>, RawError>;

impl Admin {
    /// Sets what a group without members has committed; one request, so that all of it is set or nothing. A group
    /// that is not there is made.
    ///
    /// # Errors
    /// When the group has members ([`RawError::is_group_in_use`]), a partition does not exist, or the coordinator does
    /// not answer.
    pub async fn alter_group_offsets(&self, group: &str, offsets: &[(TopicPartition, i64)]) -> Result<(), RawError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let topics = by_topic(offsets.iter().map(|(at, offset)| {
            let one = OffsetCommitRequestPartition::default().with_partition_index(at.partition);
            (at.topic.as_str(), one.with_committed_offset(*offset))
        }));
        let topics = topics.into_iter().map(|(topic, partitions)| {
            OffsetCommitRequestTopic::default().with_name(topic_name(topic)).with_partitions(partitions)
        });
        // Neither member nor generation: the coordinator takes that only where there are no members.
        let request =
            OffsetCommitRequest::default().with_group_id(group_id(group)).with_topics(topics.collect::<Vec<_>>());
        self.brokers.persist(|| self.ask_to_commit(group, &request)).await?
    }

    async fn ask_to_commit(&self, group: &str, request: &OffsetCommitRequest) -> Attempt {
        const NAME: &str = "OffsetCommit";
        let mut broker = self.brokers.coordinator(group).await?;
        let version = broker.version::<OffsetCommitRequest>(NAME, Versions(2, 8))?;
        let answer = broker.ask(NAME, request, version).await?;
        let partitions = answer.topics.iter().flat_map(|topic| {
            let of_topic = topic.partitions.iter();
            of_topic.map(|one| (TopicPartition::new(topic.name.0.to_string(), one.partition_index), one.error_code))
        });
        verdict(&broker, NAME, group, 0, partitions)
    }

    /// Takes away what a group without members has committed for these partitions.
    ///
    /// # Errors
    /// When the group reads one of the topics ([`RawError::is_group_in_use`]) or is not there
    /// ([`RawError::is_group_missing`]), a partition does not exist, or the coordinator does not answer.
    pub async fn delete_group_offsets(&self, group: &str, partitions: &[TopicPartition]) -> Result<(), RawError> {
        if partitions.is_empty() {
            return Ok(());
        }
        let topics =
            by_topic(partitions.iter().map(|at| {
                (at.topic.as_str(), OffsetDeleteRequestPartition::default().with_partition_index(at.partition))
            }));
        let topics = topics.into_iter().map(|(topic, partitions)| {
            OffsetDeleteRequestTopic::default().with_name(topic_name(topic)).with_partitions(partitions)
        });
        let request =
            OffsetDeleteRequest::default().with_group_id(group_id(group)).with_topics(topics.collect::<Vec<_>>());
        match self.brokers.persist(|| self.ask_to_delete_offsets(group, &request)).await {
            Ok(answer) => answer,
            // Brokers of Kafka have had the request since 2.4. For one that has not, nothing is committed: the same to
            // whoever reads the group's offsets afterwards.
            Err(error) if error.is_unsupported() => {
                let none: Vec<_> = partitions.iter().map(|at| (at.clone(), NO_OFFSET)).collect();
                self.alter_group_offsets(group, &none).await
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_to_delete_offsets(&self, group: &str, request: &OffsetDeleteRequest) -> Attempt {
        const NAME: &str = "OffsetDelete";
        let mut broker = self.brokers.coordinator(group).await?;
        let version = broker.version::<OffsetDeleteRequest>(NAME, Versions(0, 0))?;
        let answer = broker.ask(NAME, request, version).await?;
        let partitions = answer.topics.iter().flat_map(|topic| {
            let of_topic = topic.partitions.iter();
            of_topic.map(|one| (TopicPartition::new(topic.name.0.to_string(), one.partition_index), one.error_code))
        });
        verdict(&broker, NAME, group, answer.error_code, partitions)
    }

    /// Deletes a group without members, and with it all that it has committed.
    ///
    /// # Errors
    /// When the group has members ([`RawError::is_group_in_use`]) or is not there ([`RawError::is_group_missing`]), or
    /// the coordinator does not answer.
    pub async fn delete_group(&self, group: &str) -> Result<(), RawError> {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![group_id(group)]);
        self.brokers.persist(|| self.ask_to_delete_group(group, &request)).await?
    }

    async fn ask_to_delete_group(&self, group: &str, request: &DeleteGroupsRequest) -> Attempt {
        const NAME: &str = "DeleteGroups";
        let mut broker = self.brokers.coordinator(group).await?;
        let version = broker.version::<DeleteGroupsRequest>(NAME, Versions(0, 2))?;
        let answer = broker.ask(NAME, request, version).await?;
        let code = answer.results.iter().map(|one| one.error_code).find(|code| *code != 0).unwrap_or(0);
        verdict(&broker, NAME, group, code, std::iter::empty())
    }
}

impl RawError {
    /// Whether a group has members, and its offsets are theirs.
    pub fn is_group_in_use(&self) -> bool {
        self.code().is_some_and(|code| [UNKNOWN_MEMBER_ID, NON_EMPTY_GROUP, GROUP_SUBSCRIBED_TO_TOPIC].contains(&code))
    }

    /// Whether there is no such group.
    pub fn is_group_missing(&self) -> bool {
        self.code() == Some(GROUP_ID_NOT_FOUND)
    }
}

/// The first error of an answer. Only what passes by itself is worth another attempt: Java's client does not ask again
/// for a partition that does not exist, though its metadata might only be late.
fn verdict(
    broker: &Lent,
    request: &'static str,
    group: &str,
    code: i16,
    partitions: impl Iterator<Item = (TopicPartition, i16)>,
) -> Attempt {
    const PASSING: [i16; 4] =
        [COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, REBALANCE_IN_PROGRESS];
    let mut answers = std::iter::once((format!("group {group}"), code))
        .chain(partitions.map(|(at, code)| (format!("group {group}, {at}"), code)));
    match answers.find(|(_, code)| *code != 0) {
        None => Ok(Ok(())),
        Some((about, code)) => {
            let answer = broker.succeeded(request, code, Some(about));
            if PASSING.contains(&code) { answer.map(Ok) } else { Ok(answer) }
        }
    }
}

fn by_topic<'a, T>(entries: impl Iterator<Item = (&'a str, T)>) -> BTreeMap<&'a str, Vec<T>> {
    let mut topics: BTreeMap<&str, Vec<T>> = BTreeMap::new();
    for (topic, entry) in entries {
        topics.entry(topic).or_default().push(entry);
    }
    topics
}

fn group_id(group: &str) -> GroupId {
    GroupId(StrBytes::from_string(group.to_owned()))
}
