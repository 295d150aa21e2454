//! Pause, resume and stop, from every state to every other.

use serde_json::json;

use super::ground::{Case, Ground, says};

pub const CASES: &[Case] = &[
    ("kafkas own ladder of pause, resume and stop, each asked for twice", |g| ladder(g)),
    ("a connector created paused has no tasks before it is resumed", |g| {
        g.create_in(&g.ladder(), "PAUSED")?;
        g.stays("PAUSED |")?;
        g.ensure_tasks(0)?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a connector created paused is not started", |g| {
        g.sign("fail-start")?;
        g.create_in(&g.ladder(), "PAUSED")?;
        g.stays("PAUSED |")?;
        g.act("resume")?;
        g.see("FAILED |")
    }),
    ("a connector created stopped has no tasks before it is resumed", |g| {
        g.create_in(&g.ladder(), "STOPPED")?;
        g.stays("STOPPED |")?;
        g.ensure_tasks(0)?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a connector created stopped may be paused, and has no tasks then", |g| {
        g.create_in(&g.ladder(), "STOPPED")?;
        g.act("pause")?;
        g.stays("PAUSED |")?;
        g.ensure_tasks(0)
    }),
    ("an initial state that is asked for by name is told in the answer of the creation", |g| {
        let created = g.create_in(&g.ladder(), "STOPPED")?;
        anyhow::ensure!(created["tasks"] == json!([]) && created["name"] == g.name.as_str(), "{created}");
        g.see("STOPPED |")
    }),
    ("a paused connector keeps its tasks when it is reconfigured, until it is resumed", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.act("pause")?;
        g.see("PAUSED | PAUSED PAUSED")?;
        let put = g.put(&g.ladder().with("tasks.max", 1))?.expect(200)?;
        anyhow::ensure!(put["config"]["tasks.max"] == "1", "{put}");
        g.stays("PAUSED | PAUSED PAUSED")?;
        g.ensure_tasks(2)?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING")?;
        g.ensure_tasks(1)
    }),
    ("a connector paused before its first task may be reconfigured", |g| {
        g.create_in(&g.ladder(), "PAUSED")?;
        g.put(&g.ladder().with("tasks.max", 3))?.expect(200)?;
        g.stays("PAUSED |")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")
    }),
    ("a stopped connector may be reconfigured and stays stopped", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.act("stop")?;
        g.put(&g.ladder().with("tasks.max", 1))?.expect(200)?;
        g.stays("STOPPED |")?;
        g.ensure_tasks(0)?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING")
    }),
    ("a stopped connector that is paused stops again", |g| {
        g.create_in(&g.ladder(), "STOPPED")?;
        g.act("pause")?;
        g.see("PAUSED |")?;
        g.act("stop")?;
        g.stays("STOPPED |")
    }),
    ("a paused connector may be deleted", |g| delete_from(g, "pause", "PAUSED | PAUSED PAUSED")),
    ("a stopped connector may be deleted", |g| delete_from(g, "stop", "STOPPED |")),
    ("a failed connector may be deleted", |g| {
        g.create(&g.ladder())?;
        g.sign("raise")?;
        g.see("FAILED | RUNNING RUNNING")?;
        g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
        g.wait_gone("status").map(drop)
    }),
    ("of pauses and resumes in a row the last one counts", |g| {
        g.create(&g.ladder())?;
        for _ in 0..5 {
            g.act("pause")?;
            g.act("resume")?;
        }
        g.stays("RUNNING | RUNNING RUNNING")?;
        for _ in 0..5 {
            g.act("resume")?;
            g.act("pause")?;
        }
        g.stays("PAUSED | PAUSED PAUSED")
    }),
    ("a name may be used again at once, and nothing is left of its former life", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.act("pause")?;
        g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
        g.create(&g.ladder().with("tasks.max", 1))?;
        g.stays("RUNNING | RUNNING")
    }),
    ("task statuses disappear with a stop", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.act("stop")?;
        says(&g.wait_gone("tasks/0/status")?, 404, &format!("No status found for task {}-0", g.name))
    }),
];

/// `testPauseStopResume`
fn ladder(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    for (verb, states, tasks) in [
        ("stop", "STOPPED |", 0),
        ("resume", "RUNNING | RUNNING RUNNING", 2),
        ("pause", "PAUSED | PAUSED PAUSED", 2),
        ("stop", "STOPPED |", 0),
        ("pause", "PAUSED |", 0),
        ("resume", "RUNNING | RUNNING RUNNING", 2),
    ] {
        for _ in 0..2 {
            g.act(verb)?;
            g.see(states)?;
            g.ensure_tasks(tasks)?;
        }
    }
    Ok(())
}

fn delete_from(g: &Ground, verb: &str, states: &str) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    g.act(verb)?;
    g.see(states)?;
    g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
    says(&g.wait_gone("status")?, 404, &format!("No status found for connector {}", g.name))?;
    says(&g.get("tasks")?, 404, &format!("Connector {} not found", g.name))
}
