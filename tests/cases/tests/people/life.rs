//! A connector from its creation to its end.

use serde_json::Value;
use watertight_cases::Scene;
use watertight_harness::lines;
use watertight_harness::worker::{file_sink, file_source};

use crate::person::Person;

#[test]
fn a_person_looks_after_a_connector_from_its_creation_to_its_end() -> anyhow::Result<()> {
    let scene = Scene::new("people-life")?.start()?;
    let me = Person::of(&scene);
    lines::append(&scene.input(), 0, 50)?;
    anyhow::ensure!(me.says(&["connectors"])?.done()?.contains("There are no connectors"));

    let source = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    let sink = file_sink("k", &scene.output(), "people");
    let sink = me.writes("k.json", &sink.to_json().to_string())?;
    anyhow::ensure!(me.says(&["validate", &source])?.done()? == "s can be created like this\n");
    let out = me.says(&["create", &source, &sink, "--wait"])?.done()?;
    anyhow::ensure!(out == "Created s\nCreated k\n", "{out}");
    scene.wait_for_lines(50, watertight_cases::SOON)?;

    let list = me.says(&["connectors"])?.done()?;
    let list: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    anyhow::ensure!(list[0] == ["NAME", "TYPE", "STATE", "TASKS", "CLASS"], "{list:?}");
    anyhow::ensure!(list[1][..5] == ["k", "sink", "RUNNING", "1", "RUNNING"], "{list:?}");
    anyhow::ensure!(list[2][..5] == ["s", "source", "RUNNING", "1", "RUNNING"], "{list:?}");
    let status = me.says(&["status", "s"])?.done()?;
    anyhow::ensure!(status.starts_with("s (source) is RUNNING on 127.0.0.1:"), "{status}");
    anyhow::ensure!(me.says(&["status"])?.done()?.lines().count() == 3);
    let tasks = me.says(&["tasks", "s"])?.done()?;
    anyhow::ensure!(tasks.contains("FileStreamSourceTask"), "{tasks}");
    let show = me.says(&["show", "s"])?.done()?;
    anyhow::ensure!(show.starts_with("s (source)\nTasks: 0\n") && show.contains("topic "), "{show}");

    anyhow::ensure!(me.says(&["pause", "s", "k", "--wait"])?.done()? == "Pausing s\nPausing k\n");
    anyhow::ensure!(me.says(&["status", "s"])?.done()?.contains("is PAUSED"));
    me.says(&["resume", "s", "k", "--wait"])?.done()?;
    let set = me.says(&["set", "s", "batch.size=10", "topic=people"])?.done()?;
    anyhow::ensure!(set == "Changed s:\n  batch.size = 10\n  topic = people\n", "{set}");
    anyhow::ensure!(me.says(&["config", "s"])?.done()?.contains("batch.size=10\n"));
    me.says(&["set", "s", "batch.size="])?.done()?;
    anyhow::ensure!(!me.says(&["config", "s"])?.done()?.contains("batch.size"));

    anyhow::ensure!(me.says(&["restart", "s", "--wait"])?.done()? == "Restarting s\n");
    let plan = me.says(&["restart", "s", "--include-tasks", "--wait"])?.done()?;
    anyhow::ensure!(plan == "Restarting of s: the connector, task 0\n", "{plan}");
    let plan = me.says(&["restart", "s", "--include-tasks", "--only-failed"])?.done()?;
    anyhow::ensure!(plan == "Nothing of s needs a restart\n", "{plan}");
    me.says(&["restart", "s", "--task", "0", "--wait"])?.done()?;

    anyhow::ensure!(me.says(&["delete", "s", "k"])?.done()? == "Deleted s\nDeleted k\n");
    anyhow::ensure!(me.says(&["connectors", "--json"])?.done()?.trim() == "{}");
    Ok(())
}

