//! Hostile connectors: each is FAILED with a trace that names the limit or setting, and a neighbour in the
//! same worker does not notice.

use std::time::{Duration, Instant};
use watertight_cases::SOON;
use watertight_cases::hostile::{scene, source as hostile};
use watertight_harness::paced::{Moments, PacedWriter};
use watertight_harness::tail::{self, Tail};
use watertight_harness::{lines, skips};

/// Records a second of the neighbour.
const RATE: u64 = 20_000;

fn p50_p99(written: &Moments, seen: &Moments, from: Instant, to: Instant) -> (Duration, Duration) {
    let within: Moments = written.iter().filter(|(_, t)| (from..to).contains(t)).copied().collect();
    let delays = tail::delays(&within, seen);
    (tail::quantile(&delays, 0.5), tail::quantile(&delays, 0.99))
}

#[test]
fn the_hostile_four_are_failed_and_a_neighbour_loses_none_of_its_rate() -> anyhow::Result<()> {
    // The limit on CPU time is what is to be seen, also where others want the same cores.
    let scene = scene("hostile-four")?.with("sandbox.wall.call.ms", 20_000).start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    let tail = Tail::start(&scene.output());
    let writer = PacedWriter::start(&scene.input(), 0, RATE)?;
    std::thread::sleep(Duration::from_secs(2)); // under way

    let quiet = Instant::now();
    std::thread::sleep(Duration::from_secs(if skips::soak() { 30 } else { 4 }));
    let attacked = Instant::now();
    let four = [
        ("loop-for-ever", "sandbox.cpu.call.ms"),
        ("allocate-without-end", "sandbox.memory.bytes"),
        ("trap", "unreachable"),
        ("read-etc-passwd", "sandbox.fs.roots"),
    ];
    let rounds = if skips::soak() { 10 } else { 1 };
    for round in 0..rounds {
        for (attack, _) in four {
            connect.create(&hostile(attack).with("name", format!("{attack}-{round}")))?;
        }
        for (attack, names) in four {
            let trace = connect.wait_failed(&format!("{attack}-{round}"), SOON)?;
            anyhow::ensure!(trace.contains(names), "{attack}: {names} is not named: {trace}");
            anyhow::ensure!(!trace.contains("ESCAPED"), "{attack}: {trace}");
        }
    }
    // At least as long as the quiet time, so that the two can be compared.
    std::thread::sleep(Duration::from_secs(3));
    let end = Instant::now();
    let (written, moments) = writer.stop()?;
    let tally = scene.wait_for_lines(written, SOON)?;
    let seen = tail.stop();

    // What was written to it, which is less than asked for where the machine is busy.
    let offered = tail::rate(&moments, attacked, end).min(RATE as f64);
    let before = (tail::rate(&seen, quiet, attacked), p50_p99(&moments, &seen, quiet, attacked));
    let during = (tail::rate(&seen, attacked, end), p50_p99(&moments, &seen, attacked, end));
    println!("hostile-four: quiet {:.0} records/s, p50 {:?}, p99 {:?}", before.0, before.1.0, before.1.1);
    println!("hostile-four: attacked {:.0} records/s, p50 {:?}, p99 {:?}", during.0, during.1.0, during.1.1);
    anyhow::ensure!(tally.is_exact(), "the neighbour: {tally}");
    // And no more than it had before, where the machine does not carry that.
    let due = offered.min(before.0);
    anyhow::ensure!(during.0 > 0.95 * due, "the neighbour fell to {:.0} of {due:.0} records/s", during.0);
    scene.wait_running()
}

#[test]
fn a_trap_names_connector_call_and_place_and_can_be_restarted() -> anyhow::Result<()> {
    let scene = scene("hostile-trap")?.start()?;
    let connect = scene.worker.connect();
    connect.create(&hostile("trap"))?;
    let trace = connect.wait_failed("trap", SOON)?;
    println!("hostile-trap: {trace}");
    for word in ["poll", "hostile"] {
        anyhow::ensure!(trace.contains(word), "{word} is not named: {trace}");
    }
    anyhow::ensure!(connect.status("trap")?["connector"]["state"] == "RUNNING", "the connector itself did nothing");
    connect.http.post("/connectors/trap/tasks/0/restart", &serde_json::Value::Null)?.expect(204)?;
    connect.wait_failed("trap", SOON)?;
    connect.http.delete("/connectors/trap")?.expect(204)?;
    let harmless = hostile("none").with("name", "trap");
    connect.create(&harmless)?;
    connect.wait_running("trap", SOON)?;
    Ok(())
}

