//! The questions which the worker asks about its cluster.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::{
    BrokerId, CreateTopicsRequest, GroupId, ListOffsetsRequest, MetadataResponse, OffsetFetchRequest,
    OffsetFetchResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::RawError;
use super::connection::Versions;
use super::routing::{Brokers, join, topic_name};
use crate::TopicPartition;
use crate::settings::{SettingsError, bootstrap};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const TOPIC_ALREADY_EXISTS: i16 = 36;
const LEADER_NOT_AVAILABLE: i16 = 5;

/// `request.timeout.ms`.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// `default.api.timeout.ms`.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// A client for single questions. Holds one connection per broker it had to ask; asks one thing at
/// a time on each.
pub struct Admin {
    brokers: Brokers,
}

impl Admin {
    /// A client for these `bootstrap.servers`. Connects when first asked.
    ///
    /// # Errors
    /// When the addresses are no good, or the settings ask for TLS or SASL, which this module does
    /// not speak yet.
    pub fn new(bootstrap_servers: &str, client_id: &str) -> Result<Self, RawError> {
        Self::with_timeouts(bootstrap_servers, client_id, REQUEST_TIMEOUT, CALL_TIMEOUT)
    }

    /// As [`new`](Self::new), with limits for one request and for a call with all its attempts.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_timeouts(
        bootstrap_servers: &str,
        client_id: &str,
        request: Duration,
        call: Duration,
    ) -> Result<Self, RawError> {
        let addresses = bootstrap(bootstrap_servers)?.split(',').map(str::to_owned).collect();
        Ok(Self { brokers: Brokers::new(addresses, client_id, request, call) })
    }

    /// From Java keys, as a worker's or a connector's `admin.` settings hold them.
    ///
    /// # Errors
    /// As [`new`](Self::new); another `security.protocol` than PLAINTEXT is refused by name.
    pub fn from_settings<K: AsRef<str>, V: AsRef<str>>(
        base: impl IntoIterator<Item = (K, V)>,
        client_id: &str,
    ) -> Result<Self, RawError> {
        let keys: BTreeMap<String, String> =
            base.into_iter().map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().trim().to_owned())).collect();
        let protocol = keys.get("security.protocol").map_or("PLAINTEXT", String::as_str);
        if !protocol.is_empty() && !protocol.eq_ignore_ascii_case("PLAINTEXT") {
            return Err(RawError::Settings(SettingsError::Refused {
                key: "security.protocol".to_owned(),
                reason: format!(
                    "{protocol} is not available to the worker's admin client yet; use a PLAINTEXT listener"
                ),
            }));
        }
        let servers = keys.get("bootstrap.servers").ok_or(SettingsError::Missing("bootstrap.servers"))?;
        let millis = |key: &str, default: Duration| -> Result<Duration, SettingsError> {
            match keys.get(key) {
                None => Ok(default),
                Some(text) => text.parse().map(Duration::from_millis).map_err(|_| SettingsError::Invalid {
                    key: key.to_owned(),
                    value: text.clone(),
                    reason: "Not a number of type INT".to_owned(),
                }),
            }
        };
        let request = millis("request.timeout.ms", REQUEST_TIMEOUT)?;
        let call = millis("default.api.timeout.ms", CALL_TIMEOUT)?;
        Self::with_timeouts(servers, client_id, request, call)
    }

    /// The cluster's id. The first thing a worker asks: no broker means a clear error.
    ///
    /// # Errors
    /// [`RawError::Unreachable`] after the call's time limit.
    pub async fn cluster_id(&self) -> Result<String, RawError> {
        let answer = self.brokers.persist(|| self.brokers.metadata(Some(&[]))).await?;
        Ok(answer.cluster_id.map(|id| id.to_string()).unwrap_or_default())
    }

    /// How many partitions the topic has, or nothing when it does not exist. Never creates it.
    ///
    /// # Errors
    /// When no broker answers, or it refuses.
    pub async fn topic_partitions(&self, topic: &str) -> Result<Option<usize>, RawError> {
        self.brokers.persist(|| self.ask_topic_partitions(topic, false)).await
    }

    /// The same, but a broker that creates topics by itself is given the occasion, as Java's consumer does
    /// with `allow.auto.create.topics`: librdkafka's subscriptions never are.
    ///
    /// # Errors
    /// When no broker answers, or it refuses.
    pub async fn summon_topic(&self, topic: &str) -> Result<Option<usize>, RawError> {
        self.brokers.persist(|| self.ask_topic_partitions(topic, true)).await
    }

    async fn ask_topic_partitions(&self, topic: &str, create: bool) -> Result<Option<usize>, RawError> {
        let answer = self.brokers.metadata_of(Some(&[topic]), create).await?;
        let Some(found) = answer.topics.first() else {
            return Ok(None);
        };
        match found.error_code {
            0 => Ok(Some(found.partitions.len())),
            UNKNOWN_TOPIC_OR_PARTITION | LEADER_NOT_AVAILABLE => Ok(None),
            code => Err(refused("Metadata", code, topic)),
        }
    }

    /// All topics' names, internal ones left out, in order.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn topics(&self) -> Result<Vec<String>, RawError> {
        let answer = self.brokers.persist(|| self.brokers.metadata(None)).await?;
        let mut names: Vec<String> = answer
            .topics
            .into_iter()
            .filter(|topic| topic.error_code == 0 && !topic.is_internal)
            .filter_map(|topic| topic.name.map(|name| name.0.to_string()))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Creates a topic; `false` when there is one of that name. With -1 partitions or replicas the
    /// broker's default holds.
    ///
    /// # Errors
    /// When the controller does not answer, or refuses: its own words are kept.
    pub async fn create_topic(
        &self,
        topic: &str,
        partitions: i32,
        replication_factor: i16,
        settings: &[(String, String)],
    ) -> Result<bool, RawError> {
        let configs = settings
            .iter()
            .map(|(key, value)| {
                CreatableTopicConfig::default()
                    .with_name(StrBytes::from_string(key.clone()))
                    .with_value(Some(StrBytes::from_string(value.clone())))
            })
            .collect();
        let wanted = CreatableTopic::default()
            .with_name(topic_name(topic))
            .with_num_partitions(partitions)
            .with_replication_factor(replication_factor)
            .with_configs(configs);
        let millis = self.brokers.request_timeout.as_millis();
        let request = CreateTopicsRequest::default()
            .with_topics(vec![wanted])
            .with_timeout_ms(i32::try_from(millis).unwrap_or(i32::MAX));
        self.brokers.persist(|| self.ask_to_create(&request)).await
    }

    async fn ask_to_create(&self, request: &CreateTopicsRequest) -> Result<bool, RawError> {
        const NAME: &str = "CreateTopics";
        let mut broker = self.brokers.controller().await?;
        let version = broker.version::<CreateTopicsRequest>(NAME, Versions(4, 7))?;
        let answer = broker.ask(NAME, request, version).await?;
        for topic in &answer.topics {
            if topic.error_code == TOPIC_ALREADY_EXISTS {
                return Ok(false);
            }
            let message = topic.error_message.as_ref().map(|text| text.to_string());
            broker.succeeded(NAME, topic.error_code, message)?;
        }
        Ok(true)
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
fn refused(request: &'static str, code: i16, about: &str) -> RawError {
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
