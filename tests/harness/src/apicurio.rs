//! Apicurio's registry and converter: Avro's peer. Confluent's are not on Maven Central; these are, and write the same
//! bytes where they are told to be as Confluent's.
//!
//! What was found by trying it (2.6.13 on Java 17): the program's archive (142 MB) is complete, keeps its schemas in
//! memory unless told otherwise, takes its address from Quarkus's settings, and answers 5 s after its start. Ids of
//! its Confluent interface are content ids.

use crate::http::Http;
use crate::maven::{self, Artifact, Then};
use crate::peer::Peer;
use crate::ports;
use crate::process::Service;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Of registry and converter.
pub const VERSION: &str = "2.6.13.Final";
/// The converter's class.
pub const AVRO_CONVERTER: &str = "io.apicurio.registry.utils.converter.AvroConverter";

const GROUP: &str = "io.apicurio";
const CONFLUENT: &str = "/apis/ccompat/v7";
const READY: Duration = Duration::from_secs(90);
const GRACE: Duration = Duration::from_secs(30);

/// A folder for `plugin.path` with the converter: one plugin, with all it needs but Kafka. Fetched unless it is there.
pub fn plugins(peer: &Peer) -> anyhow::Result<PathBuf> {
    let dir = peer.dir().join("avro-converter");
    let wanted = [Artifact::new(GROUP, "apicurio-registry-utils-converter", VERSION).without_kafka()];
    maven::fetch_once(&dir, &wanted, Then::Copy)?;
    Ok(dir)
}

/// Its classes, for a class path.
pub fn class_path(peer: &Peer) -> anyhow::Result<PathBuf> {
    Ok(plugins(peer)?.join("libs").join("*"))
}

/// A running registry; ends when it is dropped.
#[derive(Debug)]
pub struct Apicurio {
    port: u16,
    service: Service,
}

impl Apicurio {
    /// On a free port, with nothing in it. Fetched unless it is there.
    pub fn start(peer: &Peer, dir: &Path) -> anyhow::Result<Self> {
        let wanted = [Artifact::new(GROUP, "apicurio-registry-app", VERSION).whole_program()];
        let libs = maven::fetch_once(&peer.dir().join("avro-registry"), &wanted, Then::Unpack)?;
        std::fs::create_dir_all(dir)?;
        let port = ports::free()?;
        let mut java = Command::new("java");
        java.current_dir(dir)
            .arg("-Xmx512m")
            .arg(format!("-Djava.io.tmpdir={}", dir.display()))
            .args([
                "-Dquarkus.http.host=127.0.0.1".to_owned(),
                format!("-Dquarkus.http.port={port}"),
                "-jar".to_owned(),
            ])
            .arg(libs.join(format!("apicurio-registry-app-{VERSION}-runner.jar")));
        let mut service = Service::spawn("Apicurio's registry", java, &dir.join("registry.log"))?;
        let http = Http::on(port);
        service.wait_ready(READY, || match http.get(&format!("{CONFLUENT}/subjects")) {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status)),
            Err(e) => Err(format!("{e:#}")),
        })?;
        Ok(Self { port, service })
    }

    /// For `schema.registry.url`.
    pub fn confluent_url(&self) -> String {
        format!("http://127.0.0.1:{}{CONFLUENT}", self.port)
    }

    /// For `apicurio.registry.url`.
    pub fn own_url(&self) -> String {
        format!("http://127.0.0.1:{}/apis/registry/v2", self.port)
    }

    /// Ends it.
    pub fn stop(self) -> anyhow::Result<()> {
        self.service.stop(GRACE).map(drop)
    }
}
