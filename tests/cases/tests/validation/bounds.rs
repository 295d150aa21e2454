//! A plugin that does not come back from `validate`: its deadline ends the call and names the setting, and nobody else
//! waits for it.

use super::ask::said;
use serde_json::json;
use std::time::{Duration, Instant};
use watertight_cases::hostile;
use watertight_cases::{SOON, Scene};
use watertight_harness::http::Http;
use watertight_harness::properties::Properties;

const VALIDATE: &str = "/connector-plugins/HostileSource/config/validate";
/// What a request that waits for no guest may take on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

fn config(attack: &str) -> Properties {
    hostile::during(&hostile::source(attack), "validate")
}

fn ours(name: &str) -> anyhow::Result<Option<Scene>> {
    let mut scene = Scene::new(name)?;
    if !scene.worker.is_ours() {
        return Ok(None);
    }
    scene = scene.with("sandbox.wall.validate.ms", 1500).with("sandbox.cpu.call.ms", 1000);
    scene.worker = scene.worker.with_test_guests();
    Ok(Some(scene.start()?))
}

#[test]
fn plugins_that_hang_in_validate_are_cut_off_and_delay_nobody_else() -> anyhow::Result<()> {
    let Some(scene) = ours("validation-hangs")? else { return Ok(()) };
    let http = scene.worker.connect().http;
    let file = scene.dir.join("x.txt");
    let good = json!({"name": "g", "connector.class": "FileStreamSource", "topic": "t", "file": file});
    let good_at = "/connector-plugins/FileStreamSource/config/validate";
    http.put(good_at, &good)?.expect(200)?;
    let begun = Instant::now();
    // More than get a seat at a time.
    let hanging: Vec<_> = (0..10)
        .map(|number| {
            let (http, body) = (http.clone(), config("sleep-for-ever").with("name", format!("h{number}")).to_json());
            std::thread::spawn(move || http.put(VALIDATE, &body))
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let mut slowest = Duration::ZERO;
    while begun.elapsed() < Duration::from_millis(2500) {
        let asked = Instant::now();
        let answer = http.put(good_at, &good)?.expect(200)?;
        anyhow::ensure!(answer["error_count"] == json!(0), "{answer}");
        http.get("/connectors")?.expect(200)?;
        http.get("/connector-plugins/HostileSource/config")?.expect(200)?;
        slowest = slowest.max(asked.elapsed());
    }
    println!("validation-hangs: three requests beside ten that hang took {slowest:?} at most");
    anyhow::ensure!(slowest < AT_ONCE, "a neighbour waited {slowest:?}");
    for thread in hanging {
        let answer = thread.join().map_err(|_| anyhow::anyhow!("a request panicked"))??;
        anyhow::ensure!(answer.status == 500, "{} {}", answer.status, answer.body);
        anyhow::ensure!(answer.message().contains("sandbox.wall.validate.ms = 1500"), "{}", answer.message());
    }
    let took = begun.elapsed();
    println!("validation-hangs: ten that hang took {took:?}");
    anyhow::ensure!(took > Duration::from_millis(3 * 1500), "more than four were asked at a time: {took:?}");
    anyhow::ensure!(took < Duration::from_secs(20), "{took:?}");
    Ok(())
}

#[test]
fn what_a_plugin_does_in_validate_is_told_and_hurts_nobody() -> anyhow::Result<()> {
    let Some(scene) = ours("validation-attacks")? else { return Ok(()) };
    let http: Http = scene.worker.connect().http;
    for (attack, words) in [
        ("loop-for-ever", "sandbox.cpu.call.ms = 1000"),
        ("allocate-without-end", "sandbox.memory"),
        ("trap", "unreachable"),
        ("overflow-the-stack", "stack"),
    ] {
        let answer = http.put(VALIDATE, &config(attack).to_json())?;
        anyhow::ensure!(answer.status == 500 && answer.message().contains(words), "{attack}: {}", answer.body);
    }
    // Without its one required setting it does no harm, and has no more to say than its definition.
    let answer = http.put(VALIDATE, &config("none").without("attack").to_json())?.expect(200)?;
    let missing = "Missing required configuration \"attack\" which has no default value.";
    anyhow::ensure!(said(&answer) == [("attack".to_owned(), missing.to_owned())], "{answer:#}");
    Ok(())
}

/// What is secret in a config that somebody asks about, or that is refused, is no secret of the connector of that name.
#[test]
fn who_validates_under_a_connectors_name_leaves_its_traces_alone() -> anyhow::Result<()> {
    let Some(scene) = ours("validation-strangers")? else { return Ok(()) };
    let connect = scene.worker.connect();
    connect.create(&hostile::source("trap"))?;
    let trace = connect.wait_failed("trap", SOON)?;
    anyhow::ensure!(trace.contains("unreachable"), "{trace}");
    let stranger = json!({"name": "trap", "connector.class": "FileStreamSource", "topic": "t",
        "file": scene.dir.join("x.txt"), "producer.override.ssl.key.password": "unreachable"});
    let answer = connect.http.put("/connector-plugins/FileStreamSource/config/validate", &stranger)?.expect(200)?;
    anyhow::ensure!(answer["error_count"] == json!(0), "{answer}");
    let mut refused = stranger;
    refused["tasks.max"] = json!("0");
    connect.http.put("/connectors/trap/config", &refused)?.expect(400)?;
    connect.http.post("/connectors/trap/restart?includeTasks=true", &json!({}))?.expect(202)?;
    let again = connect.wait_failed("trap", SOON)?;
    anyhow::ensure!(again == trace, "{again}");
    Ok(())
}
