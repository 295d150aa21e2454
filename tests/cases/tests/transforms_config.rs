//! What is wrong with transforms, predicates, converters, topic creation and client settings is said when the connector
//! is created, in Kafka's words.
//!
//! `WATERTIGHT_WORKER=genuine` runs these against Kafka Connect.

use watertight_cases::Scene;
use watertight_harness::properties::Properties;
use watertight_harness::worker::{file_sink, file_source};

const T: &str = "org.apache.kafka.connect.transforms.";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const BEGINS: &str = "Connector configuration is invalid and contains the following ";
const ENDS: &str =
    "\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`";

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn source(scene: &Scene, extra: Pairs<'_>) -> Properties {
    extra.iter().fold(file_source("x", &scene.input(), "t"), |config, (key, value)| config.with(key, value))
}

fn sink(scene: &Scene, extra: Pairs<'_>) -> Properties {
    extra.iter().fold(file_sink("x", &scene.output(), "t"), |config, (key, value)| config.with(key, value))
}

/// What the worker says of a config, one message a line; nothing if it takes it.
fn said(scene: &Scene, config: &Properties) -> anyhow::Result<(u16, Vec<String>)> {
    let connect = scene.worker.connect();
    let answer = connect.post(config)?;
    let message = answer.message();
    // A connector that failed to start is there, and in the way of the next.
    let _ = connect.http.delete("/connectors/x")?;
    if answer.status == 201 {
        return Ok((201, Vec::new()));
    }
    let listed = message.strip_prefix(BEGINS).and_then(|rest| rest.strip_suffix(ENDS));
    let Some((count, listed)) = listed.and_then(|listed| listed.split_once(" error(s):\n")) else {
        return Ok((answer.status, vec![message]));
    };
    // A message may have several lines: those of a regular expression do.
    let lines: Vec<String> = listed.split('\n').map(str::to_owned).collect();
    anyhow::ensure!(count.parse::<usize>()? <= lines.len(), "{count} errors announced: {message}");
    Ok((answer.status, lines))
}

