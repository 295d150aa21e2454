//! Brokers that go away and come back, and networks that are cut: what runs goes on, what was taken away stays so.

use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::Context as _;
use watertight_cases::SOON;
use watertight_cases::cluster::sequences;
use watertight_cases::cluster::{Case, Ground};
use watertight_cases::topics::{self, Letter};
use watertight_harness::broker::More;
use watertight_harness::cluster::{SESSION_MS, SETTLED};
use watertight_harness::proxy::Proxy;
use watertight_harness::{ports, skips, wait};

pub const CASES: &[Case] = &[
    ("the broker is killed and restarted under load, and nothing is lost", |g| {
        let (source, sink) = (g.create(&g.source("source", 3), 3)?, g.create(&g.sink("sink", 2), 2)?);
        g.wait_more(&sink, 100)?;
        for _ in 0..if skips::soak() { 5 } else { 1 } {
            g.broker.kill();
            // Longer than any session.
            std::thread::sleep(Duration::from_millis(SESSION_MS + 3000));
            g.broker.restart()?;
            g.wait_flowing(&[&source], now())?;
            g.wait_more(&sink, 100)?;
        }
        // Of a cluster of genuine workers one may keep saying that a connector is UNASSIGNED, which runs.
        if g.is_ours() {
            g.cluster.wait_balanced(&[(&source, 3), (&sink, 2)])?;
        }
        let told = g.settle(&source, &sink)?;
        println!("topic: {}; sink: {}", told.topic, told.sink);
        anyhow::ensure!(told.topic.missing() == 0 && told.sink.missing() == 0, "{told:?}");
        Ok(())
    }),
    ("a broker that is away for a moment disturbs no task", |g| {
        let source = g.create(&g.source("source", 3), 3)?;
        g.cluster.wait_balanced(&[(&source, 3)])?;
        let starts = g.diaries(&source)?.starts();
        g.broker.stop()?;
        g.broker.restart()?;
        g.wait_flowing(&[&source], now())?;
        g.cluster.wait_balanced(&[(&source, 3)])?;
        println!("starts before {starts:?}, after {:?}", g.diaries(&source)?.starts());
        Ok(())
    }),
    ("a request that the broker's absence keeps from its end is answered in time, and says what it waited for", |g| {
        if !skips::soak() {
            return Ok(());
        }
        g.broker.kill();
        std::thread::sleep(Duration::from_millis(SESSION_MS));
        for worker in 0..g.cluster.len() {
            let start = Instant::now();
            let answer = g.cluster.connect(worker).post(&g.ladder("it", 1))?;
            println!("worker {worker} after {:.1} s: {} {}", start.elapsed().as_secs_f64(), answer.status, answer.body);
            let said = answer.message();
            anyhow::ensure!(
                (answer.status == 500 && said.starts_with("Request timed out. ")) || answer.status == 409,
                "{answer:?}"
            );
        }
        g.broker.restart()?;
        for worker in 0..g.cluster.len() {
            g.cluster.wait_joined(worker)?;
        }
        Ok(())
    }),
];

/// One of three workers is cut off from the broker, and comes back.
pub fn cut() -> anyhow::Result<()> {
    let (here, there) = (ports::free()?, ports::free()?);
    let settings = [("log.message.timestamp.type", "LogAppendTime")];
    let more = More { settings: &settings, detour: Some((here, there)), ..More::default() };
    let Some(mut g) = Ground::bare("cut", &more)? else { return Ok(()) };
    let proxy = Proxy::listen(there, here)?;
    g.cluster = g.new_cluster("cut", &[])?.of(&g.make.clone(), 2)?;
    let victim = g.cluster.add_with(g.make.clone(), &[("bootstrap.servers", &proxy.address())])?;
    g.cluster.start(victim)?;
    let rounds = if skips::soak() { 5 } else { 1 };
    let (source, sink) = (g.create(&g.source("source", 6).with("rate", 20), 6)?, g.create(&g.sink("sink", 3), 3)?);
    g.cluster.wait_balanced(&[(&source, 6), (&sink, 3)])?;
    let mut told = Vec::new();
    for round in 0..rounds {
        told.push(cut_once(&mut g, &proxy, victim, &source, &sink).with_context(|| format!("round {round}"))?);
    }
    let settled = g.settle(&source, &sink)?;
    println!("topic: {}; sink: {}", settled.topic, settled.sink);
    anyhow::ensure!(settled.topic.missing() == 0 && settled.sink.missing() == 0, "{settled:?}");
    let letters = topics::read(g.cluster.bootstrap(), &g.topic(), 1, SOON)?;
    for cut in &told {
        cut.ensure_no_zombies(&letters, g.is_ours())?;
    }
    Ok(())
}

