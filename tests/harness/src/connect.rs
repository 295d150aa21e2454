//! What a test asks of a worker over REST, ours or the genuine one.

use crate::http::{Http, Response};
use crate::properties::Properties;
use crate::wait;
use serde_json::{Value, json};
use std::time::Duration;

/// A worker's REST interface.
#[derive(Debug, Clone)]
pub struct Connect {
    /// For requests that have no method here.
    pub http: Http,
}

impl Connect {
    /// On 127.0.0.1.
    pub fn on(port: u16) -> Self {
        Self { http: Http::on(port) }
    }

    /// `POST /connectors`; the name is taken from the settings.
    pub fn post(&self, config: &Properties) -> anyhow::Result<Response> {
        let name = config.get("name").unwrap_or_default();
        self.http.post("/connectors", &json!({"name": name, "config": config.to_json()}))
    }

    /// `POST /connectors` that must answer 201.
    pub fn create(&self, config: &Properties) -> anyhow::Result<Value> {
        self.post(config)?.expect(201)
    }

    /// Classes of `GET /connector-plugins`, all of them.
    pub fn plugins(&self) -> anyhow::Result<Vec<String>> {
        let listed = self.http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
        let classes = listed.as_array().into_iter().flatten().filter_map(|p| p.get("class")?.as_str());
        Ok(classes.map(str::to_owned).collect())
    }

    /// `GET /connectors`, sorted.
    pub fn connectors(&self) -> anyhow::Result<Vec<String>> {
        let listed = self.http.get("/connectors")?.expect(200)?;
        let mut names: Vec<String> =
            listed.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        names.sort();
        Ok(names)
    }

    /// `GET /connectors/{c}/status`
    pub fn status(&self, name: &str) -> anyhow::Result<Value> {
        self.http.get(&format!("/connectors/{name}/status"))?.expect(200)
    }

    /// Waits until the connector and each of at least `tasks` tasks is in this state.
    pub fn wait_all(&self, name: &str, state: &str, tasks: usize, deadline: Duration) -> anyhow::Result<Value> {
        self.wait_status(&format!("{name} to be {state}"), name, deadline, |s| {
            let states: Vec<&Value> = task_states(s).collect();
            s["connector"]["state"] == state && states.len() >= tasks && states.iter().all(|t| *t == state)
        })
    }

    /// Waits until the connector and at least one task run, and none does not.
    pub fn wait_running(&self, name: &str, deadline: Duration) -> anyhow::Result<Value> {
        self.wait_all(name, "RUNNING", 1, deadline)
    }

    /// Waits until the connector or one of its tasks is FAILED; the trace.
    pub fn wait_failed(&self, name: &str, deadline: Duration) -> anyhow::Result<String> {
        let failed = |s: &Value| s["connector"]["state"] == "FAILED" || task_states(s).any(|t| t == "FAILED");
        let status = self.wait_status(&format!("{name} to be FAILED"), name, deadline, failed)?;
        let parts = std::iter::once(&status["connector"]).chain(status["tasks"].as_array().into_iter().flatten());
        let traces: Vec<&str> = parts.filter_map(|p| p["trace"].as_str()).collect();
        Ok(traces.join("\n"))
    }

    /// Waits until `GET /connectors/{c}/status` is as wanted.
    pub fn wait_status(
        &self,
        what: &str,
        name: &str,
        deadline: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        wait::until(what, deadline, || {
            let status = self.status(name).map_err(|e| format!("{e:#}"))?;
            if wanted(&status) { Ok(status) } else { Err(status.to_string()) }
        })
    }
}

fn task_states(status: &Value) -> impl Iterator<Item = &Value> {
    status["tasks"].as_array().into_iter().flatten().map(|t| &t["state"])
}