/// What else a guest may try, and a word that its trace must hold.
const REFUSED: [(&str, &str); 32] = [
    ("sleep-for-ever", "sandbox.wall.call.ms"),
    ("panic", "this connector panics on purpose"),
    ("overflow-the-stack", "deeper"),
    ("exit-the-process", "poll"),
    ("open-files-without-end", "sandbox.handles"),
    ("oversized-host-call", "sandbox.hostcall.bytes"),
    ("define-schemas-without-end", "sandbox.schemas"),
    ("ask-for-offsets-without-end", "sandbox."),
    ("define-a-deep-schema", ""),
    ("define-a-broken-schema", ""),
    ("random-bytes-without-end", "sandbox.random.bytes"),
    ("fork-bomb-of-handles", "sandbox.handles"),
    ("connect-to-network", "sandbox.net.allow"),
    ("resolve-a-name", "sandbox.net.allow"),
    ("listen-on-a-port", "sandbox.net.allow"),
    ("too-many-records", "sandbox.batch.records"),
    ("too-many-bytes", "sandbox.batch.bytes"),
    ("one-giant-record", "sandbox.hostcall.bytes"),
    ("topic-index-out-of-range", "poll"),
    ("source-partition-out-of-range", "poll"),
    ("wrong-offset-fields-count", "poll"),
    ("invalid-topic-name", ""),
    ("negative-partition", ""),
    ("mark-beyond-the-batch", ""),
    ("deep-tape", ""),
    ("tape-that-promises-more", ""),
    ("tape-with-a-rest", ""),
    ("tape-that-promises-billions", ""),
    ("unknown-schema", ""),
    ("value-not-of-its-schema", ""),
    ("integer-out-of-range", ""),
    ("broken-json", ""),
];

/// Rude, but no reason to fail: the worker bears it.
const BORNE: [&str; 8] = [
    "log-flood",
    "log-with-control-characters",
    "log-a-long-line",
    "print-without-end",
    "metrics-flood",
    "empty-batches-for-ever",
    "wait-for-ever",
    "leak-environment",
];

#[test]
fn every_other_attack_is_refused_or_borne_and_none_escapes() -> anyhow::Result<()> {
    // What capabilities may connect to opens no socket to a guest, though somebody listens there.
    let granted = "localhost:*,127.0.0.0/8:*,0.0.0.0/0:*,[::1]:*,[::]/0:*";
    let mut scene = scene("hostile-others")?.with("sandbox.net.allow", granted).start()?;
    let listening = format!("127.0.0.1:{}", scene.worker.port());
    let connect = scene.worker.connect();
    scene.wait_running()?;
    // There must be a file to open.
    lines::append(&scene.input(), 0, 10)?;
    let mut wrong = Vec::new();
    // A few at a time: a dozen loops at once on two cores would only show that cores are shared.
    for group in REFUSED.chunks(4) {
        for (attack, _) in group {
            connect.create(&hostile(attack).with("path", scene.input().display()).with("address", &listening))?;
        }
        for (attack, word) in group {
            match connect.wait_failed(attack, SOON) {
                Ok(trace) if trace.contains("ESCAPED") => wrong.push(format!("{attack} escaped: {trace}")),
                Ok(trace) if !trace.contains(word) => wrong.push(format!("{attack}: {word:?} not in {trace:?}")),
                Ok(_) => {}
                Err(error) => wrong.push(format!("{attack}: {error:#}")),
            }
            connect.http.delete(&format!("/connectors/{attack}"))?.expect(204)?;
        }
    }
    for attack in BORNE {
        connect.create(&hostile(attack))?;
    }
    std::thread::sleep(Duration::from_secs(2));
    for attack in BORNE {
        let status = connect.status(attack)?.to_string();
        if status.contains("ESCAPED") {
            wrong.push(format!("{attack} escaped: {status}"));
        }
        connect.http.delete(&format!("/connectors/{attack}"))?.expect(204)?;
    }
    lines::append(&scene.input(), 10, 100)?;
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact(), "a neighbour was disturbed");
    anyhow::ensure!(scene.worker.is_alive(), "the worker is gone");
    let log = scene.worker.log();
    let forged = log.lines().any(|l| l.starts_with("[2026-01-01"));
    anyhow::ensure!(!forged && !log.contains('\u{1b}'), "the log was forged");
    anyhow::ensure!(log.len() < 5 << 20, "the log was flooded: {} bytes", log.len());
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