#[test]
fn offsets_are_shown_altered_and_reset_while_a_connector_is_stopped() -> anyhow::Result<()> {
    let scene = Scene::new("people-offsets")?.start()?;
    let me = Person::of(&scene);
    lines::append(&scene.input(), 0, 20)?;
    let source = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    let sink = me.writes("k.properties", &file_sink("k", &scene.output(), "people").to_text())?;
    me.says(&["create", &source, &sink, "--wait"])?.done()?;
    scene.wait_for_lines(20, watertight_cases::SOON)?;
    me.says(&["offsets", "alter", "k", "--to", "people:0=5", "--yes"])?.complains(1, "watertight stop CONNECTOR")?;
    me.says(&["stop", "s", "k", "--wait"])?.done()?;

    let offsets = me.says(&["offsets", "k"])?.done()?;
    let shown: Vec<Vec<&str>> = offsets.lines().map(|line| line.split_whitespace().collect()).collect();
    anyhow::ensure!(shown == [["TOPIC", "PARTITION", "OFFSET"], ["people", "0", "20"]], "{offsets}");
    me.says(&["offsets", "alter", "k", "--to", "people:0=5"])?.done()?;
    anyhow::ensure!(me.says(&["offsets", "show", "k"])?.done()?.contains(" 5\n"));

    let source = me.says(&["offsets", "s", "--json"])?.done()?;
    anyhow::ensure!(me.says(&["offsets", "s"])?.done()?.contains("{\"position\":"), "{source}");
    let altered = source.replace(&format!("{}", 20 * (lines::WIDTH + 1)), "0");
    let said = me.pipes(&altered, &["offsets", "alter", "s", "-"])?.done()?;
    anyhow::ensure!(said.contains("altered successfully"), "{said}");
    anyhow::ensure!(me.says(&["offsets", "s"])?.done()?.contains("{\"position\":0}"));
    let said = me.says(&["offsets", "reset", "s"])?.done()?;
    anyhow::ensure!(said.contains("reset successfully"), "{said}");
    anyhow::ensure!(me.says(&["offsets", "s"])?.done()? == "No offsets yet\n");
    me.pipes("[]", &["offsets", "alter", "s", "-"])?.complains(3, "\"offsets\"")?;
    me.says(&["offsets", "alter", "s", "--to", "people=5"])?.complains(2, "TOPIC:PARTITION=OFFSET")?;
    Ok(())
}

#[test]
fn every_kind_of_mistake_has_its_exit_code_and_says_what_to_do() -> anyhow::Result<()> {
    let scene = Scene::new("people-mistakes")?.start()?;
    let me = Person::of(&scene);
    let config = file_source("s", &scene.input(), "people");
    let file = me.writes("s.properties", &config.to_text())?;
    me.says(&["create", &file, "--state", "paused", "--wait"])?.done()?;

    me.says(&["status", "zz"])?.complains(4, "'watertight connectors' lists")?;
    me.says(&["pause", "zz"])?.complains(4, "zz")?;
    me.says(&["restart", "s", "--task", "7"])?.complains(4, "7")?;
    me.says(&["plugin", "Nope"])?.complains(4, "watertight plugins")?;
    me.says(&["log-level", "nope.nope"])?.complains(4, "watertight loggers")?;
    me.says(&["topics-used", "zz"])?.complains(4, "zz not found")?;
    me.says(&["create", &file])?.complains(5, "--replace")?;
    anyhow::ensure!(me.says(&["create", "--replace", &file])?.done()? == "Replaced the settings of s\n");

    me.says(&["set", "s", "tasks.max=x"])?.complains(3, "tasks.max")?;
    anyhow::ensure!(me.says(&["config", "s"])?.done()?.contains("tasks.max=1\n"));
    let wrong = me.writes("w.properties", &config.clone().with("tasks.max", "x").with("name", "w").to_text())?;
    let said = me.says(&["validate", &wrong])?;
    anyhow::ensure!(said.out.contains("tasks.max") && said.code == Some(3), "{said:?}");
    me.says(&["create", &wrong])?.complains(3, "tasks.max")?;
    me.says(&["create", "no-such-file"])?.complains(3, "no-such-file")?;
    me.pipes("{\"name\": \"x\"", &["create", "-"])?.complains(3, "malformed JSON")?;
    me.pipes("file=x", &["create", "-"])?.complains(3, "'name'")?;

    me.says(&["set", "s"])?.complains(2, "KEY=VALUE")?;
    me.says(&["status", ""])?.complains(2, "--help")?;
    me.says(&["statsu"])?.complains(2, "status")?;
    me.says(&["connectors", "--url", "ftp://h"])?.complains(2, "http://localhost:8083")?;
    me.says(&["connectors", "--url", "http://127.0.0.1:1"])?.complains(6, "WATERTIGHT_URL")?;
    let broker = format!("http://{}", scene.broker.bootstrap());
    let said = me.says(&["connectors", "--url", &broker, "--timeout", "3"])?;
    anyhow::ensure!(matches!(said.code, Some(1 | 6)) && said.err.contains("--url"), "{said:?}");
    me.says(&["topics", "--bootstrap", "127.0.0.1:1"])?.complains(6, "--bootstrap")?;
    Ok(())
}

