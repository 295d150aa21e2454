//! The sink: looks at each value and keeps a sum, so that no compiler can leave the values out.

use watertight_sdk::{Class, Config, PutReport, Result, SinkBatch, SinkConnector, SinkTask, Value, ValueNode};

use crate::SHAPE;

/// One task, always.
#[derive(Default)]
pub struct BenchSinkConnector {
    config: Config,
}

impl SinkConnector for BenchSinkConnector {
    type Task = BenchSinkTask;
    const CLASS: Class = Class::new("watertight.bench.BenchSinkConnector", "0.1.0")
        .documentation("Takes everything and keeps a sum")
        .config(&[SHAPE]);

    fn start(&mut self, config: &Config) -> Result<()> {
        self.config = config.clone();
        Ok(())
    }
    fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<Config>> {
        Ok(vec![self.config.clone()])
    }
}

/// Adds up.
#[derive(Default)]
pub struct BenchSinkTask {
    sum: u64,
}

impl SinkTask for BenchSinkTask {
    fn start(&mut self, _config: &Config) -> Result<()> {
        Ok(())
    }

    fn put(&mut self, batch: SinkBatch) -> Result<PutReport> {
        for record in &batch.records {
            let weight = match &record.message.value.value {
                Value::Text(text) => text.len(),
                Value::Tape(nodes) => nodes.iter().map(weight).sum(),
                _ => 1,
            };
            self.sum = self.sum.wrapping_add(weight as u64);
        }
        let mut report = PutReport::all(batch.records.len());
        // Never true in earnest, but the sum has to be there to tell.
        if self.sum == u64::MAX {
            report.taken = 0;
        }
        Ok(report)
    }
}

fn weight(node: &ValueNode) -> usize {
    match node {
        ValueNode::Text(text) => text.len(),
        ValueNode::Bytes(bytes) => bytes.len(),
        ValueNode::Integer(number) => (number & 0xff) as usize,
        ValueNode::Float(number) => *number as usize & 0xff,
        _ => 1,
    }
}
