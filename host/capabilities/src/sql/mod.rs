//! SQL databases: what stands behind a guest's `watertight:sql`. A guest names settings of its own by prefix; here
//! they become a connection, within what the worker grants: files under its roots, hosts on its list. Address, socket,
//! driver and password never cross into the guest.

mod forms;
mod mysql;
mod postgres;
mod sqlite;
mod tls;
pub mod url;

use std::collections::HashMap;
use std::sync::Arc;

use watertight_sandbox::sql::{Fault, SqlAccess, SqlConnection, SqlLimits, code};

use crate::files::FileRoots;
use crate::net::NetPolicy;
use url::Settings;

/// The way to the databases of one instance: its settings in plain text, and what it is granted.
pub struct Databases {
    settings: HashMap<String, String>,
    files: Arc<FileRoots>,
    net: Arc<NetPolicy>,
}

impl Databases {
    /// For an instance with these settings.
    pub fn new(settings: HashMap<String, String>, files: Arc<FileRoots>, net: Arc<NetPolicy>) -> Self {
        Self { settings, files, net }
    }
}

#[async_trait::async_trait]
impl SqlAccess for Databases {
    async fn open(&self, prefix: &str, limits: &SqlLimits) -> Result<Box<dyn SqlConnection>, Fault> {
        let properties = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let settings = Settings::read(prefix, properties);
        match settings.map_err(|error| Fault::new(code::CONFIG, error.to_string()))? {
            Settings::Sqlite(settings) => sqlite::open(settings, &self.files, limits).await,
            Settings::Postgres(settings) => postgres::open(settings, &self.net, &self.files, limits).await,
            Settings::Mysql(settings) => mysql::open(settings, &self.net, &self.files, limits).await,
        }
    }
}
