//! Kafka's own words, as its worker says them; `<*>` stands for what follows.

pub const NOT_FOUND: &str = "HTTP 404 Not Found";
pub const NOT_ALLOWED: &str = "HTTP 405 Method Not Allowed";
pub const UNACCEPTABLE: &str = "HTTP 406 Not Acceptable";
pub const UNSUPPORTED: &str = "HTTP 415 Unsupported Media Type";

/// Of the library that reads JSON, and of Java: what a wrong body is answered, with 500.
pub const ENDS_EARLY: &str = "Unexpected end-of-input<*>";
pub const MAP_FROM_LIST: &str =
    "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` from Array value<*>";
pub const MAP_FROM_TEXT: &str = "Cannot construct instance of `java.util.LinkedHashMap`<*>";
pub const TEXT_FROM_LIST: &str = "Cannot deserialize value of type `java.lang.String` from Array value<*>";
pub const TEXT_FROM_OBJECT: &str = "Cannot deserialize value of type `java.lang.String` from Object value<*>";
pub const REQUEST_FROM_LIST: &str = "Cannot deserialize value of type \
     `org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest` from Array value<*>";
pub const OFFSETS_FROM_LIST: &str = "Cannot deserialize value of type \
     `org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets` from Array value<*>";
pub const OFFSETS_FROM_TEXT: &str =
    "Cannot construct instance of `org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets`<*>";
pub const OFFSET_FROM_NUMBER: &str =
    "Cannot construct instance of `org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset`<*>";
pub const OBJECT_FROM_NUMBER: &str = "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.Object>` from Integer value<*>";
pub const OBJECT_FROM_LIST: &str =
    "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.Object>` from Array value<*>";
pub const UNKNOWN_FIELD: &str = "Unrecognized field \"extra\" (class \
     org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest), not marked as ignorable (3 known \
     properties: \"config\", \"name\", \"initial_state\")<*>";
pub const NO_REQUEST: &str = "Cannot invoke \
     \"org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest.name()\" because \"createRequest\" is null";
pub const NO_CONFIG: &str = r#"Cannot invoke "java.util.Map.get(Object)" because "connectorConfig" is null"#;
pub const NO_PATCH: &str =
    r#"Cannot invoke "java.util.Map.forEach(java.util.function.BiConsumer)" because "patch" is null"#;
pub const NO_LEVELS: &str = r#"Cannot invoke "java.util.Map.get(Object)" because "levelMap" is null"#;

pub const EMPTY_NAME: &str = "Invalid value  for configuration name: String may not be empty";
pub const NO_TOPIC: &str = r#"Missing required configuration "topic" which has no default value."#;
pub const NO_NULL: &str = "Null value can not be supplied as the configuration value.";
pub const NO_NULL_TASKS: &str = "Invalid value null for configuration tasks.max: Value must be non-null";
pub const NO_SUCH_CLASS: &str =
    "Failed to find any class that implements Connector and which name matches {}, available connectors are: <*>";
pub const NO_KIND: &str = "Invalid plugin class {}. Valid types are sink, source, converter, header_converter, \
     transformation, predicate.";
pub const NOT_STOPPED: &str = "Connectors must be in the STOPPED state before their offsets can be modified. This can be \
     done for the specified connector by issuing a 'PUT' request to the '/connectors/{c}/stop' endpoint";
pub const NO_OFFSETS: &str = "Partitions / offsets need to be provided for an alter offsets request";
pub const ALTERED: &str = "The offsets for this connector have been altered successfully";
pub const RESET: &str = "The offsets for this connector have been reset successfully";
pub const NO_LEVEL: &str = "Desired 'level' parameter was not specified in request.";

/// A refused configuration.
pub fn invalid(errors: &[&str]) -> String {
    format!(
        "Connector configuration is invalid and contains the following {} error(s):\n{}\nYou can also find the above \
         list of errors at the endpoint `/connector-plugins/{{connectorType}}/config/validate`",
        errors.len(),
        errors.join("\n")
    )
}

/// A name with control characters of these codes.
pub fn control(name: &str, codes: &str) -> String {
    let what = "String may not contain control sequences but had the following ASCII chars";
    invalid(&[&format!("Invalid value {name} for configuration name: {what}: {codes}")])
}

/// A name that is not that of the path.
pub fn mismatch(config: &str, path: &str) -> String {
    format!("Connector name configuration ({config}) doesn't match connector name in the URL ({path})")
}

/// Why we differ in all that.
pub const CLIENTS_MISTAKE: &str = "a body of another shape is the client's mistake";

/// Settings of every connector, in the order in which they are told.
pub const OF_ALL: &[&str] = &[
    "name",
    "connector.class",
    "connector.plugin.version",
    "tasks.max",
    "tasks.max.enforce",
    "key.converter",
    "key.converter.plugin.version",
    "value.converter",
    "value.converter.plugin.version",
    "header.converter",
    "header.converter.plugin.version",
    "transforms",
    "predicates",
    "config.action.reload",
    "errors.retry.timeout",
    "errors.retry.delay.max.ms",
    "errors.tolerance",
    "errors.log.enable",
    "errors.log.include.messages",
];
/// Behind those, of every source.
pub const OF_SOURCES: &[&str] = &[
    "topic.creation.groups",
    "exactly.once.support",
    "transaction.boundary",
    "transaction.boundary.interval.ms",
    "offsets.storage.topic",
];
/// Of every sink.
pub const OF_SINKS: &[&str] = &[
    "topics",
    "topics.regex",
    "errors.deadletterqueue.topic.name",
    "errors.deadletterqueue.topic.replication.factor",
    "errors.deadletterqueue.context.headers.enable",
];
/// The file connectors' own.
pub const OF_FILES: &[&str] = &["file"];
/// The file source's own beside it.
pub const OF_FILE_SOURCES: &[&str] = &["topic", "batch.size"];
