//! Plugins that do not come back, and what is none of their business: ours only, for Kafka's worker waits for them on
//! its one thread.

use std::time::{Duration, Instant};

use serde_json::Value;
use watertight_cases::Scene;
use watertight_cases::table::Ground as _;
use watertight_harness::broker::Kind;
use watertight_harness::worker::Make;

use super::ground::{A_WHILE, FIRST, Ground, SECOND, write_as};
use watertight_cases::is_wanted;

pub fn all() -> anyhow::Result<()> {
    if !is_wanted("ours") {
        return Ok(());
    }
    let mut g = Ground::start(Scene::on(Kind::Embedded, Make::Ours, "lifecycle-hanging")?)?;
    for (name, case) in [
        ("start", hangs_in_start as fn(&Ground) -> anyhow::Result<()>),
        ("stop", hangs_in_stop),
        ("configs", hangs_in_configs),
        ("task", hangs_in_a_tasks_stop),
        ("crowd", everybody_at_once),
        ("gone", file_is_gone),
    ] {
        g.name = name.to_owned();
        std::fs::create_dir_all(g.signs())?;
        case(&g).map_err(|error| error.context(name))?;
    }
    Ok(())
}

/// Does what others do meanwhile.
fn others_go_on(g: &Ground) -> anyhow::Result<()> {
    let begun = Instant::now();
    let other = format!("{}-other", g.name);
    g.connect.create(&g.ladder().with("name", &other).with("dir", g.scene.dir.display()))?;
    g.connect.wait_all(&other, "RUNNING", 2, Duration::from_secs(5))?;
    for path in ["/connectors?expand=status&expand=info", "/connector-plugins", "/health", "/"] {
        g.connect.http.get(path)?.expect(200)?;
    }
    g.get("")?.expect(200)?;
    g.get("status")?;
    g.get("tasks")?.expect(200)?;
    g.connect.http.delete(&format!("/connectors/{other}"))?.expect(204)?;
    anyhow::ensure!(begun.elapsed() < Duration::from_secs(8), "others took {:?}", begun.elapsed());
    Ok(())
}

fn hangs_in_start(g: &Ground) -> anyhow::Result<()> {
    g.sign("hang-start")?;
    std::thread::scope(|scope| {
        let creating = scope.spawn(|| g.connect.post(&g.ladder()));
        std::thread::sleep(A_WHILE);
        others_go_on(g)?;
        let begun = Instant::now();
        g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(15), "deleted after {:?}", begun.elapsed());
        let created = creating.join().map_err(|_| anyhow::anyhow!("panicked"))??;
        anyhow::ensure!(created.status == 500, "{created:?}");
        g.unsign("hang-start")
    })
}

fn hangs_in_stop(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    g.sign("hang-stop")?;
    g.act("pause")?;
    others_go_on(g)?;
    g.see("PAUSED | PAUSED PAUSED")?;
    g.unsign("hang-stop")?;
    g.act("resume")?;
    g.see("RUNNING | RUNNING RUNNING")
}

fn hangs_in_configs(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    g.sign("hang-configs")?;
    g.sign("reconfigure")?;
    g.wait_taken("reconfigure")?;
    others_go_on(g)?;
    g.act("stop")?;
    g.stays("STOPPED |")?;
    g.unsign("hang-configs")
}

fn hangs_in_a_tasks_stop(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    g.sign("hang-task-stop")?;
    let begun = Instant::now();
    g.act("tasks/0/restart")?;
    g.see("RUNNING | RUNNING RUNNING")?;
    others_go_on(g)?;
    g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
    anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "restarted and deleted after {:?}", begun.elapsed());
    g.unsign("hang-task-stop")
}

/// Eight people who do not talk to each other. Whatever they are told, what is asked for last holds.
fn everybody_at_once(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    let verbs = [
        ("PUT", "pause"),
        ("PUT", "resume"),
        ("POST", "restart?includeTasks=true"),
        ("PUT", "stop"),
        ("POST", "tasks/0/restart"),
        ("PUT", "resume"),
        ("POST", "restart"),
        ("POST", "restart?includeTasks=true&onlyFailed=true"),
    ];
    std::thread::scope(|scope| {
        let people: Vec<_> = verbs
            .into_iter()
            .map(|(method, verb)| {
                scope.spawn(move || {
                    for _ in 0..25 {
                        let answer = g.connect.http.send(method, &g.path(verb), None)?;
                        let gone = answer.status == 404 && verb.starts_with("tasks");
                        anyhow::ensure!(answer.status < 300 || gone, "{verb}: {answer:?}");
                    }
                    Ok(())
                })
            })
            .collect();
        people.into_iter().try_for_each(|person| person.join().map_err(|_| anyhow::anyhow!("panicked"))?)
    })?;
    g.act("resume")?;
    g.stays("RUNNING | RUNNING RUNNING")?;
    g.act("pause")?;
    g.stays("PAUSED | PAUSED PAUSED")
}

/// A version that is in use may be taken away: what runs goes on with it until it is restarted.
fn file_is_gone(g: &Ground) -> anyhow::Result<()> {
    let third = "3.0.0-ladder";
    let (plugins, file) = (g.scene.dir.join("plugins"), g.scene.dir.join("plugins").join("third.wasm"));
    let mut bytes = std::fs::read(plugins.join("second.wasm"))?;
    write_as(&mut bytes, SECOND, third)?;
    g.create(&g.ladder())?;
    std::fs::write(plugins.join(".third"), &bytes)?;
    std::fs::rename(plugins.join(".third"), &file)?;
    version_in_use(g, SECOND)?;
    watertight_harness::wait::until("the third version to be listed", Duration::from_secs(10), || {
        let listed = g.connect.http.get("/connector-plugins").and_then(|answer| answer.expect(200));
        listed.ok().filter(|list| list.to_string().contains(third)).map(drop).ok_or("not yet".to_owned())
    })?;
    version_in_use(g, SECOND)?;
    g.act("tasks/0/restart")?;
    version_in_use(g, SECOND)?;
    g.act("restart")?;
    version_in_use(g, third)?;
    std::fs::remove_file(&file)?;
    watertight_harness::wait::until("the third version to be gone", Duration::from_secs(10), || {
        let listed = g.connect.http.get("/connector-plugins").and_then(|answer| answer.expect(200));
        listed.ok().filter(|list| !list.to_string().contains(third)).map(drop).ok_or("not yet".to_owned())
    })?;
    g.act("pause")?;
    g.see("PAUSED | PAUSED PAUSED")?;
    g.act("resume")?;
    version_in_use(g, third)?;
    g.act("restart")?;
    version_in_use(g, SECOND)?;
    g.put(&g.ladder().with("connector.plugin.version", FIRST))?.expect(200)?;
    version_in_use(g, FIRST)
}

fn version_in_use(g: &Ground, version: &str) -> anyhow::Result<()> {
    g.see("RUNNING | RUNNING RUNNING")?;
    let status: Value = g.connect.status(&g.name)?;
    for instance in [&status["connector"], &status["tasks"][0], &status["tasks"][1]] {
        anyhow::ensure!(instance["version"] == version, "{status} instead of {version}");
    }
    Ok(())
}
