//! The whole answer, member by member, beside the genuine worker's: definitions, values, groups, counts.
//!
//! Each worker's own are versions, texts of documentation (which must be there where Kafka has them) and which classes
//! are installed beyond Kafka's.

use super::ask::{Asked, said, scene};
use super::case::Want;
use super::groups;
use serde_json::{Value, json};
use watertight_cases::genuine;
use watertight_harness::worker::{Make, Worker};

/// Ours and the genuine worker, at one broker and in one folder.
fn both(name: &str, test: impl FnOnce(&Asked, &Asked) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let Some(peer) = genuine(name)? else { return Ok(()) };
    let scene = scene(name)?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let dir = scene.dir.join("genuine");
    std::fs::create_dir_all(&dir)?;
    let mut kafkas = Worker::new(Make::Genuine(peer), &dir, &scene.broker.bootstrap())?
        .with("config.providers", "file")
        .with("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider");
    kafkas.start()?;
    let scene = scene.start()?;
    test(&Asked::of_scene(&scene)?, &Asked::of(&kafkas, &scene.dir)?)
}

#[test]
fn every_member_of_an_answer_is_that_of_the_genuine_worker() -> anyhow::Result<()> {
    both("validation-genuine", |ours, kafkas| {
        let (mut failed, mut compared) = (Vec::new(), 0);
        for (group, cases) in groups()? {
            for case in cases.iter().filter(|case| !case.differs && matches!(case.want, Want::Says(_))) {
                compared += 1;
                let kafka = plain(kafkas, &kafkas.validate(case)?.expect(200)?);
                let own = plain(ours, &ours.validate(case)?.expect(200)?);
                if let Some(difference) = difference("", &own, &kafka) {
                    failed.push(format!("{group}, {}: {difference}", case.name));
                }
            }
        }
        println!("validation: {compared} whole answers compared");
        anyhow::ensure!(failed.is_empty(), "{} of {compared} differ:\n{}", failed.len(), failed.join("\n"));
        Ok(())
    })
}

#[test]
fn the_settings_of_every_plugin_are_those_of_the_genuine_worker() -> anyhow::Result<()> {
    both("plugin-config-genuine", |ours, kafkas| {
        let listed = kafkas.http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
        let classes = listed.as_array().into_iter().flatten().filter_map(|plugin| plugin["class"].as_str());
        let mut names: Vec<String> = classes.map(|class| class.replace('$', "%24")).collect();
        let more =
            ["FileStreamSource", "FileStreamSink", "Filter", "Cast", "Value", "CastValue", "Json", "JsonConverter"];
        let strange = ["Simple", "Integer", "RecordIsTombstone", "nope", "%20Filter", "File", "All", "%2B", "."];
        names.extend(more.into_iter().chain(strange).map(str::to_owned));
        let mut failed = Vec::new();
        for name in &names {
            for query in
                ["", "?version=latest", "?version=77.0", "?version=[1.0", "?version=[0,)", "?version=&version=1"]
            {
                if ["File", "All"].contains(&name.as_str())
                    && !["", "?version=latest", "?version=[1.0"].contains(&query)
                {
                    continue;
                }
                let path = format!("/connector-plugins/{name}/config{query}");
                let (own, kafka) = (ours.http.get(&path)?, kafkas.http.get(&path)?);
                let whole = |asked: &Asked, status: u16, body: &Value| json!([status, plain(asked, body)]);
                let (own, kafka) = (whole(ours, own.status, &own.json()?), whole(kafkas, kafka.status, &kafka.json()?));
                failed.extend(difference("", &own, &kafka).map(|difference| format!("{path}: {difference}")));
            }
        }
        anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n"));
        Ok(())
    })
}

/// What `POST /connectors` makes of the errors of a validation.
#[test]
fn a_new_connector_is_refused_with_the_errors_of_its_validation() -> anyhow::Result<()> {
    let scene = scene("validation-create")?.start()?;
    let asked = Asked::of_scene(&scene)?;
    let (mut failed, mut refused) = (Vec::new(), 0);
    for (group, cases) in groups()? {
        // The genuine worker stumbles over a version that it has refused before.
        let cases = cases
            .iter()
            .filter(|case| asked.is_ours || !case.config.iter().any(|(key, _)| key == "connector.plugin.version"));
        for case in cases {
            let config = asked.config_of(case);
            let nulls = case.config.iter().any(|(_, value)| value.is_none());
            if nulls || config["name"] != "x" || !matches!(case.want, Want::Says(_)) || (case.differs && !asked.is_ours)
            {
                continue;
            }
            let validation = asked.validate(case)?.expect(200)?;
            if validation["error_count"] == json!(0) {
                continue;
            }
            refused += 1;
            let mut wanted = format!(
                "Connector configuration is invalid and contains the following {} error(s):",
                validation["error_count"]
            );
            said(&validation).iter().for_each(|(_, error)| wanted.push_str(&format!("\n{error}")));
            wanted.push_str("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`");
            let answer = asked.http.post("/connectors", &json!({"name": "x", "config": config}))?;
            if answer.status != 400 || answer.message() != wanted {
                failed.push(format!(
                    "{group}, {}: {} {}\n  wanted {wanted}",
                    case.name,
                    answer.status,
                    answer.message()
                ));
            }
        }
    }
    println!("validation: {refused} new connectors refused");
    anyhow::ensure!(failed.is_empty() && refused > 50, "{refused} refused, wrong:\n{}", failed.join("\n"));
    Ok(())
}

/// Without what is each worker's own.
fn plain(asked: &Asked, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(asked.without_versions(text)),
        Value::Array(all) => Value::Array(all.iter().map(|one| plain(asked, one)).collect()),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| {
                let own = match (key.as_str(), member) {
                    ("documentation", text) => json!(text.as_str().is_some_and(|text| !text.is_empty())),
                    ("recommended_values", Value::Array(all)) => {
                        let kafkas = |one: &&Value| !one.as_str().is_some_and(|one| one.contains('.') && is_extra(one));
                        plain(asked, &all.iter().filter(kafkas).cloned().collect::<Vec<_>>().into())
                    }
                    (_, member) => plain(asked, member),
                };
                (key.clone(), own)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// A class that Kafka does not have.
fn is_extra(class: &str) -> bool {
    class.starts_with(char::is_alphabetic) && !class.starts_with("org.apache.kafka.")
}

/// Where two values differ first.
fn difference(place: &str, own: &Value, kafka: &Value) -> Option<String> {
    match (own, kafka) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(at, (a, b))| difference(&format!("{place}[{at}]"), a, b))
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            a.iter().find_map(|(key, a)| difference(&format!("{place}.{key}"), a, &b[key]))
        }
        (a, b) if a == b => None,
        (Value::Array(a), Value::Array(b)) => {
            let extra = |from: &[Value], other: &[Value]| {
                let extra: Vec<String> =
                    from.iter().filter(|one| !other.contains(one)).take(3).map(Value::to_string).collect();
                extra.join(", ")
            };
            Some(format!("{place}: ours alone: {}; Kafka's alone: {}", extra(a, b), extra(b, a)))
        }
        (a, b) => Some(format!("{place}: {a}, and Kafka's is {b}")),
    }
}
