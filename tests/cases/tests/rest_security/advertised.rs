//! By which address others know a worker.

use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::broker::Kind;
use watertight_harness::worker::{Make, file_source};

fn known_as(kind: Kind, make: Make, case: &str) -> anyhow::Result<()> {
    let settings: [(&[(&str, &str)], &str); 2] = [
        (&[("rest.advertised.host.name", "connect.example"), ("rest.advertised.port", "80")], "connect.example:80"),
        // A proxy may add what no listener has.
        (&[("rest.advertised.listener", "https"), ("rest.advertised.port", "443")], "127.0.0.1:443"),
    ];
    for (at, (settings, worker_id)) in settings.iter().enumerate() {
        let mut scene = Scene::on(kind.clone(), make.clone(), &format!("{case}-{at}"))?;
        for (key, value) in *settings {
            scene = scene.with(key, value);
        }
        let scene = scene.start()?;
        let connect = scene.worker.connect();
        connect.create(&file_source("s", &scene.input(), "t"))?;
        let status = connect.wait_running("s", SOON)?;
        anyhow::ensure!(status["connector"]["worker_id"] == *worker_id, "{status}");
        anyhow::ensure!(status["tasks"][0]["worker_id"] == *worker_id, "{status}");
    }
    Ok(())
}

#[test]
fn a_worker_is_known_as_its_settings_say() -> anyhow::Result<()> {
    known_as(Kind::Embedded, Make::Ours, "advertised")
}

#[test]
fn the_genuine_worker_is_known_in_the_same_way() -> anyhow::Result<()> {
    let Some(peer) = genuine("the_genuine_worker_is_known_in_the_same_way")? else {
        return Ok(());
    };
    known_as(Kind::Embedded, Make::Genuine(peer), "advertised-genuine")
}

#[test]
fn an_address_that_is_none_is_refused() -> anyhow::Result<()> {
    for (key, value, told) in [
        ("rest.advertised.port", "eighty", "Invalid value eighty for configuration rest.advertised.port: Not a number"),
        ("rest.advertised.listener", "ftp", "Invalid value ftp for configuration rest.advertised.listener: Must be"),
    ] {
        let log = crate::refusal(Scene::new("advertised-refused")?.with(key, value))?;
        anyhow::ensure!(log.contains(told), "{log}");
    }
    Ok(())
}
