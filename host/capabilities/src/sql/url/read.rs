//! From the settings of a connector to those of a connection.

use super::gather::Reading;
use super::parameters::{MYSQL, POSTGRES, SQLITE};
use super::{Scheme, Settings, SettingsError, mysql, postgres, sqlite};

/// No URL that means something is longer.
const LONGEST: usize = 16 * 1024;

impl Settings {
    /// Reads the settings beneath `prefix` (`connection.`) of all that a connector has: `url`, `user`, `password`, and
    /// the driver's parameters by their names.
    ///
    /// # Errors
    /// Which of them cannot be used, and why.
    pub fn read<'a>(
        prefix: &str,
        properties: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SettingsError> {
        let mut own: Vec<(&str, &str)> = properties
            .into_iter()
            .filter_map(|(name, value)| name.strip_prefix(prefix).map(|name| (name, value)))
            .collect();
        // Messages shall not depend on the order of a map.
        own.sort_unstable();
        let url = own.iter().find(|(name, _)| *name == "url").map_or("", |(_, url)| url.trim());
        if url.is_empty() {
            return Err(SettingsError::new(format!(
                "Missing required configuration \"{prefix}url\" which has no default value."
            )));
        }
        let invalid = |reason: &str| SettingsError::new(format!("Invalid {prefix}url: {reason}"));
        if url.len() > LONGEST {
            return Err(invalid("it is longer than 16384 bytes"));
        }
        if url.chars().any(char::is_control) {
            return Err(invalid("it contains control characters"));
        }
        let lower = url.to_ascii_lowercase();
        let Some(rest) = lower.starts_with("jdbc:").then(|| &url["jdbc:".len()..]) else {
            return Err(invalid(&format!("it does not begin with jdbc:. {SUPPORTED}")));
        };
        let Some((subprotocol, rest)) = rest.split_once(':') else {
            return Err(invalid(&format!("it names no database. {SUPPORTED}")));
        };
        let reading = |driver, parameters| Reading { driver, parameters, prefix, properties: &own };
        match subprotocol.to_ascii_lowercase().as_str() {
            "sqlite" => sqlite::read(rest, reading("SQLite", SQLITE)).map(Self::Sqlite),
            "postgresql" => postgres::read(rest, reading("PostgreSQL", POSTGRES)).map(Self::Postgres),
            "mysql" => mysql::read(rest, Scheme::Mysql, reading("MySQL", MYSQL)).map(Self::Mysql),
            "mariadb" => mysql::read(rest, Scheme::Mariadb, reading("MariaDB", MYSQL)).map(Self::Mysql),
            other if other.len() <= 20 && other.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                Err(invalid(&format!("this worker has no driver for {other}. {SUPPORTED}")))
            }
            _ => Err(invalid(&format!("this worker has no driver for it. {SUPPORTED}"))),
        }
    }
}

const SUPPORTED: &str = "Supported are jdbc:sqlite:PATH, jdbc:postgresql://HOST:PORT/DATABASE, \
                         jdbc:mysql://HOST:PORT/DATABASE and jdbc:mariadb://HOST:PORT/DATABASE";
