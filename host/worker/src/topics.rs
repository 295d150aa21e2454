//! What a sink reads: a list, or a pattern that is matched here. librdkafka's own patterns search instead of
//! matching whole names, in another dialect.

use std::time::Duration;

use watertight_data::java::regex::JavaRegex;
use watertight_kafka::Admin;

use crate::entities::ConfigMap;

/// A list or a pattern.
#[derive(Debug, Clone)]
pub enum Topics {
    /// `topics`
    List(Vec<String>),
    /// `topics.regex`, and how often to look for new ones.
    Pattern(String, Duration),
}

impl Topics {
    /// From a sink's settings, which have been validated.
    pub fn of(settings: &ConfigMap) -> Self {
        match settings.get("topics.regex").map(|pattern| pattern.trim()).filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => {
                let age = settings.get("consumer.override.metadata.max.age.ms").and_then(|ms| ms.trim().parse().ok());
                Self::Pattern(pattern.to_owned(), Duration::from_millis(age.unwrap_or(300_000)))
            }
            None => {
                let list = settings.get("topics").map_or("", String::as_str);
                Self::List(list.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect())
            }
        }
    }

    /// Whether the names may change.
    pub fn is_pattern(&self) -> bool {
        matches!(self, Self::Pattern(..))
    }

    /// How often to look.
    pub fn refresh(&self) -> Duration {
        match self {
            Self::List(_) => Duration::from_secs(3600),
            Self::Pattern(_, age) => *age,
        }
    }

    /// Those of a list that do not exist. Asking lets the broker create them, if it does that and `create`.
    pub async fn absent(&self, admin: &Admin, create: bool) -> Vec<String> {
        let mut absent = Vec::new();
        if let Self::List(names) = self {
            for name in names {
                let found = if create { admin.summon_topic(name).await } else { admin.topic_partitions(name).await };
                match found {
                    Ok(Some(_)) => {}
                    Ok(None) => absent.push(name.clone()),
                    Err(error) => {
                        tracing::warn!("topic {name} could not be looked up: {error}");
                        absent.push(name.clone());
                    }
                }
            }
        }
        absent
    }

    /// The names now.
    pub async fn names(&self, admin: &Admin) -> Result<Vec<String>, String> {
        match self {
            Self::List(names) => Ok(names.clone()),
            Self::Pattern(pattern, _) => {
                let pattern = JavaRegex::new(pattern).map_err(|error| error.to_string())?;
                let topics = admin.topics().await.map_err(|error| error.to_string())?;
                let mut names = Vec::new();
                for topic in topics {
                    if pattern.full_match(&topic).map_err(|error| error.to_string())? {
                        names.push(topic);
                    }
                }
                Ok(names)
            }
        }
    }
}
