//! Shutting out producers that may still run somewhere as a connector's tasks (KIP-618).

use std::time::Duration;

use super::Worker;
use crate::entities::ConfigMap;
use crate::failure::Failure;

impl Worker {
    /// Sees to it that no producer with one of these transactional ids that is there now can write any more, in the
    /// cluster that a connector with this config writes to.
    ///
    /// # Errors
    /// That cannot be made sure.
    pub async fn fence_producers(
        &self,
        name: &str,
        config: &ConfigMap,
        ids: &[String],
        limit: Duration,
    ) -> Result<(), Failure> {
        let in_use = self.resolve(name, config).await.map_err(|error| Failure::new(error.to_string()))?;
        let hidden = |text: String| Failure::new(in_use.secrets.scrub(&text));
        let client_id = format!("connector-worker-adminclient-{name}");
        let admin = self.admin(&client_id, &in_use.settings).map_err(|failure| hidden(failure.trace))?;
        admin.fence_producers(ids, limit).await.map_err(|error| hidden(error.to_string()))
    }
}