/// What was seen of a cut.
struct Cut {
    /// Milliseconds since the epoch.
    began: u64,
    healed: u64,
    /// Tasks of the source that ran there then, and how often each had been started before.
    lost: Vec<(u32, u32)>,
}

/// How long after the beginning of a cut a task may still be asked for records: until the session is over, the task has
/// had its time to stop, and a busy machine got to it.
const WINDOW_MS: u64 = SESSION_MS + 5000 + 5000;

fn cut_once(g: &mut Ground, proxy: &Proxy, victim: usize, source: &str, sink: &str) -> anyhow::Result<Cut> {
    let id = g.cluster.id(victim);
    let all = g.cluster.wait_balanced(&[(source, 6), (sink, 3)])?;
    let tasks: Vec<u32> = (0..6).filter(|task| all[&id].contains(&format!("{source}-{task}"))).collect();
    anyhow::ensure!(!tasks.is_empty(), "{all:?}");
    let starts = g.diaries(source)?.starts();
    let lost: Vec<(u32, u32)> = tasks.iter().map(|task| (*task, starts[task] as u32 - 1)).collect();
    let swallowed = proxy.swallowed();
    let began = now();
    proxy.cut();
    // Others take its tasks over when its session is over and the delay too.
    wait::until("its tasks to be started elsewhere", SETTLED, || {
        let now = g.diaries(source).map_err(|error| format!("{error:#}"))?.starts();
        let moved = tasks.iter().all(|task| now[task] > starts[task]);
        if moved { Ok(()) } else { Err(format!("{now:?} after {starts:?}")) }
    })?;
    let taken_over = now() - began;
    // Whatever it holds back has had its chance.
    std::thread::sleep(Duration::from_millis((began + WINDOW_MS + 2000).saturating_sub(now())));
    let diaries = g.diaries(source)?;
    let last_poll = diaries.0.iter().filter(|diary| lost.contains(&(diary.task, diary.incarnation)));
    let last_poll = last_poll.filter_map(|diary| diary.polled.last()).map(|(at, _)| at.saturating_sub(began)).max();
    println!(
        "cut: {} bytes swallowed; tasks {tasks:?} were last asked {} ms after the cut, and started elsewhere by {taken_over} ms",
        proxy.swallowed() - swallowed,
        last_poll.unwrap_or(0)
    );
    anyhow::ensure!(last_poll.unwrap_or(0) <= WINDOW_MS, "asked for records {last_poll:?} ms after the cut");
    if g.is_ours() {
        let start = Instant::now();
        g.cluster.connect(victim).status(source).context("a worker that is cut off answers what it knows")?;
        anyhow::ensure!(start.elapsed() < SOON);
    }
    let healed = now();
    proxy.heal();
    g.cluster.wait_balanced(&[(source, 6), (sink, 3)])?;
    g.wait_flowing(&[source], now())?;
    g.wait_more(sink, 100)?;
    Ok(Cut { began, healed, lost })
}

impl Cut {
    /// Nothing that the cut worker's tasks had given was appended after the window.
    fn ensure_no_zombies(&self, letters: &[Letter], strict: bool) -> anyhow::Result<()> {
        let mut latest = 0;
        let mut zombies = 0;
        for letter in letters {
            let value = letter.value.as_deref().unwrap_or_default();
            let (Some((task, _)), Some(incarnation)) = (sequences::numbers(value), sequences::incarnation(value))
            else {
                continue;
            };
            let at = letter.timestamp.and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
            if self.lost.contains(&(task, incarnation)) && at > self.began {
                latest = latest.max(at - self.began);
                zombies += u64::from(at > self.began + WINDOW_MS);
            }
        }
        println!(
            "healed {} ms after the cut; the last record of a lost task came {latest} ms after it, {zombies} after the window",
            self.healed - self.began
        );
        anyhow::ensure!(!strict || zombies == 0, "{zombies} records of revoked tasks");
        Ok(())
    }
}

fn now() -> u64 {
    UNIX_EPOCH.elapsed().map_or(0, |since| since.as_millis() as u64)
}
