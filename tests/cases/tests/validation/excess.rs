//! Configs that are made to cost: what is too much in them is an error of its setting, and nobody else waits.

use super::ask::{said, scene};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use watertight_harness::http::Http;

const VALIDATE: &str = "/connector-plugins/FileStreamSource/config/validate";
/// What a request that waits for no validation may take on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(2);

fn with(key: &str, value: &str) -> Value {
    json!({"name": "x", "connector.class": "FileStreamSource", "topic": "t", "file": "f", key: value})
}

fn names(count: usize) -> String {
    (0..count).map(|number| format!("a{number}")).collect::<Vec<_>>().join(",")
}

fn errors(http: &Http, config: &Value) -> anyhow::Result<Vec<(String, String)>> {
    let answer = http.put(VALIDATE, config)?;
    anyhow::ensure!(answer.body.len() < 100_000, "an answer of {} bytes", answer.body.len());
    Ok(said(&answer.expect(200)?))
}

#[test]
fn what_is_too_much_in_a_config_is_an_error_of_its_setting() -> anyhow::Result<()> {
    let scene = scene("validation-excess")?.start()?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let http = scene.worker.connect().http;
    let secret = "s".repeat(512 * 1024);
    for (key, value, said) in [
        ("transforms", names(40_000), "40000 names for configuration transforms: there may be 1000 at most"),
        ("predicates", names(40_000), "40000 names for configuration predicates: there may be 1000 at most"),
        (
            "topic.creation.groups",
            names(60_000),
            "60000 names for configuration topic.creation.groups: there may be 1000 at most",
        ),
        (
            "producer.override.ssl.key.password",
            secret,
            "524288 bytes for configuration producer.override.ssl.key.password: there may be 65536 at most",
        ),
    ] {
        let found = errors(&http, &with(key, &value))?;
        let found: Vec<_> = found.iter().filter(|(name, _)| name == key).map(|(_, error)| error.as_str()).collect();
        anyhow::ensure!(found == [format!("Invalid value of {said}")], "{key}: {found:?}");
        let refused = http.post("/connectors", &json!({"name": "x", "config": with(key, &value)}))?;
        anyhow::ensure!(refused.status == 400 && refused.message().contains(said), "{key}: {}", refused.body);
    }
    // The version of nothing, and of something that is there.
    let long = "-".repeat(2_000_000);
    let said = "Version range of 2000000 bytes: there may be 256 at most";
    let refused = http.put(VALIDATE, &with("connector.plugin.version", &long))?;
    anyhow::ensure!(refused.status == 400 && refused.message() == said, "{}", refused.body);
    let answer = http.put(VALIDATE, &with("key.converter.plugin.version", &long))?;
    anyhow::ensure!(answer.status == 200 && answer.body.matches(said).count() == 1, "{}", answer.body.len());
    Ok(())
}

#[test]
fn a_thousand_transforms_hold_up_nobody_else() -> anyhow::Result<()> {
    let scene = scene("validation-thousand")?.start()?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let http = scene.worker.connect().http;
    let big = with("transforms", &names(1000));
    let asked: Vec<_> = (0..6)
        .map(|_| {
            let (http, big) = (http.clone(), big.clone());
            std::thread::spawn(move || http.put(VALIDATE, &big))
        })
        .collect();
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    while asked.iter().any(|one| !one.is_finished()) {
        let began = Instant::now();
        http.get("/")?.expect(200)?;
        slowest = slowest.max(began.elapsed());
    }
    println!("validation-thousand: six took {:?}, beside them one waited {slowest:?} at most", begun.elapsed());
    anyhow::ensure!(slowest < AT_ONCE, "a neighbour waited {slowest:?}");
    for one in asked {
        let answer = one.join().map_err(|_| anyhow::anyhow!("a request panicked"))??.expect(200)?;
        let missing = said(&answer).into_iter().filter(|(key, _)| key.starts_with("transforms.a")).count();
        anyhow::ensure!(missing == 2000 || missing == 1000, "{missing}");
    }
    Ok(())
}
