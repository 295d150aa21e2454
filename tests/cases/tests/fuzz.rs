//! Fuzzing by schema: requests made up from OpenAPI documents, ours and the one that Apache's own resources yield.
//!
//! A worker passes where nothing it answers is outside the document, nothing is an error of the server's, and nothing
//! hangs. The genuine worker is asked the same under `WATERTIGHT_WORKER=genuine`, to see what it does not stand either.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::{Value, json};
use watertight_cases::{SOON, Scene, genuine};
use watertight_harness::peer::Peer;
use watertight_harness::{lines, skips, tools};

/// Of PyPI.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Reads a document out of resources' annotations; the release that annotates Kafka's.
const SWAGGER: (&str, &str, &str) = ("io.swagger.core.v3", "swagger-jaxrs2-jakarta", "2.2.39");
/// A request that takes longer has hung. The longest that may wait for a plugin is a create.
const HANG_SECONDS: u32 = 30;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(name)
}

/// Apache's document of the genuine worker's release.
fn apaches_document(peer: &Peer) -> anyhow::Result<String> {
    let swagger = tools::jars(SWAGGER)?;
    let class_path = format!("{}:{}/*", peer.class_path().display(), swagger.display());
    let output = Command::new("java").args(["-cp", &class_path]).arg(script("ApacheOpenApi.java")).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "Apache's document cannot be made: {errors}");
    let mut document: Value = serde_json::from_slice(&output.stdout)?;
    errors_apart(&mut document);
    as_java_writes(&mut document["components"]["schemas"]);
    Ok(document.to_string())
}

/// Apache's document has one answer for each request, whatever comes of it, and gives a type to those that are empty. So
/// what it says is held for what succeeds; what fails has the shape that its own clients read (`ErrorMessage`).
fn errors_apart(document: &mut Value) {
    let error = json!({"type": "object", "required": ["error_code", "message"], "additionalProperties": false,
        "properties": {"error_code": {"type": "integer"}, "message": {"type": "string", "nullable": true}}});
    let operations = document["paths"].as_object_mut().into_iter().flatten();
    for (_, operation) in operations.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten()) {
        let mut success = operation["responses"]["default"].take();
        if success["content"]["application/json"].get("schema").is_none()
            && let Some(success) = success.as_object_mut()
        {
            success.remove("content");
        }
        let failure = json!({"description": "failure", "content": {"application/json": {"schema": error}}});
        operation["responses"] = json!({"2XX": success, "default": failure});
    }
}

/// Java's types say less than they seem to in a schema: any string may be null, and `Map<String, ?>` holds anything. The
/// genuine worker's own answers are outside of its document otherwise.
fn as_java_writes(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if members.get("additionalProperties").is_some_and(|values| *values == json!({"type": "object"})) {
        members.insert("additionalProperties".to_owned(), Value::Bool(true));
    }
    if members.get("type").is_some_and(|kind| kind == "string") {
        members.insert("nullable".to_owned(), Value::Bool(true));
    }
    members.values_mut().for_each(as_java_writes);
}

/// A worker with something running, which the fuzzer may do anything with.
fn scene(case: &str) -> anyhow::Result<Scene> {
    let scene = Scene::new(case)?.with_files()?.start()?;
    scene.wait_running()?;
    lines::append(&scene.input(), 0, 10)?;
    scene.wait_for_lines(10, SOON)?;
    Ok(scene)
}

/// Sends what the fuzzer makes up from the document; an error with its report where something is not right.
fn fuzz(scene: &mut Scene, python: &Path, document: &str, checks: &str) -> anyhow::Result<()> {
    let file = scene.dir.join("openapi.json");
    std::fs::write(&file, document)?;
    // Both kinds of name: those the fuzzer thinks of, and those that are there.
    for (config, examples) in [("made-up.toml", 60), ("existing.toml", 30)] {
        let examples = if skips::soak() { examples * 4 } else { examples };
        let output = Command::new(python.with_file_name("st"))
            .current_dir(&scene.dir)
            .arg("--config-file")
            .arg(script(config))
            .arg("run")
            .arg(&file)
            .args(["--url", &format!("http://127.0.0.1:{}", scene.worker.port())])
            .args(["--phases", "examples,coverage,fuzzing", "--checks", checks, "--continue-on-failure"])
            // What workers ask of each other: one that is alone answers 500, the genuine one too.
            .args(["--exclude-tag", "Internal"])
            .args(["--max-examples", &examples.to_string(), "--seed", "1", "--suppress-health-check", "all"])
            .args(["--generation-database", "none", "--warnings", "off", "--no-color"])
            .args(["--request-timeout", &HANG_SECONDS.to_string()])
            .output()?;
        let report = String::from_utf8_lossy(&output.stdout);
        let summary = report.split_once("= SUMMARY =").map_or("", |(_, summary)| summary);
        println!(
            "{config}: {}",
            summary.lines().map(str::trim).filter(|l| l.contains("generated")).collect::<Vec<_>>().join("; ")
        );
        anyhow::ensure!(output.status.success(), "{config}: {report}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    anyhow::ensure!(scene.worker.is_alive(), "the worker is gone");
    scene.worker.connect().connectors().context("the worker does not answer any more")?;
    Ok(())
}

#[test]
fn requests_made_up_from_apaches_document_are_answered_within_it_and_without_server_errors() -> anyhow::Result<()> {
    let case = "fuzzing by Apache's document";
    let Some(peer) = genuine(case)? else { return Ok(()) };
    let Some(python) = skips::unless(case, tools::python(&[SCHEMATHESIS]))? else { return Ok(()) };
    let Some(document) = skips::unless(case, apaches_document(&peer))? else { return Ok(()) };
    let mut scene = scene("fuzz-apache")?;
    fuzz(&mut scene, &python, &document, "not_a_server_error,response_schema_conformance,content_type_conformance")
}

#[test]
fn requests_made_up_from_our_document_are_answered_as_it_says() -> anyhow::Result<()> {
    let case = "fuzzing by our document";
    let Some(python) = skips::unless(case, tools::python(&[SCHEMATHESIS]))? else { return Ok(()) };
    let mut scene = scene("fuzz-ours")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let document = scene.worker.connect().http.get("/openapi.json")?;
    anyhow::ensure!(document.status == 200, "{document:?}");
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                  response_schema_conformance,unsupported_method,allow_header_conformance,missing_required_header";
    fuzz(&mut scene, &python, &document.body, checks)
}
