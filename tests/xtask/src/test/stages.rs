//! The stages of `cargo xtask test`.

use super::report::Counts;
use super::runner;
use crate::cargo::{self, Build};
use crate::{build, checks, components, peer, wasm_target};
use std::path::PathBuf;
use watertight_harness::{mariadb, paths, postgres};

/// What all stages know.
pub struct Context {
    /// Names of cases to run, or of one file of them; none: all.
    pub filter: Option<String>,
    /// For the test processes.
    pub env: Vec<(&'static str, &'static str)>,
    /// A test that cannot run is a failure.
    pub no_skips: bool,
}

/// One step.
pub struct Stage {
    /// As the table calls it.
    pub name: &'static str,
    /// Needed by the cases: part of every filtered run.
    set_up: bool,
    /// Does it.
    pub run: fn(&Context, &mut Counts) -> anyhow::Result<()>,
}

const STAGES: [Stage; 8] = [
    Stage { name: "format", set_up: false, run: format },
    Stage { name: "build", set_up: true, run: build_all },
    Stage { name: "peer", set_up: true, run: fetch_peer },
    Stage { name: "unit tests", set_up: false, run: unit_tests },
    Stage { name: "cases on the embedded broker", set_up: false, run: cases_embedded },
    Stage { name: "cases on the genuine broker", set_up: false, run: cases_genuine },
    Stage { name: "lints", set_up: false, run: lints },
    Stage { name: "documentation", set_up: false, run: documentation },
];

/// Instead of the two stages of cases, where a filter names some: whatever broker they want.
const NAMED_CASES: Stage = Stage { name: "named cases", set_up: false, run: cases_named };

/// Whether a filter names stages rather than cases.
pub fn is_stage(filter: &str) -> bool {
    STAGES.iter().any(|s| s.name.contains(filter))
}

/// The stages that a filter leaves: those it names, or the cases; with what these need.
pub fn plan(filter: Option<&str>) -> Vec<Stage> {
    let Some(filter) = filter else {
        return STAGES.into();
    };
    if !is_stage(filter) {
        return STAGES.into_iter().filter(|s| s.set_up).chain([NAMED_CASES]).collect();
    }
    let cases = STAGES.iter().any(|s| s.name.contains(filter) && s.name.contains("cases"));
    STAGES.into_iter().filter(|s| s.name.contains(filter) || (cases && s.set_up)).collect()
}

/// A workspace beside the root one.
struct Workspace {
    manifest: PathBuf,
    what: &'static str,
    scratch: PathBuf,
    options: &'static [&'static str],
    /// What its lints are compiled for; none: the host.
    target: Option<&'static str>,
}

impl Workspace {
    fn options(&self, more: &[&str]) -> Vec<String> {
        let mut options = vec!["--target-dir".to_owned(), self.scratch.display().to_string()];
        options.extend(self.options.iter().chain(more).map(|o| (*o).to_owned()));
        options
    }
}

/// Compiled for the benchmark only; it has lints to pass, but no tests of its own.
const BENCH: &str = "benchmark's plugin";

fn beside() -> Vec<Workspace> {
    let (root, target) = (paths::root(), paths::target());
    let workspace = |folder: &str, what, scratch: &str, options, target_name| Workspace {
        manifest: root.join(folder).join("Cargo.toml"),
        what,
        scratch: target.join(scratch),
        options,
        target: target_name,
    };
    let wasm = Some(wasm_target::NAME);
    [
        workspace("sdk/rust", "sdk", "guests-build", &[][..], None),
        workspace("plugins", "plugins", "guests-build", &[][..], wasm),
        workspace("tests/guests", "test guests", "test-guests-build", &[][..], wasm),
        workspace("tests/guests/bench-connectors", BENCH, "guests-build", &[][..], wasm),
        workspace("host/broker", "broker", "broker", &["--profile", "quick", "--ignore-rust-version"][..], None),
    ]
    .into_iter()
    .filter(|w| w.manifest.exists())
    .collect()
}

