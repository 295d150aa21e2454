//! What becomes of connectors and tasks that run on any of three workers, and that all three say the same of it.

use std::time::Duration;

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_cases::cluster::ground::says;
use watertight_cases::cluster::{Case, Ground};
use watertight_harness::wait;

pub const CASES: &[Case] = &[
    ("a failed connector is restarted, whoever is asked", |g| {
        let name = g.create(&g.ladder("it", 2), 2)?;
        for worker in 0..3 {
            g.sign("raise")?;
            g.see(&name, "FAILED | RUNNING RUNNING")?;
            g.ask(|| g.cluster.connect(worker).http.send("POST", &format!("/connectors/{name}/restart"), None))?
                .expect(204)?;
            g.see(&name, "RUNNING | RUNNING RUNNING")?;
        }
        Ok(())
    }),
    ("a failed task is restarted, whoever is asked", |g| {
        let name = g.create(&g.ladder("it", 2), 2)?;
        for worker in 0..3 {
            g.sign("fail-poll-0")?;
            g.see(&name, "RUNNING | FAILED RUNNING")?;
            g.unsign("fail-poll-0")?;
            let path = format!("/connectors/{name}/tasks/0/restart");
            g.ask(|| g.cluster.connect(worker).http.send("POST", &path, None))?.expect(204)?;
            g.see(&name, "RUNNING | RUNNING RUNNING")?;
        }
        Ok(())
    }),
    ("a failed connector alone is restarted by a restart of what failed", |g| {
        let name = g.create(&g.ladder("it", 2), 2)?;
        for worker in 0..3 {
            g.sign("raise")?;
            g.see(&name, "FAILED | RUNNING RUNNING")?;
            let plan = restart(g, worker, &name, "onlyFailed=true&includeTasks=false")?;
            anyhow::ensure!(plan == "RESTARTING | RUNNING RUNNING", "{plan}");
            g.see(&name, "RUNNING | RUNNING RUNNING")?;
        }
        Ok(())
    }),
    ("a failed task is restarted with everything of its connector", |g| {
        let source = g.source("it", 3).with("rate", 20);
        let name = g.create(&source, 3)?;
        let before = g.diaries(&name)?.starts();
        let plan = restart(g, 1, &name, "onlyFailed=false&includeTasks=true")?;
        anyhow::ensure!(plan == "RESTARTING | RESTARTING RESTARTING RESTARTING", "{plan}");
        wait::until("all tasks to be started again", SOON, || {
            let now = g.diaries(&name).map_err(|error| format!("{error:#}"))?.starts();
            let again = before.iter().all(|(task, count)| now.get(task) == Some(&(count + 1)));
            if again { Ok(()) } else { Err(format!("{now:?} after {before:?}")) }
        })?;
        g.stays(&name, "RUNNING | RUNNING RUNNING RUNNING")
    }),
    ("with nothing failed, a restart of what failed starts no task", |g| {
        let name = g.create(&g.source("it", 3).with("rate", 20), 3)?;
        let plan = restart(g, 2, &name, "onlyFailed=true&includeTasks=true")?;
        anyhow::ensure!(plan == "RUNNING | RUNNING RUNNING RUNNING", "{plan}");
        g.stays(&name, "RUNNING | RUNNING RUNNING RUNNING")?;
        anyhow::ensure!(g.diaries(&name)?.all_starts() == 3);
        Ok(())
    }),
    ("a paused source sends nothing on any worker, and goes on where it was", |g| {
        let name = g.create(&g.source("it", 3), 3)?;
        g.change(&name, "pause")?;
        g.see(&name, "PAUSED | PAUSED PAUSED PAUSED")?;
        let before = polled(g, &name)?;
        std::thread::sleep(Duration::from_secs(3));
        let after = polled(g, &name)?;
        anyhow::ensure!(before == after, "{before} records were taken, and {after} a while later");
        g.change(&name, "resume")?;
        g.see(&name, "RUNNING | RUNNING RUNNING RUNNING")?;
        wait::until("more records", SOON, || match polled(g, &name) {
            Ok(now) if now > after => Ok(()),
            other => Err(format!("{other:?}")),
        })?;
        anyhow::ensure!(g.diaries(&name)?.all_starts() == 3, "a paused task is not started again");
        Ok(())
    }),
    ("a paused sink gets nothing on any worker, and goes on where it was", |g| {
        g.create(&g.source("source", 3), 3)?;
        let name = g.create(&g.sink("sink", 2), 2)?;
        g.wait_more(&name, 1)?;
        g.change(&name, "pause")?;
        g.see(&name, "PAUSED | PAUSED PAUSED")?;
        // What was taken from the broker before may still be put.
        std::thread::sleep(Duration::from_secs(1));
        let before = g.diaries(&name)?.count_got();
        std::thread::sleep(Duration::from_secs(3));
        let after = g.diaries(&name)?.count_got();
        anyhow::ensure!(before == after, "{before} records arrived, and {after} a while later");
        g.change(&name, "resume")?;
        g.see(&name, "RUNNING | RUNNING RUNNING")?;
        g.wait_more(&name, 100)
    }),
    ("as many tasks as are asked for, and statuses of no others", |g| {
        let config = g.source("it", 2).with("rate", 5);
        let name = g.create(&config, 2)?;
        for count in [5, 1, 4] {
            g.put(&config.clone().with("tasks.max", count))?;
            g.see(&name, &format!("RUNNING | {}", vec!["RUNNING"; count].join(" ")))?;
            ensure_tasks(g, &name, count)?;
        }
        Ok(())
    }),
    ("kafkas own ladder of pause, resume and stop, each asked for twice", |g| {
        let name = g.create(&g.ladder("it", 3), 3)?;
        for (verb, seen, tasks) in [
            ("stop", "STOPPED |", 0),
            ("resume", "RUNNING | RUNNING RUNNING RUNNING", 3),
            ("pause", "PAUSED | PAUSED PAUSED PAUSED", 3),
            ("stop", "STOPPED |", 0),
            ("pause", "PAUSED |", 0),
            ("resume", "RUNNING | RUNNING RUNNING RUNNING", 3),
        ] {
            for _ in 0..2 {
                g.change(&name, verb)?;
                g.see(&name, seen)?;
                ensure_tasks(g, &name, tasks)?;
            }
        }
        g.act("DELETE", &format!("/connectors/{name}"), 204).map(drop)
    }),
    ("a connector that failed is stopped, and resumes when its config is mended", |g| {
        g.sign("fail-start")?;
        let config = g.ladder("it", 2);
        let name = config.get("name").unwrap_or_default().to_owned();
        g.put(&config)?;
        g.see(&name, "FAILED |")?;
        g.change(&name, "stop")?;
        g.stays(&name, "STOPPED |")?;
        g.unsign("fail-start")?;
        g.put(&config.clone().with("tasks.max", 3))?;
        g.stays(&name, "STOPPED |")?;
        g.change(&name, "resume")?;
        g.see(&name, "RUNNING | RUNNING RUNNING RUNNING")
    }),
    ("a connector created paused has no tasks before it is resumed", |g| {
        let config = g.ladder("it", 2);
        g.create_in(&config, "PAUSED")?;
        let name = g.named("it");
        g.stays(&name, "PAUSED |")?;
        ensure_tasks(g, &name, 0)?;
        g.change(&name, "resume")?;
        g.see(&name, "RUNNING | RUNNING RUNNING")?;
        ensure_tasks(g, &name, 2)
    }),
    ("a connector created stopped may be given offsets before its first start", |g| {
        g.create_in(&g.source("it", 2).with("rate", 20), "STOPPED")?;
        let name = g.named("it");
        g.stays(&name, "STOPPED |")?;
        ensure_tasks(g, &name, 0)?;
        let offsets = json!({"offsets": [
            {"partition": {"task": 0}, "offset": {"next": 1000}}, {"partition": {"task": 1}, "offset": {"next": 2000}}
        ]});
        let path = format!("/connectors/{name}/offsets");
        g.ask(|| g.cluster.connect(1).http.send("PATCH", &path, Some(&offsets.to_string())))?.expect(200)?;
        for connect in g.cluster.connects() {
            let mut told = connect.http.get(&path)?.expect(200)?;
            if let Some(list) = told["offsets"].as_array_mut() {
                list.sort_by_key(Value::to_string);
            }
            anyhow::ensure!(told == offsets, "{told}");
        }
        g.change(&name, "resume")?;
        g.see(&name, "RUNNING | RUNNING RUNNING")?;
        wait::until("both tasks to be asked for records", SOON, || {
            let diaries = g.diaries(&name).map_err(|error| format!("{error:#}"))?.0;
            let first: Vec<Option<u64>> = diaries.iter().map(|d| d.polled.first().map(|(_, first)| *first)).collect();
            if first == [Some(1000), Some(2000)] { Ok(()) } else { Err(format!("{first:?}")) }
        })
    }),
    (
        "a connector that is created again goes on from its old offsets, and from the beginning when they were reset",
        |g| {
            let config = g.source("it", 1).with("count", 50);
            let name = g.create(&config, 1)?;
            let all = json!([{"partition": {"task": 0}, "offset": {"next": 50}}]);
            wait_offsets(g, &name, &all)?;
            g.act("DELETE", &format!("/connectors/{name}"), 204)?;
            wait_gone(g, &name)?;
            g.create(&config, 1)?;
            wait_offsets(g, &name, &all)?;
            anyhow::ensure!(g.diaries(&name)?.0.iter().map(|d| d.polled.len()).filter(|polls| *polls > 0).count() == 1);
            let refused = g.ask(|| g.cluster.connect(2).http.delete(&format!("/connectors/{name}/offsets")))?;
            let message = format!(
                "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
             specified connector by issuing a 'PUT' request to the '/connectors/{name}/stop' endpoint"
            );
            says(&refused, 400, &message)?;
            g.change(&name, "stop")?;
            g.see(&name, "STOPPED |")?;
            g.ask(|| g.cluster.connect(2).http.delete(&format!("/connectors/{name}/offsets")))?.expect(200)?;
            wait_offsets(g, &name, &json!([]))?;
            g.change(&name, "resume")?;
            wait_offsets(g, &name, &all)
        },
    ),
    ("topics in use are told by every worker, and forgotten when they are reset", |g| {
        g.create(&g.source("source", 2).with("rate", 20), 2)?;
        let name = g.create(&g.sink("sink", 1), 1)?;
        g.wait_more(&name, 1)?;
        let (source, topic) = (g.named("source"), g.topic());
        wait_topics(g, &source, std::slice::from_ref(&topic))?;
        wait_topics(g, &name, std::slice::from_ref(&topic))?;
        g.change(&source, "stop")?;
        g.see(&source, "STOPPED |")?;
        g.act("PUT", &format!("/connectors/{source}/topics/reset"), 202)?;
        wait_topics(g, &source, &[])?;
        g.change(&source, "resume")?;
        wait_topics(g, &source, &[topic])?;
        g.act("DELETE", &format!("/connectors/{source}"), 204)?;
        wait_gone(g, &source)?;
        wait_topics(g, &source, &[])
    }),
    ("every worker says the same of everything", |g| {
        let one = g.create(&g.source("one", 3).with("rate", 5), 3)?;
        g.create(&g.sink("two", 2), 2)?;
        let three = g.create(&g.ladder("three", 1), 1)?;
        g.change(&three, "pause")?;
        g.see(&three, "PAUSED | PAUSED")?;
        g.see(&one, "RUNNING | RUNNING RUNNING RUNNING")?;
        let mut paths = vec![
            "/".to_owned(),
            "/connectors".to_owned(),
            "/connectors?expand=info&expand=status".to_owned(),
            "/connector-plugins".to_owned(),
        ];
        for name in [&one, &three] {
            paths.extend(
                ["", "/config", "/status", "/tasks", "/tasks/0/status"].map(|p| format!("/connectors/{name}{p}")),
            );
        }
        for path in paths {
            // A worker reads the topics when it gets to it.
            wait::until(&format!("all to answer alike to {path}"), SOON, || {
                let mut answers = Vec::new();
                for connect in g.cluster.connects() {
                    let told = connect.http.get(&path).and_then(|answer| answer.expect(200));
                    answers.push(told.map_err(|error| format!("{error:#}"))?);
                }
                let same = answers.iter().all(|answer| sorted(answer) == sorted(&answers[0]));
                if same { Ok(()) } else { Err(format!("{answers:?}")) }
            })?;
        }
        Ok(())
    }),
];

