//! What a connector's config may ask for, and of which plugin and worker.

use watertight_cases::cluster::{Case, Ground};

use crate::boundaries::numbers;

const SUPPORT: &str = "exactly.once.support";
const BOUNDARY: &str = "transaction.boundary";
const ASKED: &str = "An unexpected error occurred during validation: it fails, as it was told to";
const UNSUPPORTED: &str = "The connector does not support exactly-once semantics with the provided configuration.";
const UNKNOWN: &str = "The connector does not implement the API required for preflight validation of exactly-once source \
     support. Please consult the documentation for the connector to determine whether it supports exactly-once \
     semantics, and then consider reconfiguring the connector to use the value \"requested\" for this property (which \
     will disable this preflight check and allow the connector to be created).";
const NO_BOUNDARIES: &str = "The connector does not support connector-defined transaction boundaries with the given \
     configuration. Please reconfigure it to use a different transaction boundary definition.";
const NO_WORKER: &str = "This worker does not have exactly-once source support enabled.";

/// The errors of a setting.
fn errors(g: &Ground, key: &str, settings: &[(&str, &str)]) -> anyhow::Result<Vec<String>> {
    let config = numbers(g, settings);
    let path = "/connector-plugins/watertight.test.BoundarySourceConnector/config/validate";
    let answer = g.ask(|| g.connect().http.put(path, &config.to_json()))?.expect(200)?;
    let all = answer["configs"].as_array().cloned().unwrap_or_default();
    let of = all.iter().find(|one| one["value"]["name"] == key);
    let errors = of.and_then(|one| one["value"]["errors"].as_array()).cloned().unwrap_or_default();
    Ok(errors.iter().map(|error| error.as_str().unwrap_or_default().to_owned()).collect())
}

fn are(g: &Ground, key: &str, settings: &[(&str, &str)], wanted: &[&str]) -> anyhow::Result<()> {
    let found = errors(g, key, settings)?;
    anyhow::ensure!(found == wanted, "{settings:?}: {found:?}");
    Ok(())
}

pub const ENABLED: &[Case] = &[
    ("what is required is asked of the plugin", |g| {
        are(g, SUPPORT, &[(SUPPORT, "required")], &[])?;
        are(g, SUPPORT, &[(SUPPORT, "Required"), ("support", "unsupported")], &[UNSUPPORTED])?;
        are(g, SUPPORT, &[(SUPPORT, "required"), ("support", "unknown")], &[UNKNOWN])?;
        are(g, SUPPORT, &[(SUPPORT, "required"), ("support", "fails")], &[ASKED])?;
        for support in ["unsupported", "unknown", "fails"] {
            are(g, SUPPORT, &[(SUPPORT, "requested"), ("support", support)], &[])?;
        }
        Ok(())
    }),
    ("a plugin that is to end transactions must be able to", |g| {
        are(g, BOUNDARY, &[(BOUNDARY, "connector")], &[])?;
        are(g, BOUNDARY, &[(BOUNDARY, "CONNECTOR"), ("boundaries", "unsupported")], &[NO_BOUNDARIES])?;
        are(g, BOUNDARY, &[(BOUNDARY, "connector"), ("boundaries", "fails")], &[ASKED])?;
        are(g, BOUNDARY, &[(BOUNDARY, "poll"), ("boundaries", "fails")], &[])
    }),
    ("words and numbers are checked", |g| {
        let of = |key: &str, value: &str| Ok::<_, anyhow::Error>(errors(g, key, &[(key, value)])?.join(" "));
        for (key, value) in [(SUPPORT, "x"), (BOUNDARY, "x"), ("transaction.boundary.interval.ms", "-1")] {
            let found = of(key, value)?;
            println!("{found}");
            anyhow::ensure!(found.starts_with(&format!("Invalid value {value} for configuration {key}")), "{found}");
        }
        Ok(())
    }),
    ("a connector that is refused is not created", |g| {
        let config = numbers(g, &[(SUPPORT, "required"), ("support", "unsupported")]);
        let answer = g.ask(|| g.connect().post(&config))?;
        anyhow::ensure!(answer.status == 400 && answer.message().contains(UNSUPPORTED), "{answer:?}");
        Ok(())
    }),
];

pub const DISABLED: &[Case] = &[("a worker that does not support it cannot be required to", |g| {
    are(g, SUPPORT, &[(SUPPORT, "required")], &[NO_WORKER])?;
    are(g, SUPPORT, &[(SUPPORT, "required"), ("support", "unknown")], &[NO_WORKER, UNKNOWN])?;
    are(g, SUPPORT, &[(SUPPORT, "requested")], &[])?;
    are(g, BOUNDARY, &[(BOUNDARY, "connector"), ("boundaries", "unsupported")], &[NO_BOUNDARIES])
})];
