//! Requests that reach a worker which cannot do what they ask for: it asks the one that can, and there is a proof that
//! it is a worker who asks.

use anyhow::Context as _;
use base64::Engine as _;
use hmac::Mac as _;
use serde_json::{Value, json};
use watertight_cases::cluster::ground::says;
use watertight_cases::cluster::{Case, Ground};
use watertight_cases::{SOON, topics};
use watertight_harness::http::Response;
use watertight_harness::wait;

use crate::states::wait_gone;

const CONFLICT: &str = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";

pub const CASES: &[Case] = &[
    ("connectors are created, changed, stopped and deleted through every worker", |g| {
        for worker in 0..3 {
            let config = g.ladder(&format!("by-{worker}"), 1);
            let name = g.named(&format!("by-{worker}"));
            let http = g.cluster.connect(worker).http;
            let made = g.ask(|| g.cluster.connect(worker).post(&config))?;
            anyhow::ensure!(made.status == 201, "{made:?}");
            anyhow::ensure!(made.json()?["name"] == *name, "{made:?}");
            g.see(&name, "RUNNING | RUNNING")?;
            let again = g.ask(|| g.cluster.connect(worker).post(&config))?;
            says(&again, 409, &format!("Connector {name} already exists"))?;
            let path = format!("/connectors/{name}");
            let wider = config.clone().with("tasks.max", 2);
            g.ask(|| http.put(&format!("{path}/config"), &wider.to_json()))?.expect(200)?;
            g.see(&name, "RUNNING | RUNNING RUNNING")?;
            g.ask(|| http.send("PATCH", &format!("{path}/config"), Some(r#"{"tasks.max": "1"}"#)))?.expect(200)?;
            g.see(&name, "RUNNING | RUNNING")?;
            g.ask(|| http.put(&format!("{path}/stop"), &Value::Null))?.expect(204)?;
            g.see(&name, "STOPPED |")?;
            g.ask(|| http.delete(&path))?.expect(204)?;
            wait_gone(g, &name)?;
            let gone = g.ask(|| http.delete(&path))?;
            says(&gone, 404, &format!("Connector {name} not found"))?;
        }
        Ok(())
    }),
    ("one worker is the leader, and the others ask nobody when they are told not to", |g| {
        let leader = leader(g)?;
        for worker in 0..3 {
            let http = g.cluster.connect(worker).http;
            let refused = http.delete("/connectors/nobody?forward=false")?;
            let (status, message) =
                if worker == leader { (404, "Connector nobody not found") } else { (409, CONFLICT) };
            says(&refused, status, message)?;
            for forward in ["", "?forward=true"] {
                let told = g.ask(|| http.delete(&format!("/connectors/nobody{forward}")))?;
                says(&told, 404, "Connector nobody not found")?;
            }
        }
        Ok(())
    }),
    ("a restart goes over the leader to the worker that has the task", |g| {
        let name = g.create(&g.source("it", 3).with("rate", 5), 3)?;
        let status = g.connect().status(&name)?;
        let owners: Vec<String> =
            (0..3).map(|t| status["tasks"][t]["worker_id"].as_str().unwrap_or("?").into()).collect();
        let mut different = owners.clone();
        different.sort();
        different.dedup();
        anyhow::ensure!(different.len() == 3, "three tasks on three workers: {owners:?}");
        for task in 0..3 {
            for worker in 0..3 {
                let count = |g: &Ground| Ok::<_, anyhow::Error>(g.diaries(&name)?.starts().get(&task).copied());
                let before = count(g)?;
                let path = format!("/connectors/{name}/tasks/{task}/restart");
                g.ask(|| g.cluster.connect(worker).http.send("POST", &path, None))?.expect(204)?;
                // Ours answers when the restart is under way, and two requests in a row may be one restart.
                wait::until("the task to be started again", SOON, || match count(g) {
                    Ok(now) if now > before => Ok(()),
                    other => Err(format!("{other:?} after {before:?}")),
                })?;
            }
        }
        g.see(&name, "RUNNING | RUNNING RUNNING RUNNING")?;
        let starts = g.diaries(&name)?.starts();
        anyhow::ensure!(starts.values().all(|count| *count == 4), "{starts:?}");
        let http = g.cluster.connect(1).http;
        let unknown = g.ask(|| http.send("POST", &format!("/connectors/{name}/tasks/7/restart"), None))?;
        says(&unknown, 404, &format!("Unknown task: {name}-7"))?;
        let unknown = g.ask(|| http.send("POST", "/connectors/nobody/restart", None))?;
        says(&unknown, 404, "Unknown connector: nobody")?;
        let unknown = g.ask(|| http.send("POST", "/connectors/nobody/restart?includeTasks=true", None))?;
        says(&unknown, 404, "Unknown connector: nobody")
    }),
    ("an invalid config is refused by the worker that was asked", |g| {
        for worker in 0..3 {
            let config = g.ladder("it", 1).with("tasks.max", 0);
            let refused = g.cluster.connect(worker).post(&config)?;
            anyhow::ensure!(refused.status == 400, "{refused:?}");
            let first = "Connector configuration is invalid and contains the following 1 error(s):";
            anyhow::ensure!(refused.message().starts_with(first), "{refused:?}");
        }
        Ok(())
    }),
    ("what only workers may ask is refused without a signature and with a wrong one, connector or not", |g| {
        let refused = |g: &Ground, name: &str| -> anyhow::Result<()> {
            for worker in 0..3 {
                for (method, path) in [("POST", "tasks"), ("PUT", "fence")] {
                    let unsigned = internal(g, worker, method, name, path, "[]", &[])?;
                    says(&unsigned, 400, "Internal request missing required signature")?;
                    let wrong = internal(
                        g,
                        worker,
                        method,
                        name,
                        path,
                        "[]",
                        &[
                            ("X-Connect-Authorization", "S2Fma2Flc3F1ZQ=="),
                            ("X-Connect-Request-Signature-Algorithm", "HmacSHA256"),
                        ],
                    )?;
                    says(&wrong, 403, "Internal request contained invalid signature.")?;
                }
            }
            Ok(())
        };
        refused(g, &g.named("it"))?;
        let name = g.create(&g.ladder("it", 1), 1)?;
        refused(g, &name)?;
        g.stays(&name, "RUNNING | RUNNING")
    }),
    ("what only workers may ask is done with the right signature, by the leader", |g| {
        // It asks for one task, and may have two.
        std::fs::write(g.signs().join("count"), "1")?;
        let name = g.create(&g.ladder("it", 2), 1)?;
        let key = session_key(g)?;
        let one = json!({"connector.class": "x", "task.class": "watertight.test.LadderSourceTask", "id": "0",
            "dir": g.signs(), "name": name});
        let body = json!([one, one]).to_string();
        let leader = leader(g)?;
        says(&signed(g, leader, "POST", "nobody", "tasks", "[]", &key)?, 404, "Connector nobody not found")?;
        let done = signed(g, leader, "POST", &name, "tasks", &body, &key)?;
        anyhow::ensure!(done.status == 204, "the leader is {leader}: {done:?}");
        g.see(&name, "RUNNING | RUNNING RUNNING")?;
        // Another one asks the leader. A genuine worker does not pass the signature on, ours does: whoever was the leader
        // a moment ago may still be asked.
        let follower = (leader + 1) % 3;
        let told = signed(g, follower, "POST", &name, "tasks", &body, &key)?;
        if g.is_ours() {
            anyhow::ensure!(told.status == 204, "{told:?}");
        } else {
            says(&told, 400, "Internal request missing required signature")?;
        }
        let refused = signed(g, follower, "POST", &name, "tasks?forward=false", &body, &key)?;
        says(&refused, 409, CONFLICT)?;
        let other = internal(
            g,
            leader,
            "POST",
            &name,
            "tasks",
            "[]",
            &[("X-Connect-Authorization", "S2Fma2Flc3F1ZQ=="), ("X-Connect-Request-Signature-Algorithm", "HmacSHA1")],
        )?;
        anyhow::ensure!(other.status == 400, "{other:?}");
        println!("HmacSHA1: {}", other.message());
        g.change(&name, "stop")?;
        g.see(&name, "STOPPED |")?;
        let refused = signed(g, leader, "POST", &name, "tasks", &body, &key)?;
        says(&refused, 400, &format!("Cannot submit non-empty set of task configs for stopped connector {name}"))
    }),
];

/// Who does what only leaders do.
pub fn leader(g: &mut Ground) -> anyhow::Result<usize> {
    let alive = g.cluster.alive();
    wait::until("a leader", SOON, || {
        for worker in &alive {
            let told = g.cluster.connect(*worker).http.delete("/connectors/nobody?forward=false");
            if told.is_ok_and(|answer| answer.status == 404) {
                return Ok(*worker);
            }
        }
        Err("all refuse".into())
    })
}

fn internal(
    g: &Ground,
    worker: usize,
    method: &str,
    name: &str,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> anyhow::Result<Response> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{method} /connectors/{name}/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let send = || g.cluster.connect(worker).http.raw(request.as_bytes());
    if path.contains("forward=false") { send() } else { g.ask(send) }
}

fn signed(
    g: &Ground,
    worker: usize,
    method: &str,
    name: &str,
    path: &str,
    body: &str,
    key: &[u8],
) -> anyhow::Result<Response> {
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key)?;
    mac.update(body.as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let headers =
        [("X-Connect-Authorization", signature.as_str()), ("X-Connect-Request-Signature-Algorithm", "HmacSHA256")];
    internal(g, worker, method, name, path, body, &headers)
}

/// The newest one in the config topic.
fn session_key(g: &Ground) -> anyhow::Result<Vec<u8>> {
    let topic = g.cluster.common().get("config.storage.topic").unwrap_or_default();
    let letters = topics::read(g.cluster.bootstrap(), topic, 1, SOON)?;
    let letter = letters.iter().rev().find(|letter| letter.key.as_deref() == Some("session-key"));
    let value: Value = serde_json::from_str(letter.and_then(|l| l.value.as_deref()).context("no session key")?)?;
    anyhow::ensure!(value["algorithm"] == "HmacSHA256" && value["creation-timestamp"].is_i64(), "{value}");
    let key = value["key"].as_str().context("a key is text")?;
    Ok(base64::engine::general_purpose::STANDARD.decode(key)?)
}
