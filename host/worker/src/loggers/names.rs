//! Which of Kafka's loggers a line of ours belongs to.
//!
//! Whoever runs Connect knows its loggers by the names of Java's classes, and so do their scripts; a line of
//! this worker's log ends in the name of a Rust module. Both name the same logger: there is one tree, of Java's
//! names, and a module's name is translated on its way in. Each module stands where a Kafka developer would look
//! for what it does.

/// Lines of plugins: each plugin has a logger by the name of its class, and all have this one above them.
pub const PLUGIN: &str = "plugin";
/// Lines of librdkafka's consumers.
pub const CONSUMER: &str = watertight_kafka::verbosity::CONSUMER;
/// Lines of librdkafka's producers.
pub const PRODUCER: &str = watertight_kafka::verbosity::PRODUCER;

/// A module, with all within it that has no line of its own, and the logger it writes under. The longest that
/// fits counts. No logger stands above that of another crate, so that a crate can be raised alone.
const TABLE: &[(&str, &str)] = &[
    ("librdkafka", "org.apache.kafka.clients.NetworkClient"),
    (CONSUMER, "org.apache.kafka.clients.consumer.KafkaConsumer"),
    (PRODUCER, "org.apache.kafka.clients.producer.KafkaProducer"),
    ("watertight", "org.apache.kafka.connect.cli.AbstractConnectCli"),
    ("watertight::standalone", "org.apache.kafka.connect.cli.ConnectStandalone"),
    ("watertight_kafka", "org.apache.kafka.clients.NetworkClient"),
    ("watertight_kafka::consumer", "org.apache.kafka.clients.consumer.KafkaConsumer"),
    ("watertight_kafka::oauth", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"),
    ("watertight_kafka::producer", "org.apache.kafka.clients.producer.KafkaProducer"),
    ("watertight_kafka::raw", "org.apache.kafka.clients.admin.KafkaAdminClient"),
    ("watertight_kafka::registry", "io.confluent.kafka.schemaregistry.client.rest.RestService"),
    ("watertight_kafka::settings::security", "org.apache.kafka.common.security.ssl.SslFactory"),
    ("watertight_rest", "org.apache.kafka.connect.runtime.rest.RestServer"),
    ("watertight_rest::error", "org.apache.kafka.connect.runtime.rest.errors.ConnectExceptionMapper"),
    ("watertight_sandbox", "org.apache.kafka.connect.runtime.isolation.PluginClassLoader"),
    ("watertight_sandbox::registry", "org.apache.kafka.connect.runtime.isolation.Plugins"),
    ("watertight_worker", "org.apache.kafka.connect.runtime.Worker"),
    ("watertight_worker::chain", "org.apache.kafka.connect.runtime.TransformationChain"),
    ("watertight_worker::connector", "org.apache.kafka.connect.runtime.WorkerConnector"),
    ("watertight_worker::errors", "org.apache.kafka.connect.runtime.errors.LogReporter"),
    ("watertight_worker::errors::dead_letters", "org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter"),
    ("watertight_worker::loggers", "org.apache.kafka.connect.runtime.Loggers"),
    ("watertight_worker::offsets", "org.apache.kafka.connect.storage.FileOffsetBackingStore"),
    ("watertight_worker::providers", "org.apache.kafka.connect.runtime.WorkerConfigTransformer"),
    ("watertight_worker::providers::directory", "org.apache.kafka.common.config.provider.DirectoryConfigProvider"),
    ("watertight_worker::providers::environment", "org.apache.kafka.common.config.provider.EnvVarConfigProvider"),
    ("watertight_worker::providers::file", "org.apache.kafka.common.config.provider.FileConfigProvider"),
    ("watertight_worker::standalone", "org.apache.kafka.connect.runtime.standalone.StandaloneHerder"),
    ("watertight_worker::task", "org.apache.kafka.connect.runtime.WorkerTask"),
    ("watertight_worker::task::sink", "org.apache.kafka.connect.runtime.WorkerSinkTask"),
    ("watertight_worker::task::source", "org.apache.kafka.connect.runtime.WorkerSourceTask"),
    ("watertight_worker::topic_creation", "org.apache.kafka.connect.util.TopicAdmin"),
    ("watertight_worker::validate", "org.apache.kafka.connect.runtime.AbstractHerder"),
];

/// The loggers that are there before anybody asks for one.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(_, logger)| *logger)
}

/// The logger that a line with this target is written under. What stands in no row is its own.
pub fn logger_of(target: &str) -> String {
    let row = TABLE
        .iter()
        .filter_map(|(module, logger)| Some((within(target, module)?, logger)))
        .min_by_key(|(rest, _)| rest.len());
    match row {
        Some((rest, logger)) => format!("{logger}{}", rest.replace("::", ".")),
        None => target.to_owned(),
    }
}

/// The loggers that a name means, which may be a module's: then each that is within it.
pub(super) fn meant(name: &str) -> Vec<String> {
    let inner = TABLE.iter().filter(|(module, _)| within(module, name).is_some_and(|rest| !rest.is_empty()));
    let mut all: Vec<String> = inner.map(|(_, logger)| (*logger).to_owned()).collect();
    all.push(logger_of(name));
    all.sort();
    all.dedup();
    all
}

/// What `target` has after `module`, if that is it or one of its parents.
fn within<'a>(target: &'a str, module: &str) -> Option<&'a str> {
    target.strip_prefix(module).filter(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The names from a logger up to, and without, the root.
pub(super) fn upwards(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| {
        let end = name.rfind(['.', ':'])?;
        Some(name.get(..end)?.trim_end_matches(':'))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_module_that_fits_names_the_logger() {
        assert_eq!(logger_of("watertight_worker::task"), "org.apache.kafka.connect.runtime.WorkerTask");
        assert_eq!(logger_of("watertight_worker::task::sink"), "org.apache.kafka.connect.runtime.WorkerSinkTask");
        assert_eq!(
            logger_of("watertight_worker::task::sink::put"),
            "org.apache.kafka.connect.runtime.WorkerSinkTask.put"
        );
        assert_eq!(logger_of("watertight_worker::tasks"), "org.apache.kafka.connect.runtime.Worker.tasks");
        assert_eq!(logger_of("hyper::proto"), "hyper::proto");
        assert_eq!(logger_of("org.apache.kafka.connect"), "org.apache.kafka.connect");
    }

    #[test]
    fn a_crate_means_all_of_its_loggers_and_none_of_another() {
        let worker = meant("watertight_worker");
        assert!(worker.contains(&"org.apache.kafka.connect.runtime.WorkerSinkTask".to_owned()));
        assert!(worker.iter().all(|logger| !logger.contains("runtime.rest") && !logger.contains("isolation")));
        assert_eq!(meant("some.logger"), ["some.logger"]);
    }

    #[test]
    fn no_logger_of_a_crate_stands_above_one_of_another() {
        for (module, logger) in TABLE {
            for (other, lower) in TABLE {
                let apart = module.split("::").next() != other.split("::").next();
                let above = upwards(lower).skip(1).any(|name| name == *logger);
                assert!(!(apart && above), "{logger} ({module}) stands above {lower} ({other})");
            }
        }
    }

    #[test]
    fn parents_are_found_by_dots_and_by_double_colons() {
        let up = |name| upwards(name).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(up("a.b.C$d"), ["a.b.C$d", "a.b", "a"]);
        assert_eq!(up("hyper::proto::h1"), ["hyper::proto::h1", "hyper::proto", "hyper"]);
        assert_eq!(up("x"), ["x"]);
    }
}
