//! Watching, colours, completion, and what comes from outside.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use watertight_cases::topics::{Letter, write};
use watertight_cases::{SOON, Scene};
use watertight_harness::worker::file_source;
use watertight_harness::{signals, wait};

use crate::person::Person;

#[test]
fn a_watch_goes_on_while_the_worker_is_away_and_shows_what_changed() -> anyhow::Result<()> {
    let mut scene = Scene::new("people-watch")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--wait"])?.done()?;
    let mut command = me.command(&["connectors", "--watch=0.2"]);
    let mut watch = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (Some(out), Some(err)) = (watch.stdout.take(), watch.stderr.take()) else { anyhow::bail!("no pipes") };
    let lines = |pipe: Box<dyn std::io::Read + Send>| {
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            BufReader::new(pipe).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        receive
    };
    let (out, err) = (lines(Box::new(out)), lines(Box::new(err)));
    let wait_for = |what: &str| {
        wait::until(what, SOON, || match out.recv_timeout(Duration::from_millis(50)) {
            Ok(line) if line.contains(what) => Ok(()),
            other => Err(format!("{other:?}")),
        })
    };
    wait_for("RUNNING")?;
    me.says(&["pause", "s", "--wait"])?.done()?;
    wait_for("PAUSED")?;
    scene.worker.kill();
    let said = err.recv_timeout(SOON)?;
    anyhow::ensure!(said.contains("cannot reach a worker"), "{said}");
    scene.worker.start()?;
    wait_for("There are no connectors")?;
    anyhow::ensure!(watch.try_wait()?.is_none(), "it ended");
    signals::interrupt(watch.id());
    anyhow::ensure!(watch.wait()?.code() == Some(0));
    Ok(())
}

#[test]
fn a_terminal_is_redrawn_in_colours_and_a_pipe_gets_plain_text() -> anyhow::Result<()> {
    let scene = Scene::new("people-colours")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("s", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--wait"])?.done()?;
    let shown = me.types("", &["connectors"])?.done()?;
    anyhow::ensure!(shown.contains("\u{1b}[32mRUNNING\u{1b}[0m"), "{shown:?}");
    let shown = me.types("", &["status", "s", "--watch=0.2"])?.done()?;
    anyhow::ensure!(shown.contains("\u{1b}[H") && shown.contains("every 0.2 s"), "{shown:?}");
    anyhow::ensure!(!me.says(&["connectors"])?.done()?.contains('\u{1b}'));
    Ok(())
}

#[test]
fn nothing_in_a_setting_or_a_trace_steers_the_terminal() -> anyhow::Result<()> {
    let scene = Scene::new("people-escapes")?.start()?;
    let me = Person::of(&scene);
    let config = file_source("s", &scene.input(), "people").with("evil", "\u{1b}]0;owned\u{7}\u{202e}x\ny");
    let created = json!({"name": "s", "config": config.to_json(), "initial_state": "STOPPED"});
    scene.worker.connect().http.post("/connectors", &created)?.expect(201)?;
    for words in [&["show", "s"][..], &["config", "s"], &["connectors"]] {
        let shown = me.says(words)?.done()?;
        anyhow::ensure!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{words:?}: {shown:?}");
    }
    let shown = me.says(&["show", "s"])?.done()?;
    anyhow::ensure!(shown.contains("\\x1b]0;owned\\x07\\u{202e}x\\ny"), "{shown}");
    // The printed file makes the same connector again.
    let again = me.says(&["config", "s"])?.done()?;
    me.says(&["delete", "s"])?.done()?;
    me.pipes(&again, &["create", "-", "--state", "stopped"])?.done()?;
    let now = scene.worker.connect().http.get("/connectors/s/config")?.expect(200)?;
    anyhow::ensure!(now == config.to_json(), "{now}");
    Ok(())
}

#[test]
fn shells_complete_commands_and_the_names_that_the_worker_knows() -> anyhow::Result<()> {
    let scene = Scene::new("people-completion")?.start()?;
    let me = Person::of(&scene);
    let file = me.writes("s.properties", &file_source("orders", &scene.input(), "people").to_text())?;
    me.says(&["create", &file, "--state", "stopped"])?.done()?;
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = me.says(&["completion", shell])?.done()?;
        anyhow::ensure!(script.contains("WATERTIGHT_COMPLETE"), "{shell}: {script}");
    }
    me.says(&["completion", "tcsh"])?.complains(2, "bash")?;
    // As bash would: the script, then the function that it defines.
    let script = me.says(&["completion", "bash"])?.done()?;
    let complete = |line: &str| -> anyhow::Result<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let test = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9\n_clap_complete_watertight watertight {} x\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words.len() - 1,
            words.last().filter(|word| !word.is_empty()).unwrap_or(&"''"),
        );
        let worker = format!("http://127.0.0.1:{}", scene.worker.port());
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &test]).env("WATERTIGHT_URL", worker).env("WATERTIGHT_BOOTSTRAP", scene.broker.bootstrap());
        let output = bash.output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    anyhow::ensure!(complete("watertight con")?.contains("connectors"), "{}", complete("watertight con")?);
    for line in ["watertight status or", "watertight delete o", "watertight offsets reset ", "watertight pause x o"] {
        let found = complete(line)?;
        anyhow::ensure!(found.lines().any(|name| name.trim() == "orders"), "{line}: {found}");
    }
    let found = complete("watertight plugin org.apache.kafka.connect.file.FileStreamSo")?;
    anyhow::ensure!(found.contains("FileStreamSourceConnector"), "{found}");
    write(&scene.broker.bootstrap(), "parcels", &[Letter { value: Some("x".to_owned()), ..Letter::default() }])?;
    anyhow::ensure!(complete("watertight tail par")?.contains("parcels"), "{}", complete("watertight tail par")?);
    Ok(())
}
