//! JDBC URLs and the connector's `connection.*` settings, read as the JVM drivers read them, into plain settings
//! structures.
//!
//! A JVM driver takes whatever parameter it knows: some load a class, read a file of the worker, run statements at
//! connect time or send a file to the server. Here each parameter stands in one table ([`parameters::TABLE`]) with
//! what becomes of it: used, ignored because nothing depends on it here, or refused with the reason. What is not in
//! the table is refused by name, because a setting that does nothing is worse than one that fails.
//!
//! Messages name parameters, never what stands in a URL at large: a password with an unescaped `/` or `?` turns up
//! in the oddest places.

pub mod parameters;

mod credentials;
mod error;
mod gather;
mod hidden;
mod mysql;
mod postgres;
mod read;
mod secret;
mod settings;
mod split;
mod sqlite;
#[cfg(test)]
mod tests;
mod values;

pub use credentials::{has_credentials, without_credentials};
pub use error::SettingsError;
pub use hidden::secrets;
pub use secret::Password;
pub use settings::{
    DateClass, DatePrecision, Host, MysqlSettings, Place, PostgresSettings, Scheme, Settings, SqliteSettings, Target,
    ZeroDates,
};
