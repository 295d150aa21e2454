//! Asks a worker what it says of a config.

use super::case::{Case, Want};
use serde_json::{Map, Value, json};
use std::path::Path;
use watertight_cases::Scene;
use watertight_harness::http::{Http, Response};
use watertight_harness::worker::{FILE_SOURCE, Worker};

/// A worker, and what its texts hold.
pub struct Asked {
    pub http: Http,
    pub is_ours: bool,
    dir: String,
    version: String,
    own: String,
}

impl Asked {
    /// A running worker that may use this folder.
    pub fn of(worker: &Worker, dir: &Path) -> anyhow::Result<Self> {
        let http = worker.connect().http;
        let listed = http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
        let version_of = |class: &str| {
            let plugin = listed.as_array().into_iter().flatten().find(|plugin| plugin["class"] == class);
            plugin.and_then(|plugin| plugin["version"].as_str()).unwrap_or_default().to_owned()
        };
        let (version, own) = (version_of(FILE_SOURCE), version_of("org.apache.kafka.connect.transforms.Filter"));
        anyhow::ensure!(!version.is_empty() && !own.is_empty(), "no versions in {listed}");
        Ok(Self { http, is_ours: worker.is_ours(), dir: dir.display().to_string(), version, own })
    }

    pub fn of_scene(scene: &Scene) -> anyhow::Result<Self> {
        Self::of(&scene.worker, &scene.dir)
    }

    pub fn fill(&self, text: &str) -> String {
        text.replace("{dir}", &self.dir)
            .replace("{version}", &self.version)
            .replace("{own}", &self.own)
            .replace("{connect}", "org.apache.kafka.connect")
    }

    /// Versions are each worker's own.
    pub fn without_versions(&self, text: &str) -> String {
        text.replace(&self.version, "{version}").replace(&self.own, "{version}")
    }

    pub fn config_of(&self, case: &Case) -> Value {
        let member = |(key, value): &(String, Option<String>)| {
            (key.clone(), value.as_ref().map_or(Value::Null, |value| Value::String(self.fill(value))))
        };
        Value::Object(case.config.iter().map(member).collect::<Map<_, _>>())
    }

    pub fn validate(&self, case: &Case) -> anyhow::Result<Response> {
        self.http.put(
            &format!("/connector-plugins/{}/config/validate", escaped(&self.fill(&case.plugin))),
            &self.config_of(case),
        )
    }

    /// Whether what is said is what is wanted; if not, what was said.
    pub fn check(&self, case: &Case) -> anyhow::Result<Result<(), String>> {
        if case.differs && !self.is_ours {
            return Ok(Ok(()));
        }
        let answer = self.validate(case)?;
        let (right, wanted) = match &case.want {
            Want::Says(errors) => {
                let wanted: Vec<(String, String)> =
                    errors.iter().map(|(key, message)| (key.clone(), self.fill(message))).collect();
                let right = answer.status == 200 && said(&answer.json()?) == wanted && counts(&answer.json()?, &wanted);
                (right, format!("{wanted:#?}"))
            }
            Want::Refused(status, message) => {
                (answer.status == *status && answer.message() == self.fill(message), format!("{status} {message}"))
            }
            Want::RefusedHere(message) if self.is_ours => {
                let right = answer.status == 400 && answer.message().starts_with(&self.fill(message));
                (right, format!("400 {message}..."))
            }
            Want::RefusedHere(message) => {
                let right = answer.status == 500 && answer.message().contains(&self.fill(message));
                (right, format!("500 ...{message}..."))
            }
        };
        let shown = || match answer.json() {
            Ok(json) if answer.status == 200 => format!("{:#?}, counted {}", said(&json), json["error_count"]),
            _ => format!("{} {}", answer.status, answer.message()),
        };
        Ok(if right { Ok(()) } else { Err(format!("{}\n  wanted {wanted}", shown())) })
    }
}

/// Errors in the order in which they are told.
pub fn said(answer: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for value in answer["configs"].as_array().into_iter().flatten().map(|one| &one["value"]) {
        for error in value["errors"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            all.push((value["name"].as_str().unwrap_or_default().to_owned(), error.to_owned()));
        }
    }
    all
}

/// Settings of clients and converters count once however much is wrong with them.
fn counts(answer: &Value, errors: &[(String, String)]) -> bool {
    let mut embedded: Vec<&str> = Vec::new();
    let mut count = 0;
    for (key, _) in errors {
        let inner = key.contains(".override.") || key.contains(".converter.") && !key.ends_with(".plugin.version");
        if !inner || !embedded.contains(&key.as_str()) {
            count += 1;
        }
        if inner {
            embedded.push(key);
        }
    }
    answer["error_count"] == json!(count)
}

fn escaped(plugin: &str) -> String {
    plugin.replace('%', "%25").replace(' ', "%20").replace('$', "%24")
}

/// All cases, each of which is named if it fails.
pub fn all(group: &str, asked: &Asked, cases: &[Case]) -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for case in cases {
        if let Err(wrong) = asked.check(case)? {
            failed.push(format!("{}: {wrong}", case.name));
        }
    }
    let differing = cases.iter().filter(|case| case.differs).count();
    let whose = if asked.is_ours { "ours" } else { "genuine" };
    println!("validation: {} cases ({group}, {whose}; {differing} differ on purpose)", cases.len());
    anyhow::ensure!(failed.is_empty(), "{group}: {} of {} failed:\n{}", failed.len(), cases.len(), failed.join("\n"));
    Ok(())
}

/// A scene with what the cases refer to.
pub fn scene(name: &str) -> anyhow::Result<Scene> {
    let scene = Scene::new(name)?
        .with("config.providers", "file")
        .with("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider");
    std::fs::write(scene.dir.join("s.properties"), "topic=thetopic\nbad=notanumber\nsecret=verysecretvalue\n")?;
    Ok(scene)
}
