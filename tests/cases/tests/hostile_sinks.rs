//! Hostile sinks: what they answer is checked before it is believed, and offsets are committed only as far
//! as records were given.

use std::time::Duration;
use watertight_cases::SOON;
use watertight_cases::hostile::{during, scene, sink};
use watertight_harness::{lines, wait};

#[test]
fn a_hostile_sink_is_failed_with_a_reason_and_its_neighbours_get_every_line() -> anyhow::Result<()> {
    let scene = scene("hostile-sinks")?.start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 100)?;
    scene.wait_for_lines(100, SOON)?;
    let attacks = [
        (sink("take-more-than-given"), "against the contract: it took"),
        (sink("reject-what-was-not-given"), "nobody-gave-me-this"),
        (sink("seek-in-what-is-not-assigned"), "nobody-gave-me-this-7 is not assigned"),
        (sink("loop-for-ever"), "sandbox.cpu.call.ms = 1000"),
        (sink("allocate-without-end"), "sandbox.memory.bytes"),
        (during(&sink("trap"), "start"), "trapped in start"),
        (during(&sink("trap"), "open"), "trapped in open"),
        (during(&sink("trap"), "pre-commit"), "trapped in pre-commit"),
        (during(&sink("sleep-for-ever"), "pre-commit"), "sandbox.wall.call.ms = 8000"),
    ];
    let mut wrong = Vec::new();
    for group in attacks.chunks(3) {
        for (config, _) in group {
            connect.create(config)?;
        }
        for (config, word) in group {
            let name = config.get("name").unwrap_or_default();
            match connect.wait_failed(name, SOON) {
                Ok(trace) if trace.contains(word) && !trace.contains("ESCAPED") => {}
                Ok(trace) => wrong.push(format!("{name}: {word:?} not in {trace:?}")),
                Err(error) => wrong.push(format!("{name}: {error:#}")),
            }
            connect.http.delete(&format!("/connectors/{name}"))?.expect(204)?;
        }
    }
    lines::append(&scene.input(), 100, 200)?;
    anyhow::ensure!(scene.wait_for_lines(200, SOON)?.is_exact(), "a neighbour was disturbed");
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn what_a_sink_says_of_offsets_that_are_not_its_own_is_ignored() -> anyhow::Result<()> {
    let scene = scene("hostile-offsets")?.start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 100)?;
    scene.wait_for_lines(100, SOON)?;
    let borne = [
        ("commit-beyond-what-was-given", Some("beyond the current 100")),
        ("commit-what-is-not-assigned", Some("nobody-gave-me-this-7, which is not assigned")),
        ("pause-what-is-not-assigned", None),
        ("request-commits-without-end", None),
        ("take-nothing-for-ever", None),
        ("trap", None),
    ];
    for (attack, _) in borne {
        let config = if attack == "trap" { sink(attack).with("during", "close") } else { sink(attack) };
        connect.create(&config)?;
    }
    for (attack, said) in borne {
        connect.wait_running(attack, SOON)?;
        if let Some(words) = said {
            wait::until(&format!("the log to say {words:?}"), SOON, || {
                scene.worker.log().contains(words).then_some(()).ok_or("not yet".into())
            })?;
        }
    }
    // Two commit intervals.
    std::thread::sleep(Duration::from_secs(2));
    for (attack, _) in borne {
        connect.wait_running(attack, Duration::ZERO)?;
        let offsets = connect.http.get(&format!("/connectors/{attack}/offsets"))?.expect(200)?;
        let offsets: Vec<_> = offsets["offsets"].as_array().cloned().unwrap_or_default();
        let allowed = if attack == "take-nothing-for-ever" { 0 } else { 100 };
        for one in &offsets {
            anyhow::ensure!(one["partition"]["kafka_topic"] == watertight_cases::TOPIC, "{attack}: {offsets:?}");
            let offset = one["offset"]["kafka_offset"].as_i64().unwrap_or(i64::MAX);
            anyhow::ensure!(offset <= allowed, "{attack}: {offsets:?}");
        }
        connect.http.delete(&format!("/connectors/{attack}"))?.expect(204)?;
    }
    let log = scene.worker.log();
    anyhow::ensure!(log.lines().any(|l| l.contains("trapped in close")), "the trap in close is not in the log");
    lines::append(&scene.input(), 100, 200)?;
    anyhow::ensure!(scene.wait_for_lines(200, SOON)?.is_exact(), "a neighbour was disturbed");
    Ok(())
}
