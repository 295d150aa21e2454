//! What a configuration gets wrong that no single key shows, and whether the database is to be had with it.

use watertight_sdk::sql::{Connection, Fault};
use watertight_sdk::{Config, ConfigKey, Failure, KeyReport};

use super::settings::{Settings, contradictions};
use super::{keys, task};
use crate::connection::{self, PREFIX};
use crate::dialect::Dialect;

/// Keys with something to say.
pub fn report(config: &Config) -> Vec<KeyReport> {
    let mut reports = Vec::new();
    let settings = match Settings::read(config) {
        Ok(settings) => settings,
        // What a single key gets wrong the worker says by itself, but for this one.
        Err(failure) => {
            if failure.message.contains(keys::TOPICS.name()) {
                add(&mut reports, &keys::TOPICS, failure.message);
            }
            return reports;
        }
    };
    for (key, error) in contradictions(&settings) {
        add(&mut reports, &key, format!("Invalid value for configuration {}: {error}", key.name()));
    }
    if reports.is_empty() && config.get(connection::URL.name()).is_some_and(|url| !url.trim().is_empty()) {
        match Connection::open(PREFIX) {
            Ok(connection) => look(&connection, &settings, &mut reports),
            Err(fault) => refused(fault, &mut reports),
        }
    }
    reports
}

fn look(connection: &Connection, settings: &Settings, reports: &mut Vec<KeyReport>) {
    let dialect = match Dialect::of(connection, settings.quote) {
        Ok(dialect) => dialect,
        Err(failure) => return add(reports, &connection::URL, failure.message),
    };
    if let Err(failure) = task::check_dialect(settings, dialect.product()) {
        add(reports, &keys::DIALECT, failure.message);
    }
    if let Err(failure) = dialect.table_of_topic(&settings.table_format, "topic") {
        add(reports, &keys::TABLE_FORMAT, failure.message);
    }
    for (_, table) in &settings.mapping {
        if let Err(failure) = dialect.parse_table(table) {
            add(reports, &keys::TOPICS, failure.message);
        }
    }
    if let Err(reason) = connection::check_zone(connection, &settings.zone) {
        add(reports, &keys::TIMEZONE, reason);
    }
}

/// Where the database says who may not come in, it is about user and password; all else is about the URL.
fn refused(fault: Fault, reports: &mut Vec<KeyReport>) {
    let about_user = fault.sqlstate.as_deref().is_some_and(|state| state.starts_with("28"));
    let message = Failure::from(fault).message;
    let keys: &[ConfigKey] = if about_user { &[connection::USER, connection::PASSWORD] } else { &[connection::URL] };
    for key in keys {
        add(reports, key, format!("Could not connect to the database: {message}"));
    }
}

fn add(reports: &mut Vec<KeyReport>, key: &ConfigKey, error: String) {
    match reports.iter_mut().find(|report| report.name == key.name()) {
        Some(report) => report.errors.push(error),
        None => reports.push(KeyReport {
            name: key.name().to_owned(),
            errors: vec![error],
            recommended_values: Vec::new(),
            visible: true,
        }),
    }
}
