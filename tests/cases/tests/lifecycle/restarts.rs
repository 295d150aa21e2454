//! Restarts of connectors and tasks in each state, with and without flags (`ConnectorRestartApiIntegrationTest`).

use super::ground::{Case, Ground, says, states};

pub const CASES: &[Case] = &[
    ("a restart without flags leaves the tasks alone", |g| {
        up(g)?;
        g.sign("hang-task-0")?;
        g.sign("hang-task-1")?;
        g.act("restart")?;
        g.stays("RUNNING | RUNNING RUNNING")
    }),
    ("a restart with its tasks restarts all of them", |g| {
        up(g)?;
        g.sign("hang-task-0")?;
        plan(g, "includeTasks=true", "RESTARTING | RESTARTING RESTARTING")?;
        g.see("RUNNING | RESTARTING RUNNING")?;
        g.unsign("hang-task-0")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("with nothing failed, a restart of what failed is accepted and does nothing", |g| {
        up(g)?;
        g.sign("fail-start")?;
        plan(g, "onlyFailed=true", "RUNNING | RUNNING RUNNING")?;
        plan(g, "onlyFailed=true&includeTasks=true", "RUNNING | RUNNING RUNNING")?;
        g.stays("RUNNING | RUNNING RUNNING")
    }),
    ("a failed connector alone is restarted", |g| {
        up(g)?;
        g.sign("raise")?;
        g.see("FAILED | RUNNING RUNNING")?;
        let plan = plan(g, "onlyFailed=true", "RESTARTING | RUNNING RUNNING")?;
        anyhow::ensure!(plan["connector"]["trace"].as_str().is_some_and(|t| t.contains("raise")), "{plan}");
        anyhow::ensure!(
            plan["connector"]["worker_id"].is_string() && plan["connector"]["version"].is_string(),
            "{plan}"
        );
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed connector is restarted and its failed task is not, without its tasks", |g| {
        both_fail(g)?;
        plan(g, "onlyFailed=true", "RESTARTING | FAILED RUNNING")?;
        g.stays("RUNNING | FAILED RUNNING")
    }),
    ("a failed connector and its failed task are restarted", |g| {
        both_fail(g)?;
        plan(g, "onlyFailed=true&includeTasks=true", "RESTARTING | RESTARTING RUNNING")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed task alone is restarted", |g| {
        task_fails(g)?;
        let plan = plan(g, "onlyFailed=true&includeTasks=true", "RUNNING | RESTARTING RUNNING")?;
        anyhow::ensure!(plan.to_string().contains("there is a file fail-poll-0"), "{plan}");
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a failed task is left alone by a restart of what failed without tasks", |g| {
        task_fails(g)?;
        plan(g, "onlyFailed=true", "RUNNING | FAILED RUNNING")?;
        g.stays("RUNNING | FAILED RUNNING")
    }),
    ("a restart with its tasks mends a connector whose tasks all failed", |g| {
        up(g)?;
        g.sign("fail-poll-0")?;
        g.sign("fail-poll-1")?;
        g.see("RUNNING | FAILED FAILED")?;
        g.unsign("fail-poll-0")?;
        g.unsign("fail-poll-1")?;
        plan(g, "includeTasks=true", "RESTARTING | RESTARTING RESTARTING")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a restart with tasks of a connector that fails again says so afterwards", |g| {
        up(g)?;
        g.sign("fail-start")?;
        plan(g, "includeTasks=true", "RESTARTING | RESTARTING RESTARTING")?;
        g.stays("FAILED | RUNNING RUNNING")
    }),
    ("a paused connector is paused after a restart", |g| {
        up(g)?;
        g.act("pause")?;
        g.see("PAUSED | PAUSED PAUSED")?;
        g.act("restart")?;
        g.stays("PAUSED | PAUSED PAUSED")?;
        plan(g, "includeTasks=true", "RESTARTING | RESTARTING RESTARTING")?;
        g.stays("PAUSED | PAUSED PAUSED")?;
        g.act("tasks/1/restart")?;
        g.stays("PAUSED | PAUSED PAUSED")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a connector created paused is paused after a restart", |g| {
        g.create_in(&g.ladder(), "PAUSED")?;
        g.act("restart")?;
        g.stays("PAUSED |")?;
        plan(g, "includeTasks=true", "RESTARTING |")?;
        g.stays("PAUSED |")
    }),
    ("a stopped connector is stopped after a restart", |g| {
        up(g)?;
        g.act("stop")?;
        g.act("restart")?;
        g.stays("STOPPED |")?;
        plan(g, "includeTasks=true", "RESTARTING |")?;
        g.stays("STOPPED |")?;
        plan(g, "onlyFailed=true", "STOPPED |")?;
        g.stays("STOPPED |")
    }),
    ("a restart of one task leaves the other running", |g| {
        up(g)?;
        g.sign("hang-task-0")?;
        g.sign("hang-task-1")?;
        g.act("tasks/1/restart")?;
        if g.is_clustered() {
            std::thread::sleep(super::ground::A_WHILE);
            anyhow::ensure!(g.states()?.starts_with("RUNNING | RUNNING "), "{}", g.states()?);
            println!("while it starts: {}", g.states()?);
        } else {
            g.stays("RUNNING | RUNNING UNASSIGNED")?;
        }
        g.unsign("hang-task-1")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a restart of a task mends it", |g| {
        task_fails(g)?;
        g.act("tasks/0/restart")?;
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a restart of a task that fails again is no error of the request", |g| {
        up(g)?;
        g.sign("fail-task-0")?;
        g.act("tasks/0/restart")?;
        g.see("RUNNING | FAILED RUNNING")
    }),
    ("a restart of a connector that fails is an error of the request", |g| {
        up(g)?;
        g.sign("fail-start")?;
        let refused = g.connect.http.send("POST", &g.path("restart"), None)?;
        let said = if g.is_clustered() {
            format!("Failed to start connector: {}", g.name)
        } else {
            format!("Failed to transition connector {} to state STARTED", g.name)
        };
        says(&refused, 500, &said)?;
        g.stays("FAILED | RUNNING RUNNING")
    }),
];

fn up(g: &Ground) -> anyhow::Result<()> {
    g.create(&g.ladder())?;
    g.see("RUNNING | RUNNING RUNNING")
}

fn task_fails(g: &Ground) -> anyhow::Result<()> {
    up(g)?;
    g.sign("fail-poll-0")?;
    g.see("RUNNING | FAILED RUNNING")?;
    g.unsign("fail-poll-0")
}

fn both_fail(g: &Ground) -> anyhow::Result<()> {
    task_fails(g)?;
    g.sign("raise")?;
    g.see("FAILED | FAILED RUNNING")
}

fn plan(g: &Ground, query: &str, expected: &str) -> anyhow::Result<serde_json::Value> {
    let plan = g.act(&format!("restart?{query}"))?;
    anyhow::ensure!(states(&plan) == expected, "{plan} instead of {expected}");
    Ok(plan)
}
