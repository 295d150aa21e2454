//! `watertight distributed`: one of the workers of a cluster; connectors come over REST, and everything that is to last
//! is in Kafka's topics.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use watertight_kafka::{GroupMember, GroupSettings, admin_settings};
use watertight_rest::WorkerClient;
use watertight_worker::distributed::colleagues::Colleagues;
use watertight_worker::distributed::config::DistributedConfig;
use watertight_worker::distributed::{Cluster, ClusterParts, transactions};
use watertight_worker::failure::Failure;
use watertight_worker::herder::Herder;
use watertight_worker::loggers::Loggers;
use watertight_worker::secrets::Vault;
use watertight_worker::storage::{ConfigLog, OffsetLogs, StatusLog, StorageParts};
use watertight_worker::worker::Worker;

use crate::exit::Stop;
use crate::running::{self, Equipment, Servers, Signals};

/// What Kafka calls the type of a group of workers.
const PROTOCOL_TYPE: &str = "connect";

/// Runs until a signal ends it.
pub(crate) fn run(worker: &Path, vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    running::until_the_end(live(worker, vault, loggers))
}

async fn live(worker: &Path, vault: Vault, loggers: Arc<Loggers>) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut signals = Signals::new().context("signals cannot be received")?;
    let (properties, directory) = running::read_properties(worker)?;
    let config = DistributedConfig::new(properties, &directory, vault).with_context(|| worker.display().to_string())?;
    running::warn_of_unknown_keys(&config.worker);
    config.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let (equipment, doors, mut options) = Equipment::open(&config.worker, loggers).await?;
    let client = WorkerClient::from_properties(&config.worker.properties);
    options.client = Some(client.clone());
    let url = doors.advertised.url();

    // From here on REST answers: what takes long, and how long it takes already.
    let herder = Cluster::start(prepare(Arc::new(config), equipment, Arc::new(client), url));
    let rest = Servers::open(doors, &options, &(Arc::new(herder.clone()) as Arc<dyn Herder>), begun);
    let started = async {
        if herder.started().await.is_ok() {
            tracing::info!("Kafka Connect distributed worker started");
        }
        herder.ended().await
    };
    let result = tokio::select! {
        failure = started => Err(Stop::Worker(anyhow::Error::msg(failure.trace))),
        () = signals.next() => Ok(()),
    };
    rest.end(herder.shut_down()).await;
    result
}

/// What needs the brokers: all that is in their topics.
async fn prepare(
    config: Arc<DistributedConfig>,
    equipment: Equipment,
    colleagues: Arc<dyn Colleagues>,
    url: String,
) -> Result<ClusterParts, Failure> {
    let told = |error: anyhow::Error| Failure::new(format!("{error:#}"));
    let cluster_id = equipment.cluster_id().await.map_err(told)?;
    transactions::check(&config, equipment.admin()).await?;
    let storage = StorageParts::new(Arc::clone(&config), Arc::clone(equipment.admin()));
    let vault = config.worker.vault.clone();
    let (offsets, statuses, (configs, events)) = tokio::try_join!(
        OffsetLogs::start(&storage),
        StatusLog::start(&storage, equipment.worker_id(), vault),
        ConfigLog::start(&storage),
    )
    .map_err(|error| Failure::new(error.to_string()))?;
    let member = member(&config, equipment.worker_id()).map_err(told)?;
    let topics = statuses.topics_in_use().clone();
    let parts = equipment.into_parts(Arc::new(offsets), cluster_id);
    let worker = Worker::new(parts, Arc::new(statuses.clone()), topics);
    Ok(ClusterParts { config, worker, member, configs, events, statuses, colleagues, url })
}

fn member(config: &DistributedConfig, worker_id: &str) -> Result<GroupMember, anyhow::Error> {
    let client = admin_settings(&config.worker.properties, &config.member_client_id(worker_id))?;
    let group = GroupSettings {
        group: config.group_id.clone(),
        protocol_type: PROTOCOL_TYPE.to_owned(),
        session_timeout: config.session_timeout,
        rebalance_timeout: config.rebalance_timeout,
        heartbeat_interval: config.heartbeat_interval,
    };
    Ok(GroupMember::new(client, group)?)
}
