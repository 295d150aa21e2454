//! The questions which the worker asks about its cluster.

use std::collections::BTreeMap;

use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::{
    BrokerId, GroupId, ListOffsetsRequest, MetadataResponse, OffsetFetchRequest, OffsetFetchResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::RawError;
use super::connection::Versions;
use super::routing::{Brokers, join, topic_name};
use crate::TopicPartition;
use crate::settings::{AdminSettings, admin_settings};

pub(super) const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
pub(super) const LEADER_NOT_AVAILABLE: i16 = 5;

/// A client for single questions. Holds one connection per broker it had to ask; asks one thing at
/// a time on each.
pub struct Admin {
    pub(super) brokers: Brokers,
}

impl Admin {
    /// A client of plain connections to these `bootstrap.servers`. Connects when first asked.
    ///
    /// # Errors
    /// When the addresses are no good.
    pub fn new(bootstrap_servers: &str, client_id: &str) -> Result<Self, RawError> {
        Self::from_settings([("bootstrap.servers", bootstrap_servers)], client_id)
    }

    /// A client of these settings. Connects when first asked.
    ///
    /// # Errors
    /// When TLS cannot be set up from them.
    pub fn with_settings(settings: AdminSettings) -> Result<Self, RawError> {
        Ok(Self { brokers: Brokers::new(settings)? })
    }

    /// From Java keys, as a worker's or a connector's `admin.` settings hold them. Warnings go to the log.
    ///
    /// # Errors
    /// A key that is refused or a value that is no good; the error names the key.
    pub fn from_settings<K: AsRef<str>, V: AsRef<str>>(
        base: impl IntoIterator<Item = (K, V)>,
        client_id: &str,
    ) -> Result<Self, RawError> {
        let settings = admin_settings(base, client_id)?;
        settings.warnings().iter().for_each(|warning| tracing::warn!("{warning}"));
        Self::with_settings(settings)
    }

    /// The cluster's id. The first thing a worker asks: no broker means a clear error.
    ///
    /// # Errors
    /// [`RawError::Unreachable`] after the call's time limit.
    pub async fn cluster_id(&self) -> Result<String, RawError> {
        let answer = self.brokers.persist(|| self.brokers.metadata(Some(&[]))).await?;
        Ok(answer.cluster_id.map(|id| id.to_string()).unwrap_or_default())
    }

    /// All offsets the group has committed, in order.
    ///
    /// # Errors
    /// When the coordinator does not answer, or refuses.
    pub async fn group_offsets(&self, group: &str) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        self.brokers.persist(|| self.ask_group_offsets(group)).await
    }

    async fn ask_group_offsets(&self, group: &str) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        const NAME: &str = "OffsetFetch";
        let mut broker = self.brokers.coordinator(group).await?;
        let version = broker.version::<OffsetFetchRequest>(NAME, Versions(2, 8))?;
        let answer = broker.ask(NAME, &offset_fetch(group, version), version).await?;
        let (error, entries) = committed(answer);
        broker.succeeded(NAME, error, Some(format!("group {group}")))?;
        let mut offsets = Vec::new();
        for (partition, offset, error) in entries {
            broker.succeeded(NAME, error, Some(partition.to_string()))?;
            if offset >= 0 {
                offsets.push((partition, offset));
            }
        }
        offsets.sort();
        Ok(offsets)
    }

    /// The offset after each partition's last record: the high watermark, whatever transactions
    /// are open.
    ///
    /// # Errors
    /// When a leader does not answer in time, or a partition does not exist.
    pub async fn end_offsets(&self, partitions: &[TopicPartition]) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        self.list_offsets(partitions, -1).await
    }

    /// The offset of each partition's first record.
    ///
    /// # Errors
    /// When a leader does not answer in time, or a partition does not exist.
    pub async fn start_offsets(&self, partitions: &[TopicPartition]) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        self.list_offsets(partitions, -2).await
    }

    /// In the order asked.
    async fn list_offsets(
        &self,
        partitions: &[TopicPartition],
        at: i64,
    ) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.brokers.persist(|| self.ask_offsets(partitions, at)).await?;
        partitions
            .iter()
            .map(|wanted| {
                found
                    .get(wanted)
                    .map(|offset| (wanted.clone(), *offset))
                    .ok_or_else(|| refused("ListOffsets", UNKNOWN_TOPIC_OR_PARTITION, &wanted.to_string()))
            })
            .collect()
    }

    async fn ask_offsets(
        &self,
        partitions: &[TopicPartition],
        at: i64,
    ) -> Result<BTreeMap<TopicPartition, i64>, RawError> {
        let mut found = BTreeMap::new();
        for (leader, those) in self.leaders(partitions).await? {
            found.extend(self.list_at(&leader, &those, at).await?);
        }
        Ok(found)
    }

    async fn list_at(
        &self,
        leader: &str,
        partitions: &[TopicPartition],
        at: i64,
    ) -> Result<Vec<(TopicPartition, i64)>, RawError> {
        const NAME: &str = "ListOffsets";
        let mut by_topic: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for partition in partitions {
            by_topic.entry(&partition.topic).or_default().push(
                ListOffsetsPartition::default()
                    .with_partition_index(partition.partition)
                    .with_current_leader_epoch(-1)
                    .with_timestamp(at),
            );
        }
        let topics = by_topic
            .into_iter()
            .map(|(topic, those)| ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(those))
            .collect();
        let request =
            ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_isolation_level(0).with_topics(topics);
        let mut broker = self.brokers.at(leader).await?;
        let version = broker.version::<ListOffsetsRequest>(NAME, Versions(2, 7))?;
        let answer = broker.ask(NAME, &request, version).await?;
        let mut offsets = Vec::new();
        for topic in &answer.topics {
            for entry in &topic.partitions {
                let partition = TopicPartition::new(topic.name.0.to_string(), entry.partition_index);
                broker.succeeded(NAME, entry.error_code, Some(partition.to_string()))?;
                offsets.push((partition, entry.offset));
            }
        }
        Ok(offsets)
    }

    /// Partitions by their leader's address.
    async fn leaders(&self, partitions: &[TopicPartition]) -> Result<BTreeMap<String, Vec<TopicPartition>>, RawError> {
        let mut topics: Vec<&str> = partitions.iter().map(|p| p.topic.as_str()).collect();
        topics.sort_unstable();
        topics.dedup();
        let answer = self.brokers.metadata(Some(&topics)).await?;
        let mut out: BTreeMap<String, Vec<TopicPartition>> = BTreeMap::new();
        for partition in partitions {
            let leader = leader(&answer, partition)?;
            out.entry(leader).or_default().push(partition.clone());
        }
        Ok(out)
    }
}

