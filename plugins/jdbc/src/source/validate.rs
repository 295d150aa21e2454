//! What a configuration gets wrong that no single key shows, and whether the database is to be had with it.

use watertight_sdk::sql::{Connection, Fault};
use watertight_sdk::{Config, ConfigKey, Failure, KeyReport, Result};

use super::patterns::{Mapping, Patterns};
use super::session::{Session, check_dialect};
use super::settings::{Settings, list};
use super::{keys, tables};
use crate::connection::{self, PREFIX};
use crate::dialect::Product;

/// Table names that a form may offer.
const MOST_NAMES: usize = 1_000;

/// Keys with something to say, the connection tried.
pub fn report(config: &Config) -> Vec<KeyReport> {
    let mut reports = Reports::default();
    for (key, error) in errors(config) {
        reports.of(key).errors.push(error);
    }
    visibility(config, &mut reports);
    if reports.0.iter().all(|report| report.errors.is_empty()) && has(config, &connection::URL) {
        // What a single key gets wrong the worker says by itself.
        if let Ok(settings) = Settings::new(config) {
            try_connection(&settings, &mut reports);
        }
    }
    reports.0
}

/// The first of the errors that need no connection.
pub fn first_error(config: &Config) -> Result<()> {
    match errors(config).into_iter().next() {
        Some((key, error)) => Err(Failure::config(format!("{error} ({})", key.name()))),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Reports(Vec<KeyReport>);

impl Reports {
    fn of(&mut self, key: &ConfigKey) -> &mut KeyReport {
        let at = self.0.iter().position(|report| report.name == key.name()).unwrap_or_else(|| {
            self.0.push(KeyReport {
                name: key.name().to_owned(),
                errors: Vec::new(),
                recommended_values: Vec::new(),
                visible: true,
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

fn has(config: &Config, key: &ConfigKey) -> bool {
    config.get(key.name()).is_some_and(|value| !value.trim().is_empty())
}

fn errors(config: &Config) -> Vec<(&'static ConfigKey, String)> {
    let mut errors = Vec::new();
    exclusions(config, &mut errors);
    by_mode(config, &mut errors);
    syntax(config, &mut errors);
    errors
}

fn exclusions(config: &Config, errors: &mut Vec<(&'static ConfigKey, String)>) {
    const PAIRS: [(&ConfigKey, &ConfigKey); 7] = [
        (&keys::WHITELIST, &keys::BLACKLIST),
        (&keys::WHITELIST, &keys::INCLUDE),
        (&keys::WHITELIST, &keys::EXCLUDE),
        (&keys::BLACKLIST, &keys::INCLUDE),
        (&keys::BLACKLIST, &keys::EXCLUDE),
        (&keys::INCREMENTING_COLUMN, &keys::INCREMENTING_MAPPING),
        (&keys::TIMESTAMP_COLUMN, &keys::TIMESTAMP_MAPPING),
    ];
    for (one, other) in PAIRS {
        if has(config, one) && has(config, other) {
            let error = format!("{} and {} are exclusive.", one.name(), other.name());
            errors.push((one, error.clone()));
            errors.push((other, error));
        }
    }
    if has(config, &keys::QUERY) {
        const TABLES: [&ConfigKey; 6] = [
            &keys::WHITELIST,
            &keys::BLACKLIST,
            &keys::INCLUDE,
            &keys::EXCLUDE,
            &keys::INCREMENTING_MAPPING,
            &keys::TIMESTAMP_MAPPING,
        ];
        for key in TABLES.into_iter().filter(|key| has(config, key)) {
            let error = format!("query may not be combined with whole-table copying settings: {} is set.", key.name());
            errors.push((&keys::QUERY, error));
        }
    }
    if has(config, &keys::QUERY) && !has(config, &keys::TOPIC_PREFIX) {
        errors.push((&keys::TOPIC_PREFIX, "With query this is the topic's whole name: it cannot be empty.".to_owned()));
    }
    if has(config, &keys::QUERY_MASKED) {
        errors.push((
            &keys::QUERY_MASKED,
            "Masked queries are not available: this plugin never sees the text of a secret. Use query, and keep \
             secrets out of it."
                .to_owned(),
        ));
    }
}

fn by_mode(config: &Config, errors: &mut Vec<(&'static ConfigKey, String)>) {
    let mode = config.get(keys::MODE.name()).unwrap_or_default();
    let by_time = matches!(mode, keys::TIMESTAMP | keys::TIMESTAMP_INCREMENTING);
    let by_number = matches!(mode, keys::INCREMENTING | keys::TIMESTAMP_INCREMENTING);
    if by_time && !has(config, &keys::TIMESTAMP_COLUMN) && !has(config, &keys::TIMESTAMP_MAPPING) {
        errors.push((
            &keys::TIMESTAMP_COLUMN,
            format!("Mode {mode} needs the column, or columns, with the time of the last change of a row."),
        ));
    }
    if by_number && !has(config, &keys::INCREMENTING_COLUMN) && !has(config, &keys::INCREMENTING_MAPPING) {
        let unqualified = matches!(config.boolean(&keys::QUALIFY), Ok(false));
        if has(config, &keys::QUERY) || unqualified {
            let why = if unqualified { keys::QUALIFY.name() } else { keys::QUERY.name() };
            errors.push((
                &keys::INCREMENTING_COLUMN,
                format!("Mode {mode} together with {why} needs the name of the column: it cannot be found out."),
            ));
        }
    }
    if mode == keys::BULK {
        for key in [&keys::INCREMENTING_MAPPING, &keys::TIMESTAMP_MAPPING].into_iter().filter(|key| has(config, key)) {
            errors.push((key, "Mode bulk reads whole tables: it has no use for this.".to_owned()));
        }
    }
}

fn syntax(config: &Config, errors: &mut Vec<(&'static ConfigKey, String)>) {
    for key in [&keys::INCLUDE, &keys::EXCLUDE] {
        errors.extend(Patterns::new(key, config).err().map(|failure| (key, failure.message)));
    }
    for key in [&keys::INCREMENTING_MAPPING, &keys::TIMESTAMP_MAPPING] {
        errors.extend(Mapping::new(key, config).err().map(|failure| (key, failure.message)));
    }
    if has(config, &keys::EXCLUDE) && !has(config, &keys::INCLUDE) {
        errors.push((&keys::EXCLUDE, "This takes away from table.include.list, which is not set.".to_owned()));
    }
    if list(config, &keys::TABLE_TYPES).is_empty() {
        errors.push((&keys::TABLE_TYPES, "At least one kind of table is needed, such as TABLE.".to_owned()));
    }
}

/// Keys that the mode has no use for are not shown.
fn visibility(config: &Config, reports: &mut Reports) {
    let shown: &[&ConfigKey] = match config.get(keys::MODE.name()) {
        Some(keys::BULK) => &[],
        Some(keys::TIMESTAMP) => &[&keys::TIMESTAMP_COLUMN, &keys::TIMESTAMP_MAPPING, &keys::VALIDATE_NON_NULL],
        Some(keys::INCREMENTING) => {
            &[&keys::INCREMENTING_COLUMN, &keys::INCREMENTING_MAPPING, &keys::VALIDATE_NON_NULL]
        }
        _ => return,
    };
    const DEPENDENT: [&ConfigKey; 5] = [
        &keys::INCREMENTING_COLUMN,
        &keys::INCREMENTING_MAPPING,
        &keys::TIMESTAMP_COLUMN,
        &keys::TIMESTAMP_MAPPING,
        &keys::VALIDATE_NON_NULL,
    ];
    for key in DEPENDENT {
        if !shown.iter().any(|one| one.name() == key.name()) {
            reports.of(key).visible = false;
        }
    }
}

fn try_connection(settings: &Settings, reports: &mut Reports) {
    let connection = match Connection::open(PREFIX) {
        Ok(connection) => connection,
        Err(fault) => {
            for key in blamed(&fault) {
                reports.of(key).errors.push(format!("Could not connect to the database: {}", fault.message));
            }
            return;
        }
    };
    let product = Product::read(&connection.fact("product").unwrap_or_default());
    if let Some(failure) = product.and_then(|product| check_dialect(&settings.dialect, product).err()) {
        reports.of(&keys::DIALECT).errors.push(failure.message);
        return;
    }
    let session = match Session::new(connection, settings) {
        Ok(session) => session,
        Err(failure) => {
            let about_zone = failure.message.contains(keys::TIMEZONE.name());
            let key = if about_zone { &keys::TIMEZONE } else { &connection::URL };
            reports.of(key).errors.push(failure.message);
            return;
        }
    };
    if let Err(reason) = connection::check_zone(&session.connection, &settings.zone) {
        reports.of(&keys::TIMEZONE).errors.push(reason);
    }
    if settings.query.is_some() {
        return;
    }
    match tables::all(&session, settings) {
        Ok(names) => {
            let mut names: Vec<String> = names.iter().map(|name| name.table().to_owned()).collect();
            names.dedup();
            names.truncate(MOST_NAMES);
            for key in [&keys::WHITELIST, &keys::BLACKLIST] {
                reports.of(key).recommended_values.clone_from(&names);
            }
        }
        Err(fault) => {
            reports.of(&connection::URL).errors.push(format!("Could not list the tables: {}", fault.message));
        }
    }
}

/// Who is to blame for a connection that does not come about.
fn blamed(fault: &Fault) -> Vec<&'static ConfigKey> {
    // Class 28: invalid authorization.
    match fault.sqlstate.as_deref() {
        Some(state) if state.starts_with("28") => vec![&connection::USER, &connection::PASSWORD],
        _ => vec![&connection::URL],
    }
}
