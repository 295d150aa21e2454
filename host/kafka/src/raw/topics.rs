//! Questions about topics, and their creation.

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};
use kafka_protocol::protocol::StrBytes;

use super::admin::{Admin, LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION, refused};
use super::connection::Versions;
use super::routing::{Lent, topic_name};
use super::{Creation, NewTopic, RawError, TopicDescription};

const TOPIC_ALREADY_EXISTS: i16 = 36;

impl Admin {
    /// How many partitions the topic has, or nothing when it does not exist. Never creates it.
    ///
    /// # Errors
    /// When no broker answers, or it refuses.
    pub async fn topic_partitions(&self, topic: &str) -> Result<Option<usize>, RawError> {
        Ok(self.describe_topic(topic).await?.map(|found| found.partitions))
    }

    /// What there is of this name, or nothing when it does not exist. Never creates it.
    ///
    /// # Errors
    /// When no broker answers, or it refuses.
    pub async fn describe_topic(&self, topic: &str) -> Result<Option<TopicDescription>, RawError> {
        self.brokers.persist(|| self.ask_about_topic(topic, false)).await
    }

    /// How many partitions the topic has, but a broker that creates topics by itself is given the occasion, as
    /// Java's consumer does with `allow.auto.create.topics`: librdkafka's subscriptions never are.
    ///
    /// # Errors
    /// When no broker answers, or it refuses.
    pub async fn summon_topic(&self, topic: &str) -> Result<Option<usize>, RawError> {
        let found = self.brokers.persist(|| self.ask_about_topic(topic, true)).await?;
        Ok(found.map(|found| found.partitions))
    }

    async fn ask_about_topic(&self, topic: &str, create: bool) -> Result<Option<TopicDescription>, RawError> {
        let answer = self.brokers.metadata_of(Some(&[topic]), create).await?;
        let Some(found) = answer.topics.first() else {
            return Ok(None);
        };
        match found.error_code {
            0 => Ok(Some(description(topic, found))),
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

    /// All topics, internal ones too, in order.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn describe_topics(&self) -> Result<Vec<TopicDescription>, RawError> {
        let answer = self.brokers.persist(|| self.brokers.metadata(None)).await?;
        let found = answer.topics.iter().filter(|topic| topic.error_code == 0);
        let mut topics: Vec<TopicDescription> =
            found.filter_map(|topic| Some(description(&topic.name.as_ref()?.0, topic))).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Creates a topic. That there is one of the name already is an answer, not an error.
    ///
    /// # Errors
    /// When the controller does not answer, or refuses: the broker's own words are kept. See
    /// [`RawError::is_authorization`], [`RawError::is_retriable`] (which was tried until the call's time was up)
    /// and [`RawError::is_unsupported`].
    pub async fn create_topic(&self, topic: &NewTopic) -> Result<Creation, RawError> {
        let configs = topic
            .configs
            .iter()
            .map(|(key, value)| {
                CreatableTopicConfig::default()
                    .with_name(StrBytes::from_string(key.clone()))
                    .with_value(Some(StrBytes::from_string(value.clone())))
            })
            .collect();
        let wanted = CreatableTopic::default()
            .with_name(topic_name(&topic.name))
            .with_num_partitions(topic.partitions)
            .with_replication_factor(topic.replication_factor)
            .with_configs(configs);
        let millis = self.brokers.request_timeout.as_millis();
        let request = CreateTopicsRequest::default()
            .with_topics(vec![wanted])
            .with_timeout_ms(i32::try_from(millis).unwrap_or(i32::MAX));
        self.brokers.persist(|| self.ask_to_create(&request)).await
    }

    async fn ask_to_create(&self, request: &CreateTopicsRequest) -> Result<Creation, RawError> {
        const NAME: &str = "CreateTopics";
        let mut broker = self.brokers.controller().await?;
        // Since version 4 a topic may be asked for with the broker's own defaults.
        let version = broker.version::<CreateTopicsRequest>(NAME, Versions(4, 7))?;
        let answer = broker.ask(NAME, request, version).await?;
        created(&broker, NAME, &answer)
    }
}

fn created(broker: &Lent, request: &'static str, answer: &CreateTopicsResponse) -> Result<Creation, RawError> {
    for topic in &answer.topics {
        if topic.error_code == TOPIC_ALREADY_EXISTS {
            return Ok(Creation::AlreadyExists);
        }
        let message = topic.error_message.as_ref().map(|text| text.to_string());
        broker.succeeded(request, topic.error_code, message)?;
    }
    Ok(Creation::Created)
}

fn description(name: &str, found: &MetadataResponseTopic) -> TopicDescription {
    let replicas = found.partitions.iter().map(|partition| partition.replica_nodes.len()).max().unwrap_or(0);
    TopicDescription {
        name: name.to_owned(),
        partitions: found.partitions.len(),
        replication_factor: replicas,
        internal: found.is_internal,
    }
}