fn format(_: &Context, _: &mut Counts) -> anyhow::Result<()> {
    let manifests = std::iter::once(paths::root().join("Cargo.toml")).chain(beside().into_iter().map(|w| w.manifest));
    for manifest in manifests {
        let output = cargo::command()
            .args(["fmt", "--all", "--check", "--manifest-path"])
            .arg(&manifest)
            .args(["--", "--color", "never"])
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let first: Vec<&str> = said.lines().chain(errors.lines()).take(30).collect();
        anyhow::ensure!(
            output.status.success(),
            "`cargo fmt --all --manifest-path {}` mends this:\n{}",
            manifest.display(),
            first.join("\n")
        );
    }
    Ok(())
}

fn build_all(context: &Context, _: &mut Counts) -> anyhow::Result<()> {
    build::everything(build::Flavour::Quick)?;
    components::examples(context.no_skips)?;
    components::test_guests()
}

/// Brings what comes from a registry or from Debian.
type Fetch = fn() -> anyhow::Result<()>;

fn fetch_peer(context: &Context, _: &mut Counts) -> anyhow::Result<()> {
    let wanted: [(&str, Fetch); 3] = [
        ("the genuine Kafka", || peer::fetch().map(drop)),
        ("PostgreSQL", || postgres::Programs::fetch().map(drop)),
        ("MariaDB", || mariadb::Programs::fetch().map(drop)),
    ];
    for (name, fetch) in wanted {
        match fetch() {
            Ok(()) => {}
            Err(error) if context.no_skips => return Err(error),
            Err(error) => eprintln!("without {name}: {error:#}"),
        }
    }
    Ok(())
}

/// The root workspace's packages but the cases, with the features that the quick build has, so that its
/// compiled crates are used again.
fn root() -> Vec<&'static str> {
    let mut selection = vec!["--workspace", "--exclude", "watertight-cases"];
    selection.extend(build::quick_features());
    selection
}

fn unit_tests(context: &Context, counts: &mut Counts) -> anyhow::Result<()> {
    let manifest = paths::root().join("Cargo.toml");
    let target = paths::target();
    let options = vec!["--profile".into(), paths::PROFILE.into(), "--target-dir".into(), target.display().to_string()];
    test("unit tests", &manifest, &root(), &options, &[], context, counts)?;
    if !checks::openssl() {
        counts.ignored.push("TLS towards brokers (no OpenSSL 3; Debian: `apt install libssl-dev pkg-config`)".into());
    }
    for workspace in beside().iter().filter(|w| w.what != "test guests" && w.what != BENCH) {
        let what = format!("unit tests of {}", workspace.what);
        test(&what, &workspace.manifest, &[], &workspace.options(&[]), &[], context, counts)?;
    }
    Ok(())
}

fn cases_embedded(context: &Context, counts: &mut Counts) -> anyhow::Result<()> {
    cases("cases on the embedded broker", &["--skip", GENUINE], context, counts)
}

fn cases_genuine(context: &Context, counts: &mut Counts) -> anyhow::Result<()> {
    cases("cases on the genuine broker", &[GENUINE], context, counts)
}

fn cases_named(context: &Context, counts: &mut Counts) -> anyhow::Result<()> {
    cases("named cases", &[], context, counts)
}

/// Part of the name of each case that wants the genuine broker or worker.
const GENUINE: &str = "genuine";

fn cases(what: &str, choice: &[&str], context: &Context, counts: &mut Counts) -> anyhow::Result<()> {
    let root = paths::root().join("Cargo.toml");
    let target = paths::target().display().to_string();
    let options = ["--profile", paths::PROFILE, "-p", "watertight-cases", "--target-dir", &target].map(str::to_owned);
    // The cases' own Kafka client is the worker's: compiled once.
    let mut selection = if checks::openssl() { vec!["--features", "system-tls"] } else { Vec::new() };
    // A filter may also name a file of cases.
    let file = context.filter.as_deref().filter(|name| is_file_of_cases(name));
    if let Some(name) = file {
        selection.extend(["--test", name]);
    }
    let filter = context.filter.clone().filter(|_| file.is_none());
    let context = &Context { filter, env: context.env.clone(), no_skips: context.no_skips };
    // One at a time: they measure time, and two cores are shared by broker, worker and test as it is.
    let mut tail = vec!["--test-threads=1", "--nocapture"];
    tail.extend(choice);
    test(what, &root, &selection, &options, &tail, context, counts)
}

