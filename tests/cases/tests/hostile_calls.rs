//! Hostile connectors in the calls that REST waits for: create and delete are answered in time, with the
//! limit's name where there is one to tell, and meanwhile the worker answers everybody else.

use anyhow::Context as _;
use std::time::{Duration, Instant};
use watertight_cases::hostile::{during, scene, sink, source};
use watertight_cases::{SOON, Scene};
use watertight_harness::properties::Properties;
use watertight_harness::{lines, wait};

/// Above the limits of the scene (0.7 s to stop, 8 s a call), below Kafka's own patience.
const CUT_OFF: Duration = Duration::from_secs(16);

/// A request that waits for no guest.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Waits for a line of the log that holds all of these words.
fn logged(scene: &Scene, words: &[&str]) -> anyhow::Result<()> {
    let said = || scene.worker.log().lines().any(|l| words.iter().all(|w| l.contains(w))).then_some(());
    wait::until(&format!("a line of the log with {words:?}"), SOON, || said().ok_or("no such line".into()))
}

#[test]
fn a_plugin_that_hangs_in_stop_or_close_is_cut_off_and_its_delete_answers() -> anyhow::Result<()> {
    let scene = scene("hostile-stop")?.start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 100)?;
    scene.wait_for_lines(100, SOON)?;
    let hanging = [
        during(&source("sleep-for-ever"), "stop"),
        during(&source("loop-for-ever"), "stop"),
        during(&source("sleep-for-ever"), "connector-stop"),
        during(&sink("sleep-for-ever"), "close"),
    ];
    for config in &hanging {
        connect.create(config)?;
    }
    let mut lines_so_far = 100;
    for config in &hanging {
        let name = config.get("name").context("no name")?;
        connect.wait_running(name, SOON)?;
        // A sink has something to close once it has partitions.
        if config.get("topics").is_some() {
            logged(&scene, &[name, "assigned"])?;
        }
        let begun = Instant::now();
        let deleting = std::thread::spawn({
            let (http, path) = (connect.http.clone(), format!("/connectors/{name}"));
            move || http.delete(&path)
        });
        lines::append(&scene.input(), lines_so_far, lines_so_far + 100)?;
        lines_so_far += 100;
        anyhow::ensure!(scene.wait_for_lines(lines_so_far, SOON)?.is_exact(), "{name}: a neighbour was disturbed");
        deleting.join().map_err(|_| anyhow::anyhow!("the request panicked"))??.expect(204)?;
        let took = begun.elapsed();
        println!("hostile-stop: {name} was deleted after {took:?}");
        anyhow::ensure!(took < CUT_OFF, "{name}: the request took {took:?}");
        logged(&scene, &[name, "sandbox.wall.stop.ms = 700"])?;
        anyhow::ensure!(!connect.connectors()?.iter().any(|c| c == name), "{name} is still there");
    }
    scene.wait_running()
}

#[test]
fn a_create_that_hangs_in_the_plugin_is_answered_with_the_limit_and_others_are_served_meanwhile() -> anyhow::Result<()>
{
    let scene = scene("hostile-create")?.start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    let hanging: [(Properties, &str); 4] = [
        (during(&source("sleep-for-ever"), "validate"), "sandbox.wall.validate.ms = 5000"),
        (during(&source("loop-for-ever"), "validate"), "sandbox.cpu.call.ms"),
        (during(&sink("sleep-for-ever"), "connector-start"), "sandbox.wall.call.ms"),
        (during(&source("sleep-for-ever"), "task-configs"), "sandbox.wall.call.ms"),
    ];
    let begun = Instant::now();
    let creating: Vec<_> = hanging
        .into_iter()
        .map(|(config, names)| {
            let connect = connect.clone();
            (config.clone(), names, std::thread::spawn(move || (connect.post(&config), Instant::now())))
        })
        .collect();
    while begun.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        connect.status("file-source")?;
        connect.connectors()?;
        connect.plugins()?;
        anyhow::ensure!(asked.elapsed() < AT_ONCE, "others wait for {:?}", asked.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    for (config, names, thread) in creating {
        let name = config.get("name").context("no name")?;
        let (answer, at) = thread.join().map_err(|_| anyhow::anyhow!("the request panicked"))?;
        let answer = answer?;
        println!("hostile-create: {name} was answered after {:?}: {}", at - begun, answer.body);
        anyhow::ensure!(at - begun < CUT_OFF, "{name}: the request took {:?}", at - begun);
        if config.get("during") == Some("validate") {
            anyhow::ensure!(answer.status == 500 && answer.message().contains(names), "{name}: {answer:?}");
            anyhow::ensure!(!connect.connectors()?.iter().any(|c| c == name), "{name} was left behind");
        } else {
            // As in Kafka: the connector is there, and failed.
            let trace = connect.wait_failed(name, SOON)?;
            anyhow::ensure!(trace.contains(names), "{name}: {names} is not named: {trace}");
        }
    }
    lines::append(&scene.input(), 0, 100)?;
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact(), "a neighbour was disturbed");
    Ok(())
}

