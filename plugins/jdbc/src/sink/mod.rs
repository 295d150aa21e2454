//! The sink: records into tables. (Being written.)

use watertight_sdk::{
    Class, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask,
};

/// Plans tasks that write the records of topics into tables.
#[derive(Default)]
pub struct JdbcSinkConnector {
    config: Config,
}

impl SinkConnector for JdbcSinkConnector {
    type Task = JdbcSinkTask;

    const CLASS: Class = Class::new("io.confluent.connect.jdbc.JdbcSinkConnector", env!("CARGO_PKG_VERSION"));

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }

    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone(); max_tasks])
    }
}

/// Writes records into tables.
#[derive(Default)]
pub struct JdbcSinkTask {}

impl SinkTask for JdbcSinkTask {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        Ok(PutReport::all(batch.records.len()))
    }
}
