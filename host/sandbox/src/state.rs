//! What the host keeps beside one guest instance, and what each import does with it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::bindings::watertight::runtime as imports;
use crate::bindings::watertight::sink::sink_context;
use crate::bindings::watertight::types::common::{Config, Failure};
use crate::bindings::watertight::types::data::{Position, SchemaNode, TopicPartition};
use crate::guest_log::GuestLog;
use crate::limits::{Limits, key};
use crate::meter::Meter;
use crate::schemas::SchemaTable;
use crate::sql::{SqlAccess, SqlLimits};
use crate::stdio::LogStream;

/// Where a source reads the offsets that its connector has stored.
#[async_trait::async_trait]
pub trait OffsetReader: Send + Sync {
    /// In the order asked; `None` where nothing is stored.
    async fn stored(&self, partitions: &[Position]) -> Result<Vec<Option<Position>>, String>;
}

/// What a guest gets for a reference to one of its passwords.
pub trait SecretReader: Send + Sync {
    /// The plain text, or why not.
    ///
    /// # Errors
    /// Code and message of the failure that the guest sees.
    fn reveal(&self, reference: &str) -> Result<String, (&'static str, String)>;
}

/// What a sink asked for during a call. The task carries it out when the call has returned.
#[derive(Debug, Default)]
pub struct SinkRequests {
    /// Kept current by the task.
    pub assignment: Vec<TopicPartition>,
    /// Read on from here.
    pub seek: Vec<(TopicPartition, i64)>,
    /// Stop fetching these.
    pub pause: Vec<TopicPartition>,
    /// Fetch these again.
    pub resume: Vec<TopicPartition>,
    /// Commit soon.
    pub commit: bool,
}

/// Everything an instance is given.
pub struct GuestSetup {
    /// Files, clocks, random: made by the capabilities from the policy.
    pub wasi: WasiCtx,
    /// For log lines.
    pub log: GuestLog,
    /// Its standard error, for traces.
    pub stderr: LogStream,
    /// Answers of `worker.fact`.
    pub facts: HashMap<String, String>,
    /// Answer of `worker.current-config`.
    pub config: Config,
    /// Answer of `worker.stopping`; set by whoever stops the task.
    pub stopping: Arc<AtomicBool>,
    /// Stored offsets: connectors and source tasks only.
    pub offsets: Option<Arc<dyn OffsetReader>>,
    /// Answers of `secrets.reveal`; none where there is nothing to reveal.
    pub secrets: Option<Arc<dyn SecretReader>>,
    /// Where `watertight:sql` leads; none where there are no settings to connect by.
    pub sql: Option<Arc<dyn SqlAccess>>,
}

impl GuestSetup {
    /// Of an instance that is told nothing: no facts, no settings, no stored offsets.
    pub fn bare(wasi: WasiCtx, log: GuestLog, stderr: LogStream) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        Self {
            wasi,
            log,
            stderr,
            facts: HashMap::new(),
            config: Vec::new(),
            stopping,
            offsets: None,
            secrets: None,
            sql: None,
        }
    }
}

/// The data of a guest's store.
pub struct GuestState {
    wasi: WasiCtx,
    pub(crate) table: ResourceTable,
    pub(crate) meter: Meter,
    pub(crate) stderr: LogStream,
    pub(crate) cpu_ticks: u64,
    pub(crate) cpu_limit: u64,
    /// Schemas of this instance.
    pub schemas: SchemaTable,
    /// What a sink asked for.
    pub sink: SinkRequests,
    pub(crate) log: GuestLog,
    facts: HashMap<String, String>,
    config: Config,
    pub(crate) stopping: Arc<AtomicBool>,
    offsets: Option<Arc<dyn OffsetReader>>,
    secrets: Option<Arc<dyn SecretReader>>,
    pub(crate) sql: Option<Arc<dyn SqlAccess>>,
    pub(crate) sql_limits: SqlLimits,
    /// Free for connections of the guest.
    pub(crate) sql_places: Arc<Semaphore>,
    pub(crate) hostcall_limit: usize,
    metrics: BTreeMap<String, f64>,
    metrics_limit: usize,
    /// Said once.
    metrics_refused: bool,
}

