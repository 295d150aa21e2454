//! What a configuration gets wrong.

use super::*;
use watertight_sdk::SinkConnector;

use crate::sink::JdbcSinkConnector;

fn errors(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    let config: Config = settings.iter().copied().collect();
    let reports = JdbcSinkConnector::default().validate(&config).unwrap();
    let each = |report: watertight_sdk::KeyReport| {
        let name = report.name;
        report.errors.into_iter().map(move |error| (name.clone(), error)).collect::<Vec<_>>()
    };
    reports.into_iter().flat_map(each).collect()
}

fn keys(settings: &[(&str, &str)]) -> Vec<String> {
    errors(settings).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn what_does_not_go_together_is_said_at_the_key_to_be_changed() {
    Fake::install("sqlite", &[]);
    assert!(keys(&[("connection.url", "jdbc:sqlite:/x")]).is_empty());
    assert_eq!(keys(&[("delete.enabled", "true"), ("pk.mode", "kafka")]), ["delete.enabled"]);
    assert_eq!(keys(&[("insert.mode", "UPSERT")]), ["pk.mode"]);
    assert_eq!(keys(&[("insert.mode", "update"), ("pk.mode", "none")]), ["pk.mode"]);
    assert_eq!(keys(&[("pk.mode", "kafka"), ("pk.fields", "a,b")]), ["pk.fields"]);
    assert!(keys(&[("pk.mode", "kafka"), ("pk.fields", "a,b,c")]).is_empty());
    assert_eq!(keys(&[("pk.mode", "record_key"), ("pk.fields", "a,a")]), ["pk.fields"]);
    assert_eq!(keys(&[("topics.to.tables.mapping", "a")]), ["topics.to.tables.mapping"]);
}

#[test]
fn a_connector_does_not_start_with_what_validation_refuses() {
    let config: Config = [("insert.mode", "upsert")].into_iter().collect();
    let failure = JdbcSinkConnector::default().start(&config).unwrap_err();
    assert!(failure.message.starts_with("Invalid value none for configuration pk.mode:"), "{}", failure.message);
}

#[test]
fn the_connection_is_tried() {
    let fake = Fake::install("postgresql", &[]);
    let url = ("connection.url", "jdbc:postgresql://h/d");
    fake.opens.borrow_mut().push(Fault::new("unavailable", "h:5432 refuses"));
    assert_eq!(errors(&[url]), [("connection.url".into(), "Could not connect to the database: h:5432 refuses".into())]);
    fake.opens.borrow_mut().push(fault("sql", "28P01", "password authentication failed"));
    assert_eq!(keys(&[url]), ["connection.user", "connection.password"]);
    assert_eq!(keys(&[url, ("dialect.name", "SqliteDatabaseDialect")]), ["dialect.name"]);
    assert_eq!(keys(&[url, ("table.name.format", "a.b.c.${topic}")]), ["table.name.format"]);
    assert!(keys(&[url, ("dialect.name", "PostgreSqlDatabaseDialect")]).is_empty());
}

#[test]
fn tasks_get_the_connectors_own_settings() {
    let mut connector = JdbcSinkConnector::default();
    let config: Config = [("connection.url", "jdbc:sqlite:/x"), ("tasks.max", "2")].into_iter().collect();
    connector.start(&config).unwrap();
    assert_eq!(connector.task_configs(2).unwrap(), [config.clone(), config]);
}

#[test]
fn aivens_words_are_known() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    let mut task = task(&[("insert.mode", "multi"), ("sql.quote.identifiers", "false")]);
    put(&mut task, values(vec![person(1, "a")])).unwrap();
    assert!(fake.done()[1].starts_with("INSERT INTO t (id,name) VALUES ($1,$2)"));
}
