//! The connector as an ordinary Rust library: what it costs by itself.

use super::{Mover, calls, samples};
use bench_connectors::Shape;
use bench_connectors::sink::BenchSinkTask;
use bench_connectors::source::BenchSourceTask;
use std::hint::black_box;
use std::time::{Duration, Instant};
use watertight_sdk::{Config, Failure, PollLimits, SinkTask as _, SourceTask as _};

/// A source task.
pub struct Source(BenchSourceTask);

impl Source {
    /// Starts it.
    pub fn start(shape: Shape) -> anyhow::Result<Self> {
        let mut task = BenchSourceTask::default();
        task.start(&config(shape)).map_err(error)?;
        Ok(Self(task))
    }
}

impl Mover for Source {
    fn stride(&mut self, batch: usize) -> anyhow::Result<Duration> {
        let limits = PollLimits { max_records: batch, max_bytes: 16 << 20, max_ms: 1000 };
        let begun = Instant::now();
        for _ in 0..calls(batch) {
            drop(black_box(self.0.poll(black_box(&limits)).map_err(error)?));
        }
        Ok(begun.elapsed())
    }
}

/// A sink task.
pub struct Sink {
    task: BenchSinkTask,
    shape: Shape,
}

impl Sink {
    /// Starts it.
    pub fn start(shape: Shape) -> anyhow::Result<Self> {
        let mut task = BenchSinkTask::default();
        task.start(&config(shape)).map_err(error)?;
        Ok(Self { task, shape })
    }
}

impl Mover for Sink {
    fn stride(&mut self, batch: usize) -> anyhow::Result<Duration> {
        // A native sink owns what it gets and ends with dropping it, as a guest does with its copy.
        let batches: Vec<_> = (0..calls(batch)).map(|_| samples::native(self.shape, batch)).collect();
        let begun = Instant::now();
        for batch in batches {
            black_box(self.task.put(black_box(batch)).map_err(error)?);
        }
        Ok(begun.elapsed())
    }
}

fn config(shape: Shape) -> Config {
    Config::from_iter([("shape", shape.word())])
}

fn error(failure: Failure) -> anyhow::Error {
    anyhow::anyhow!("{}", failure.message)
}
