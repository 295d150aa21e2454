//! Two versions of one class side by side (KIP-891).

use std::time::Duration;

use watertight_cases::SOON;
use watertight_harness::wait;

use super::ground::{Case, FIRST, Ground, LADDER, SECOND};

const HOIST: &str = "org.apache.kafka.connect.transforms.HoistField$Value";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

pub const CASES: &[Case] = &[
    ("every version is listed", |g| {
        let listed = g.connect.http.get("/connector-plugins")?.expect(200)?;
        let versions: Vec<&str> = listed
            .as_array()
            .into_iter()
            .flatten()
            .filter(|plugin| plugin["class"] == LADDER)
            .filter_map(|plugin| plugin["version"].as_str())
            .collect();
        anyhow::ensure!(versions == [FIRST, SECOND], "{versions:?}");
        Ok(())
    }),
    ("the latest is taken where nobody says which", |g| {
        g.create(&g.ladder())?;
        runs(g, SECOND)
    }),
    ("a range takes the latest that it allows, and the status says which that is", |g| {
        for (range, version) in [
            (FIRST, FIRST),
            ("latest", SECOND),
            ("[1.0.0-ladder]", FIRST),
            ("[1.0.0-ladder,2.0.0-ladder)", FIRST),
            ("(,2.0.0-ladder]", SECOND),
            ("[1,)", SECOND),
            ("[1.0.0-ladder,1.0.0-ladder],[1.5,3)", SECOND),
        ] {
            let put = g.put(&g.ladder().with("connector.plugin.version", range))?;
            anyhow::ensure!(put.status < 300, "{range}: {put:?}");
            runs(g, version).map_err(|error| error.context(range))?;
        }
        Ok(())
    }),
    ("a version that is not there is refused, with those that are", |g| {
        g.create(&g.ladder().with("connector.plugin.version", FIRST))?;
        for (range, shown) in [("9.9", "[9.9,9.9]"), ("[3,)", "[3,)"), ("1.0.0", "[1.0.0,1.0.0]")] {
            let refused = g.put(&g.ladder().with("connector.plugin.version", range))?;
            let said = format!(
                "Plugin {LADDER} not found that matches the version range {shown}, available versions: [{FIRST}, {SECOND}]"
            );
            anyhow::ensure!(refused.status == 400 && refused.message().contains(&said), "{refused:?}");
        }
        runs(g, FIRST)
    }),
    ("what is no version is refused in maven's words", |g| {
        for (range, said) in [
            ("[1.0", "Unbounded range: [1.0"),
            ("(1.0)", "Single version must be surrounded by []: (1.0)"),
            ("[2.0,1.0]", "Range defies version ordering: [2.0,1.0]"),
            ("[1,3],[2,4]", "Ranges overlap: [1,3],[2,4]"),
        ] {
            let refused = g.connect.post(&g.ladder().with("connector.plugin.version", range))?;
            anyhow::ensure!(refused.status == 400 && refused.message().contains(said), "{range}: {refused:?}");
        }
        Ok(())
    }),
    ("a plugin's settings can be asked for by version", |g| {
        let ask = |version: &str| g.connect.http.get(&format!("/connector-plugins/{LADDER}/config?version={version}"));
        for version in ["latest", FIRST, SECOND] {
            let settings = ask(version)?.expect(200)?;
            anyhow::ensure!(settings.to_string().contains("Where the files are"), "{settings}");
        }
        let refused = ask("9")?;
        let said = format!(
            "Plugin {LADDER} not found that matches the version range [9,9], available versions: [{FIRST}, {SECOND}]"
        );
        super::ground::says(&refused, 400, &said)?;
        super::ground::says(&ask("[1")?, 400, "Invalid version specification: [1")
    }),
    ("transforms and converters have versions too", |g| {
        let transform = |version: &str| {
            g.ladder()
                .with("transforms", "t")
                .with("transforms.t.type", HOIST)
                .with("transforms.t.field", "f")
                .with("transforms.t.plugin.version", version)
        };
        let converter =
            |version: &str| g.ladder().with("value.converter", JSON).with("value.converter.plugin.version", version);
        g.create(&transform("latest"))?;
        g.put(&converter("[0.0.1,)"))?.expect(200)?;
        for (config, class) in [(transform("[99,)"), HOIST), (converter("[99,)"), JSON)] {
            let refused = g.put(&config)?;
            let said = format!("Plugin {class} not found that matches the version range [99,), available versions: [");
            anyhow::ensure!(refused.status == 400 && refused.message().contains(&said), "{refused:?}");
        }
        Ok(())
    }),
];

fn runs(g: &Ground, version: &str) -> anyhow::Result<()> {
    g.see("RUNNING | RUNNING RUNNING")?;
    // In a cluster the request has been answered before they are started anew.
    let patience = if g.is_clustered() { SOON } else { Duration::ZERO };
    wait::until(&format!("all to be of version {version}"), patience, || {
        let status = g.connect.status(&g.name).map_err(|error| format!("{error:#}"))?;
        let instances = std::iter::once(&status["connector"]).chain(status["tasks"].as_array().into_iter().flatten());
        let all = instances.into_iter().all(|instance| instance["version"] == version);
        if all { Ok(()) } else { Err(status.to_string()) }
    })
}
