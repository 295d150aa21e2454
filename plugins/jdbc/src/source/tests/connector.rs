//! Planning, watching and checking.

use watertight_sdk::sql::Fault;
use watertight_sdk::{Config, SourceConnector, testing};

use super::super::JdbcSourceConnector;
use super::{Shop, config};

fn started(pairs: &[(&str, &str)]) -> JdbcSourceConnector {
    let mut connector = JdbcSourceConnector::default();
    connector.start(&config(pairs)).unwrap();
    connector
}

fn plan(connector: &mut JdbcSourceConnector, tasks: usize) -> Vec<String> {
    let configs = connector.task_configs(tasks).unwrap();
    configs.iter().map(|config| config.get("tables").unwrap().to_owned()).collect()
}

#[test]
fn tables_are_shared_among_tasks_in_the_words_of_the_jvm() {
    let shop = Shop::open();
    shop.tables.replace(vec![("public", "a"), ("public", "b"), ("sales", "c")]);
    let mut connector = started(&[]);
    assert_eq!(plan(&mut connector, 2), ["\"public\".\"a\",\"public\".\"b\"", "\"sales\".\"c\""]);
    assert_eq!(plan(&mut connector, 9).len(), 3);
    let config = connector.task_configs(1).unwrap().remove(0);
    assert_eq!(config.get("connection.url"), Some("jdbc:postgresql://127.0.0.1/shop"));
}

#[test]
fn a_query_has_one_task_without_tables() {
    Shop::open();
    let query = [("query", "SELECT 1 AS id"), ("incrementing.column.name", "id")];
    let mut connector = started(&query);
    assert_eq!(plan(&mut connector, 5), [""]);
    assert_eq!(connector.check().unwrap().again_after_ms, None);
}

#[test]
fn tables_that_come_and_go_are_noticed() {
    let shop = Shop::open();
    let mut connector = started(&[]);
    let checkup = connector.check().unwrap();
    assert_eq!((checkup.reconfigure_tasks, checkup.again_after_ms), (false, Some(60_000)));
    shop.tables.borrow_mut().push(("public", "new"));
    assert!(connector.check().unwrap().reconfigure_tasks);
    assert_eq!(plan(&mut connector, 1), ["\"public\".\"orders\",\"public\".\"new\""]);
    shop.tables.borrow_mut().clear();
    assert!(connector.check().unwrap().reconfigure_tasks);
    assert!(plan(&mut connector, 1).is_empty());
}

#[test]
fn a_database_that_is_away_changes_nothing() {
    let shop = Shop::open();
    let mut connector = started(&[("table.poll.interval.ms", "10")]);
    assert_eq!(shop.opened.get(), 1);
    shop.fault.replace(Some(Fault { lost: true, ..Fault::new("unavailable", "gone") }));
    assert!(!connector.check().unwrap().reconfigure_tasks);
    shop.away.set(2);
    assert!(!connector.check().unwrap().reconfigure_tasks);
    assert!(!connector.check().unwrap().reconfigure_tasks);
    assert_eq!(testing::logged("warn").len(), 1, "said once");
    assert!(!connector.check().unwrap().reconfigure_tasks);
}

#[test]
fn a_database_that_is_away_at_the_start_fails_the_connector_after_all_attempts() {
    let shop = Shop::open();
    shop.away.set(3);
    let failure = JdbcSourceConnector::default().start(&config(&[])).unwrap_err();
    assert!(failure.message.contains("connection refused") && !failure.retriable);
    assert_eq!(shop.away.get(), 0);
}

fn errors(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let reports = JdbcSourceConnector::default().validate(&config(pairs)).unwrap();
    let each =
        |report: watertight_sdk::KeyReport| report.errors.into_iter().map(move |error| (report.name.clone(), error));
    reports.into_iter().flat_map(each).collect()
}

fn keys(pairs: &[(&str, &str)]) -> Vec<String> {
    errors(pairs).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn keys_that_do_not_go_together_are_said_on_both() {
    Shop::open();
    assert_eq!(keys(&[("table.whitelist", "a"), ("table.blacklist", "b")]), ["table.whitelist", "table.blacklist"]);
    assert_eq!(keys(&[("query", "SELECT 1"), ("incrementing.column.name", "i"), ("table.whitelist", "a")]), ["query"]);
    assert_eq!(keys(&[("mode", "timestamp")]), ["timestamp.column.name"]);
    assert_eq!(keys(&[("query", "SELECT 1")]), ["incrementing.column.name"]);
    assert_eq!(keys(&[("table.exclude.list", "a")]), ["table.exclude.list"]);
    assert_eq!(keys(&[("table.include.list", "(")]), ["table.include.list"]);
    let empty = [("query", "SELECT 1"), ("incrementing.column.name", "i"), ("topic.prefix", "")];
    assert_eq!(keys(&empty), ["topic.prefix"]);
    assert_eq!(keys(&[("query.masked", "secret:query.masked")]), ["query.masked"]);
    assert_eq!(keys(&[("dialect.name", "SqliteDatabaseDialect")]), ["dialect.name"]);
    assert!(keys(&[]).is_empty());
}

#[test]
fn a_connection_that_fails_is_said_on_its_keys() {
    let shop = Shop::open();
    shop.away.set(1);
    assert_eq!(
        errors(&[]),
        [("connection.url".to_owned(), "Could not connect to the database: connection refused".to_owned())]
    );
}

#[test]
fn tables_are_recommended_and_useless_keys_hidden() {
    Shop::open();
    let reports = JdbcSourceConnector::default().validate(&config(&[])).unwrap();
    let of = |name: &str| reports.iter().find(|report| report.name == name).unwrap();
    assert_eq!(of("table.whitelist").recommended_values, ["orders"]);
    assert!(!of("timestamp.column.name").visible);
    assert!(reports.iter().all(|report| report.name != "incrementing.column.name"));
}

#[test]
fn exactly_once_holds_where_each_row_has_a_place_of_its_own() {
    let support = |mode: &str| {
        let config: Config = config(&[("mode", mode)]);
        JdbcSourceConnector::default().exactly_once_support(&config).unwrap()
    };
    assert_eq!(support("incrementing"), Some(true));
    assert_eq!(support("timestamp+incrementing"), Some(true));
    assert_eq!((support("timestamp"), support("bulk")), (Some(false), Some(false)));
}

#[test]
fn sqlite_has_to_be_told_how_times_on_another_clock_are_stored() {
    let shop = Shop::open();
    shop.product.set(Some("sqlite"));
    let mut settings = vec![("mode", "timestamp"), ("timestamp.column.name", "at"), ("db.timezone", "Asia/Tokyo")];
    assert_eq!(keys(&settings), ["db.timezone"]);
    settings.push(("connection.date_class", "TEXT"));
    assert!(keys(&settings).is_empty());
}
