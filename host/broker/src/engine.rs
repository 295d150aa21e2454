//! The engine, put together: storage, group coordinator, request routes.
//!
//! Nisshi's own `Broker` would do this in one call, but it binds the port itself, says when it is
//! ready only on a terminal, and leaves no room for a layer. The parts it is made of are public, so
//! we put the same parts together around ours.

use std::{sync::Arc, time::Duration};

use nisshi_broker::{
    coordinator::group::administrator::{Controller, GroupCoordinatorConfig},
    service,
};
use nisshi_service::{
    BytesFrameLayer, BytesFrameService, FrameRouteService, TcpBytesLayer, TcpBytesService, TcpContext, TcpContextLayer,
    TcpContextService,
};
use nisshi_storage::{ArcDynStorage, BrokerRegistrationRequest, Storage as _, StorageContainer};
use nisshi_storage_sql::LiteEngineFactory;
use rama::Layer as _;
use url::Url;
use uuid::Uuid;

use crate::{directory::DataDirectory, error::Error, front::Front};

/// The engine's own error, which ends a connection.
pub type RequestError = nisshi_broker::Error;

/// What serves one connection.
pub type Connection = TcpContextService<TcpBytesService<BytesFrameService<Front>>>;

/// Kafka's first node of a one-node cluster.
const NODE_ID: i32 = 1;

/// A held JoinGroup or SyncGroup is woken by every change this process makes, and no other process
/// may open the directory, so this is only how soon a timed-out member is noticed.
const GROUP_POLL: Duration = Duration::from_millis(250);

/// The running engine; clones share it.
#[derive(Clone, Debug)]
pub struct Engine {
    storage: ArcDynStorage,
    cluster_id: String,
    front: Front,
}

impl Engine {
    /// Opens the directory's database, or creates it.
    pub async fn open(data: &DataDirectory, advertised: Url) -> Result<Self, Error> {
        let storage = storage(data, advertised).await?;

        storage
            .register_broker(BrokerRegistrationRequest {
                broker_id: NODE_ID,
                cluster_id: data.cluster_id().to_owned(),
                incarnation_id: Uuid::new_v4(),
                rack: None,
            })
            .await
            .map_err(|err| data.refuse(one_line(&err)))?;

        // Kafka waits three seconds for more members before the first generation of a group. A
        // development broker has few members, and a newcomer who is watching.
        let groups = Controller::new(
            storage.clone(),
            GroupCoordinatorConfig { initial_rebalance_delay: Duration::ZERO, poll_interval: GROUP_POLL },
        );

        let routes = service::storage::services(FrameRouteService::builder(), storage.clone())
            .and_then(|routes| service::coordinator::services(routes, groups))
            .and_then(|routes| routes.build().map_err(RequestError::from))
            .map_err(|err| Error::Engine(one_line(&err)))?;

        Ok(Self { front: Front::new(routes, storage.clone()), storage, cluster_id: data.cluster_id().to_owned() })
    }

    /// The storage behind the routes.
    pub fn storage(&self) -> &ArcDynStorage {
        &self.storage
    }

    /// A service for one more connection.
    pub fn connection(&self) -> Connection {
        (
            TcpContextLayer::new(TcpContext::default().cluster_id(Some(self.cluster_id.clone()))),
            TcpBytesLayer,
            BytesFrameLayer::default(),
        )
            .into_layer(self.front.clone())
    }
}

async fn storage(data: &DataDirectory, advertised: Url) -> Result<ArcDynStorage, Error> {
    let url = Url::parse(&data.storage_url()).map_err(|err| Error::Engine(one_line(&err)))?;

    let mut builder = StorageContainer::builder();
    builder.with_factory(Arc::new(LiteEngineFactory));

    builder
        .cluster_id(data.cluster_id())
        .node_id(NODE_ID)
        .advertised_listener(advertised)
        .storage(url)
        .silent(true)
        .build()
        .await
        .map_err(|err| data.refuse(one_line(&err)))
}

/// The engine's errors are its values, printed: of any length, and now and then of several lines.
pub fn one_line(err: &dyn std::fmt::Display) -> String {
    const LONGEST: usize = 300;

    let text = err.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}
