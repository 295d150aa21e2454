use std::os::unix::fs::symlink;

use super::*;

const PACKAGE: &str = "org.apache.kafka.common.config.provider.";

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["granted", "granted/inner", "outside"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        std::fs::write(dir.path().join("granted/a.properties"), "topic=lines\nnext=${file:x:y}\nempty=\n").unwrap();
        std::fs::write(dir.path().join("outside/b.properties"), "topic=stolen\n").unwrap();
        std::fs::write(dir.path().join("granted/password"), "pa55\n").unwrap();
        Self { dir }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn providers(&self, extra: &[(&str, String)]) -> Result<ConfigProviders, ProviderError> {
        let mut properties: ConfigMap = [
            ("config.providers", "file,dir,env".to_owned()),
            ("config.providers.file.class", format!("{PACKAGE}FileConfigProvider")),
            ("config.providers.file.param.allowed.paths", self.path("granted")),
            ("config.providers.dir.class", format!("{PACKAGE}DirectoryConfigProvider")),
            ("config.providers.dir.param.allowed.paths", self.path("granted")),
            ("config.providers.env.class", format!("{PACKAGE}EnvVarConfigProvider")),
            ("config.providers.env.param.allowlist.pattern", "PAT".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        properties.extend(extra.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        ConfigProviders::from_properties(&properties, self.dir.path())
    }

    fn resolved(&self, value: &str) -> Result<String, String> {
        let settings = ConfigMap::from([("k".to_owned(), value.to_owned())]);
        let resolved = self.providers(&[]).unwrap().resolve_now(&settings).map_err(|error| error.to_string())?;
        Ok(resolved.settings.get("k").unwrap().clone())
    }
}

#[test]
fn a_key_of_a_file_stands_for_its_value_within_any_text() {
    let case = Case::new();
    let file = case.path("granted/a.properties");
    assert_eq!(case.resolved(&format!("${{file:{file}:topic}}")).unwrap(), "lines");
    assert_eq!(case.resolved(&format!("a-${{file:{file}:topic}}-${{file:{file}:topic}}")).unwrap(), "a-lines-lines");
    assert_eq!(case.resolved(&format!("${{file:{file}:empty}}")).unwrap(), "");
}

#[test]
fn what_was_looked_up_is_not_looked_up_again() {
    let case = Case::new();
    let file = case.path("granted/a.properties");
    assert_eq!(case.resolved(&format!("${{file:{file}:next}}")).unwrap(), "${file:x:y}");
}

#[test]
fn what_is_not_there_stays_as_it_is() {
    let case = Case::new();
    let file = case.path("granted/a.properties");
    for value in [
        format!("${{file:{file}:none}}"),
        "${nope:a:b}".to_owned(),
        "${file:topic}".to_owned(),
        "${env:HOME}".to_owned(),
    ] {
        assert_eq!(case.resolved(&value).unwrap(), value);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let case = Case::new();
    let file = case.path("granted/none.properties");
    assert_eq!(
        case.resolved(&format!("${{file:{file}:topic}}")).unwrap_err(),
        format!("Could not read properties from file {file}")
    );
}

#[test]
fn a_path_outside_is_not_read_whichever_way_it_is_written() {
    let case = Case::new();
    let dots = format!("{}/../outside/b.properties", case.path("granted"));
    let beside = format!("{}x/b.properties", case.path("granted"));
    for path in [case.path("outside/b.properties"), dots, beside, "outside/b.properties".to_owned()] {
        let value = format!("${{file:{path}:topic}}");
        assert_eq!(case.resolved(&value).unwrap(), value);
    }
    let within = format!("{}/inner/../a.properties", case.path("granted"));
    assert_eq!(case.resolved(&format!("${{file:{within}:topic}}")).unwrap(), "lines");
}

#[test]
fn a_link_that_leads_out_is_refused_and_one_within_is_followed() {
    let case = Case::new();
    symlink(case.path("outside/b.properties"), case.path("granted/file-out")).unwrap();
    symlink("../outside", case.path("granted/dir-out")).unwrap();
    symlink("a.properties", case.path("granted/within")).unwrap();
    for link in ["granted/file-out", "granted/dir-out/b.properties"] {
        let refused = case.resolved(&format!("${{file:{}:topic}}", case.path(link))).unwrap_err();
        assert!(refused.starts_with("Could not read properties from file "), "{refused}");
    }
    let refused = case.resolved(&format!("${{dir:{}:file-out}}", case.path("granted"))).unwrap_err();
    assert!(refused.starts_with("Could not read file "), "{refused}");
    assert_eq!(case.resolved(&format!("${{file:{}:topic}}", case.path("granted/within"))).unwrap(), "lines");
}

#[test]
fn a_root_that_is_swapped_for_a_link_still_leads_to_what_it_was() {
    let case = Case::new();
    let providers = case.providers(&[]).unwrap();
    std::fs::rename(case.path("granted"), case.path("moved")).unwrap();
    symlink(case.path("outside"), case.path("granted")).unwrap();
    let value = format!("${{file:{}:topic}}", case.path("granted/b.properties"));
    let settings = ConfigMap::from([("k".to_owned(), value)]);
    assert!(providers.resolve_now(&settings).is_err());
}

#[test]
fn a_file_of_a_directory_is_a_value_with_everything_in_it() {
    let case = Case::new();
    let granted = case.path("granted");
    assert_eq!(case.resolved(&format!("${{dir:{granted}:password}}")).unwrap(), "pa55\n");
    for key in ["inner", "none", "../outside/b.properties", ".."] {
        let value = format!("${{dir:{granted}:{key}}}");
        assert_eq!(case.resolved(&value).unwrap(), value, "{key}");
    }
}

#[test]
fn one_file_may_be_granted_alone() {
    let case = Case::new();
    let only = [("config.providers.file.param.allowed.paths", case.path("granted/a.properties"))];
    let providers = case.providers(&only).unwrap();
    std::fs::write(case.path("granted/c.properties"), "topic=other").unwrap();
    let of = |name: &str| {
        let value = format!("${{file:{}:topic}}", case.path(name));
        providers.resolve_now(&ConfigMap::from([("k".to_owned(), value)])).unwrap().looked_up
    };
    assert_eq!(of("granted/a.properties"), ["lines"]);
    assert!(of("granted/c.properties").is_empty());
}

#[test]
fn the_environment_is_what_the_pattern_matches_as_a_whole() {
    let variables = [("PAT", "yes"), ("PATH2", "no"), ("XPAT", "no")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    let parameters = ConfigMap::from([("allowlist.pattern".to_owned(), "PAT|NONE".to_owned())]);
    let provider = environment::EnvironmentProvider::new("env", &parameters, variables.into_iter()).unwrap();
    let found = provider.get("", &["PAT", "PATH2", "XPAT", "NONE"]).unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [("PAT".to_owned(), "yes".to_owned())]);
    assert_eq!(
        provider.get("a", &["PAT"]).unwrap_err().to_string(),
        "Path is not supported for EnvVarConfigProvider, invalid value 'a'"
    );
}

#[test]
fn wrong_providers_are_refused_in_kafkas_words() {
    let case = Case::new();
    let said = |key: &'static str, value: &str| case.providers(&[(key, value.to_owned())]).err().unwrap().to_string();
    assert_eq!(
        said("config.providers.file.class", "no.Such"),
        "Invalid value no.Such for configuration config.providers.file.class: Could not load config provider class or one of its dependencies"
    );
    assert_eq!(said("config.providers.file.param.allowed.paths", "a/../b"), "Path b is not absolute");
    assert_eq!(said("config.providers.dir.param.allowed.paths", "/no/./such"), "Path /no/such does not exist");
    assert!(
        said("config.providers.env.param.allowlist.pattern", "[").starts_with("Invalid value [ for configuration ")
    );
}