impl GuestState {
    pub(crate) fn new(setup: GuestSetup, limits: &Limits) -> Self {
        let GuestSetup { wasi, log, stderr, facts, config, stopping, offsets, secrets, sql } = setup;
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.size(key::HANDLES));
        Self {
            wasi,
            table,
            meter: Meter::new(limits.size(key::MEMORY)),
            stderr,
            cpu_ticks: 0,
            cpu_limit: 1,
            schemas: SchemaTable::new(limits.size(key::SCHEMAS)),
            sink: SinkRequests::default(),
            log,
            facts,
            config,
            stopping,
            offsets,
            secrets,
            sql,
            sql_limits: SqlLimits::of(limits),
            sql_places: Arc::new(Semaphore::new(limits.size(key::SQL_CONNECTIONS).min(Semaphore::MAX_PERMITS))),
            hostcall_limit: limits.size(key::HOSTCALL),
            metrics: BTreeMap::new(),
            metrics_limit: limits.size(key::METRICS),
            metrics_refused: false,
        }
    }

    fn metric(&mut self, name: &str, tags: &[(String, String)]) -> Option<&mut f64> {
        let mut series = name.to_owned();
        for (tag, value) in tags {
            series.push_str(&format!(",{tag}={value}"));
        }
        if series.len() > 1024 {
            return None;
        }
        if self.metrics.len() >= self.metrics_limit && !self.metrics.contains_key(&series) {
            if !std::mem::replace(&mut self.metrics_refused, true) {
                let text =
                    format!("more series than {} = {}; the others are dropped", key::METRICS, self.metrics_limit);
                self.log.write("warn", &text);
            }
            return None;
        }
        Some(self.metrics.entry(series).or_default())
    }

    /// Series that the guest reported, by name and tags.
    pub fn metrics(&self) -> &BTreeMap<String, f64> {
        &self.metrics
    }
}

impl WasiView for GuestState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

fn unsupported(message: &str) -> Failure {
    Failure { code: "unsupported".into(), message: message.into(), trace: None, retriable: false, retry_after_ms: None }
}

impl imports::worker::Host for GuestState {
    async fn fact(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        Ok(self.facts.get(&name).cloned())
    }

    async fn current_config(&mut self) -> wasmtime::Result<Config> {
        Ok(self.config.clone())
    }

    async fn stopping(&mut self) -> wasmtime::Result<bool> {
        Ok(self.stopping.load(Ordering::Relaxed))
    }
}

impl imports::log::Host for GuestState {
    async fn log(&mut self, level: String, message: String) -> wasmtime::Result<()> {
        self.log.write(&level, &message);
        Ok(())
    }

    async fn enabled(&mut self, level: String) -> wasmtime::Result<bool> {
        Ok(self.log.enabled(&level))
    }
}

impl imports::metrics::Host for GuestState {
    async fn describe(
        &mut self,
        name: String,
        kind: String,
        unit: String,
        description: String,
    ) -> wasmtime::Result<()> {
        tracing::debug!(connector_context = self.log.context(), name, kind, unit, description, "metric described");
        Ok(())
    }

    async fn add(&mut self, name: String, tags: Vec<(String, String)>, by: f64) -> wasmtime::Result<()> {
        if let Some(value) = self.metric(&name, &tags) {
            *value += by;
        }
        Ok(())
    }

    async fn set(&mut self, name: String, tags: Vec<(String, String)>, to: f64) -> wasmtime::Result<()> {
        if let Some(value) = self.metric(&name, &tags) {
            *value = to;
        }
        Ok(())
    }
}

impl imports::schemas::Host for GuestState {
    async fn define(&mut self, schema: Vec<SchemaNode>) -> wasmtime::Result<Result<u32, String>> {
        Ok(self.schemas.define(schema).map_err(|error| error.to_string()))
    }

