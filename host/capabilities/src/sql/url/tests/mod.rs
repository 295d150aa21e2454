#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod credentials;
mod hostile;
mod mysql;
mod postgres;
mod sqlite;
mod table;

use super::*;

const PREFIX: &str = "connection.";

/// A URL with further settings of the connector.
fn read(url: &str, others: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(PREFIX, [("connection.url", url)].into_iter().chain(others.iter().copied()))
}

fn error(url: &str, others: &[(&str, &str)]) -> String {
    read(url, others).err().unwrap_or_else(|| panic!("{url} {others:?} was accepted")).to_string()
}

fn postgres(url: &str, others: &[(&str, &str)]) -> PostgresSettings {
    match read(url, others) {
        Ok(Settings::Postgres(settings)) => settings,
        other => panic!("{url}: {other:?}"),
    }
}

fn mysql(url: &str, others: &[(&str, &str)]) -> MysqlSettings {
    match read(url, others) {
        Ok(Settings::Mysql(settings)) => settings,
        other => panic!("{url}: {other:?}"),
    }
}

fn sqlite(url: &str, others: &[(&str, &str)]) -> SqliteSettings {
    match read(url, others) {
        Ok(Settings::Sqlite(settings)) => settings,
        other => panic!("{url}: {other:?}"),
    }
}

/// `name:port,...`
fn shown(hosts: &[Host]) -> String {
    hosts.iter().map(|host| format!("{}:{}", host.name, host.port)).collect::<Vec<_>>().join(",")
}