fn is_file_of_cases(name: &str) -> bool {
    let folder = paths::root().join("tests/cases/tests");
    folder.join(name).join("main.rs").exists() || folder.join(format!("{name}.rs")).exists()
}

fn test(
    what: &str,
    manifest: &std::path::Path,
    selection: &[&str],
    options: &[String],
    tail: &[&str],
    context: &Context,
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let build = Build {
        verb: "test",
        what: &format!("compiling {what}"),
        manifest: manifest.to_path_buf(),
        features: selection,
        options: options.to_vec(),
        ..Build::default()
    };
    build.run()?;
    let mut command = cargo::command();
    command.args(["test", "--quiet", "--no-fail-fast", "--manifest-path"]).arg(manifest).args(selection).args(options);
    if let Some(filter) = &context.filter {
        command.arg(filter);
    }
    // `--format` again: `--quiet` turns the names of tests into dots.
    command.args(["--", "--format=pretty"]).args(tail).envs(context.env.iter().copied());
    runner::run(command, what, counts)
}

/// All of the root workspace.
fn whole() -> Vec<&'static str> {
    let mut selection = vec!["--workspace"];
    selection.extend(build::quick_features());
    selection
}

fn lints(_: &Context, _: &mut Counts) -> anyhow::Result<()> {
    let deny = ["-D", "warnings"];
    let target = paths::target().display().to_string();
    Build {
        verb: "clippy",
        what: "lints",
        manifest: paths::root().join("Cargo.toml"),
        features: &whole(),
        options: vec!["--profile".into(), paths::PROFILE.into(), "--all-targets".into(), "--target-dir".into(), target],
        tail: &deny,
        ..Build::default()
    }
    .run()?;
    for workspace in beside() {
        let target = workspace.target.map(|t| ["--target", t]);
        Build {
            verb: "clippy",
            what: &format!("lints of {}", workspace.what),
            manifest: workspace.manifest.clone(),
            options: workspace.options(target.as_ref().map_or(&[][..], |t| &t[..])),
            target: workspace.target,
            tail: &deny,
            ..Build::default()
        }
        .run()?;
    }
    Ok(())
}

fn documentation(_: &Context, _: &mut Counts) -> anyhow::Result<()> {
    let deny = [("RUSTDOCFLAGS", "-D warnings")];
    Build {
        verb: "doc",
        what: "documentation",
        manifest: paths::root().join("Cargo.toml"),
        features: &whole(),
        options: vec![
            "--profile".into(),
            paths::PROFILE.into(),
            "--no-deps".into(),
            "--target-dir".into(),
            paths::target().display().to_string(),
        ],
        env: &deny,
        ..Build::default()
    }
    .run()?;
    for workspace in beside().iter().filter(|w| w.what == "sdk") {
        Build {
            verb: "doc",
            what: "documentation of the sdk",
            manifest: workspace.manifest.clone(),
            options: workspace.options(&["--no-deps"]),
            env: &deny,
            ..Build::default()
        }
        .run()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(filter: Option<&str>) -> Vec<&'static str> {
        plan(filter).iter().map(|s| s.name).collect()
    }

    #[test]
    fn a_filter_names_stages_or_else_cases_with_their_set_up() {
        assert_eq!(names(None).len(), STAGES.len());
        assert_eq!(names(Some("lints")), ["lints"]);
        assert_eq!(names(Some("appended_line")), ["build", "peer", "named cases"]);
        let cases = ["build", "peer", "cases on the embedded broker", "cases on the genuine broker"];
        assert_eq!(names(Some("cases")), cases);
    }
}
