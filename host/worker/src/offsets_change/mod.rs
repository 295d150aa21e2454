//! Changing a connector's offsets on request (KIP-875): `PATCH` and `DELETE /connectors/{c}/offsets`, below the herder.
//!
//! Who may ask when is the herder's business: it makes sure that the connector is stopped and stays so meanwhile. Here
//! is what is the same for every herder: the request is checked and brought into the form in which offsets are stored,
//! the plugin is asked in an instance of its own, and only if it agrees something is written. Nothing here writes in
//! two steps what could be seen by halves, except where Kafka itself offers no single request: a sink's change that
//! sets some offsets and removes others is two.

mod hook;
mod java_map;
mod sink;
mod source;

use std::sync::Arc;
use std::time::Duration;

use watertight_sandbox::registry::PluginEntry;

use crate::entities::{ConfigMap, ConnectorOffset};
use crate::guest::GuestHost;
use crate::herder::HerderError;
use crate::offsets::OffsetStore;

pub use sink::{of_sink, shown};
pub use source::of_source;

/// How long a change may take in all, as in Kafka: as long as anybody waits for the answer.
pub const BUDGET: Duration = Duration::from_secs(90);

/// What is to become of a connector's offsets.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// These are set, and removed where the offset is null. All others stay.
    Alter(Vec<ConnectorOffset>),
    /// All are removed.
    Reset,
}

/// Whose offsets they are, and who is asked.
pub struct Owner<'a> {
    /// Connector's name.
    pub name: &'a str,
    /// Its class.
    pub entry: &'a PluginEntry,
    /// Its settings, ready for use.
    pub settings: &'a ConfigMap,
    /// What its plugin's instance gets.
    pub host: &'a GuestHost,
    /// Of a source: where they lie.
    pub offsets: Option<Arc<dyn OffsetStore>>,
}

/// Kafka's answer to somebody who wants to change the offsets of a connector that is not stopped.
pub fn not_stopped(name: &str) -> HerderError {
    HerderError::BadRequest(format!(
        "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/{name}/stop' endpoint"
    ))
}

impl Change {
    /// What can be refused without looking at the connector.
    ///
    /// # Errors
    /// Nothing is to be changed.
    pub fn check(&self) -> Result<(), HerderError> {
        match self {
            Change::Alter(offsets) if offsets.is_empty() => Err(HerderError::BadRequest(
                "Partitions / offsets need to be provided for an alter offsets request".into(),
            )),
            Change::Alter(_) | Change::Reset => Ok(()),
        }
    }

    /// What the client is told: the plugin vouches for it, or knows nothing of offsets kept elsewhere.
    fn done(&self, by_plugin: bool) -> String {
        let done = match self {
            Change::Alter(_) => "altered",
            Change::Reset => "reset",
        };
        if by_plugin {
            return format!("The offsets for this connector have been {done} successfully");
        }
        format!(
            "The Connect framework-managed offsets for this connector have been {done} successfully. However, if this connector manages offsets externally, they will need to be manually {done} in the system that the connector uses."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_says_whether_the_plugin_vouches_for_it() {
        assert_eq!(Change::Reset.done(true), "The offsets for this connector have been reset successfully");
        let framework = Change::Alter(Vec::new()).done(false);
        assert!(framework.starts_with("The Connect framework-managed offsets for this connector have been altered"));
        assert!(framework.ends_with("will need to be manually altered in the system that the connector uses."));
    }

    #[test]
    fn altering_nothing_is_refused_and_resetting_is_not() {
        assert!(Change::Reset.check().is_ok());
        assert!(matches!(Change::Alter(Vec::new()).check(), Err(HerderError::BadRequest(_))));
    }
}
