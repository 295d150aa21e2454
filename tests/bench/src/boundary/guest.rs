//! The connector as a component in the worker's sandbox, with the worker's limits in force.

use super::{Mover, calls, samples};
use anyhow::Context as _;
use bench_connectors::Shape;
use sha2::{Digest as _, Sha256};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use watertight_capabilities::Grants;
use watertight_harness::paths;
use watertight_sandbox::bindings::exports::watertight::sink::sink_task::SinkBatch;
use watertight_sandbox::bindings::watertight::types::common::{Config, Setting};
use watertight_sandbox::bindings::watertight::types::data::TopicPartition;
use watertight_sandbox::cache::CodeCache;
use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::guest_log::GuestLog;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::loader::{Loader, Plugin};
use watertight_sandbox::roles::{SinkTask, SourceTask};
use watertight_sandbox::state::GuestSetup;
use watertight_sandbox::stdio::LogStream;

pub const SOURCE: &str = "watertight.bench.BenchSourceConnector";
const SINK: &str = "watertight.bench.BenchSinkConnector";
const COMPONENT: &str = "bench-connectors.wasm";

/// The worker's sandbox with the benchmark's plugin in it.
pub struct Sandbox<'a> {
    pub runtime: &'a Runtime,
    pub plugin: Plugin,
    /// To compile, and to load what was compiled, of the component that users have.
    pub loading: Loading,
    grants: Grants,
    limits: Arc<Limits>,
}

/// Seconds.
pub struct Loading {
    pub compile: f64,
    pub cached: f64,
}

impl<'a> Sandbox<'a> {
    /// Compiles and loads.
    pub fn open(runtime: &'a Runtime) -> anyhow::Result<Self> {
        let limits = Arc::new(Limits::default());
        let cache = paths::test_dir("bench-code-cache")?;
        let loader = || -> anyhow::Result<Loader> {
            let engine = SandboxEngine::new()?;
            let cache = CodeCache::open(&cache, engine.engine())?;
            Ok(Loader::new(engine, Arc::clone(&limits), Some(cache), Compiler::Inside)?)
        };
        let first = loader()?;
        let user = paths::plugins().join("file-stream.wasm");
        let compile = load(runtime, &first, &user)?.1;
        let cached = load(runtime, &loader()?, &user)?.1;
        let plugin = load(runtime, &first, &paths::target().join("bench").join(COMPONENT))?.0;
        Ok(Self { runtime, plugin, loading: Loading { compile, cached }, grants: Grants::default(), limits })
    }

    /// What a worker gives each instance.
    pub fn setup(&self) -> anyhow::Result<GuestSetup> {
        let log = GuestLog::new("bench|task-0", &self.limits);
        let stderr = LogStream::new("warn", log.clone());
        let stdout = LogStream::new("info", log.clone());
        let wasi = self.grants.world(stdout, stderr.clone(), &self.limits)?;
        Ok(GuestSetup::bare(wasi, log, stderr))
    }
}

fn load(runtime: &Runtime, loader: &Loader, file: &Path) -> anyhow::Result<(Plugin, f64)> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let begun = Instant::now();
    let plugin = runtime.block_on(loader.load("bench", &hash, || Ok(bytes)))?;
    Ok((plugin, begun.elapsed().as_secs_f64()))
}

/// The task's settings.
pub fn config(shape: Shape) -> Config {
    vec![Setting { name: "shape".to_owned(), value: shape.word().to_owned(), secret: false }]
}

/// A source task.
pub struct Source<'a> {
    runtime: &'a Runtime,
    task: SourceTask,
}

impl<'a> Source<'a> {
    /// Starts it.
    pub fn start(sandbox: &'a Sandbox<'_>, shape: Shape) -> anyhow::Result<Self> {
        let runtime = sandbox.runtime;
        let mut task = runtime.block_on(sandbox.plugin.source_task(sandbox.setup()?))?;
        runtime.block_on(task.start(SOURCE, &config(shape)))?;
        Ok(Self { runtime, task })
    }
}

impl Mover for Source<'_> {
    fn stride(&mut self, batch: usize) -> anyhow::Result<Duration> {
        let wanted = u32::try_from(batch)?;
        let task = &mut self.task;
        self.runtime.block_on(async {
            let begun = Instant::now();
            for _ in 0..calls(batch) {
                drop(black_box(task.poll(wanted, 16 << 20, 1000).await?));
            }
            Ok(begun.elapsed())
        })
    }
}

/// A sink task.
pub struct Sink<'a> {
    runtime: &'a Runtime,
    task: SinkTask,
    shape: Shape,
    sample: (usize, SinkBatch),
}

impl<'a> Sink<'a> {
    /// Starts it.
    pub fn start(sandbox: &'a Sandbox<'_>, shape: Shape) -> anyhow::Result<Self> {
        let runtime = sandbox.runtime;
        let mut task = runtime.block_on(sandbox.plugin.sink_task(sandbox.setup()?))?;
        runtime.block_on(async {
            task.start(SINK, &config(shape)).await?;
            task.open(&[TopicPartition { topic: "bench".to_owned(), partition: 0 }]).await
        })?;
        Ok(Self { runtime, task, shape, sample: (0, samples::hosted(shape, 0)) })
    }
}

impl Mover for Sink<'_> {
    fn stride(&mut self, batch: usize) -> anyhow::Result<Duration> {
        if self.sample.0 != batch {
            self.sample = (batch, samples::hosted(self.shape, batch));
        }
        let (task, sample) = (&mut self.task, &self.sample.1);
        self.runtime.block_on(async {
            let begun = Instant::now();
            for _ in 0..calls(batch) {
                black_box(task.put(black_box(sample)).await?);
            }
            Ok(begun.elapsed())
        })
    }
}
