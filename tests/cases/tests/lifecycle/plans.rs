//! From a connector to its tasks: how many, when they change, and what if there are too many or none.

use std::time::{Duration, Instant};

use super::ground::{A_WHILE, Case, says};

const TOO_MANY: &str = "The connector {c} has generated 3 tasks, which is greater than 2, the maximum number of tasks it is configured to create. This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect.";

/// A connector that was first asked for task configs so long ago in vain is asked about once a second.
const UNTIL_IT_IS_SELDOM: Duration = Duration::from_secs(1);
/// Then it was asked again, if it was to be.
const UNTIL_IT_IS_OVER: Duration = Duration::from_secs(2);

pub const CASES: &[Case] = &[
    ("as many tasks run as the connector plans", |g| {
        g.sign_with("count", "1")?;
        g.create(&g.ladder().with("tasks.max", 5))?;
        g.stays("RUNNING | RUNNING")?;
        g.ensure_tasks(1)
    }),
    ("a connector may have no tasks", |g| {
        g.sign_with("count", "0")?;
        g.create(&g.ladder())?;
        g.stays("RUNNING |")?;
        g.ensure_tasks(0)
    }),
    ("more and fewer tasks follow a change of tasks.max", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.put(&g.ladder().with("tasks.max", 4))?.expect(200)?;
        g.see("RUNNING | RUNNING RUNNING RUNNING RUNNING")?;
        g.put(&g.ladder().with("tasks.max", 1))?.expect(200)?;
        g.see("RUNNING | RUNNING")?;
        g.ensure_tasks(1)?;
        says(&g.get("tasks/1/status")?, 404, &format!("No status found for task {}-1", g.name))
    }),
    ("a connector that asks for other tasks gets them", |g| {
        g.create(&g.ladder().with("tasks.max", 3))?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")?;
        g.sign_with("count", "2")?;
        g.sign("reconfigure")?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.ensure_tasks(2)
    }),
    ("asking for other tasks in vain disturbs no task", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("fail-task-0")?;
        g.sign("reconfigure")?;
        g.wait_taken("reconfigure")?;
        g.stays("RUNNING | RUNNING RUNNING")
    }),
    ("a connector that plans otherwise while it is paused gets its tasks when it is resumed", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.act("pause")?;
        g.see("PAUSED | PAUSED PAUSED")?;
        g.sign_with("count", "1")?;
        g.stays("PAUSED | PAUSED PAUSED")?;
        g.act("resume")?;
        g.see("RUNNING | RUNNING")
    }),
    ("more tasks than allowed are the connector's failure, and none of them runs", |g| {
        g.sign_with("count", "3")?;
        // The genuine worker answers after 90 s, that the request timed out; in a cluster nobody waits for it.
        if g.is_ours() && !g.is_clustered() {
            let text =
                format!("org.apache.kafka.connect.runtime.TooManyTasksException: {}", TOO_MANY.replace("{c}", &g.name));
            says(&g.connect.post(&g.ladder())?, 500, &text)?;
        } else {
            g.create_in(&g.ladder(), "STOPPED")?;
            g.act("resume")?;
        }
        g.stays("FAILED |")?;
        let trace = g.trace(None)?;
        anyhow::ensure!(trace.contains(&TOO_MANY.replace("{c}", &g.name)), "{trace}");
        g.ensure_tasks(0)
    }),
    ("more tasks than allowed are allowed where it is not enforced", |g| {
        g.sign_with("count", "3")?;
        g.create(&g.ladder().with("tasks.max.enforce", "false"))?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")
    }),
    ("a task of a connector that has too many by now does not start again", |g| {
        g.sign_with("count", "3")?;
        g.create(&g.ladder().with("tasks.max.enforce", "false"))?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")?;
        g.act("pause")?;
        g.see("PAUSED | PAUSED PAUSED PAUSED")?;
        g.put(&g.ladder())?.expect(200)?;
        let refused = g.connect.http.send("POST", &g.path("tasks/2/restart"), None)?;
        says(&refused, 500, &format!("Failed to start task: {}-2", g.name))?;
        g.stays("PAUSED | PAUSED PAUSED FAILED")?;
        anyhow::ensure!(g.trace(Some(2))?.contains("has generated 3 tasks, which is greater than 2"));
        Ok(())
    }),
    ("too many tasks are mended by a higher tasks.max, and by fewer tasks", |g| {
        g.sign_with("count", "3")?;
        g.create_in(&g.ladder(), "STOPPED")?;
        g.act("resume")?;
        g.see("FAILED |")?;
        g.put(&g.ladder().with("tasks.max", 3))?.expect(200)?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")?;
        g.sign_with("count", "1")?;
        g.put(&g.ladder())?.expect(200)?;
        g.see("RUNNING | RUNNING")
    }),
    ("a connector whose task configs fail runs, without tasks", |g| {
        g.sign("fail-configs")?;
        let begun = Instant::now();
        g.create_in(&g.ladder(), "STOPPED")?;
        g.act("resume")?;
        g.stays("RUNNING |")?;
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20));
        // The genuine standalone worker forgets to ask again, until the connector is restarted.
        if g.is_ours() {
            anyhow::ensure!(g.trace(None)?.contains("there is a file fail-configs"), "{}", g.trace(None)?);
            g.unsign("fail-configs")?;
        } else {
            g.unsign("fail-configs")?;
            std::thread::sleep(A_WHILE);
            g.act("restart")?;
        }
        g.see("RUNNING | RUNNING RUNNING")?;
        let status = g.connect.status(&g.name)?;
        anyhow::ensure!(status["connector"].get("trace").is_none(), "{status}");
        Ok(())
    }),
    ("a connector whose task configs fail keeps the tasks that it had", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("fail-configs")?;
        g.sign("reconfigure")?;
        g.wait_taken("reconfigure")?;
        g.stays("RUNNING | RUNNING RUNNING")
    }),
    ("a connector that has failed is not brought back by a question for task configs that was put off", |g| {
        if !g.is_ours() {
            // A lone one of Kafka's asks once, and hears no more of a connector that waits for its answer.
            return Ok(());
        }
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("fail-configs")?;
        g.sign("reconfigure")?;
        g.wait_taken("reconfigure")?;
        // It is asked again after 250 and 500 ms, and then after a second, in which all this happens.
        std::thread::sleep(UNTIL_IT_IS_SELDOM);
        g.sign("raise")?;
        g.see("FAILED | RUNNING RUNNING")?;
        g.unsign("fail-configs")?;
        std::thread::sleep(UNTIL_IT_IS_OVER);
        g.stays("FAILED | RUNNING RUNNING")?;
        anyhow::ensure!(g.trace(None)?.contains("there was a file raise"), "{}", g.trace(None)?);
        Ok(())
    }),
    ("a connector of a name that is used again is not asked what its forerunner was to be asked", |g| {
        g.sign("fail-configs")?;
        g.create_in(&g.ladder(), "STOPPED")?;
        g.act("resume")?;
        g.see("RUNNING |")?;
        std::thread::sleep(UNTIL_IT_IS_SELDOM);
        g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
        g.unsign("fail-configs")?;
        g.sign("raise")?;
        g.create(&g.ladder())?;
        g.see("FAILED | RUNNING RUNNING")?;
        std::thread::sleep(UNTIL_IT_IS_OVER);
        g.stays("FAILED | RUNNING RUNNING")?;
        anyhow::ensure!(g.trace(None)?.contains("there was a file raise"), "{}", g.trace(None)?);
        Ok(())
    }),
    ("however often a connector asks in vain for other tasks, one question is put off at a time", |g| {
        // The genuine standalone worker never asks again.
        if !g.is_ours() || g.is_clustered() {
            return Ok(());
        }
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        g.sign("fail-configs")?;
        for _ in 0..10 {
            g.sign("reconfigure")?;
            g.wait_taken("reconfigure")?;
        }
        std::thread::sleep(UNTIL_IT_IS_SELDOM);
        let (log, name) = (g.scene.worker.log(), format!("onnector {} ", g.name));
        let told = log.lines().filter(|line| line.contains(&name) && line.contains("task configs")).count();
        anyhow::ensure!((1..10).contains(&told), "{told} lines about task configs");
        g.unsign("fail-configs")?;
        g.sign_with("count", "1")?;
        g.see("RUNNING | RUNNING")?;
        anyhow::ensure!(g.connect.status(&g.name)?["connector"].get("trace").is_none());
        Ok(())
    }),
];
