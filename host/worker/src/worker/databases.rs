//! The databases of a task. Its settings are what its connector, a guest, made of its own: among them may be a reference
//! to the connector's password beside another address to send it to, or beside a weaker encryption to send it through.
//! So the connector's secrets are used only in the connector's own words: where one of them stands among the settings of
//! a prefix, all settings of that prefix have to be the connector's, none changed, added or left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use watertight_sandbox::catalogue::PluginClass;
use watertight_sandbox::sql::{Fault, SqlAccess, SqlConnection, SqlLimits, code};

use super::in_use::TASK_CLASS;
use crate::entities::ConfigMap;
use crate::guest::GuestHost;
use crate::secrets::Nature;

/// Of a task with `settings`, which its connector with settings of its own has given it; all of them resolved.
pub fn of_task(
    host: &GuestHost,
    class: &PluginClass,
    settings: &ConfigMap,
    connector: &ConfigMap,
) -> Arc<dyn SqlAccess> {
    let databases = host.databases(settings);
    let borrowed = borrowed(class, settings, connector);
    if borrowed.is_empty() {
        return databases;
    }
    Arc::new(Borrower { databases, borrowed, foreign: foreign(settings, connector) })
}

/// Uses the connector's secrets.
struct Borrower {
    databases: Arc<dyn SqlAccess>,
    /// Settings of the task that hold one.
    borrowed: Vec<String>,
    /// Settings in which task and connector differ.
    foreign: BTreeSet<String>,
}

#[async_trait::async_trait]
impl SqlAccess for Borrower {
    async fn open(&self, prefix: &str, limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
        if let Some(secret) = self.borrowed.iter().find(|name| name.starts_with(prefix)) {
            let under = |name: &&String| name.starts_with(prefix);
            let foreign: Vec<&str> = self.foreign.iter().filter(under).map(String::as_str).collect();
            if !foreign.is_empty() {
                return Err(Fault::new(code::DENIED, refusal(secret, prefix, &foreign)));
            }
        }
        self.databases.open(prefix, limits).await
    }
}

fn refusal(secret: &str, prefix: &str, foreign: &[&str]) -> String {
    format!(
        "{secret} of the task is a secret of its connector, which is used only with the connector's own {prefix}* \
         settings; the task's differ in: {}",
        foreign.join(", ")
    )
}

/// What the plugin knows of the connector only by reference is known by its value here.
fn borrowed(class: &PluginClass, settings: &ConfigMap, connector: &ConfigMap) -> Vec<String> {
    let secret = |name: &str, value: &str| !value.is_empty() && Nature::of(class, name).hides(value);
    let own: BTreeSet<&str> =
        connector.iter().filter(|(name, value)| secret(name, value)).map(|(_, value)| value.as_str()).collect();
    let held = settings.iter().filter(|(_, value)| own.contains(value.as_str()));
    held.map(|(name, _)| name.clone()).collect()
}

fn foreign(settings: &ConfigMap, connector: &ConfigMap) -> BTreeSet<String> {
    let differs = |name: &&String| name.as_str() != TASK_CLASS && settings.get(*name) != connector.get(*name);
    settings.keys().chain(connector.keys()).filter(differs).cloned().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use watertight_sandbox::catalogue::PluginKey;
    use watertight_sandbox::limits::Limits;

    use super::*;

    /// Connects to nothing, and says so.
    struct Fake;

    #[async_trait::async_trait]
    impl SqlAccess for Fake {
        async fn open(&self, _prefix: &str, _limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
            Err(Fault::new(code::UNAVAILABLE, "was asked"))
        }
    }

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn class() -> PluginClass {
        let key = |name: &str, kind: &str| PluginKey {
            name: name.into(),
            kind: kind.into(),
            required: false,
            default_value: None,
            importance: "HIGH".into(),
            documentation: String::new(),
            group: None,
            order_in_group: None,
            width: "NONE".into(),
            display_name: None,
            dependents: Vec::new(),
            attributes: if kind == "STRING" { vec![("url".into(), String::new())] } else { Vec::new() },
        };
        PluginClass {
            name: "a.B".into(),
            aliases: Vec::new(),
            role: "source".into(),
            version: "1".into(),
            task_class: None,
            documentation: String::new(),
            config: vec![
                key("connection.password", "PASSWORD"),
                key("other.password", "PASSWORD"),
                key("connection.url", "STRING"),
            ],
            features: Vec::new(),
        }
    }

    const OWN: &[(&str, &str)] = &[
        ("connection.url", "jdbc:postgresql://h/db"),
        ("connection.password", "pa55"),
        ("connection.sslmode", "verify-full"),
        ("tables", "a"),
    ];

    /// What is answered to a task with these settings.
    async fn answer(settings: &ConfigMap, connector: &ConfigMap, prefix: &str) -> Fault {
        let (borrowed, foreign) = (borrowed(&class(), settings, connector), foreign(settings, connector));
        let borrower = Borrower { databases: Arc::new(Fake), borrowed, foreign };
        borrower.open(prefix, &SqlLimits::of(&Limits::default())).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_task_with_its_connectors_own_settings_is_connected() {
        let mut settings = map(OWN);
        settings.insert("tables".to_owned(), "b".to_owned());
        settings.insert("task.class".to_owned(), "a.BTask".to_owned());
        assert_eq!(answer(&settings, &map(OWN), "connection.").await.message, "was asked");
    }

    #[tokio::test]
    async fn a_password_is_not_sent_by_other_settings_than_its_connectors() {
        for (change, value) in [
            ("connection.url", Some("jdbc:postgresql://attacker/db")),
            ("connection.sslmode", Some("disable")),
            ("connection.sslmode", None),
            ("connection.socketTimeout", Some("1")),
        ] {
            let mut settings = map(OWN);
            match value {
                Some(value) => settings.insert(change.to_owned(), value.to_owned()),
                None => settings.shift_remove(change),
            };
            let fault = answer(&settings, &map(OWN), "connection.").await;
            assert_eq!(fault.code, code::DENIED, "{change}");
            assert!(fault.message.ends_with(&format!("differ in: {change}")), "{}", fault.message);
            assert!(!fault.message.contains("pa55"), "{}", fault.message);
        }
    }

    #[tokio::test]
    async fn nor_under_another_prefix_and_whatever_part_of_it_is_named() {
        let mut settings = map(OWN);
        settings.insert("other.password".to_owned(), "pa55".to_owned());
        settings.insert("other.url".to_owned(), "jdbc:postgresql://attacker/db".to_owned());
        for prefix in ["other.", "o", "other.p", ""] {
            assert_eq!(answer(&settings, &map(OWN), prefix).await.code, code::DENIED, "{prefix}");
        }
        assert_eq!(answer(&settings, &map(OWN), "connection.").await.message, "was asked");
    }

    #[tokio::test]
    async fn a_url_with_credentials_is_as_secret_as_a_password() {
        let url = ("connection.url", "jdbc:postgresql://h/db?user=u&password=pa55");
        let own = map(&[url, ("connection.sslmode", "verify-full")]);
        let settings = map(&[url, ("connection.sslmode", "disable")]);
        assert_eq!(answer(&settings, &own, "connection.").await.code, code::DENIED);
    }

    #[tokio::test]
    async fn a_task_without_a_secret_of_its_connector_connects_as_it_likes() {
        let settings = map(&[("connection.url", "jdbc:postgresql://elsewhere/db"), ("connection.password", "its own")]);
        assert_eq!(answer(&settings, &map(OWN), "connection.").await.message, "was asked");
    }
}