/// Lists of connectors stand in no order.
fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(list) = value.as_array_mut() {
        list.sort_by_key(Value::to_string);
    }
    value
}

fn restart(g: &Ground, worker: usize, name: &str, query: &str) -> anyhow::Result<String> {
    let path = format!("/connectors/{name}/restart?{query}");
    let plan = g.ask(|| g.cluster.connect(worker).http.send("POST", &path, None))?.expect(202)?;
    Ok(watertight_cases::cluster::ground::states(&plan))
}

/// How many records all tasks of a source have given, by their last polls.
fn polled(g: &Ground, name: &str) -> anyhow::Result<u64> {
    Ok(g.diaries(name)?.0.iter().filter_map(|diary| diary.polled.last()).map(|(_, next)| next).sum())
}

fn ensure_tasks(g: &mut Ground, name: &str, count: usize) -> anyhow::Result<()> {
    for connect in g.cluster.connects() {
        wait::until(&format!("{name} to have {count} tasks"), SOON, || {
            let get = |path: &str| connect.http.get(path).and_then(|answer| answer.expect(200));
            let told = get(&format!("/connectors/{name}/tasks"))
                .and_then(|tasks| Ok((tasks, get(&format!("/connectors/{name}"))?)));
            let (tasks, info) = told.map_err(|error| format!("{error:#}"))?;
            let listed = |value: &Value| value.as_array().map(Vec::len);
            let right = listed(&tasks) == Some(count) && listed(&info["tasks"]) == Some(count);
            if right { Ok(()) } else { Err(format!("{tasks} and {info}")) }
        })?;
    }
    Ok(())
}

