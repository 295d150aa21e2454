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

/// Whatever language it is written in.
#[test]
fn every_plugin_that_is_listed_tells_its_settings() -> anyhow::Result<()> {
    const MEMBERS: [&str; 11] = [
        "name",
        "type",
        "required",
        "default_value",
        "importance",
        "documentation",
        "group",
        "order_in_group",
        "width",
        "display_name",
        "dependents",
    ];
    let mut scene = scene("plugin-configs")?;
    if scene.worker.is_ours() {
        scene.worker = scene.worker.with_test_guests();
    }
    let scene = scene.start()?;
    let http = scene.worker.connect().http;
    let listed = http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
    let (mut told, mut keys) = (0, 0);
    for plugin in listed.as_array().into_iter().flatten() {
        let class = plugin["class"].as_str().unwrap_or_default().replace('$', "%24");
        let version = plugin["version"].as_str().unwrap_or_default();
        let settings = http.get(&format!("/connector-plugins/{class}/config?version={version}"))?.expect(200)?;
        for key in settings.as_array().into_iter().flatten() {
            let members: Vec<&String> = key.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
            let all = MEMBERS.iter().all(|member| members.iter().any(|known| known == member));
            anyhow::ensure!(all && members.len() == MEMBERS.len(), "{class}: {key}");
            keys += 1;
        }
        told += 1;
    }
    println!("validation: {told} plugins with {keys} settings");
    anyhow::ensure!(told > 40 && keys > 100, "{told} plugins with {keys} settings");
    Ok(())
}

#[test]
fn a_plugins_transform_and_converter_bring_their_settings_along() -> anyhow::Result<()> {
    let mut scene = scene("validation-plugins")?;
    if !scene.worker.is_ours() {
        return Ok(());
    }
    scene.worker = scene.worker.with_test_guests();
    let scene = scene.start()?;
    let http = scene.worker.connect().http;
    let listed = http.get("/connector-plugins?connectorsOnly=false")?.expect(200)?;
    let (mut asked, mut with_settings) = (0, 0);
    for plugin in listed.as_array().into_iter().flatten() {
        let class = plugin["class"].as_str().unwrap_or_default();
        let prefix = match plugin["type"].as_str().unwrap_or_default() {
            "transformation" => "transforms.a.",
            "predicate" => "predicates.a.",
            "converter" => "value.converter.",
            "header_converter" => "header.converter.",
            _ => continue,
        };
        let mut config =
            json!({"name": "x", "connector.class": "FileStreamSource", "topic": "t", "file": scene.dir.join("x")});
        let key = match prefix.split_once(".a.") {
            Some((list, _)) => {
                config[list] = json!("a");
                format!("{prefix}type")
            }
            None => prefix.trim_end_matches('.').to_owned(),
        };
        config[&key] = json!(class);
        let answer = http.put("/connector-plugins/FileStreamSource/config/validate", &config)?.expect(200)?;
        anyhow::ensure!(of(&answer, &key)["value"]["value"] == *class, "{class}: {}", of(&answer, &key));
        anyhow::ensure!(of(&answer, &key)["value"]["errors"] == json!([]), "{class}: {}", of(&answer, &key));
        let own = http.get(&format!("/connector-plugins/{}/config", class.replace('$', "%24")))?.expect(200)?;
        for setting in own.as_array().into_iter().flatten().filter_map(|setting| setting["name"].as_str()) {
            let told = of(&answer, &format!("{prefix}{setting}"));
            anyhow::ensure!(
                told["definition"]["name"] == json!(format!("{prefix}{setting}")),
                "{class}, {setting}: {told}"
            );
            with_settings += 1;
        }
        asked += 1;
    }
    println!("validation: {asked} plugins beside a connector, {with_settings} settings");
    anyhow::ensure!(asked > 50 && with_settings > 100, "{asked} plugins, {with_settings} settings");
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
