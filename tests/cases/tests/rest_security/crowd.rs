//! Thousands of clients that say nothing, or say it slowly: the worker goes on, within bounds.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};
use watertight_cases::{SOON, Scene};
use watertight_harness::{lines, paths, procfs, signals};

/// What a request may take while others do their worst. A bound, not a speed.
const PATIENCE: Duration = Duration::from_secs(5);
const MIB: u64 = 1 << 20;

fn connect(scene: &Scene, text: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, scene.worker.port()))?;
    stream.write_all(text.as_bytes())?;
    Ok(stream)
}

/// The head of a body that will not come as promised.
fn promise(bytes: usize) -> String {
    format!(
        "PUT /connectors/a/config HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
    )
}

/// Asks `count` times, each in time; the median and the longest.
fn ask(scene: &Scene, count: usize) -> anyhow::Result<(Duration, Duration)> {
    let mut took = Vec::new();
    for _ in 0..count {
        let started = Instant::now();
        scene.worker.connect().http.get("/connectors?expand=status")?.expect(200)?;
        took.push(started.elapsed());
    }
    took.sort();
    let (median, longest) = (took[took.len() / 2], took[took.len() - 1]);
    anyhow::ensure!(longest < PATIENCE, "a request took {longest:?}");
    Ok((median, longest))
}

#[test]
fn thousands_of_slow_clients_hold_nobody_up() -> anyhow::Result<()> {
    let all = usize::try_from(signals::raise_descriptors().saturating_sub(500))?.min(3000);
    let (idle, slow_heads, slow_bodies, large_bodies) = (all * 2 / 3, all / 6, all / 6 - all / 30, all / 30);
    let mut scene = Scene::new("crowd")?.with_files()?;
    scene.worker.start()?;
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 100)?;
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact());
    let pid = scene.worker.pid().ok_or_else(|| anyhow::anyhow!("no worker"))?;
    let alone = ask(&scene, 100)?;
    let before = procfs::rss(pid)?;

    let mut crowd = Vec::new();
    for _ in 0..idle {
        crowd.push(connect(&scene, "")?);
    }
    ask(&scene, 20)?;
    let with_idle = procfs::rss(pid)?;
    for _ in 0..slow_heads {
        crowd.push(connect(&scene, "GET /connectors HTTP/1.1\r\nhost: w\r\nx-")?);
    }
    let started = Instant::now();
    for _ in 0..slow_bodies {
        crowd.push(connect(&scene, &format!("{}{{", promise(1000)))?);
    }
    let megabyte = vec![b' '; MIB as usize];
    for _ in 0..large_bodies {
        let mut stream = connect(&scene, &promise(8_000_000))?;
        // Some are refused on the way.
        let _ = stream.write_all(&megabyte);
        crowd.push(stream);
    }
    let beside = ask(&scene, 200)?;
    lines::append(&scene.input(), 100, 200)?;
    anyhow::ensure!(scene.wait_for_lines(200, SOON)?.is_exact());
    let with_all = procfs::rss(pid)?;
    println!(
        "{} connections; GET alone p50 {:?} max {:?}, beside them p50 {:?} max {:?}",
        crowd.len(),
        alone.0,
        alone.1,
        beside.0,
        beside.1
    );
    println!(
        "RSS {} MiB alone, {} MiB with {idle} idle ones ({} KiB each), {} MiB with all, peak {} MiB",
        before / MIB,
        with_idle / MIB,
        with_idle.saturating_sub(before) / 1024 / idle as u64,
        with_all / MIB,
        procfs::peak_rss(pid)? / MIB
    );
    anyhow::ensure!(with_all < before + 300 * MIB, "{} MiB more", (with_all - before) / MIB);

    // A body that does not come is waited for, but not for ever.
    let slow = &mut crowd[idle + slow_heads];
    slow.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut first = [0; 13];
    slow.read_exact(&mut first)?;
    anyhow::ensure!(&first == b"HTTP/1.1 408 ", "{:?}", String::from_utf8_lossy(&first));
    println!("a body that did not come was given up after {:?}", started.elapsed());
    drop(crowd);
    ask(&scene, 10)?;
    let _left = [connect(&scene, "")?, connect(&scene, "GET / HT")?, connect(&scene, &promise(1000))?];
    scene.worker.stop()
}

