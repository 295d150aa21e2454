//! Looking into topics.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde_json::{Value, json};
use watertight_cases::topics::{Letter, write};
use watertight_cases::{SOON, Scene};
use watertight_harness::properties::Properties;
use watertight_harness::signals;

use crate::person::Person;

fn letter(key: Option<&str>, value: Option<&str>) -> Letter {
    Letter { key: key.map(str::to_owned), value: value.map(str::to_owned), ..Letter::default() }
}

#[test]
fn a_topic_is_looked_into_and_no_group_is_left_behind() -> anyhow::Result<()> {
    let scene = Scene::new("people-topics")?;
    let me = Person::of(&scene);
    let bootstrap = scene.broker.bootstrap();
    let mut letters: Vec<Letter> = (0..10).map(|n| letter(Some("k"), Some(&format!("line {n}")))).collect();
    letters.push(Letter {
        headers: vec![("h".to_owned(), Some("x".to_owned()))],
        timestamp: Some(951_782_399_999),
        ..letter(None, Some("esc \u{1b}[2J\nü"))
    });
    letters.push(letter(Some("gone"), None));
    write(&bootstrap, "letters", &letters)?;

    let listed = me.says(&["topics"])?.done()?;
    anyhow::ensure!(listed.lines().any(|line| line.starts_with("letters ")), "{listed}");
    let one: Value = serde_json::from_str(&me.says(&["topics", "letters", "--json"])?.done()?)?;
    anyhow::ensure!(one[0] == json!({"topic": "letters", "partition": 0, "start": 0, "end": 12}), "{one}");
    me.says(&["topics", "no-such"])?.complains(4, "watertight topics")?;
    me.says(&["tail", "no-such"])?.complains(4, "no-such")?;
    me.says(&["tail", "letters", "--partition", "9"])?.complains(4, "partition 9")?;

    let all = me.says(&["tail", "letters", "--from-beginning", "--exit"])?.done()?;
    anyhow::ensure!(all.lines().count() == 12 && all.starts_with("line 0\nline 1\n"), "{all:?}");
    anyhow::ensure!(all.ends_with("line 9\nesc \\x1b[2J\\nü\nnull\n"), "{all:?}");
    let some = me.says(&["tail", "letters", "-b", "--max", "2", "--key"])?.done()?;
    anyhow::ensure!(some == "k\tline 0\nk\tline 1\n", "{some:?}");
    let last = me.says(&["tail", "letters", "-n", "2", "--no-follow", "--offsets", "--headers", "--partition", "0"])?;
    let last = last.done()?;
    anyhow::ensure!(last.starts_with("0:10 2000-02-28 23:59:59\th:x\tesc"), "{last:?}");
    let exact = me.says(&["tail", "letters", "-n", "2", "-e", "--json"])?.done()?;
    let exact: Vec<Value> = exact.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    anyhow::ensure!(exact[0]["value"] == "esc \u{1b}[2J\nü" && exact[0]["headers"][0]["value"] == "x", "{exact:?}");
    anyhow::ensure!(exact[1]["value"].is_null() && exact[1]["key"] == "gone" && exact[1]["offset"] == 11);

    let groups: BaseConsumer = ClientConfig::new().set("bootstrap.servers", &bootstrap).create()?;
    let groups = groups.fetch_group_list(None, SOON)?;
    let names: Vec<&str> = groups.groups().iter().map(|group| group.name()).collect();
    anyhow::ensure!(names.is_empty(), "{names:?}");
    Ok(())
}

#[test]
fn a_tail_follows_until_it_is_told_to_stop() -> anyhow::Result<()> {
    let scene = Scene::new("people-follow")?;
    let me = Person::of(&scene);
    let bootstrap = scene.broker.bootstrap();
    write(&bootstrap, "news", &[letter(None, Some("old"))])?;
    let file = Properties::new()
        .with("bootstrap.servers", &bootstrap)
        .with("key.converter", "x")
        .with("consumer.fetch.max.wait.ms", 20);
    let file = me.writes("w.properties", &file.to_text())?;
    let mut command = me.command(&["tail", "news", "--worker", &file]);
    let mut tail = command.env_remove("WATERTIGHT_BOOTSTRAP").stdout(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(tail.stdout.take().ok_or_else(|| anyhow::anyhow!("no pipe"))?);
    // When it has begun cannot be seen from outside: so there is always something new.
    let (done, over) = std::sync::mpsc::channel::<()>();
    let writer = std::thread::spawn(move || {
        (0..).try_for_each(|n| {
            write(&bootstrap, "news", &[letter(None, Some(&format!("new {n}")))])?;
            match over.recv_timeout(std::time::Duration::from_millis(200)) {
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => Ok(()),
                _ => anyhow::bail!("over"),
            }
        })
    });
    let mut line = String::new();
    out.read_line(&mut line)?;
    anyhow::ensure!(line.starts_with("new "), "{line}");
    drop(done);
    let _ = writer.join();
    anyhow::ensure!(tail.try_wait()?.is_none(), "it ended");
    signals::interrupt(tail.id());
    anyhow::ensure!(tail.wait()?.code() == Some(0));

    // A reader that has seen enough ends it, too.
    let mut head = me.command(&["tail", "news", "-b"]).stdout(Stdio::piped()).spawn()?;
    let mut out = BufReader::new(head.stdout.take().ok_or_else(|| anyhow::anyhow!("no pipe"))?);
    out.read_line(&mut line)?;
    drop(out);
    anyhow::ensure!(head.wait()?.code() == Some(0));
    Ok(())
}