fn wait_offsets(g: &Ground, name: &str, expected: &Value) -> anyhow::Result<()> {
    wait::until("the offsets to be as they should", SOON, || match g.offsets(name) {
        Ok(found) if found == *expected => Ok(()),
        other => Err(format!("{other:?} instead of {expected}")),
    })
}

fn wait_topics(g: &mut Ground, name: &str, expected: &[String]) -> anyhow::Result<()> {
    let expected = json!({ name: {"topics": expected} });
    for connect in g.cluster.connects() {
        wait::until("the topics to be as they should", SOON, || {
            let told = connect.http.get(&format!("/connectors/{name}/topics")).and_then(|answer| answer.expect(200));
            match told {
                Ok(found) if found == expected => Ok(()),
                other => Err(format!("{other:?} instead of {expected}")),
            }
        })?;
    }
    Ok(())
}

/// Waits until no worker knows a connector, and none shows a status of it.
pub fn wait_gone(g: &mut Ground, name: &str) -> anyhow::Result<()> {
    for connect in g.cluster.connects() {
        wait::until(&format!("{name} to be gone"), SOON, || {
            let status = connect.http.get(&format!("/connectors/{name}/status")).map_err(|e| format!("{e:#}"))?;
            let info = connect.http.get(&format!("/connectors/{name}")).map_err(|e| format!("{e:#}"))?;
            if (status.status, info.status) == (404, 404) { Ok(()) } else { Err(format!("{status:?} and {info:?}")) }
        })?;
    }
    Ok(())
}
