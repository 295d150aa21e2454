//! Settings of topics: what Connect looks at before it trusts a topic with its state.

use kafka_protocol::messages::DescribeConfigsRequest;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::protocol::StrBytes;

use super::connection::Versions;
use super::{Admin, RawError};

const TOPIC: i8 = 2;

impl Admin {
    /// All settings of a topic, the broker's defaults included; a value that is secret has none.
    ///
    /// # Errors
    /// When there is no such topic (`UNKNOWN_TOPIC_OR_PARTITION`), the broker refuses
    /// ([`RawError::is_authorization`]), is too old ([`RawError::is_unsupported`]), or none answers.
    pub async fn topic_configs(&self, topic: &str) -> Result<Vec<(String, Option<String>)>, RawError> {
        self.brokers.persist(|| self.ask_for_configs(topic)).await
    }

    async fn ask_for_configs(&self, topic: &str) -> Result<Vec<(String, Option<String>)>, RawError> {
        const NAME: &str = "DescribeConfigs";
        let resource = DescribeConfigsResource::default()
            .with_resource_type(TOPIC)
            .with_resource_name(StrBytes::from_string(topic.to_owned()))
            .with_configuration_keys(None);
        let request = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let mut broker = self.brokers.any().await?;
        let version = broker.version::<DescribeConfigsRequest>(NAME, Versions(1, 4))?;
        let answer = broker.ask(NAME, &request, version).await?;
        let mut configs = Vec::new();
        for result in answer.results {
            let message = result.error_message.as_ref().filter(|text| !text.is_empty());
            let message = message.map_or_else(|| format!("topic {topic}"), |text| text.to_string());
            broker.succeeded(NAME, result.error_code, Some(message))?;
            let found = result.configs.into_iter();
            configs.extend(found.map(|one| (one.name.to_string(), one.value.map(|value| value.to_string()))));
        }
        Ok(configs)
    }
}
