//! Which brokers a person's command talks to, and how: from a worker's properties, or from a file as Kafka's own
//! tools take it.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use tokio::runtime::Runtime;
use tracing_subscriber::filter::LevelFilter;
use watertight_data::properties;
use watertight_kafka::{Admin, RawError, admin_settings};
use watertight_worker::config::under;
use watertight_worker::providers::ConfigProviders;

use crate::args::Broker;
use crate::failure::Failure;

const CLIENT_ID: &str = "watertight-cli";
/// Nobody looks at a silent screen for longer.
const REQUEST: Duration = Duration::from_secs(5);
const CALL: Duration = Duration::from_secs(10);
/// A worker's own settings that say how its clients reach the brokers.
const SECURITY: [&str; 4] = ["security.", "sasl.", "ssl.", "client.dns.lookup"];

/// Settings of Kafka clients, in Java's words.
pub(crate) type Settings = IndexMap<String, String>;

/// What the options say.
pub(crate) fn settings(broker: &Broker) -> Result<Settings, Failure> {
    let mut settings = match (&broker.worker, &broker.config) {
        (Some(file), _) => of_worker(file)?,
        (None, Some(file)) => read(file)?,
        (None, None) => Settings::new(),
    };
    let named = std::env::var("WATERTIGHT_BOOTSTRAP").ok().filter(|servers| !servers.trim().is_empty());
    if let Some(servers) = &broker.bootstrap {
        settings.insert("bootstrap.servers".to_owned(), servers.clone());
    } else if !settings.contains_key("bootstrap.servers") {
        let servers = named.unwrap_or_else(|| "localhost:9092".to_owned());
        settings.insert("bootstrap.servers".to_owned(), servers);
    }
    Ok(settings)
}

/// Kafka's workers give their consumers the settings under `consumer.`, and themselves the others: whoever looks into
/// a topic means the same cluster, so that both count, and those of consumers more.
fn of_worker(file: &Path) -> Result<Settings, Failure> {
    let unusable = |why: String| Failure::Usage(format!("{}: {why}", file.display()));
    let given = read(file)?;
    let base = std::env::current_dir()?;
    let providers = ConfigProviders::from_properties(&given, &base).map_err(|error| unusable(error.to_string()))?;
    let resolved = providers.resolve_now(&given).map_err(|error| unusable(error.to_string()))?.settings;
    let mut settings: Settings = resolved
        .iter()
        .filter(|(key, _)| *key == "bootstrap.servers" || SECURITY.iter().any(|prefix| key.starts_with(prefix)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    settings.extend(under(&resolved, "consumer."));
    Ok(settings)
}

fn read(file: &Path) -> Result<Settings, Failure> {
    let unusable = |why: String| Failure::Usage(format!("{} {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    properties::parse_bytes(&bytes).map_err(|error| unusable(format!("is no properties file: {error}")))
}

/// For questions; they are answered soon or not at all.
pub(crate) fn admin(settings: &Settings) -> Result<Admin, Failure> {
    let settings = admin_settings(settings, CLIENT_ID).map_err(|error| Failure::Usage(error.to_string()))?;
    settings.warnings().iter().for_each(|warning| crate::ui::note(&format!("watertight: {warning}")));
    Admin::with_settings(settings.with_timeouts(REQUEST, CALL)).map_err(failed)
}

/// All topics, for who does not wait and does not want to hear why there are none.
pub(crate) fn topics_within(broker: &Broker, patience: Duration) -> Option<Vec<String>> {
    let settings = admin_settings(&settings(broker).ok()?, CLIENT_ID).ok()?;
    let admin = Admin::with_settings(settings.with_timeouts(patience, patience)).ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async { tokio::time::timeout(patience, admin.topics()).await.ok()?.ok() })
}

/// The consumer's settings, and what there is to say about them.
pub(crate) fn reader(settings: &Settings) -> Result<watertight_kafka::ClientSettings, Failure> {
    let translated =
        watertight_kafka::reader_settings(settings, CLIENT_ID).map_err(|error| Failure::Usage(error.to_string()))?;
    translated.warnings.iter().for_each(|warning| crate::ui::note(&format!("watertight: {warning}")));
    Ok(translated.settings)
}

/// A broker's answer that is none.
pub(crate) fn failed(error: RawError) -> Failure {
    match error {
        RawError::Settings(error) => Failure::Usage(error.to_string()),
        RawError::Unreachable { .. } => {
            Failure::NoBroker(format!("{error}\n--bootstrap HOST:PORT names another broker, --worker a worker's file"))
        }
        error if error.is_authorization() => Failure::Other(format!(
            "{error}\n--worker takes the security settings of a worker's file, --config those of a client's"
        )),
        error => Failure::Other(error.to_string()),
    }
}

/// Small: a question is one task. What clients log goes to standard error, if it is a warning or worse.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(LevelFilter::WARN).without_time();
    // Only tests come here twice.
    let _ = log.with_ansi(false).with_target(false).try_init();
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn broker() -> Broker {
        Broker { bootstrap: None, worker: None, config: None }
    }

    #[test]
    fn a_workers_file_gives_the_brokers_and_the_security_of_its_consumers() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("worker.properties");
        let text = "bootstrap.servers=a:1\nsecurity.protocol=SSL\nssl.truststore.location=x\nkey.converter=K\n\
                    consumer.security.protocol=SASL_SSL\nconsumer.fetch.max.wait.ms=7\nproducer.acks=all\n";
        std::fs::write(&file, text).unwrap();
        let found = settings(&Broker { worker: Some(file.clone()), ..broker() }).unwrap();
        let found: Vec<String> = found.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(
            found,
            ["bootstrap.servers=a:1", "security.protocol=SASL_SSL", "ssl.truststore.location=x", "fetch.max.wait.ms=7"]
        );
        let named = Broker { worker: Some(file), bootstrap: Some("b:2".into()), ..broker() };
        assert_eq!(settings(&named).unwrap()["bootstrap.servers"], "b:2");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = settings(&Broker { config: Some("no/such".into()), ..broker() }).unwrap_err();
        assert!(error.code() == 2 && error.to_string().contains("no/such"), "{error}");
    }
}
