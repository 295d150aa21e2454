//! Keys of the config topic. They are plain text rather than JSON, so that no converter can ever write one otherwise:
//! compaction compares bytes.

const TARGET: &str = "target-state-";
const CONNECTOR: &str = "connector-";
const TASK: &str = "task-";
const COMMIT: &str = "commit-";
const FENCING: &str = "tasks-fencing-";
const SESSION_KEY: &str = "session-key";
const RESTART: &str = "restart-connector-";
const LOGGER: &str = "logger-cluster-";

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// What is wanted of a connector.
    Target(&'a str),
    /// A connector's config.
    Connector(&'a str),
    /// A task's settings, which count from the next commit on.
    Task(&'a str, u32),
    /// The connector's tasks are complete.
    Commit(&'a str),
    /// Producers of the connector's tasks have been fenced.
    Fencing(&'a str),
    /// For internal requests.
    Session,
    /// A restart of a connector.
    Restart(&'a str),
    /// The level of a logger.
    Logger(&'a str),
}

impl<'a> Key<'a> {
    /// None if it is none of them. Connectors' names may hold dashes: a task's number stands behind the last one.
    pub(super) fn parse(key: &'a str) -> Option<Self> {
        if let Some(name) = key.strip_prefix(TARGET) {
            Some(Self::Target(name))
        } else if let Some(name) = key.strip_prefix(CONNECTOR) {
            Some(Self::Connector(name))
        } else if let Some(rest) = key.strip_prefix(TASK) {
            let (name, number) = rest.rsplit_once('-')?;
            Some(Self::Task(name, number.parse().ok()?))
        } else if let Some(name) = key.strip_prefix(COMMIT) {
            Some(Self::Commit(name))
        } else if let Some(name) = key.strip_prefix(RESTART) {
            Some(Self::Restart(name))
        } else if let Some(name) = key.strip_prefix(FENCING) {
            Some(Self::Fencing(name))
        } else if key == SESSION_KEY {
            Some(Self::Session)
        } else {
            key.strip_prefix(LOGGER).map(Self::Logger)
        }
    }
}

impl std::fmt::Display for Key<'_> {
    /// As it is written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(name) => write!(f, "{TARGET}{name}"),
            Self::Connector(name) => write!(f, "{CONNECTOR}{name}"),
            Self::Task(name, task) => write!(f, "{TASK}{name}-{task}"),
            Self::Commit(name) => write!(f, "{COMMIT}{name}"),
            Self::Fencing(name) => write!(f, "{FENCING}{name}"),
            Self::Session => f.write_str(SESSION_KEY),
            Self::Restart(name) => write!(f, "{RESTART}{name}"),
            Self::Logger(namespace) => write!(f, "{LOGGER}{namespace}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_key_is_read_as_it_is_written() {
        for (text, key) in [
            ("target-state-a", Key::Target("a")),
            ("connector-a-b", Key::Connector("a-b")),
            ("task-a-b-12", Key::Task("a-b", 12)),
            ("task--0", Key::Task("", 0)),
            ("commit-a", Key::Commit("a")),
            ("tasks-fencing-a", Key::Fencing("a")),
            ("session-key", Key::Session),
            ("restart-connector-a", Key::Restart("a")),
            ("logger-cluster-org.apache", Key::Logger("org.apache")),
        ] {
            assert_eq!(Key::parse(text), Some(key), "{text}");
            assert_eq!(key.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "task-a", "task-a-", "task-a-x", "task-a--1x", "session-keys", "logger-a", "Connector-a"] {
            assert_eq!(Key::parse(text), None, "{text}");
        }
    }
}
