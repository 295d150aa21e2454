//! `PATCH /connectors/{c}/config` (KIP-477).

use serde_json::json;

use super::ground::{Case, says};

pub const CASES: &[Case] = &[
    ("a patch changes what it names, null takes away, and the rest stays", |g| {
        g.create(&g.ladder().with("one", 1).with("two", 2))?;
        let patched = g.patch(&json!({"one": null, "two": "3", "new": "4", "nobody": null}))?.expect(200)?;
        let expected = g.ladder().with("two", 3).with("new", 4).to_json();
        anyhow::ensure!(patched["config"] == expected && patched["type"] == "source", "{patched}");
        anyhow::ensure!(g.get("config")?.expect(200)? == expected);
        g.see("RUNNING | RUNNING RUNNING")
    }),
    ("a patch of tasks.max changes the tasks", |g| {
        g.create(&g.ladder())?;
        g.patch(&json!({"tasks.max": "1"}))?.expect(200)?;
        g.see("RUNNING | RUNNING")?;
        g.patch(&json!({"tasks.max": 3}))?.expect(200)?;
        g.see("RUNNING | RUNNING RUNNING RUNNING")?;
        anyhow::ensure!(g.get("config")?.expect(200)?["tasks.max"] == "3");
        Ok(())
    }),
    ("an empty patch changes nothing", |g| {
        g.create(&g.ladder())?;
        let patched = g.patch(&json!({}))?.expect(200)?;
        anyhow::ensure!(patched["config"] == g.ladder().to_json(), "{patched}");
        Ok(())
    }),
    ("a patched connector stays paused, or stopped", |g| {
        g.create_in(&g.ladder(), "PAUSED")?;
        g.patch(&json!({"a": "b"}))?.expect(200)?;
        g.stays("PAUSED |")?;
        g.act("stop")?;
        g.patch(&json!({"a": "c"}))?.expect(200)?;
        g.stays("STOPPED |")
    }),
    ("a patch of nobody is not found, whatever stands in it", |g| {
        for patch in [json!({}), json!({"a": "b"}), json!({"name": "other"})] {
            says(&g.patch(&patch)?, 404, &format!("Connector {} not found", g.name))?;
        }
        Ok(())
    }),
    ("a patch that makes the config bad is refused and changes nothing", |g| {
        g.create(&g.ladder())?;
        let refused = g.patch(&json!({"tasks.max": "x", "a": "b"}))?;
        let said = "Connector configuration is invalid and contains the following 2 error(s):\nInvalid value x for configuration tasks.max: Not a number of type INT\n";
        anyhow::ensure!(refused.status == 400 && refused.message().starts_with(said), "{refused:?}");
        anyhow::ensure!(g.get("config")?.expect(200)? == g.ladder().to_json());
        g.stays("RUNNING | RUNNING RUNNING")
    }),
    ("a patch cannot take the class away, nor the name", |g| {
        g.create(&g.ladder())?;
        let refused = g.patch(&json!({"connector.class": null}))?;
        anyhow::ensure!(
            refused.status == 400 && refused.message().ends_with("} contains no connector type"),
            "{refused:?}"
        );
        let refused = g.patch(&json!({"name": null}))?;
        let said = "Missing required configuration \"name\" which has no default value.";
        anyhow::ensure!(refused.status == 400 && refused.message().contains(said), "{refused:?}");
        Ok(())
    }),
    ("a patch with the connector's own name is fine, with another is refused", |g| {
        g.create(&g.ladder())?;
        g.patch(&json!({"name": g.name}))?.expect(200)?;
        let other = g.patch(&json!({"name": "other"}))?;
        // The genuine worker keeps the connector's name and stores the other one in its config.
        if g.is_ours() {
            let said =
                format!("Connector name configuration (other) doesn't match connector name in the URL ({})", g.name);
            says(&other, 400, &said)?;
        } else {
            other.expect(200)?;
        }
        Ok(())
    }),
];
