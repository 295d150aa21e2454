//! What is said of a config before anything is started: `PUT /connector-plugins/{p}/config/validate`, and the errors of
//! `POST /connectors`, which are the same; and the settings of every plugin.
//!
//! What is wanted was asked of Apache Kafka Connect 4.3.1 first; the validations of its own tests
//! (`ConnectorValidationIntegrationTest`, `AbstractHerderTest`, `connect_rest_test.py`) are among the cases.
//! `WATERTIGHT_WORKER=genuine` asks the genuine worker.

mod ask;
mod bounds;
mod case;
mod compare;
mod excess;
mod own;
mod rest_test;

use ask::{Asked, all, scene};
use case::{Case, cases};

/// Every file of cases, by its name.
fn groups() -> anyhow::Result<Vec<(&'static str, Vec<Case>)>> {
    let files = [
        ("every", include_str!("every.txt")),
        ("sinks", include_str!("sinks.txt")),
        ("classes", include_str!("classes.txt")),
        ("nulls", include_str!("nulls.txt")),
        ("stages", include_str!("stages.txt")),
        ("converters", include_str!("converters.txt")),
        ("clients", include_str!("clients.txt")),
        ("versions", include_str!("versions.txt")),
        ("topics", include_str!("topics.txt")),
        ("providers", include_str!("providers.txt")),
        ("kafkas", include_str!("kafkas.txt")),
    ];
    files.into_iter().map(|(name, text)| Ok((name, cases(text)?))).collect()
}

#[test]
fn what_is_wrong_is_said_of_its_setting_in_kafkas_words_and_order() -> anyhow::Result<()> {
    let scene = scene("validation")?.start()?;
    let asked = Asked::of_scene(&scene)?;
    let failed: Vec<String> = groups()?
        .iter()
        .filter_map(|(group, cases)| all(group, &asked, cases).err())
        .map(|e| format!("{e:#}"))
        .collect();
    anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}
