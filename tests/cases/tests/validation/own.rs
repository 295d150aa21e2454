//! Plugins of other languages than Java: their settings, their own opinion, their converters and transforms.

use super::ask::{said, scene};
use serde_json::{Value, json};

fn of<'a>(answer: &'a Value, key: &str) -> &'a Value {
    let found = answer["configs"].as_array().into_iter().flatten().find(|one| one["value"]["name"] == key);
    found.unwrap_or(&Value::Null)
}

/// The file source has an opinion of its own: its file must be one that it may read.
#[test]
fn a_plugins_own_errors_stand_beside_those_of_its_definition() -> anyhow::Result<()> {
    let scene = scene("validation-own")?.start()?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let http = scene.worker.connect().http;
    let ask = |config: Value| http.put("/connector-plugins/FileStreamSource/config/validate", &config)?.expect(200);
    let answer = ask(json!({"name": "x", "connector.class": "FileStreamSource", "topic": "t", "file": "/etc/passwd"}))?;
    let errors = said(&answer);
    anyhow::ensure!(
        errors.len() == 1 && errors[0].0 == "file" && errors[0].1.contains("sandbox.fs.roots"),
        "{errors:?}"
    );
    // Everything at once: what the worker knows, what the definition says, what the plugin says.
    let answer =
        ask(json!({"name": "x", "connector.class": "FileStreamSource", "tasks.max": "0", "file": "/etc/passwd"}))?;
    let keys: Vec<String> = said(&answer).into_iter().map(|(key, _)| key).collect();
    anyhow::ensure!(keys == ["tasks.max", "file", "topic"], "{keys:?}");
    anyhow::ensure!(answer["error_count"] == json!(3), "{answer:#}");
    Ok(())
}

#[test]
fn a_value_from_a_config_provider_is_not_told() -> anyhow::Result<()> {
    let scene = scene("validation-secrets")?.start()?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    let reference = |key: &str| format!("${{file:{}/s.properties:{key}}}", scene.dir.display());
    let config = json!({"name": "x", "connector.class": "FileStreamSource", "topic": "t", "file": reference("secret"),
        "batch.size": reference("secret"), "producer.override.linger.ms": reference("secret")});
    let http = scene.worker.connect().http;
    let answer = http.put("/connector-plugins/FileStreamSource/config/validate", &config)?.expect(200)?;
    anyhow::ensure!(!answer.to_string().contains("verysecretvalue"), "{answer:#}");
    for key in ["file", "batch.size", "producer.override.linger.ms"] {
        let value = &of(&answer, key)["value"];
        anyhow::ensure!(value["value"] == config[key], "{value}");
    }
    let expected = "Invalid value for configuration 'batch.size': the value resolved from the config provider reference failed validation";
    anyhow::ensure!(of(&answer, "batch.size")["value"]["errors"] == json!([expected]), "{answer:#}");
    Ok(())
}

#[test]
fn passwords_are_hidden_wherever_they_stand() -> anyhow::Result<()> {
    let scene = scene("validation-passwords")?.start()?;
    let http = scene.worker.connect().http;
    let config = json!({"name": "x", "connector.class": "FileStreamSource", "topic": "t", "file": scene.dir.join("x"),
        "producer.override.sasl.jaas.config": "verysecretvalue", "producer.override.ssl.key.password": "verysecretvalue"});
    let answer = http.put("/connector-plugins/FileStreamSource/config/validate", &config)?.expect(200)?;
    anyhow::ensure!(!answer.to_string().contains("verysecretvalue"), "{answer:#}");
    for key in ["producer.override.sasl.jaas.config", "producer.override.ssl.key.password"] {
        anyhow::ensure!(of(&answer, key)["value"]["value"] == "[hidden]", "{answer:#}");
        anyhow::ensure!(of(&answer, key)["definition"]["type"] == "PASSWORD", "{answer:#}");
    }
    Ok(())
}
