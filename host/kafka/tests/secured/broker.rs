//! A genuine broker with every kind of listener that this crate can speak to.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use watertight_harness::peer::{Heap, Peer};
use watertight_harness::process::Service;
use watertight_harness::properties::Properties;
use watertight_harness::{paths, ports, skips};

pub const STORE: &str = "store-secret-1";
pub const KEY: &str = "key-secret-1";
pub const PASSWORD: &str = "alice-secret-1";

/// Ports of the listeners.
#[derive(Debug, Clone, Copy)]
pub struct Secured {
    /// TLS.
    pub tls: u16,
    /// TLS, and clients show a certificate.
    pub mutual: u16,
    /// SASL over TLS.
    pub sasl_tls: u16,
    /// SASL alone; who is on it must authenticate again every few seconds.
    pub sasl: u16,
}

/// One for all cases of this process. None where it cannot be had, which is noted as a skip.
pub fn broker(case: &str) -> Option<Secured> {
    static ONE: OnceLock<Result<Secured, String>> = OnceLock::new();
    let made = ONE.get_or_init(|| {
        let peer = Peer::find()?;
        let (told, ready) = std::sync::mpsc::channel();
        // The broker ends with the thread that started it: this one lives as long as the process.
        std::thread::spawn(move || {
            let started = start(&peer);
            let _ = told.send(started.as_ref().map(|(ports, _)| *ports).map_err(|error| format!("{error:#}")));
            if started.is_ok() {
                loop {
                    std::thread::park();
                }
            }
        });
        // A broker that is there and does not start is a failure, not a skip.
        Ok(ready.recv().unwrap().unwrap())
    });
    match made {
        Ok(ports) => Some(*ports),
        Err(reason) => {
            skips::skip(case, reason).unwrap();
            None
        }
    }
}

/// A file of `tests/stores`.
pub fn store(name: &str) -> String {
    format!("{}/tests/stores/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn start(peer: &Peer) -> anyhow::Result<(Secured, Service)> {
    let dir = paths::test_dir(&format!("secured-{}", std::process::id()))?;
    let file = dir.join("server.properties");
    let ports = Secured { tls: ports::free()?, mutual: ports::free()?, sasl_tls: ports::free()?, sasl: ports::free()? };
    settings(&ports, &dir)?.write(&file)?;
    let format = peer
        .java("kafka.tools.StorageTool", &Heap::broker())?
        .args(["format", "--ignore-formatted", "-t", "4L6g3nShT-eMCtK--X86sw", "-c"])
        .arg(&file)
        .args(["--add-scram", &format!("SCRAM-SHA-512=[name=alice,password={PASSWORD}]")])
        .args(["--add-scram", &format!("SCRAM-SHA-256=[name=alice,password={PASSWORD}]")])
        .output()?;
    anyhow::ensure!(format.status.success(), "{}", String::from_utf8_lossy(&format.stderr));
    let mut java = peer.java("kafka.Kafka", &Heap::broker())?;
    java.arg(&file);
    let mut service = Service::spawn("the secured broker", java, &dir.join("broker.log"))?;
    let all = [ports.tls, ports.mutual, ports.sasl_tls, ports.sasl];
    service.wait_ready(Duration::from_secs(60), || {
        all.into_iter().all(ports::answers).then_some(()).ok_or("nobody listens yet".into())
    })?;
    Ok((ports, service))
}

fn settings(ports: &Secured, dir: &Path) -> anyhow::Result<Properties> {
    let (plain, controller) = (ports::free()?, ports::free()?);
    let Secured { tls, mutual, sasl_tls, sasl } = ports;
    let mut all = Properties::new()
        .with("process.roles", "broker,controller")
        .with("node.id", 1)
        .with("controller.quorum.voters", format!("1@127.0.0.1:{controller}"))
        .with(
            "listeners",
            format!(
                "PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SSL://127.0.0.1:{tls},\
                 MUTUAL://127.0.0.1:{mutual},SASL_SSL://127.0.0.1:{sasl_tls},SASL_PLAINTEXT://127.0.0.1:{sasl}"
            ),
        )
        .with(
            "advertised.listeners",
            format!(
                "PLAINTEXT://127.0.0.1:{plain},SSL://localhost:{tls},MUTUAL://localhost:{mutual},\
                 SASL_SSL://localhost:{sasl_tls},SASL_PLAINTEXT://127.0.0.1:{sasl}"
            ),
        )
        .with(
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,MUTUAL:SSL,SASL_SSL:SASL_SSL,\
             SASL_PLAINTEXT:SASL_PLAINTEXT",
        )
        .with("inter.broker.listener.name", "PLAINTEXT")
        .with("controller.listener.names", "CONTROLLER")
        .with("log.dirs", dir.join("data").display())
        .with("offsets.topic.replication.factor", 1)
        .with("offsets.topic.num.partitions", 1)
        .with("share.coordinator.state.topic.replication.factor", 1)
        .with("share.coordinator.state.topic.min.isr", 1)
        .with("group.initial.rebalance.delay.ms", 0)
        .with("ssl.keystore.location", store("server.p12"))
        .with("ssl.keystore.password", STORE)
        .with("ssl.truststore.location", store("trust.p12"))
        .with("ssl.truststore.password", STORE)
        .with("listener.name.mutual.ssl.client.auth", "required")
        .with("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER")
        .with("listener.name.sasl_plaintext.connections.max.reauth.ms", 3000);
    const MODULES: &str = "org.apache.kafka.common.security";
    for listener in ["sasl_ssl", "sasl_plaintext"] {
        for (mechanism, line) in [
            ("plain", format!("{MODULES}.plain.PlainLoginModule required user_alice=\"{PASSWORD}\";")),
            ("scram-sha-256", format!("{MODULES}.scram.ScramLoginModule required;")),
            ("scram-sha-512", format!("{MODULES}.scram.ScramLoginModule required;")),
            (
                "oauthbearer",
                format!(
                    "{MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";"
                ),
            ),
        ] {
            all = all.with(&format!("listener.name.{listener}.{mechanism}.sasl.jaas.config"), line);
        }
    }
    Ok(all)
}
