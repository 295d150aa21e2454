//! Components made for another contract, or that lie about themselves, are named with the difference and
//! hide nobody.

use watertight_cases::{SOON, Scene, component};
use watertight_harness::properties::Properties;
use watertight_harness::worker::FILE_SOURCE;
use watertight_harness::{lines, paths, wait};

fn line_about(scene: &Scene, name: &str) -> anyhow::Result<String> {
    wait::until(&format!("{name} to be named in the log"), SOON, || {
        let log = scene.worker.log();
        let line = log.lines().find(|l| l.contains(name) && (l.contains("WARN") || l.contains("ERROR")));
        line.map(str::to_owned).ok_or("no such line".into())
    })
}

fn scene(case: &str) -> anyhow::Result<Scene> {
    let mut scene = Scene::new(case)?.with_files()?;
    scene.worker = scene.worker.with_test_guests();
    scene.start()
}

#[test]
fn a_changed_contract_is_named_with_the_difference() -> anyhow::Result<()> {
    component(&paths::guests(), "changed-contract.wasm")?;
    let scene = scene("contract-changed")?;
    let line = line_about(&scene, "changed-contract.wasm")?;
    println!("contract-changed: {line}");
    anyhow::ensure!(line.contains("watertight:") && line.contains("this worker"), "{line}");
    anyhow::ensure!(scene.worker.connect().plugins()?.iter().any(|c| c == FILE_SOURCE), "it hides the others");
    lines::append(&scene.input(), 0, 10)?;
    anyhow::ensure!(scene.wait_for_lines(10, SOON)?.is_exact());
    Ok(())
}

/// It says our version, so only the types tell: the worker compares them before it links anything.
#[test]
fn a_record_with_a_field_more_is_named_with_its_interface() -> anyhow::Result<()> {
    component(&paths::guests(), "changed-record.wasm")?;
    let scene = scene("contract-record")?;
    let said = refusal(&scene, "watertight.test.ChangedContractSourceConnector")?;
    println!("contract-record: {said}");
    anyhow::ensure!(said.contains("watertight:source"), "the interface is not named: {said}");
    lines::append(&scene.input(), 0, 10)?;
    anyhow::ensure!(scene.wait_for_lines(10, SOON)?.is_exact());
    Ok(())
}

#[test]
fn a_component_that_lies_in_its_metadata_loses_its_classes() -> anyhow::Result<()> {
    component(&paths::guests(), "lying.wasm")?;
    let scene = scene("contract-lying")?;
    for class in ["watertight.test.LyingSourceConnector", "watertight.test.InventedSourceConnector"] {
        let said = refusal(&scene, class)?;
        println!("contract-lying: {said}");
        anyhow::ensure!(!said.contains("ESCAPED"), "{said}");
    }
    let line = line_about(&scene, "lying.wasm")?;
    println!("contract-lying: {line}");
    let connect = scene.worker.connect();
    let withdrawn = || connect.plugins().is_ok_and(|p| !p.iter().any(|c| c.starts_with("watertight.test.Lying")));
    wait::until_true("the class to be withdrawn", SOON, withdrawn)?;
    anyhow::ensure!(connect.plugins()?.iter().any(|c| c == FILE_SOURCE), "it hides the others");
    Ok(())
}

/// What a user hears who wants a connector of this class.
fn refusal(scene: &Scene, class: &str) -> anyhow::Result<String> {
    let connect = scene.worker.connect();
    let config = Properties::new().with("name", "refused").with("connector.class", class).with("tasks.max", 1);
    let answer = connect.post(&config)?;
    if answer.status != 201 {
        anyhow::ensure!(connect.connectors()?.iter().all(|c| c != "refused"), "refused, and there: {answer:?}");
        return Ok(answer.message());
    }
    let trace = connect.wait_failed("refused", SOON)?;
    connect.http.delete("/connectors/refused")?.expect(204)?;
    Ok(trace)
}
