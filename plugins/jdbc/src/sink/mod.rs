//! `JdbcSinkConnector`: records into tables.
//!
//! A put becomes rows in segments ([`batch`]), by plans that were made once per schema ([`plan`]), and the segments
//! become few statements of one transaction ([`write`]). Nothing is kept back between two puts: what was taken is
//! committed in the database, so that a task may be killed at any time.

mod batch;
mod fields;
mod instants;
mod keys;
mod plan;
mod schemas;
mod segment;
mod settings;
mod shape;
mod table;
mod task;
mod trouble;
mod validate;
mod write;

#[cfg(test)]
mod tests;

use watertight_sdk::{Class, Config, KeyReport, Result, SinkConnector, TopicPartition};

use settings::Settings;
pub use task::JdbcSinkTask;

/// Plans tasks that write the records of topics into tables.
#[derive(Default)]
pub struct JdbcSinkConnector {
    config: Config,
}

impl SinkConnector for JdbcSinkConnector {
    type Task = JdbcSinkTask;

    const CLASS: Class = Class::new("io.confluent.connect.jdbc.JdbcSinkConnector", env!("CARGO_PKG_VERSION"))
        .aliases(&["io.aiven.connect.jdbc.JdbcSinkConnector", "JdbcSinkConnector", "JdbcSink"])
        .task_class("io.confluent.connect.jdbc.sink.JdbcSinkTask")
        .documentation("Writes records into tables of PostgreSQL, MySQL, MariaDB or SQLite, a row for each")
        .config(keys::ALL);

    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Ok(validate::report(config))
    }

    fn alter_offsets(&self, _config: &Config, _offsets: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        Ok(true)
    }

    fn start(&mut self, config: &Config) -> Result<()> {
        Settings::new(config)?;
        self.config = config.clone();
        Ok(())
    }

    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone(); max_tasks])
    }
}