struct Case<'a>(&'a str, Pairs<'a>, &'a [&'a str]);

fn check(scene: &Scene, cases: &[Case<'_>], make: fn(&Scene, Pairs<'_>) -> Properties) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for Case(what, extra, expected) in cases {
        let (status, lines) = said(scene, &make(scene, extra))?;
        let right = if expected.is_empty() { status == 201 } else { status != 201 && lines == *expected };
        if !right {
            wrong.push(format!("{what}: {status} {lines:#?}, wanted {expected:#?}"));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn transforms_and_predicates_are_checked_before_the_connector_starts() -> anyhow::Result<()> {
    let scene = Scene::new("transforms-config")?.start()?;
    let drop = format!("{T}DropHeaders");
    let cast = format!("{T}Cast$Value");
    let router = format!("{T}RegexRouter");
    let tombstone = format!("{T}predicates.RecordIsTombstone");
    let matches = format!("{T}predicates.TopicNameMatches");
    let has_key = format!("{T}predicates.HasHeaderKey");
    let insert = format!("{T}InsertField");
    let drops = |extra: Pairs<'static>| -> Vec<(&str, &str)> {
        [("transforms", "a"), ("transforms.a.type", drop.as_str()), ("transforms.a.headers", "h")]
            .into_iter()
            .chain(extra.iter().copied())
            .collect()
    };
    let negated = drops(&[("transforms.a.negate", "true")]);
    let predicated = [
        drops(&[("transforms.a.negate", "yes"), ("transforms.a.predicate", "p"), ("predicates", "p")]),
        vec![("predicates.p.type", tombstone.as_str())],
    ]
    .concat();
    let cases = [
        Case("good", &drops(&[]), &[]),
        Case("short name", &[("transforms", "a"), ("transforms.a.type", "Filter")], &[]),
        Case(
            "no type",
            &[("transforms", "a")],
            &["Missing required configuration \"transforms.a.type\" which has no default value."],
        ),
        Case(
            "unknown class",
            &[("transforms", "a"), ("transforms.a.type", "no.Such")],
            &["Invalid value no.Such for configuration transforms.a.type: Class no.Such could not be found."],
        ),
        Case(
            "a name of two",
            &[("transforms", "a"), ("transforms.a.type", "Value")],
            &["Invalid value Value for configuration transforms.a.type: Class Value could not be found."],
        ),
        Case(
            "another kind",
            &[("transforms", "a"), ("transforms.a.type", "org.apache.kafka.connect.storage.StringConverter")],
            &[
                "Class class org.apache.kafka.connect.storage.StringConverter does not implement the Transformation interface",
            ],
        ),
        Case(
            "neither key nor value",
            &[("transforms", "a"), ("transforms.a.type", &insert)],
            &[
                "This class is abstract and cannot be created. Did you mean org.apache.kafka.connect.transforms.InsertField$Key, org.apache.kafka.connect.transforms.InsertField$Value?",
            ],
        ),
        Case(
            "an alias twice",
            &[("transforms", "a,a"), ("transforms.a.type", &drop), ("transforms.a.headers", "h")],
            &["Invalid value [a, a] for configuration transforms: Duplicate alias provided."],
        ),
        Case(
            "a setting of its own is missing",
            &[("transforms", "a"), ("transforms.a.type", &drop)],
            &[
                "Missing required configuration \"transforms.a.headers\" which has no default value.",
                "Configuration 'headers' values must not be null.",
            ],
        ),
        Case(
            "a list that is empty",
            &[("transforms", "a"), ("transforms.a.type", &cast), ("transforms.a.spec", "")],
            &["Must specify at least one field to cast."],
        ),
        Case(
            "no regular expression",
            &[
                ("transforms", "a"),
                ("transforms.a.type", &router),
                ("transforms.a.regex", "["),
                ("transforms.a.replacement", "b"),
            ],
            &[
                "Invalid value [ for configuration regex: Invalid regex: Unclosed character class near index 0",
                "[",
                "^",
            ],
        ),
        Case(
            "negated without a predicate",
            &negated,
            &[
                "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
            ],
        ),
        Case(
            "negated how",
            &predicated,
            &["Invalid value yes for configuration transforms.a.negate: Expected value to be either true or false"],
        ),
        Case(
            "predicate without a type",
            &[("predicates", "p")],
            &["Missing required configuration \"predicates.p.type\" which has no default value."],
        ),
        Case(
            "unknown predicate",
            &[("predicates", "p"), ("predicates.p.type", "no.Such")],
            &["Invalid value no.Such for configuration predicates.p.type: Class no.Such could not be found."],
        ),
        Case(
            "a transform for a predicate",
            &[("predicates", "p"), ("predicates.p.type", &drop)],
            &["Class class org.apache.kafka.connect.transforms.DropHeaders does not implement the Predicate interface"],
        ),
        Case(
            "predicate without a pattern",
            &[("predicates", "p"), ("predicates.p.type", &matches), ("predicates.p.pattern", "[")],
            &[
                "Invalid value [ for configuration pattern: Invalid regex: Unclosed character class near index 0",
                "[",
                "^",
            ],
        ),
        Case(
            "an empty name",
            &[("predicates", "p"), ("predicates.p.type", &has_key), ("predicates.p.name", "")],
            &["Invalid value  for configuration name: String must be non-empty"],
        ),
        Case(
            "a predicate twice",
            &[("predicates", "p,p"), ("predicates.p.type", &tombstone)],
            &["Invalid value [p, p] for configuration predicates: Duplicate alias provided."],
        ),
    ];
    check(&scene, &cases, source)
}

#[test]
fn converters_and_client_settings_are_checked_before_the_connector_starts() -> anyhow::Result<()> {
    let scene = Scene::new("converters-config")?.start()?;
    let cases = [
        Case("short name", &[("value.converter", "JsonConverter")], &[]),
        Case(
            "unknown",
            &[("value.converter", "no.Such")],
            &["Invalid value no.Such for configuration value.converter: Class no.Such could not be found."],
        ),
        Case(
            "of headers only",
            &[("value.converter", "org.apache.kafka.connect.storage.SimpleHeaderConverter")],
            &[
                "Class class org.apache.kafka.connect.storage.SimpleHeaderConverter does not implement the Converter interface",
            ],
        ),
        Case(
            "its own settings",
            &[
                ("value.converter", JSON),
                ("value.converter.schemas.enable", "maybe"),
                ("value.converter.schemas.cache.size", "x"),
                ("value.converter.decimal.format", "q"),
            ],
            &[
                "Invalid value q for configuration decimal.format: String must be one of (case insensitive): NUMERIC, BASE64",
                "Invalid value x for configuration schemas.cache.size: Not a number of type INT",
                "Invalid value maybe for configuration schemas.enable: Expected value to be either true or false",
            ],
        ),
        Case("settings of the worker's", &[("value.converter.schemas.enable", "maybe")], &[]),
        Case(
            "several things",
            &[("tasks.max", "0"), ("transforms", "a"), ("predicates", "p"), ("value.converter", "no.Such")],
            &[
                "Invalid value 0 for configuration tasks.max: Value must be at least 1",
                "Invalid value no.Such for configuration value.converter: Class no.Such could not be found.",
                "Missing required configuration \"transforms.a.type\" which has no default value.",
                "Missing required configuration \"predicates.p.type\" which has no default value.",
            ],
        ),
        Case(
            "a client's setting",
            &[("producer.override.linger.ms", "x")],
            &["Invalid value x for configuration linger.ms: Not a number of type LONG"],
        ),
        Case("of a client it has not", &[("consumer.override.max.poll.records", "x")], &[]),
        Case("exactly once in a standalone worker", &[("exactly.once.support", "REQUIRED")], &[]),
    ];
    check(&scene, &cases, source)
}

#[test]
fn topic_creation_is_checked_before_the_connector_starts() -> anyhow::Result<()> {
    let scene = Scene::new("topic-creation-config")?.start()?;
    const RF: (&str, &str) = ("topic.creation.default.replication.factor", "1");
    const PARTITIONS: (&str, &str) = ("topic.creation.default.partitions", "1");
    let missing = "Missing required configuration \"topic.creation.default.partitions\" which has no default value.";
    let cases = [
        Case("full", &[RF, PARTITIONS], &[]),
        Case("as the broker decides", &[("topic.creation.default.replication.factor", "-1"), PARTITIONS], &[]),
        Case("no partitions", &[RF], &[missing]),
        Case(
            "none at all",
            &[("topic.creation.default.replication.factor", "0"), PARTITIONS],
            &[
                "Invalid value 0 for configuration replication.factor: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
            ],
        ),
        Case(
            "no number",
            &[("topic.creation.default.replication.factor", "x"), PARTITIONS],
            &[
                "Invalid value x for configuration topic.creation.default.replication.factor: Not a number of type SHORT",
            ],
        ),
        Case(
            "of a group",
            &[
                ("topic.creation.groups", "g"),
                ("topic.creation.g.include", "t"),
                ("topic.creation.g.partitions", "0"),
                RF,
                PARTITIONS,
            ],
            &[
                "Invalid value 0 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default",
            ],
        ),
        Case("of a group that is not listed", &[("topic.creation.h.include", "["), RF, PARTITIONS], &[]),
        Case(
            "a group twice",
            &[("topic.creation.groups", "g,g"), ("topic.creation.g.include", "t"), RF, PARTITIONS],
            &["Invalid value [g, g] for configuration topic.creation.groups: Duplicate alias provided."],
        ),
    ];
    check(&scene, &cases, source)
}

#[test]
fn a_sinks_errors_settings_are_checked_before_it_starts() -> anyhow::Result<()> {
    let scene = Scene::new("errors-config")?.start()?;
    let cases = [
        Case(
            "its own dead letters",
            &[("errors.deadletterqueue.topic.name", "t")],
            &["The DLQ topic 't' may not be included in the list of topics ('topics=[t]') consumed by the connector"],
        ),
        Case(
            "no number and no flag",
            &[
                ("errors.deadletterqueue.topic.name", "d"),
                ("errors.deadletterqueue.topic.replication.factor", "x"),
                ("errors.deadletterqueue.context.headers.enable", "q"),
            ],
            &[
                "Invalid value x for configuration errors.deadletterqueue.topic.replication.factor: Not a number of type SHORT",
                "Invalid value q for configuration errors.deadletterqueue.context.headers.enable: Expected value to be either true or false",
            ],
        ),
        Case(
            "everything else",
            &[
                ("errors.retry.timeout", "x"),
                ("errors.retry.delay.max.ms", "y"),
                ("errors.log.enable", "z"),
                ("errors.log.include.messages", "w"),
                ("errors.tolerance", "ALL"),
            ],
            &[
                "Invalid value x for configuration errors.retry.timeout: Not a number of type LONG",
                "Invalid value y for configuration errors.retry.delay.max.ms: Not a number of type LONG",
                "Invalid value ALL for configuration errors.tolerance: String must be one of: none, all",
                "Invalid value z for configuration errors.log.enable: Expected value to be either true or false",
                "Invalid value w for configuration errors.log.include.messages: Expected value to be either true or false",
            ],
        ),
        Case("a group of its own", &[("consumer.override.group.id", "g1")], &[]),
        Case("a client it has not", &[("producer.override.linger.ms", "x")], &[]),
    ];
    check(&scene, &cases, sink)?;
    let regex = |pattern: &str| file_sink("x", &scene.output(), "t").without("topics").with("topics.regex", pattern);
    let (_, lines) = said(&scene, &regex("["))?;
    let expected =
        "Invalid value [ for configuration topics.regex: Invalid regex: Unclosed character class near index 0";
    anyhow::ensure!(lines == [expected, "[", "^"], "{lines:?}");
    let (status, lines) = said(&scene, &regex("(?!x)t.*+"))?;
    anyhow::ensure!(status == 201, "Java's own dialect is refused: {lines:?}");
    Ok(())
}

#[test]
fn every_override_policy_refuses_in_kafkas_words() -> anyhow::Result<()> {
    for (policy, key) in [("None", "client.id"), ("Principal", "client.id"), ("Allowlist", "client.id")] {
        let scene = Scene::new("override-policy")?
            .with("connector.client.config.override.policy", policy)
            .with("connector.client.config.override.allowlist", "linger.ms")
            .start()?;
        let (_, lines) = said(&scene, &source(&scene, &[("producer.override.client.id", "mine")]))?;
        let expected =
            format!("The '{policy}' policy does not allow '{key}' to be overridden in the connector configuration.");
        anyhow::ensure!(lines == [expected], "{lines:?}");
    }
    Ok(())
}

/// Only built-in ones are compared: which connectors there are is each worker's own.
#[test]
fn the_list_of_plugins_has_kafkas_kinds_in_kafkas_order() -> anyhow::Result<()> {
    let scene = Scene::new("plugin-list")?.start()?;
    let listed = scene.worker.connect().http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
    let ours: Vec<String> = listed
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["class"].as_str().is_some_and(|class| class.starts_with("org.apache.kafka.connect.")))
        .filter(|one| one["type"] != "source" && one["type"] != "sink")
        .map(|one| format!("{} {}", one["type"].as_str().unwrap_or("?"), one["class"].as_str().unwrap_or("?")))
        .collect();
    let expected: Vec<&str> = include_str!("recorded/plugins.txt").lines().collect();
    anyhow::ensure!(ours == expected, "{ours:#?}");
    Ok(())
}
