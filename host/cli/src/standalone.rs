//! `watertight standalone`: one process, connectors from files, offsets in a file. This file puts the rooms
//! together; nothing else knows them all.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use watertight_capabilities::Grants;
use watertight_kafka::{Admin, admin_settings};
use watertight_rest::{RestOptions, admin_router, router, serve_with};
use watertight_sandbox::cache::CodeCache;
use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::loader::Loader;
use watertight_sandbox::registry::PluginRegistry;
use watertight_worker::config::WorkerConfig;
use watertight_worker::guest::{GuestHost, KAFKA, VERSION};
use watertight_worker::herder::Herder;
use watertight_worker::loggers::Loggers;
use watertight_worker::offsets::OffsetStore;
use watertight_worker::offsets::file::FileOffsetStore;
use watertight_worker::secrets::Vault;
use watertight_worker::standalone::{Parts, Standalone};
use watertight_worker::validate::check_worker_converters;

use crate::connector_file::{self, ConnectorFile};
use crate::doors::{self, Doors};
use crate::exit::Stop;
use crate::places;

/// How long the brokers may stay silent at start.
const BROKER_PATIENCE: Duration = Duration::from_secs(30);
/// One request of that.
const BROKER_REQUEST: Duration = Duration::from_secs(5);

/// Runs until a signal ends it.
pub(crate) fn run(worker: &Path, connectors: &[PathBuf], vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    let connectors = connectors
        .iter()
        .map(|path| connector_file::read(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Stop::Connector(error.into()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("worker")
        .build()
        .context("the async runtime could not be started")?;
    let result = runtime.block_on(live(worker, connectors, vault, loggers));
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn live(worker: &Path, connectors: Vec<ConnectorFile>, vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut signals = Signals::new().context("signals cannot be received")?;
    let config = read_config(worker, vault)?;
    let unknown = config.unknown_keys();
    if !unknown.is_empty() {
        tracing::warn!("settings that this worker does not know and does not use: {}", unknown.join(", "));
    }
    let offsets: Arc<dyn OffsetStore> =
        Arc::new(FileOffsetStore::open(&config.offsets_file).map_err(anyhow::Error::from)?);
    let limits = Arc::new(Limits::from_properties(&config.properties).map_err(anyhow::Error::from)?);
    let plugins = open_plugins(&config, Arc::clone(&limits))?;
    check_worker_converters(&plugins, &config.properties).map_err(anyhow::Error::msg)?;
    plugins.watch();
    let doors = Doors::open(&config).await?;
    let mut options = RestOptions::from_properties(&config.properties).map_err(anyhow::Error::from)?;
    options.basic_auth = doors::basic_auth(&config)?;
    let worker_id = doors.advertised.worker_id();

    // First: what it refuses should not wait for the brokers.
    let admin = Admin::from_settings(&config.admin_settings(), "watertight-admin").map_err(anyhow::Error::from)?;
    let patient = admin_settings(&config.admin_settings(), "watertight-admin").map_err(anyhow::Error::from)?;
    let probe =
        Admin::with_settings(patient.with_timeouts(BROKER_REQUEST, BROKER_PATIENCE)).map_err(anyhow::Error::from)?;
    let cluster_id = tokio::select! {
        id = probe.cluster_id() => id.context("Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties.")?,
        () = signals.next() => return Ok(()),
    };
    let host = Arc::new(guest_host(&config, limits, Arc::clone(&offsets), loggers)?);
    let herder = Standalone::new(Parts {
        plugins,
        host,
        offsets,
        admin: Arc::new(admin),
        worker_id,
        version: format!("{KAFKA}-watertight.{VERSION}"),
        cluster_id,
        config,
    });

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let routed = |make: fn(Arc<dyn Herder>, RestOptions) -> _| make(Arc::new(herder.clone()), options.clone());
    let everyday = doors.open.into_iter().map(|door| (door, routed(router)));
    let for_administration = doors.admin.into_iter().map(|door| (door, routed(admin_router)));
    let rest: Vec<_> = everyday
        .chain(for_administration)
        .map(|(door, router)| {
            let mut stopped = stopped.clone();
            tokio::spawn(serve_with(door, router, doors.options.clone(), async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            }))
        })
        .collect();
    tracing::info!(
        "REST listens on {}, advertising URL {}; ready after {} ms",
        doors.addresses,
        doors.advertised.url(),
        begun.elapsed().as_millis()
    );

    let result = tokio::select! {
        result = create_all(&herder, connectors) => match result {
            Ok(()) => {
                herder.started();
                tracing::info!("Kafka Connect standalone worker started");
                signals.next().await;
                Ok(())
            }
            Err(stop) => Err(stop),
        },
        () = signals.next() => Ok(()),
    };
    tracing::info!("Kafka Connect stopping");
    stop.send_replace(true);
    herder.shut_down().await;
    for server in rest {
        let _ = server.await;
    }
    tracing::info!("Kafka Connect stopped");
    result
}

fn read_config(worker: &Path, vault: Vault) -> Result<WorkerConfig, anyhow::Error> {
    let bytes = std::fs::read(worker).with_context(|| format!("{} cannot be read", worker.display()))?;
    let properties = watertight_data::properties::parse_bytes(&bytes).with_context(|| worker.display().to_string())?;
    let directory = std::env::current_dir().context("the working directory is gone")?;
    WorkerConfig::standalone(properties, &directory, vault).with_context(|| worker.display().to_string())
}

/// The registry over `plugin.path`, or over the plugins beside the binary.
fn open_plugins(config: &WorkerConfig, limits: Arc<Limits>) -> Result<Arc<PluginRegistry>, anyhow::Error> {
    let engine =
        SandboxEngine::new().map_err(anyhow::Error::from).context("the WebAssembly engine could not be started")?;
    let cache = match places::cache_dir(&config.properties, &config.directory) {
        Some(path) => match CodeCache::open(&path, engine.engine()) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::warn!("{error}");
                None
            }
        },
        None => {
            tracing::warn!(
                "sandbox.cache.dir is not set and there is no home directory: plugins are compiled at each start"
            );
            None
        }
    };
    let compiler = Compiler::Process(std::env::current_exe().context("the worker's own program cannot be found")?);
    let loader = Loader::new(engine, limits, cache, compiler).map_err(anyhow::Error::from)?;
    let paths = if config.plugin_path.is_empty() {
        let beside = places::plugins_beside_binary();
        let list: Vec<String> = beside.iter().map(|path| path.display().to_string()).collect();
        tracing::info!("plugin.path is not set: using the plugins beside the program, in {}", list.join(", "));
        beside
    } else {
        config.plugin_path.clone()
    };
    Ok(PluginRegistry::open(&paths, loader))
}

fn guest_host(
    config: &WorkerConfig,
    limits: Arc<Limits>,
    offsets: Arc<dyn OffsetStore>,
    loggers: Arc<Loggers>,
) -> Result<GuestHost, anyhow::Error> {
    let default = places::default_roots(&config.properties, &config.directory);
    let get = |key: &str| match config.properties.get(key) {
        Some(value) => Some(value.as_str()),
        None if key == watertight_capabilities::files::KEY => default.as_deref(),
        None => None,
    };
    let grants = Grants::from_properties(get, &config.directory)?;
    Ok(GuestHost { grants, limits, directory: config.directory.display().to_string(), offsets, loggers })
}

/// Creates the connectors of the command line, in order; the first that fails ends the worker, as Kafka's does.
async fn create_all(herder: &Standalone, connectors: Vec<ConnectorFile>) -> Result<(), Stop> {
    for file in connectors {
        let name = file.name;
        if let Err(error) = herder.put_config(&name, file.config, file.initial_state, false).await {
            let trace = herder.status(&name).await.ok().and_then(|status| status.connector.trace);
            let cause = trace.map(|trace| format!("\nCaused by: {trace}")).unwrap_or_default();
            return Err(Stop::Connector(anyhow::anyhow!("Failed to create connector {name}: {error}{cause}")));
        }
        tracing::info!("Created connector {name}");
    }
    Ok(())
}

/// What asks the worker to end.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        let seen = tokio::select! {
            seen = self.interrupt.recv() => seen,
            seen = self.terminate.recv() => seen,
        };
        if seen.is_none() {
            pending::<()>().await;
        }
    }
}