#[test]
fn more_connections_than_are_allowed_keep_nobody_out() -> anyhow::Result<()> {
    signals::raise_descriptors();
    let scene = Scene::new("crowd-cap")?.with("rest.max.connections", 50).start()?;
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(connect(&scene, "")?);
        if idle.len() % 50 == 0 {
            ask(&scene, 5)?;
        }
    }
    idle[0].set_read_timeout(Some(PATIENCE))?;
    anyhow::ensure!(idle[0].read(&mut [0])? == 0, "the first one should have had to go");
    Ok(())
}

#[test]
fn bodies_that_do_not_come_make_room_when_the_cap_is_reached() -> anyhow::Result<()> {
    signals::raise_descriptors();
    let scene = Scene::new("crowd-bodies")?.with("rest.max.connections", 50).start()?;
    let mut slow = Vec::new();
    for _ in 0..500 {
        slow.push(connect(&scene, &format!("{}{{", promise(1000)))?);
        if slow.len() % 50 == 0 {
            ask(&scene, 5)?;
        }
    }
    // On a busy machine some make room before their head was read, and are told nothing; others are given up in time.
    let mut told = 0;
    for mut one in slow.into_iter().take(400) {
        one.set_read_timeout(Some(PATIENCE))?;
        let mut first = [0; 13];
        let answered = one.read_exact(&mut first).is_ok();
        told += usize::from(answered && &first == b"HTTP/1.1 503 ");
    }
    anyhow::ensure!(told > 40, "only {told} of 400 were told why they were cut off");
    Ok(())
}

/// A plugin that does not answer, asked by many who send much and go away.
#[test]
fn questions_that_nobody_waits_for_do_not_fill_the_memory() -> anyhow::Result<()> {
    let mut scene = Scene::new("crowd-gone")?.with("sandbox.wall.validate.ms", 10_000);
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let text = "x".repeat(6 * MIB as usize);
    let class = "watertight.hostile.HostileSourceConnector";
    let config = serde_json::json!({"name": "a", "connector.class": class, "attack": "sleep-for-ever",
        "during": "validate", "text": text});
    let body = config.to_string();
    let head = format!(
        "PUT /connector-plugins/{class}/config/validate HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let pid = scene.worker.pid().ok_or_else(|| anyhow::anyhow!("no worker"))?;
    let before = procfs::rss(pid)?;
    for _ in 0..60 {
        let mut stream = connect(&scene, &head)?;
        // Most are refused on the way.
        let _ = stream.write_all(body.as_bytes());
    }
    std::thread::sleep(Duration::from_secs(1));
    let (after, peak) = (procfs::rss(pid)?, procfs::peak_rss(pid)?);
    println!("RSS {} MiB before, {} MiB with 60 questions, peak {} MiB", before / MIB, after / MIB, peak / MIB);
    anyhow::ensure!(peak < before + 300 * MIB, "{} MiB more", (peak - before) / MIB);
    ask(&scene, 20)?;
    Ok(())
}

/// The cap is set too high for the process: what is left is to let go of idle clients when nothing else can be opened.
#[test]
fn a_lack_of_file_descriptors_passes() -> anyhow::Result<()> {
    signals::raise_descriptors();
    let mut scene = Scene::new("crowd-descriptors")?.with("rest.max.connections", 299);
    let few = scene.dir.join("few-descriptors");
    let program = paths::binary("watertight");
    std::fs::write(&few, format!("#!/bin/sh\nulimit -n 300\nexec {} \"$@\"\n", program.display()))?;
    std::fs::set_permissions(&few, std::fs::Permissions::from_mode(0o755))?;
    scene.worker = scene.worker.with_binary(&few);
    let scene = scene.start()?;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(connect(&scene, "")?);
    }
    let (median, longest) = ask(&scene, 20)?;
    println!("without file descriptors: p50 {median:?}, max {longest:?}");
    let complaints = scene.worker.log().matches("REST cannot accept connections").count();
    anyhow::ensure!((1..=3).contains(&complaints), "{complaints} complaints");
    drop(idle);
    ask(&scene, 20)?;
    Ok(())
}

#[test]
fn a_cap_beyond_what_the_process_may_have_is_refused() -> anyhow::Result<()> {
    let log = crate::refusal(Scene::new("crowd-refused")?.with("rest.max.connections", u32::MAX))?;
    anyhow::ensure!(log.contains("configuration rest.max.connections: Must be below"), "{log}");
    Ok(())
}
