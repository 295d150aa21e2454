//! Independent clients of Kafka Connect's REST interface, from the package registries, driven through everything they
//! can do: each script below `clients/` compares what it drove with what its client has.

use std::path::{Path, PathBuf};
use std::process::Command;

use watertight_cases::Scene;
use watertight_harness::{lines, skips, tools};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// A worker with something to read, and what a client is told: URL and file.
fn scene(case: &str) -> anyhow::Result<(Scene, [String; 2])> {
    let scene = Scene::new(case)?.start()?;
    lines::append(&scene.input(), 0, 10)?;
    let told = [format!("http://127.0.0.1:{}", scene.worker.port()), scene.input().display().to_string()];
    Ok((scene, told))
}

/// Runs a driver to its end; its last line tells how much was driven.
fn drive(client: &str, command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    anyhow::ensure!(output.status.success(), "{client}:\n{said}\n{errors}");
    println!("{client}: {}", said.lines().last().unwrap_or_default());
    Ok(())
}

#[test]
fn every_command_of_kafka_connect_py_from_pypi_works() -> anyhow::Result<()> {
    let client = "kafka-connect-py 1.0.0";
    let Some(python) = skips::unless(client, tools::python(&["kafka-connect-py==1.0.0"]))? else { return Ok(()) };
    let (_scene, told) = scene("client-kc")?;
    let kc = python.with_file_name("kc");
    drive(client, Command::new(&python).arg(script("kc_command.py")).arg(kc).args(told))
}

#[test]
fn everything_in_kafka_connect_api_from_pypi_works() -> anyhow::Result<()> {
    let client = "kafka-connect-api 0.5.10";
    let Some(python) = skips::unless(client, tools::python(&["kafka-connect-api==0.5.10"]))? else { return Ok(()) };
    let (_scene, told) = scene("client-api")?;
    drive(client, Command::new(python).arg(script("connect_api.py")).args(told))
}

#[test]
fn every_method_of_kafka_connect_client_from_npm_works() -> anyhow::Result<()> {
    let client = "kafka-connect-client 2.3.0";
    let Some(modules) = skips::unless(client, tools::node("kafka-connect-client@2.3.0"))? else { return Ok(()) };
    let (_scene, told) = scene("client-npm")?;
    drive(client, Command::new("node").arg(script("connect_client.cjs")).arg(modules).args(told))
}

#[test]
fn every_method_of_the_java_client_from_maven_central_works() -> anyhow::Result<()> {
    let client = "SourceLab's kafka-connect-client 4.0.4";
    let wanted = ("org.sourcelab", "kafka-connect-client", "4.0.4");
    let Some(jars) = skips::unless(client, tools::jars(wanted))? else { return Ok(()) };
    let (_scene, told) = scene("client-java")?;
    let class_path = format!("{}/*", jars.display());
    drive(client, Command::new("java").args(["-cp", &class_path]).arg(script("ConnectClient.java")).args(told))
}
