//! The contract is frozen: the text of a released package never changes, because a component built against it
//! is compared with it type by type. A new function or field is a new version, with a file of its own here.

use std::path::{Path, PathBuf};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

/// `package watertight:source@0.2.0;` as (`source`, `0.2.0`).
fn package_of(text: &str) -> Option<(String, String)> {
    let line = text.lines().find(|line| line.starts_with("package "))?;
    let name = line.trim_start_matches("package ").trim_end_matches(';').strip_prefix("watertight:")?;
    let (package, version) = name.split_once('@')?;
    Some((package.to_owned(), version.to_owned()))
}

/// Without comments and blank lines: words for people may be bettered, the contract may not.
fn bare(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_package_says_what_its_frozen_version_says() -> Outcome {
    let mut seen = 0;
    for folder in std::fs::read_dir(wit().join("deps"))? {
        for file in std::fs::read_dir(folder?.path())? {
            let text = std::fs::read_to_string(file?.path())?;
            let (package, version) = package_of(&text).ok_or("a file of the contract names no package")?;
            let frozen = wit().join("frozen").join(format!("{package}@{version}.wit"));
            let old = std::fs::read_to_string(&frozen)
                .map_err(|error| format!("{}: {error}: a new version needs its frozen copy", frozen.display()))?;
            assert_eq!(bare(&text), bare(&old), "{package}@{version} has changed: make it a new version");
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} packages were found");
    Ok(())
}

#[test]
fn the_worker_names_the_version_that_the_contract_has() -> Outcome {
    let text = std::fs::read_to_string(wit().join("deps/source/source.wit"))?;
    let (_, version) = package_of(&text).ok_or("no package")?;
    assert_eq!(version, watertight_sandbox::contract::VERSION);
    Ok(())
}
