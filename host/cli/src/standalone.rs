//! `watertight standalone`: one process, connectors from files, offsets in a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use watertight_worker::config::StandaloneConfig;
use watertight_worker::herder::Herder;
use watertight_worker::loggers::Loggers;
use watertight_worker::offsets::file::FileOffsetStore;
use watertight_worker::offsets::{OffsetStore, SharedOffsets};
use watertight_worker::secrets::Vault;
use watertight_worker::standalone::Standalone;

use crate::connector_file::{self, ConnectorFile};
use crate::exit::Stop;
use crate::running::{self, Equipment, Servers, Signals};

/// Runs until a signal ends it.
pub(crate) fn run(worker: &Path, connectors: &[PathBuf], vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    let connectors = connectors
        .iter()
        .map(|path| connector_file::read(path))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Stop::Connector(error.into()))?;
    running::until_the_end(live(worker, connectors, vault, loggers))
}

async fn live(worker: &Path, connectors: Vec<ConnectorFile>, vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut signals = Signals::new().context("signals cannot be received")?;
    let (properties, directory) = running::read_properties(worker)?;
    let StandaloneConfig { worker: config, offsets_file } =
        StandaloneConfig::new(properties, &directory, vault).with_context(|| worker.display().to_string())?;
    running::warn_of_unknown_keys(&config);
    let offsets: Arc<dyn OffsetStore> = Arc::new(FileOffsetStore::open(&offsets_file).map_err(anyhow::Error::from)?);
    let (equipment, doors, options) = Equipment::open(&config, loggers).await?;
    let cluster_id = tokio::select! {
        id = equipment.cluster_id() => id?,
        () = signals.next() => return Ok(()),
    };
    let herder = Standalone::new(equipment.into_parts(Arc::new(SharedOffsets(offsets)), cluster_id));
    let rest = Servers::open(doors, &options, &(Arc::new(herder.clone()) as Arc<dyn Herder>), begun);

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
    rest.end(herder.shut_down()).await;
    result
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