#[test]
fn json_is_what_the_worker_said() -> anyhow::Result<()> {
    let scene = Scene::new("people-json")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    let created: Value = serde_json::from_str(&me.says(&["create", &file, "--wait", "--json"])?.done()?)?;
    anyhow::ensure!(created["name"] == "s", "{created}");
    let http = &scene.worker.connect().http;
    for (words, path) in [
        (&["connectors"][..], "/connectors?expand=status&expand=info"),
        (&["status"], "/connectors?expand=status"),
        (&["status", "s"], "/connectors/s/status"),
        (&["show", "s"], "/connectors/s"),
        (&["config", "s"], "/connectors/s/config"),
        (&["tasks", "s"], "/connectors/s/tasks"),
        (&["offsets", "s"], "/connectors/s/offsets"),
        (&["topics-used", "s"], "/connectors/s/topics"),
        (&["plugins"], "/connector-plugins"),
        (&["plugins", "--all"], "/connector-plugins?connectorsOnly=false"),
        (&["plugin", "FileStreamSource"], "/connector-plugins/FileStreamSource/config"),
        (&["loggers"], "/admin/loggers"),
        (&["log-level", "root"], "/admin/loggers/root"),
        (&["health"], "/health"),
    ] {
        let words = [words, &["--json"]].concat();
        let printed: Value = serde_json::from_str(&me.says(&words)?.done()?)?;
        anyhow::ensure!(printed == http.get(path)?.json()?, "{words:?}: {printed}");
    }
    let changed = me.says(&["log-level", "root", "info", "--json"])?.done()?;
    anyhow::ensure!(serde_json::from_str::<Value>(&changed)?.is_array(), "{changed}");
    anyhow::ensure!(me.says(&["pause", "s", "--json"])?.done()?.trim().is_empty(), "the worker says nothing");
    Ok(())
}

#[test]
fn names_of_any_kind_reach_the_worker() -> anyhow::Result<()> {
    let scene = Scene::new("people-names")?.start()?;
    let me = Person::of(&scene);
    // What a path segment may hold is decided by the genuine worker's HTTP server: no slash, no percent sign.
    let names =
        if scene.worker.is_ours() { &["a b", "ü漢", "a/b", "50%", "a?b#c", "-x"][..] } else { &["a b", "ü漢"] };
    for name in names {
        let file = me.writes("n.json", &file_source(name, &scene.input(), "people").to_json().to_string())?;
        me.says(&["create", &file, "--state", "stopped"])?.done()?;
        let status = me.says(&["status", "--", name])?.done()?;
        anyhow::ensure!(status.starts_with(&format!("{name} (source)")), "{status}");
        me.says(&["delete", "--", name])?.done()?;
    }
    Ok(())
}
