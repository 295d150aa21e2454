//! What has failed, and what may be done with it.

use super::ground::{Case, Ground, says};

const MOCK: &str = "org.apache.kafka.connect.tools.MockSourceConnector";
const MOCK_SINK: &str = "org.apache.kafka.connect.tools.MockSinkConnector";

pub const CASES: &[Case] = &[
    ("a connector that fails in start is there, and has failed", |g| {
        fail_at_start(g)?;
        anyhow::ensure!(g.trace(None)?.contains("there is a file fail-start"), "{}", g.trace(None)?);
        g.ensure_tasks(0)
    }),
    ("a failed connector is neither paused nor resumed", |g| {
        fail_at_start(g)?;
        g.act("pause")?;
        g.stays("FAILED |")?;
        g.act("resume")?;
        g.stays("FAILED |")
    }),
    ("a failed connector may be stopped, and is started by the next resume", |g| {
        fail_at_start(g)?;
        g.act("stop")?;
        g.stays("STOPPED |")?;
        g.act("resume")?;
        g.see("FAILED |")?;
        g.act("stop")?;
        g.unsign("fail-start")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed connector is mended by a restart", |g| {
        fail_at_start(g)?;
        let again = g.connect.http.send("POST", &g.path("restart"), None)?;
        if g.is_clustered() {
            says(&again, 500, &format!("Failed to start connector: {}", g.name))?;
        } else {
            says(&again, 500, &format!("Failed to transition connector {} to state STARTED", g.name))?;
        }
        g.unsign("fail-start")?;
        g.act("restart")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed connector is mended by another config, and by the same", |g| {
        fail_at_start(g)?;
        let again = g.put(&g.ladder())?;
        if g.is_clustered() {
            again.expect(200)?;
            g.stays("FAILED |")?;
        } else {
            says(&again, 500, &format!("Failed to transition connector {} to state STARTED", g.name))?;
        }
        g.unsign("fail-start")?;
        g.put(&g.ladder())?.expect(200)?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("raise")?;
        g.see("FAILED | RUNNING RUNNING")?;
        g.put(&g.ladder().with("tasks.max", 1))?.expect(200)?;
        g.see("RUNNING | RUNNING")
    }),
    ("a connector that raises an error fails, its tasks run on and follow what is asked for", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("raise")?;
        g.see("FAILED | RUNNING RUNNING")?;
        anyhow::ensure!(g.trace(None)?.contains("there was a file raise"), "{}", g.trace(None)?);
        g.act("pause")?;
        g.stays("FAILED | PAUSED PAUSED")?;
        g.act("resume")?;
        g.stays("FAILED | RUNNING RUNNING")?;
        g.act("stop")?;
        g.stays("STOPPED |")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a task that fails leaves the connector and other tasks alone, and stays failed", |g| {
        fail_task(g)?;
        anyhow::ensure!(g.trace(Some(0))?.contains("there is a file fail-poll-0"), "{}", g.trace(Some(0))?);
        g.act("pause")?;
        g.stays("PAUSED | FAILED PAUSED")?;
        g.act("resume")?;
        g.stays("RUNNING | FAILED RUNNING")?;
        g.act("stop")?;
        g.stays("STOPPED |")
    }),
    ("a task that fails in start has failed", |g| {
        g.sign("fail-task-1")?;
        g.create(&g.ladder())?;
        g.stays("RUNNING | RUNNING FAILED")?;
        anyhow::ensure!(g.trace(Some(1))?.contains("there is a file fail-task-1"), "{}", g.trace(Some(1))?);
        Ok(())
    }),
    ("a failed task is not mended by the same config, but by another", |g| {
        fail_task(g)?;
        g.put(&g.ladder())?.expect(200)?;
        g.stays("RUNNING | FAILED RUNNING")?;
        g.put(&g.ladder().with("more", 1))?.expect(200)?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed task that is restarted while its connector is paused, is paused", |g| {
        fail_task(g)?;
        g.act("pause")?;
        g.see("PAUSED | FAILED PAUSED")?;
        g.act("tasks/0/restart")?;
        g.stays("PAUSED | PAUSED PAUSED")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("kafkas mock source fails as a connector, by itself and after a while", |g| {
        if no_mocks(g) {
            return Ok(());
        }
        g.create(&g.other(MOCK).with("mock_mode", "connector-failure").with("delay_ms", 300))?;
        g.see("FAILED | RUNNING")?;
        anyhow::ensure!(g.trace(None)?.starts_with("java.lang.RuntimeException"), "{}", g.trace(None)?);
        Ok(())
    }),
    ("kafkas mock source fails as a task", |g| {
        if no_mocks(g) {
            return Ok(());
        }
        g.create(&g.other(MOCK).with("mock_mode", "task-failure").with("delay_ms", 300))?;
        g.see("RUNNING | FAILED")
    }),
    ("kafkas mock sink fails as a connector, and is restarted", |g| {
        if no_mocks(g) {
            return Ok(());
        }
        g.create(
            &g.other(MOCK_SINK).with("topics", "mocked").with("mock_mode", "connector-failure").with("delay_ms", 300),
        )?;
        g.see("FAILED | RUNNING")?;
        g.act("restart")?;
        g.see("RUNNING | RUNNING")?;
        g.see("FAILED | RUNNING")
    }),
    ("kafkas mock sink fails as a task, and is restarted", |g| {
        if no_mocks(g) {
            return Ok(());
        }
        g.create(
            &g.other(MOCK_SINK).with("topics", "mocked").with("mock_mode", "task-failure").with("delay_ms", 1500),
        )?;
        g.see("RUNNING | FAILED")?;
        g.act("tasks/0/restart")?;
        g.see("RUNNING | RUNNING")?;
        g.see("RUNNING | FAILED")
    }),
];

/// Kafka's mocks are in no archive that it publishes; the component has them under the same names.
fn no_mocks(g: &Ground) -> bool {
    !g.is_ours()
}

fn fail_at_start(g: &Ground) -> anyhow::Result<()> {
    g.sign("fail-start")?;
    let created = g.connect.post(&g.ladder())?;
    if g.is_clustered() {
        created.expect(201)?;
    } else {
        says(&created, 500, &format!("Failed to transition connector {} to state STARTED", g.name))?;
    }
    g.see("FAILED |")
}

fn fail_task(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")?;
    g.sign("fail-poll-0")?;
    g.see("RUNNING | FAILED RUNNING")?;
    g.unsign("fail-poll-0")
}