    async fn get(&mut self, id: u32) -> wasmtime::Result<Option<Vec<SchemaNode>>> {
        Ok(self.schemas.describe(id))
    }

    async fn forget(&mut self, ids: Vec<u32>) -> wasmtime::Result<()> {
        self.schemas.forget(&ids);
        Ok(())
    }
}

impl imports::offsets::Host for GuestState {
    async fn stored(&mut self, partitions: Vec<Position>) -> wasmtime::Result<Result<Vec<Option<Position>>, Failure>> {
        let Some(reader) = self.offsets.clone() else {
            return Ok(Err(unsupported("only source connectors and their tasks have stored offsets")));
        };
        Ok(reader.stored(&partitions).await.map_err(|message| Failure {
            code: "unavailable".into(),
            message,
            trace: None,
            retriable: true,
            retry_after_ms: None,
        }))
    }
}

impl imports::secrets::Host for GuestState {
    async fn reveal(&mut self, reference: String) -> wasmtime::Result<Result<String, Failure>> {
        let Some(secrets) = &self.secrets else {
            return Ok(Err(unsupported("this instance has no settings, and so no secrets to reveal")));
        };
        Ok(secrets.reveal(&reference).map_err(|(code, message)| Failure { code: code.into(), ..unsupported(&message) }))
    }
}

impl sink_context::Host for GuestState {
    async fn assignment(&mut self) -> wasmtime::Result<Vec<TopicPartition>> {
        Ok(self.sink.assignment.clone())
    }

    async fn seek(&mut self, offsets: Vec<(TopicPartition, i64)>) -> wasmtime::Result<Result<(), Failure>> {
        if let Some((stranger, _)) = offsets.iter().find(|(tp, _)| !self.sink.assignment.contains(tp)) {
            return Ok(Err(unsupported(&format!(
                "seek: {}-{} is not assigned to this task",
                stranger.topic, stranger.partition
            ))));
        }
        self.sink.seek.extend(offsets);
        Ok(Ok(()))
    }

    async fn pause(&mut self, partitions: Vec<TopicPartition>) -> wasmtime::Result<Result<(), Failure>> {
        self.sink.resume.retain(|tp| !partitions.contains(tp));
        self.sink.pause.extend(partitions.into_iter().filter(|tp| self.sink.assignment.contains(tp)));
        Ok(Ok(()))
    }

    async fn resume(&mut self, partitions: Vec<TopicPartition>) -> wasmtime::Result<Result<(), Failure>> {
        self.sink.pause.retain(|tp| !partitions.contains(tp));
        self.sink.resume.extend(partitions.into_iter().filter(|tp| self.sink.assignment.contains(tp)));
        Ok(Ok(()))
    }

    async fn request_commit(&mut self) -> wasmtime::Result<()> {
        self.sink.commit = true;
        Ok(())
    }
}

impl crate::bindings::watertight::types::common::Host for GuestState {}
impl crate::bindings::watertight::types::data::Host for GuestState {}

/// The transform interface has types that the predicate interface shares, which makes the generator believe
/// that a predicate imports it. None does.
impl crate::bindings::watertight::transform::transformation::Host for GuestState {
    async fn validate(
        &mut self,
        _class_name: String,
        _config: Config,
    ) -> wasmtime::Result<Result<Vec<crate::bindings::watertight::types::common::KeyReport>, Failure>> {
        Ok(Err(unsupported("transformations are exported, not imported")))
    }

    async fn configure(&mut self, _class_name: String, _config: Config) -> wasmtime::Result<Result<(), Failure>> {
        Ok(Err(unsupported("transformations are exported, not imported")))
    }

    async fn apply(
        &mut self,
        _batch: crate::bindings::watertight::transform::transformation::MessageBatch,
    ) -> wasmtime::Result<Result<crate::bindings::watertight::transform::transformation::Transformed, Failure>> {
        Ok(Err(unsupported("transformations are exported, not imported")))
    }

    async fn close(&mut self) -> wasmtime::Result<()> {
        Ok(())
    }
}
