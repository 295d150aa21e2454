//! Clients of the Kafka estate.
//!
//! Two ways lead to a broker, and each does what it is good at. librdkafka produces and consumes:
//! retries, batching and idempotence have long bug histories, and it has lived through them. All
//! else (groups' offsets, end offsets, cluster id) goes over the [`raw`] protocol module, because
//! librdkafka either lacks the call or answers a subtly different question.
//!
//! librdkafka is not the Java client. Five of its defaults change behaviour silently, many calls
//! block, and its callbacks run wherever somebody polls. So this crate
//! - states every setting ([`settings`]),
//! - reads librdkafka's *events* instead of callbacks, so that a rebalance is a value which the
//!   task answers when it is ready ([`consumer`]),
//! - keeps each blocking call, creation and destruction included, off the async threads.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod consumer;
mod error;
pub mod group;
pub mod https;
pub mod log;
mod native;
mod oauth;
pub mod producer;
pub mod raw;
pub mod registry;
pub mod settings;
#[cfg(any(feature = "tls", feature = "system-tls"))]
pub mod tls_stream;
pub mod verbosity;

pub use consumer::{Event, InRecord, Reading, SinkConsumer, TimestampType, TopicReader};
pub use error::KafkaError;
pub use group::{GroupError, GroupEvent, GroupMember, GroupSettings, Leadership, Membership, Pulse};
pub use log::{KeyValue, LogError, LogSettings, LogWriter, TopicLog};
pub use oauth::allow_token_endpoints;
pub use producer::{Ack, DeliveryError, OutRecord, ProducerLease, ProducerPool, SendError, TransactionError};
pub use raw::{Admin, Creation, NewTopic, RawError, TopicDescription};
pub use settings::{
    AdminSettings, ClientSettings, SettingsError, Translated, admin_settings, consumer_settings, producer_settings,
    reader_settings, transactional_settings,
};

/// One partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
}

impl TopicPartition {
    /// Names a partition.
    pub fn new(topic: impl Into<String>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl std::fmt::Display for TopicPartition {
    /// As Java prints it: `topic-partition`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_send<T: Send>(_: T) {}

    /// Only compiled: tasks hold these across awaits on a runtime of many threads.
    #[allow(dead_code)]
    fn everything_may_be_used_on_any_thread(
        admin: &'static Admin,
        topic: &'static NewTopic,
        consumer: &'static mut SinkConsumer,
        idle: &'static SinkConsumer,
        lease: &'static ProducerLease,
        settings: &'static ClientSettings,
        at: &'static [TopicPartition],
    ) {
        is_send(admin.cluster_id());
        is_send(admin.topics());
        is_send(admin.topic_partitions("t"));
        is_send(admin.create_topic(topic));
        is_send(admin.describe_topic("t"));
        is_send(admin.group_offsets("g"));
        is_send(admin.alter_group_offsets("g", &[]));
        is_send(admin.delete_group_offsets("g", at));
        is_send(admin.delete_group("g"));
        is_send(admin.end_offsets(at));
        is_send(admin.start_offsets(at));
        is_send(lease.wait(std::time::Duration::ZERO));
        is_send(lease.refresh_topic("t"));
        is_send(SinkConsumer::subscribe(settings, &[]));
        is_send(idle.committed(at));
        is_send(idle.commit(&[]));
        is_send(idle.pause(at));
        is_send(consumer.next(1, std::time::Duration::ZERO));
    }

    #[allow(dead_code)]
    fn so_may_what_ends_it(mut consumer: SinkConsumer) {
        is_send(async move {
            let _ = consumer.assign(&[]).await;
            let _ = consumer.unassign(&[]).await;
            let _ = consumer.seek(&[]).await;
            consumer.close(std::time::Duration::ZERO).await;
        });
    }
}
