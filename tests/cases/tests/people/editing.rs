//! `edit`: what an editor leaves behind, right or wrong.

use serde_json::json;
use watertight_cases::Scene;
use watertight_harness::worker::file_source;

use crate::person::Person;

#[test]
fn an_edit_takes_force_when_it_is_valid_and_changes_nothing_otherwise() -> anyhow::Result<()> {
    let scene = Scene::new("people-edit")?.start()?;
    let me = Person::of(&scene);
    let config = file_source("s", &scene.input(), "people").with("odd.one", " a\\b\nc\u{1b}ü=:#!");
    let http = &scene.worker.connect().http;
    http.post("/connectors", &json!({"name": "s", "config": config.to_json(), "initial_state": "STOPPED"}))?
        .expect(201)?;
    let now = || http.get("/connectors/s/config")?.expect(200);

    let with = |name: &str, does: &str| anyhow::Ok(Person::of(&scene).with("EDITOR", &me.editor(name, does)?));
    anyhow::ensure!(with("looks", "true")?.says(&["edit", "s"])?.done()?.is_empty());
    let said = with("adds", "echo batch.size=7 >> \"$1\"")?.says(&["edit", "s"])?;
    anyhow::ensure!(said.out == "Changed s\n", "{said:?}");
    anyhow::ensure!(now()? == config.clone().with("batch.size", 7).to_json(), "{}", now()?);

    let said = with("json", "sed -i 's/\"7\"/\"8\"/' \"$1\"")?.says(&["edit", "s", "--as-json"])?;
    anyhow::ensure!(said.out == "Changed s\n", "{said:?}");
    let valid = config.with("batch.size", 8).to_json();
    anyhow::ensure!(now()? == valid);

    for (name, does, code, words) in [
        ("breaks", "echo tasks.max=x >> \"$1\"", 3, "tasks.max"),
        ("renames", "sed -i s/^name=s/name=t/ \"$1\"", 3, "cannot be renamed"),
        ("empties", ": > \"$1\"", 3, "'name'"),
        ("fails", "exit 3", 1, "nothing was changed"),
    ] {
        with(name, does)?.says(&["edit", "s"])?.complains(code, words)?;
        anyhow::ensure!(now()? == valid, "{name} changed it: {}", now()?);
    }
    Ok(())
}

#[test]
fn what_was_typed_is_kept_whatever_becomes_of_the_editor() -> anyhow::Result<()> {
    let scene = Scene::new("people-edit-keeps")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--state", "stopped"])?.done()?;
    let before = scene.worker.connect().http.get("/connectors/s/config")?.expect(200)?;
    for (name, does, code) in [
        ("keeps", "echo tasks.max=x >> \"$1\"", 3),
        ("crashes", "echo tasks.max=x >> \"$1\"; exit 3", 1),
        ("garbles", "printf 'tasks.max=x\\377\\n' >> \"$1\"", 3),
    ] {
        let said = Person::of(&scene).with("EDITOR", &me.editor(name, does)?).says(&["edit", "s"])?.failed(code)?;
        let kept = said.lines().find_map(|line| line.split_once("what you wrote is in ")).map(|(_, path)| path);
        let kept = kept.ok_or_else(|| anyhow::anyhow!("{name}: {said}"))?;
        anyhow::ensure!(String::from_utf8_lossy(&std::fs::read(kept)?).contains("tasks.max=x"), "{name}");
        std::fs::remove_file(kept)?;
        anyhow::ensure!(scene.worker.connect().http.get("/connectors/s/config")?.expect(200)? == before, "{name}");
    }
    Ok(())
}

#[test]
fn what_somebody_else_changed_meanwhile_is_not_overwritten() -> anyhow::Result<()> {
    let scene = Scene::new("people-edit-race")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--state", "stopped"])?.done()?;
    let watertight = watertight_harness::paths::binary("watertight");
    let editor =
        me.editor("slow", &format!("{} set s batch.size=5\necho batch.size=6 >> \"$1\"", watertight.display()))?;
    me.with("EDITOR", &editor).says(&["edit", "s"])?.complains(1, "somebody else has changed s")?;
    let now = scene.worker.connect().http.get("/connectors/s/config")?.expect(200)?;
    anyhow::ensure!(now["batch.size"] == "5", "{now}");
    Ok(())
}

#[test]
fn on_a_terminal_a_mistake_can_be_mended_and_what_is_lost_is_asked_about() -> anyhow::Result<()> {
    let scene = Scene::new("people-terminal")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--state", "stopped"])?.done()?;
    // Wrong at first; the second time it finds the complaint above the settings, and mends it.
    let does = "if grep -q '^# tasks.max' \"$1\"; then sed -i s/^tasks.max=x/tasks.max=3/ \"$1\"; \
                else sed -i s/^tasks.max=1/tasks.max=x/ \"$1\"; fi";
    let editor = me.editor("twice", does)?;
    let me = me.with("EDITOR", &editor);
    let said = me.types("y\n", &["edit", "s"])?;
    anyhow::ensure!(said.code == Some(0) && said.out.contains("Edit again? [Y/n]"), "{said:?}");
    let now = scene.worker.connect().http.get("/connectors/s/config")?.expect(200)?;
    anyhow::ensure!(now["tasks.max"] == "3", "{now} {said:?}");

    let said = me.types("n\n", &["delete", "s"])?;
    anyhow::ensure!(said.code == Some(1) && said.out.contains("Delete s on http"), "{said:?}");
    anyhow::ensure!(scene.worker.connect().connectors()? == ["s"]);
    let said = me.types("y\n", &["delete", "s"])?;
    anyhow::ensure!(said.code == Some(0) && said.out.contains("Deleted s"), "{said:?}");
    anyhow::ensure!(scene.worker.connect().connectors()?.is_empty());
    Ok(())
}
