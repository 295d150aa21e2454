//! From bytes to something that can be instantiated: compile (or take from the cache), link once, compare
//! every exported function with the contract by type, and ask `describe` whether the metadata told the truth.

use std::sync::Arc;

use tokio::sync::Semaphore;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime_wasi::WasiCtxBuilder;

use crate::bindings::Everything;
use crate::bindings::exports::watertight::converter::conversion;
use crate::bindings::exports::watertight::plugin::catalogue;
use crate::bindings::exports::watertight::sink::{sink_connector, sink_task};
use crate::bindings::exports::watertight::source::{source_connector, source_task};
use crate::bindings::exports::watertight::transform::{predicate, transformation};
use crate::cache::CodeCache;
use crate::catalogue::PluginClass;
use crate::compiler::Compiler;
use crate::component::FileError;
use crate::contract::VERSION;
use crate::engine::SandboxEngine;
use crate::error::GuestError;
use crate::guest_log::GuestLog;
use crate::instance::GuestInstance;
use crate::limits::{Limits, key};
use crate::roles::{self, Conversion, Predicate, SinkConnector, SinkTask, SourceConnector, SourceTask, Transformation};
use crate::state::{GuestSetup, GuestState};
use crate::stdio::LogStream;

/// Makes plugins out of files.
pub struct Loader {
    engine: SandboxEngine,
    linker: Linker<GuestState>,
    limits: Arc<Limits>,
    cache: Option<CodeCache>,
    compiler: Compiler,
    /// Compilations at a time: one that somebody waits for beside one in the background, which the registry
    /// holds to one. More would take the machine from running tasks.
    slot: Semaphore,
}

/// A compiled, linked, examined file. Running tasks hold on to it, whatever happens to the file.
pub struct Plugin {
    engine: SandboxEngine,
    limits: Arc<Limits>,
    pre: InstancePre<GuestState>,
    source_connector: Option<source_connector::GuestIndices>,
    source_task: Option<source_task::GuestIndices>,
    sink_connector: Option<sink_connector::GuestIndices>,
    sink_task: Option<sink_task::GuestIndices>,
    transformation: Option<transformation::GuestIndices>,
    predicate: Option<predicate::GuestIndices>,
    conversion: Option<conversion::GuestIndices>,
    /// As `describe` answered.
    pub classes: Vec<PluginClass>,
}

impl Loader {
    /// A loader with one linker for all: every import that any plugin may have.
    pub fn new(
        engine: SandboxEngine,
        limits: Arc<Limits>,
        cache: Option<CodeCache>,
        compiler: Compiler,
    ) -> Result<Self, wasmtime::Error> {
        let mut linker = Linker::new(engine.engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        Everything::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut GuestState| state)?;
        Ok(Self { engine, linker, limits, cache, compiler, slot: Semaphore::new(2) })
    }

    /// The limits guests will live under.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Whether compiled code is at hand, so that loading will be quick.
    pub fn is_cached(&self, hash: &str) -> bool {
        self.cache.as_ref().is_some_and(|cache| cache.has(hash))
    }

    /// Loads a file. `hash` is the SHA-256 of its bytes in hexadecimal; they are asked for only if its code is not
    /// in the cache.
    pub async fn load(
        &self,
        name: &str,
        hash: &str,
        bytes: impl FnOnce() -> Result<Vec<u8>, FileError>,
    ) -> Result<Plugin, FileError> {
        let component = match self.cached(hash) {
            Some(component) => component,
            None => self.compile(name, hash, bytes()?).await?,
        };
        let pre = self.linker.instantiate_pre(&component).map_err(|error| FileError::Unfit(misfit(&error)))?;
        self.examine(name, pre).await
    }

