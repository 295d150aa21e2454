//! Debezium's JDBC sink: the JVM's JDBC connector that Maven Central has. Of those that read tables none is there which
//! keeps offsets; Confluent's and Aiven's are elsewhere.
//!
//! What was found by trying it (3.5.0 on Java 17 and Connect 4.3): it brings the drivers of PostgreSQL, MySQL and MariaDB
//! (48 jars, 41 MB); its settings are its own (`connection.username`, `primary.key.mode`, `collection.name.format`). What
//! it needs of newer versions is partly not on Maven Central. Hibernate looks for Jackson's modules, and finds the worker's.

use crate::maven::{self, Artifact, Then};
use crate::peer::Peer;
use std::path::PathBuf;

/// What is fetched.
pub const VERSION: &str = "3.5.0.Final";
/// Its class.
pub const SINK: &str = "io.debezium.connector.jdbc.JdbcSinkConnector";

/// A folder for `plugin.path` with the connector: one plugin, with all it needs but what Kafka brings. Fetched unless it is there.
pub fn plugins(peer: &Peer) -> anyhow::Result<PathBuf> {
    let dir = peer.dir().join("debezium-jdbc");
    let wanted = [Artifact::new("io.debezium", "debezium-connector-jdbc", VERSION).without_kafka_and_jackson()];
    maven::fetch_once(&dir, &wanted, Then::Copy)?;
    Ok(dir)
}
