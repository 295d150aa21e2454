//! A topic that nobody configured has one partition.
//!
//! Kafka's default is `num.partitions=1`, however a topic comes to be: by CreateTopics without a
//! count, or because a client asked for its metadata. The engine has 3 and 4 built in, and no
//! setting. Records of one file spread over four partitions lose their order, which a newcomer would
//! blame on us. So the count is settled here, before the engine sees the request.

use nisshi_sans_io::{
    CreateTopicsRequest, ErrorCode, MetadataRequest, create_topics_request::CreatableTopic, topic::is_valid_topic_name,
};
use nisshi_storage::{ArcDynStorage, Error, Storage as _, TopicId};
use tracing::{debug, warn};

/// Kafka's default of `num.partitions`.
const DEFAULT_PARTITIONS: i32 = 1;

/// "The broker's default" in CreateTopics.
const UNSAID: i32 = -1;

/// Writes the default count into every topic of a CreateTopics request that leaves it to the broker.
///
/// A topic with manual assignments keeps its -1: there the assignments are the count.
pub fn fill_in_counts(request: &mut CreateTopicsRequest) {
    for topic in request.topics.iter_mut().flatten() {
        let assigned = topic.assignments.as_ref().is_some_and(|list| !list.is_empty());
        if topic.num_partitions == UNSAID && !assigned {
            topic.num_partitions = DEFAULT_PARTITIONS;
        }
    }
}

/// Creates the topics that a Metadata request would make the engine create, so that it finds them.
///
/// `allow_auto_topic_creation` stands in the request from version 4 on, and means yes before. A
/// request for all topics names none, so it creates none; a request by topic id never creates.
pub async fn create_asked_for(request: &MetadataRequest, storage: &ArcDynStorage) {
    if !request.allow_auto_topic_creation.unwrap_or(true) {
        return;
    }

    let asked: Vec<TopicId> = request
        .topics
        .iter()
        .flatten()
        .filter_map(|topic| topic.name.clone())
        .filter(|name| is_valid_topic_name(name))
        .map(TopicId::Name)
        .collect();
    if asked.is_empty() {
        return;
    }

    let known = match storage.metadata(Some(&asked)).await {
        Ok(known) => known,
        // The engine is about to meet the same error, and answers it.
        Err(err) => {
            debug!(?err, "metadata of topics to be created");
            return;
        }
    };

    for name in known
        .topics()
        .iter()
        .filter(|topic| topic.error_code == i16::from(ErrorCode::UnknownTopicOrPartition))
        .filter_map(|topic| topic.name.as_deref())
    {
        match storage.create_topic(unconfigured(name), false).await {
            // Two clients may ask for the same topic at once.
            Ok(_) | Err(Error::Api(ErrorCode::TopicAlreadyExists)) => {}
            Err(err) => warn!(topic = name, ?err, "could not create a topic a client asked for"),
        }
    }
}

fn unconfigured(name: &str) -> CreatableTopic {
    sized(name, DEFAULT_PARTITIONS)
}

/// A topic with this many partitions and no settings.
pub fn sized(name: &str, partitions: i32) -> CreatableTopic {
    CreatableTopic::default()
        .name(name.to_owned())
        .num_partitions(partitions)
        .replication_factor(1)
        .assignments(Some(Vec::new()))
        .configs(Some(Vec::new()))
}
