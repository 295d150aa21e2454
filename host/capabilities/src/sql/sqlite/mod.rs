//! SQLite.

use watertight_sandbox::sql::{Fault, SqlConnection, SqlLimits};

use super::url::SqliteSettings;
use crate::files::FileRoots;

/// Opens.
pub async fn open(_: SqliteSettings, _: &FileRoots, _: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
    Err(Fault::new("unsupported", "soon"))
}
