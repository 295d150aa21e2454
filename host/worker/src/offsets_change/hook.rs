//! The plugin's own opinion of new offsets, from an instance made for the question and gone after it.
//!
//! A plugin may check them, and may have a place of its own where it keeps some. It is asked before anything is
//! written, so that its no leaves everything as it was.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::future::BoxFuture;
use tokio::time::{Instant, timeout_at};
use watertight_sandbox::bindings::watertight::types::common::Config;
use watertight_sandbox::bindings::watertight::types::data::{Position, TopicPartition};
use watertight_sandbox::error::GuestError;
use watertight_sandbox::loader::Plugin;
use watertight_sandbox::state::GuestSetup;

use super::Owner;
use crate::failure::Failure;
use crate::guest::{Identity, config_for};
use crate::herder::HerderError;

/// What a plugin says that cannot do it: the contract's word, and Java's.
const UNSUPPORTED: [&str; 2] = ["unsupported", "java.lang.UnsupportedOperationException"];

/// In the form of the role.
pub(super) enum Offered<'a> {
    Source(&'a [(Position, Option<Position>)]),
    Sink(&'a [(TopicPartition, Option<i64>)]),
}

impl Offered<'_> {
    /// Kafka's word for the connector in its messages.
    fn role(&self) -> &'static str {
        match self {
            Offered::Source(_) => "source",
            Offered::Sink(_) => "sink",
        }
    }
}

/// What the plugin answered; false is also what a plugin says that does not care. When `cut_off` ends, no answer is
/// waited for any more.
pub(super) async fn ask(
    owner: &Owner<'_>,
    offered: Offered<'_>,
    deadline: Instant,
    cut_off: BoxFuture<'_, ()>,
) -> Result<bool, HerderError> {
    let role = offered.role();
    let name = owner.name;
    let failed = |what: &dyn std::fmt::Display| {
        HerderError::Internal(format!("Failed to modify offsets for {role} connector {name}: {what}"))
    };
    let (plugin, setup, config) = prepared(owner).await.map_err(|failure| failed(&failure))?;
    let class = owner.entry.class.name.as_str();
    let call = async {
        match offered {
            Offered::Source(offsets) => {
                plugin.source_connector(setup).await?.alter_offsets(class, &config, offsets).await
            }
            Offered::Sink(offsets) => plugin.sink_connector(setup).await?.alter_offsets(class, &config, offsets).await,
        }
    };
    let answer = tokio::select! {
        answer = timeout_at(deadline, call) => answer,
        () = cut_off => {
            return Err(failed(&"the plugin was still thinking about them when something else was asked of the connector, and was cut off"));
        }
    };
    match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(GuestError::Failure { code, .. })) if UNSUPPORTED.contains(&code.as_str()) => {
            Err(HerderError::Internal(format!(
                "Failed to modify offsets for connector {name} because it doesn't support external modification of offsets"
            )))
        }
        // An orderly no is the plugin's own word to the client.
        Ok(Err(GuestError::Failure { message, .. })) => Err(HerderError::Internal(message)),
        Ok(Err(error)) => {
            tracing::error!("Failed to modify offsets for {role} connector {name}: {}", error.trace());
            Err(failed(&error))
        }
        Err(_) => Err(HerderError::Internal(format!(
            "Timed out while calling the 'alterOffsets' method for {role} connector {name}"
        ))),
    }
}

async fn prepared(owner: &Owner<'_>) -> Result<(Arc<Plugin>, GuestSetup, Config), Failure> {
    let entry = owner.entry;
    let plugin = entry.plugin().await;
    let plugin = plugin.map_err(|error| Failure::new(format!("plugin file {} cannot be used: {error}", entry.file)))?;
    let config = config_for(&entry.class, owner.settings);
    let offsets = owner.offsets.clone();
    let identity = Identity { connector: owner.name, task: None, class: &entry.class.name, offsets };
    let mut setup = owner.host.setup(&identity, config.clone(), Arc::new(AtomicBool::new(false)))?;
    owner.host.entrust(&mut setup, &entry.class, owner.settings);
    Ok((plugin, setup, config))
}
