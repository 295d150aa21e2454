//! What a worker has before it talks to anybody: plugins, sockets, clients. All that its settings can be refused for is
//! found here, so that nothing of it waits for the brokers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use watertight_capabilities::Grants;
use watertight_kafka::{Admin, admin_settings};
use watertight_rest::RestOptions;
use watertight_sandbox::cache::CodeCache;
use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::limits::Limits;
use watertight_sandbox::loader::Loader;
use watertight_sandbox::registry::PluginRegistry;
use watertight_worker::config::WorkerConfig;
use watertight_worker::guest::{GuestHost, KAFKA, VERSION};
use watertight_worker::loggers::Loggers;
use watertight_worker::offsets::OffsetStores;
use watertight_worker::validate::check_worker_converters;
use watertight_worker::worker::Parts;

use crate::doors::{self, Doors};
use crate::places;

/// How long the brokers may stay silent at start.
const BROKER_PATIENCE: Duration = Duration::from_secs(30);
/// One request of that.
const BROKER_REQUEST: Duration = Duration::from_secs(5);
const NO_CLUSTER: &str =
    "Failed to connect to and describe Kafka cluster. Check worker's broker connection and security properties.";

/// What a worker has before it talks to anybody.
pub(crate) struct Equipment {
    config: WorkerConfig,
    plugins: Arc<PluginRegistry>,
    host: Arc<GuestHost>,
    admin: Arc<Admin>,
    probe: Admin,
    worker_id: String,
}

impl Equipment {
    /// Opens all of it; beside it the sockets, at which nobody answers yet, and how REST is to answer there.
    pub(crate) async fn open(
        config: &WorkerConfig,
        loggers: Arc<Loggers>,
    ) -> Result<(Self, Doors, RestOptions), anyhow::Error> {
        let limits = Arc::new(Limits::from_properties(&config.properties)?);
        let plugins = open_plugins(config, Arc::clone(&limits))?;
        check_worker_converters(&plugins, &config.properties).map_err(anyhow::Error::msg)?;
        plugins.watch();
        let doors = Doors::open(config).await?;
        let mut options = RestOptions::from_properties(&config.properties)?;
        options.basic_auth = doors::basic_auth(config)?;
        let admin = Admin::from_settings(&config.admin_settings(), "watertight-admin")?;
        let patient = admin_settings(&config.admin_settings(), "watertight-admin")?;
        let probe = Admin::with_settings(patient.with_timeouts(BROKER_REQUEST, BROKER_PATIENCE))?;
        let equipment = Self {
            config: config.clone(),
            plugins,
            host: Arc::new(guest_host(config, limits, loggers)?),
            admin: Arc::new(admin),
            probe,
            worker_id: doors.advertised.worker_id(),
        };
        Ok((equipment, doors, options))
    }

    /// For questions to the cluster.
    pub(crate) fn admin(&self) -> &Arc<Admin> {
        &self.admin
    }

    /// `host:port` under which the worker is known.
    pub(crate) fn worker_id(&self) -> &str {
        &self.worker_id
    }

    /// Which Kafka cluster this is: the first question to the brokers, and the one that they are given time for.
    pub(crate) async fn cluster_id(&self) -> Result<String, anyhow::Error> {
        self.probe.cluster_id().await.context(NO_CLUSTER)
    }

    /// What the worker is made of.
    pub(crate) fn into_parts(self, offsets: Arc<dyn OffsetStores>, cluster_id: String) -> Parts {
        Parts {
            config: self.config,
            plugins: self.plugins,
            host: self.host,
            offsets,
            admin: self.admin,
            worker_id: self.worker_id,
            version: format!("{KAFKA}-watertight.{VERSION}"),
            cluster_id,
        }
    }
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

fn guest_host(config: &WorkerConfig, limits: Arc<Limits>, loggers: Arc<Loggers>) -> Result<GuestHost, anyhow::Error> {
    let default = places::default_roots(&config.properties, &config.directory);
    let get = |key: &str| match config.properties.get(key) {
        Some(value) => Some(value.as_str()),
        None if key == watertight_capabilities::files::KEY => default.as_deref(),
        None => None,
    };
    let grants = Grants::from_properties(get, &config.directory)?;
    Ok(GuestHost { grants, limits, directory: config.directory.display().to_string(), loggers })
}