#[test]
fn more_tasks_than_allowed_fail_the_connector_in_kafkas_words() -> anyhow::Result<()> {
    let scene = scene("hostile-tasks")?.start()?;
    let connect = scene.worker.connect();
    connect.post(&source("too-many-tasks").with("tasks.max", 2))?;
    let trace = connect.wait_failed("too-many-tasks", SOON)?;
    let words = "The connector too-many-tasks has generated 2000 tasks, which is greater than 2, the maximum number \
                 of tasks it is configured to create. This behaviour should be considered a bug and is disallowed.";
    anyhow::ensure!(trace.contains(words), "{trace}");
    let tasks = connect.http.get("/connectors/too-many-tasks/tasks")?.expect(200)?;
    anyhow::ensure!(tasks.as_array().is_some_and(Vec::is_empty), "{tasks}");
    scene.wait_running()
}

#[test]
fn a_connector_that_wants_new_tasks_without_end_holds_nobody_up() -> anyhow::Result<()> {
    let scene = scene("hostile-reconfigure")?.start()?;
    let connect = scene.worker.connect();
    scene.wait_running()?;
    let config = source("reconfigure-without-end");
    connect.create(&config)?;
    connect.wait_running("reconfigure-without-end", SOON)?;
    std::thread::sleep(Duration::from_secs(2));
    connect.wait_running("reconfigure-without-end", AT_ONCE)?;
    // Its tasks did not change, so they were not started again each time.
    let starts = scene.worker.log().matches("task reconfigure-without-end-0 finished initialization").count();
    anyhow::ensure!(starts == 1, "the task was started {starts} times");
    let begun = Instant::now();
    connect
        .http
        .put("/connectors/reconfigure-without-end/config", &config.with("topic", "other").to_json())?
        .expect(200)?;
    connect.http.delete("/connectors/reconfigure-without-end")?.expect(204)?;
    anyhow::ensure!(begun.elapsed() < CUT_OFF, "{:?}", begun.elapsed());
    lines::append(&scene.input(), 0, 100)?;
    anyhow::ensure!(scene.wait_for_lines(100, SOON)?.is_exact(), "a neighbour was disturbed");
    Ok(())
}

#[test]
fn files_that_a_connector_was_not_given_stay_closed_however_it_asks() -> anyhow::Result<()> {
    let mut scene = scene("hostile-roots")?;
    let read_only = scene.dir.with_extension("read-only");
    std::fs::create_dir_all(&read_only)?;
    let link = scene.dir.join("link-to-passwd");
    std::os::unix::fs::symlink("/etc/passwd", &link)?;
    let roots = format!("{}:rw,{}:ro", scene.dir.display(), read_only.display());
    scene = scene.with("sandbox.fs.roots", roots).start()?;
    let connect = scene.worker.connect();
    let asked = [
        ("write-to-read-only-root", &read_only),
        ("read-outside-root-by-dotdot", &scene.dir),
        ("read-outside-root-by-symlink", &link),
    ];
    for (attack, path) in asked {
        connect.create(&source(attack).with("path", path.display()))?;
    }
    for (attack, _) in asked {
        let trace = connect.wait_failed(attack, SOON)?;
        anyhow::ensure!(!trace.contains("ESCAPED"), "{attack}: {trace}");
        anyhow::ensure!(trace.contains("sandbox.fs.roots"), "{attack}: the setting is not named: {trace}");
    }
    anyhow::ensure!(std::fs::read_dir(&read_only)?.next().is_none(), "something was written");
    Ok(())
}
