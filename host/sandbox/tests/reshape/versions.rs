//! Several versions of one class, and several files with one version of it.

use std::path::Path;

use watertight_sandbox::compiler::Compiler;
use watertight_sandbox::engine::SandboxEngine;
use watertight_sandbox::loader::Loader;
use watertight_sandbox::registry::PluginRegistry;
use watertight_sandbox::role::Role;
use watertight_sandbox::version::VersionRange;

use crate::support::*;

const LADDER: &str = "watertight.test.LadderSourceConnector";

/// The test connectors; in them the ladder's version, written anew.
fn connectors(to: &Path, version: &str) {
    let mut bytes = std::fs::read(target().join("guests/test-connectors.wasm")).unwrap();
    let from = b"1.0.0-ladder";
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    places.into_iter().for_each(|at| bytes[at..at + from.len()].copy_from_slice(version.as_bytes()));
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::write(to, bytes).unwrap();
}

fn open(folder: &Path) -> std::sync::Arc<PluginRegistry> {
    let loader = Loader::new(SandboxEngine::new().unwrap(), limits(), None, Compiler::Inside).unwrap();
    PluginRegistry::open(&[folder.to_path_buf()], loader)
}

#[tokio::test]
async fn the_greatest_version_that_is_wanted_is_found() {
    let folder = tempfile::tempdir().unwrap();
    // By name of their files the greatest comes second.
    for (file, version) in [("a.wasm", "9.0.0-ladder"), ("b.wasm", "10.0.0-ladde"), ("c.wasm", "1.0.0-ladder")] {
        connectors(&folder.path().join(file), version);
    }
    let registry = open(folder.path());
    let find = |name: &str, range: Option<&str>| {
        let range = VersionRange::parse(range).unwrap();
        registry.find_connector(name, range.as_ref()).map(|entry| entry.class.version.clone())
    };
    for name in [LADDER, "LadderSource", "LadderSourceConnector"] {
        assert_eq!(find(name, None).unwrap(), "10.0.0-ladde");
        assert_eq!(find(name, Some("(,10.0.0-ladde)")).unwrap(), "9.0.0-ladder");
        assert_eq!(find(name, Some("1.0.0-ladder")).unwrap(), "1.0.0-ladder");
    }
    let refused = find("LadderSource", Some("[11,)")).unwrap_err().to_string();
    let said = "Plugin watertight.test.LadderSourceConnector not found that matches the version range [11,), available versions: [1.0.0-ladder, 9.0.0-ladder, 10.0.0-ladde]";
    assert_eq!(refused, said);
}

#[tokio::test]
async fn what_came_with_the_connector_goes_before_the_same_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    connectors(&folder.path().join("mine/connectors.wasm"), "1.0.0-ladder");
    for place in ["mine", "other"] {
        std::fs::create_dir_all(folder.path().join(place)).unwrap();
        let to = folder.path().join(place).join("transforms.wasm");
        std::fs::copy(target().join("guests/test-transforms.wasm"), to).unwrap();
    }
    let registry = open(folder.path());
    let connector = registry.find_connector(LADDER, None).unwrap();
    assert_eq!(connector.location, folder.path().join("mine"));
    let find = |beside| {
        let found = registry.find(Role::Transformation, "watertight.test.Identity", None, beside);
        found.unwrap().location
    };
    assert_eq!(find(None), folder.path().join("other"));
    assert_eq!(find(Some(&connector)), folder.path().join("mine"));
}

/// As when the worker is out of file descriptors for a moment: the file and its stamp are what they were.
#[tokio::test]
async fn a_file_that_cannot_be_read_for_a_moment_stays_in_every_lookup() {
    let folder = tempfile::tempdir().unwrap();
    let (file, away) = (folder.path().join("a.wasm"), folder.path().join(".away"));
    connectors(&file, "1.0.0-ladder");
    let registry = open(folder.path());
    let entry = registry.find_connector(LADDER, None).unwrap();
    std::fs::rename(&file, &away).unwrap();
    let failed = entry.plugin().await.err().unwrap().to_string();
    assert!(failed.starts_with("it cannot be read: "), "{failed}");
    assert!(registry.refused().is_empty());
    std::fs::rename(&away, &file).unwrap();
    registry.find_connector(LADDER, None).unwrap().plugin().await.unwrap();
    entry.plugin().await.unwrap();
}