/// The address of a partition's leader.
fn leader(answer: &MetadataResponse, wanted: &TopicPartition) -> Result<String, RawError> {
    let missing = |code| refused("Metadata", code, &wanted.to_string());
    let topic = answer
        .topics
        .iter()
        .find(|topic| topic.name.as_ref().is_some_and(|name| *name.0 == *wanted.topic))
        .ok_or_else(|| missing(UNKNOWN_TOPIC_OR_PARTITION))?;
    if topic.error_code != 0 {
        return Err(missing(topic.error_code));
    }
    let partition = topic
        .partitions
        .iter()
        .find(|partition| partition.partition_index == wanted.partition)
        .ok_or_else(|| missing(UNKNOWN_TOPIC_OR_PARTITION))?;
    answer
        .brokers
        .iter()
        .find(|broker| broker.node_id == partition.leader_id)
        .map(|broker| join(&broker.host, broker.port))
        .ok_or_else(|| missing(LEADER_NOT_AVAILABLE))
}

/// What no broker in particular said.
pub(super) fn refused(request: &'static str, code: i16, about: &str) -> RawError {
    RawError::answered("any", request, code, Some(about.to_owned()))
}

/// Asks for everything the group committed. From version 8 several groups fit one request, and
/// some brokers answer "everything" in that form only.
fn offset_fetch(group: &str, version: i16) -> OffsetFetchRequest {
    let group = GroupId(StrBytes::from_string(group.to_owned()));
    if version >= 8 {
        let group = OffsetFetchRequestGroup::default().with_group_id(group).with_topics(None);
        OffsetFetchRequest::default().with_groups(vec![group])
    } else {
        OffsetFetchRequest::default().with_group_id(group).with_topics(None)
    }
}

/// The answer's error code, and per partition the offset and its error code, in either form.
fn committed(answer: OffsetFetchResponse) -> (i16, Vec<(TopicPartition, i64, i16)>) {
    let mut error = answer.error_code;
    let mut entries = Vec::new();
    for topic in &answer.topics {
        for entry in &topic.partitions {
            let partition = TopicPartition::new(topic.name.0.to_string(), entry.partition_index);
            entries.push((partition, entry.committed_offset, entry.error_code));
        }
    }
    for group in &answer.groups {
        error = if error == 0 { group.error_code } else { error };
        for topic in &group.topics {
            for entry in &topic.partitions {
                let partition = TopicPartition::new(topic.name.0.to_string(), entry.partition_index);
                entries.push((partition, entry.committed_offset, entry.error_code));
            }
        }
    }
    (error, entries)
}
