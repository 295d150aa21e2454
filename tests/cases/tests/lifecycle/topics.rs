//! Topics that connectors use (`ConnectorTopicsIntegrationTest`).

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_harness::wait;
use watertight_harness::worker::file_sink;

use super::ground::{A_WHILE, Case, Ground};

pub const CASES: &[Case] = &[
    ("a source's topics are those that it wrote to, sorted and each once", |g| {
        g.create(&g.ladder().with("topic", "topics-b"))?;
        wait_topics(g, &["topics-b"])?;
        g.put(&g.ladder().with("topic", "topics-a"))?.expect(200)?;
        wait_topics(g, &["topics-a", "topics-b"])
    }),
    ("a connector that wrote nothing uses no topic", |g| {
        g.create(&g.ladder())?;
        g.see("RUNNING | RUNNING RUNNING")?;
        wait_topics(g, &[])
    }),
    ("a reset forgets, and what is used afterwards comes back", |g| {
        g.create(&g.ladder().with("topic", "topics-c"))?;
        wait_topics(g, &["topics-c"])?;
        g.act("pause")?;
        g.see("PAUSED | PAUSED PAUSED")?;
        std::thread::sleep(A_WHILE);
        reset(g)?;
        wait_topics(g, &[])?;
        g.act("resume")?;
        wait_topics(g, &["topics-c"])
    }),
    ("topics are remembered over a stop and a restart", |g| {
        g.create(&g.ladder().with("topic", "topics-d"))?;
        wait_topics(g, &["topics-d"])?;
        g.act("restart")?;
        g.act("stop")?;
        wait_topics(g, &["topics-d"])
    }),
    ("a deleted connector's topics are forgotten", |g| {
        g.create(&g.ladder().with("topic", "topics-e"))?;
        wait_topics(g, &["topics-e"])?;
        g.connect.http.delete(&format!("/connectors/{}", g.name))?.expect(204)?;
        std::thread::sleep(A_WHILE);
        // The genuine standalone worker keeps them, and the connector of that name that comes next has them.
        if g.is_ours() {
            wait_topics(g, &[])?;
        }
        Ok(())
    }),
    ("a sink's topics are those that it read from", |g| {
        let source = g.ladder().with("topic", "topics-f");
        g.create(&source)?;
        wait_topics(g, &["topics-f"])?;
        let sink = format!("{}-sink", g.name);
        let file = g.scene.dir.join("sink.txt");
        g.connect.create(&file_sink(&sink, &file, "topics-f"))?;
        wait_topics_of(g, &sink, &["topics-f"])
    }),
    ("nobody's topics are none, and may be reset", |g| {
        wait_topics(g, &[])?;
        reset(g)
    }),
];

fn reset(g: &Ground) -> anyhow::Result<()> {
    g.connect.http.put(&g.path("topics/reset"), &Value::Null)?.expect(202).map(drop)
}

fn wait_topics(g: &Ground, topics: &[&str]) -> anyhow::Result<()> {
    wait_topics_of(g, &g.name, topics)
}

fn wait_topics_of(g: &Ground, name: &str, topics: &[&str]) -> anyhow::Result<()> {
    let expected = json!({name: {"topics": topics}});
    wait::until("the topics to be as they should", SOON, || {
        let shown = g.connect.http.get(&format!("/connectors/{name}/topics")).and_then(|answer| answer.expect(200));
        match shown.map(sorted) {
            Ok(found) if found == expected => Ok(()),
            other => Err(format!("{other:?} instead of {expected}")),
        }
    })
}

/// The genuine worker tells them in no order.
fn sorted(mut shown: Value) -> Value {
    for connector in shown.as_object_mut().into_iter().flat_map(|object| object.values_mut()) {
        if let Some(topics) = connector["topics"].as_array_mut() {
            topics.sort_by_key(ToString::to_string);
        }
    }
    shown
}