    fn cached(&self, hash: &str) -> Option<Component> {
        let code = self.cache.as_ref()?.get(hash)?;
        // SAFETY: the code was made by this engine's compiler and authenticated with the worker's own key.
        match unsafe { Component::deserialize(self.engine.engine(), &code) } {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::warn!("code in the cache does not load and is made afresh: {error:#}");
                None
            }
        }
    }

    async fn compile(&self, name: &str, hash: &str, bytes: Vec<u8>) -> Result<Component, FileError> {
        let _slot = self.slot.acquire().await.map_err(|error| FileError::Compile(error.to_string()))?;
        let begun = std::time::Instant::now();
        let code = self
            .compiler
            .compile(self.engine.engine(), bytes, self.limits.time(key::COMPILE))
            .await
            .map_err(FileError::Compile)?;
        tracing::info!("compiled {name} in {} ms", begun.elapsed().as_millis());
        if let Some(cache) = &self.cache {
            cache.put(hash, &code);
        }
        // SAFETY: the bytes come straight from our own compiler.
        unsafe { Component::deserialize(self.engine.engine(), &code) }
            .map_err(|error| FileError::Compile(format!("{error:#}")))
    }

    /// Looks for roles among the exports, then makes one instance to compare types and to ask `describe`.
    async fn examine(&self, name: &str, pre: InstancePre<GuestState>) -> Result<Plugin, FileError> {
        let unfit = |interface: &str, error: &wasmtime::Error| {
            FileError::Unfit(format!(
                "its watertight:{interface}@{VERSION} is not the one that this worker has: {error:#}"
            ))
        };
        let catalogue = catalogue::GuestIndices::new(&pre).map_err(|_| FileError::NotAPlugin)?;
        let mut plugin = Plugin {
            engine: self.engine.clone(),
            limits: Arc::clone(&self.limits),
            source_connector: source_connector::GuestIndices::new(&pre).ok(),
            source_task: source_task::GuestIndices::new(&pre).ok(),
            sink_connector: sink_connector::GuestIndices::new(&pre).ok(),
            sink_task: sink_task::GuestIndices::new(&pre).ok(),
            transformation: transformation::GuestIndices::new(&pre).ok(),
            predicate: predicate::GuestIndices::new(&pre).ok(),
            conversion: conversion::GuestIndices::new(&pre).ok(),
            pre,
            classes: Vec::new(),
        };
        let mut guest =
            plugin.instance(bare(name, &self.limits)).await.map_err(|error| FileError::Unfit(error.trace()))?;
        let (store, instance) = (&mut guest.store, guest.instance);
        if let Some(indices) = &plugin.source_connector {
            indices.load(&mut *store, &instance).map_err(|error| unfit("source/source-connector", &error))?;
        }
        if let Some(indices) = &plugin.source_task {
            indices.load(&mut *store, &instance).map_err(|error| unfit("source/source-task", &error))?;
        }
        if let Some(indices) = &plugin.sink_connector {
            indices.load(&mut *store, &instance).map_err(|error| unfit("sink/sink-connector", &error))?;
        }
        if let Some(indices) = &plugin.sink_task {
            indices.load(&mut *store, &instance).map_err(|error| unfit("sink/sink-task", &error))?;
        }
        if let Some(indices) = &plugin.transformation {
            indices.load(&mut *store, &instance).map_err(|error| unfit("transform/transformation", &error))?;
        }
        if let Some(indices) = &plugin.predicate {
            indices.load(&mut *store, &instance).map_err(|error| unfit("transform/predicate", &error))?;
        }
        if let Some(indices) = &plugin.conversion {
            indices.load(&mut *store, &instance).map_err(|error| unfit("converter/conversion", &error))?;
        }
        plugin.classes = roles::describe(guest, &catalogue).await.map_err(|error| FileError::Unfit(error.trace()))?;
        Ok(plugin)
    }
}

/// wasmtime's chain of reasons names the import and the difference.
fn misfit(error: &wasmtime::Error) -> String {
    format!("it was built against another contract: {error:#}")
}

/// A set-up that grants nothing: for `describe` and type checks.
fn bare(name: &str, limits: &Limits) -> GuestSetup {
    let log = GuestLog::new(name, limits);
    let stderr = LogStream::new("warn", log.clone());
    let wasi = WasiCtxBuilder::new()
        .stderr(stderr.clone())
        .allow_tcp(false)
        .allow_udp(false)
        .max_random_size(limits.get(key::RANDOM))
        .build();
    GuestSetup::bare(wasi, log, stderr)
}

impl Plugin {
    async fn instance(&self, setup: GuestSetup) -> Result<GuestInstance, GuestError> {
        GuestInstance::new(&self.engine, &self.pre, setup, &self.limits).await
    }

    /// An instance in the role of a source connector.
    pub async fn source_connector(&self, setup: GuestSetup) -> Result<SourceConnector, GuestError> {
        let indices = self.source_connector.as_ref().ok_or_else(|| missing("source/source-connector"))?;
        SourceConnector::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a sink connector.
    pub async fn sink_connector(&self, setup: GuestSetup) -> Result<SinkConnector, GuestError> {
        let indices = self.sink_connector.as_ref().ok_or_else(|| missing("sink/sink-connector"))?;
        SinkConnector::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a source task.
    pub async fn source_task(&self, setup: GuestSetup) -> Result<SourceTask, GuestError> {
        let indices = self.source_task.as_ref().ok_or_else(|| missing("source/source-task"))?;
        SourceTask::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a sink task.
    pub async fn sink_task(&self, setup: GuestSetup) -> Result<SinkTask, GuestError> {
        let indices = self.sink_task.as_ref().ok_or_else(|| missing("sink/sink-task"))?;
        SinkTask::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a transform.
    pub async fn transformation(&self, setup: GuestSetup) -> Result<Transformation, GuestError> {
        let indices = self.transformation.as_ref().ok_or_else(|| missing("transform/transformation"))?;
        Transformation::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a predicate.
    pub async fn predicate(&self, setup: GuestSetup) -> Result<Predicate, GuestError> {
        let indices = self.predicate.as_ref().ok_or_else(|| missing("transform/predicate"))?;
        Predicate::new(self.instance(setup).await?, indices)
    }

    /// An instance in the role of a key, value or header converter.
    pub async fn conversion(&self, setup: GuestSetup) -> Result<Conversion, GuestError> {
        let indices = self.conversion.as_ref().ok_or_else(|| missing("converter/conversion"))?;
        Conversion::new(self.instance(setup).await?, indices)
    }
}

fn missing(interface: &str) -> GuestError {
    GuestError::Contract { call: "instantiate", what: format!("its file does not export watertight:{interface}") }
}
