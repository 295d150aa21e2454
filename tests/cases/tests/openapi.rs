//! The document that the worker makes of itself at `/openapi.json`. Ours alone: Kafka serves none.

use std::process::Command;

use watertight_cases::Scene;
use watertight_harness::{skips, tools};

/// Of PyPI.
const VALIDATOR: &str = "openapi-spec-validator==0.9.0";

#[test]
fn the_document_is_one_by_the_rules_of_openapi() -> anyhow::Result<()> {
    let mut scene = Scene::new("openapi-valid")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let Some(python) = skips::unless("validating the document", tools::python(&[VALIDATOR]))? else { return Ok(()) };
    scene.worker.start()?;
    let answer = scene.worker.connect().http.get("/openapi.json")?;
    anyhow::ensure!(answer.status == 200 && answer.header("content-type") == Some("application/json"), "{answer:?}");
    let file = scene.dir.join("openapi.json");
    std::fs::write(&file, &answer.body)?;
    let output = Command::new(python.with_file_name("openapi-spec-validator")).arg(&file).output()?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success() && said.contains("OK"), "{said}");
    // What the worker answers about itself is in it.
    let document = answer.json()?;
    anyhow::ensure!(document["openapi"] == "3.1.0" && document["paths"]["/connectors"]["post"].is_object());
    Ok(())
}

#[test]
fn a_worker_whose_administration_is_elsewhere_does_not_promise_it() -> anyhow::Result<()> {
    let mut scene = Scene::new("openapi-admin")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    scene.worker = scene.worker.with("admin.listeners", "");
    let scene = scene.start()?;
    let http = &scene.worker.connect().http;
    let document = http.get("/openapi.json")?.expect(200)?;
    anyhow::ensure!(document["paths"].get("/admin/loggers").is_none() && document["paths"].get("/").is_some());
    anyhow::ensure!(http.get("/admin/loggers")?.status == 404);
    Ok(())
}
