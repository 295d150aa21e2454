//! Soon.

use watertight_sandbox::sql::{Fault, SqlConnection, SqlLimits};

use super::url::PostgresSettings;
use crate::files::FileRoots;
use crate::net::NetPolicy;

/// Opens.
pub async fn open(
    _: PostgresSettings,
    _: &NetPolicy,
    _: &FileRoots,
    _: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    Err(Fault::new("unsupported", "soon"))
}
