//! Programs from Debian's archive, unpacked below `target/tools/debian` and never installed: database servers that tests
//! start, with the libraries that this machine lacks. Works for any user, on Debian and what descends from it.
//!
//! apt finds and checks what is fetched. It looks into the machine's own lists first and writes none of them: where
//! those are missing or too old, it gets lists of its own, below the target folder too.

use crate::paths;
use anyhow::Context as _;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// In a folder that has everything.
const COMPLETE: &str = "complete";

/// Two threads that want the same program do not fetch it twice.
static FETCHING: Mutex<()> = Mutex::new(());

/// Unpacked packages: a folder with `usr` in it, as if it were the root.
#[derive(Debug, Clone)]
pub struct Unpacked {
    root: PathBuf,
}

/// Fetches these packages and the libraries that they need, into a folder of this name, unless they are there.
pub fn fetch(name: &str, packages: &[&str]) -> anyhow::Result<Unpacked> {
    let _alone = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder();
    let unpacked = Unpacked { root: folder.join(name) };
    let stamp = unpacked.root.join(COMPLETE);
    if stamp.exists() {
        return Ok(unpacked);
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let what = || format!("{} cannot be fetched from Debian's archive", packages.join(", "));
    let own = Apt::own(&folder);
    let theirs = Apt::of_the_machine();
    let (apt, wanted) = match theirs.wanted(packages) {
        Ok(wanted) => (theirs, wanted),
        Err(_) => {
            own.update().with_context(what)?;
            let wanted = own.wanted(packages).with_context(what)?;
            (own.clone(), wanted)
        }
    };
    let debs = folder.join(format!("{name}.debs.{}", std::process::id()));
    if apt.download(&wanted, &debs).is_err() {
        // Lists that name what the archive has replaced since.
        own.update().with_context(what)?;
        own.download(&own.wanted(packages).with_context(what)?, &debs).with_context(what)?;
    }
    // Complete when it appears: another process may fetch the same.
    let fresh = folder.join(format!("{name}.{}", std::process::id()));
    unpack(&debs, &fresh)?;
    std::fs::remove_dir_all(&debs)?;
    std::fs::write(fresh.join(COMPLETE), "")?;
    if !stamp.exists() {
        let _ = std::fs::remove_dir_all(&unpacked.root);
        if std::fs::rename(&fresh, &unpacked.root).is_err() {
            anyhow::ensure!(stamp.exists(), "cannot make {}", unpacked.root.display());
        }
    }
    let _ = std::fs::remove_dir_all(&fresh);
    Ok(unpacked)
}

/// The newest package that a package of no version of its own stands for: `postgresql-15` for `postgresql`.
pub fn newest(package: &str) -> anyhow::Result<String> {
    let _alone = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let own = Apt::own(&folder());
    let found = Apt::of_the_machine().behind(package).or_else(|_| own.update().and_then(|()| own.behind(package)));
    found.with_context(|| format!("Debian's archive has no {package}"))
}

impl Unpacked {
    /// A file or folder, as it would be named if it were installed: `usr/sbin/mariadbd`.
    pub fn path(&self, installed: &str) -> PathBuf {
        self.root.join(installed)
    }

    /// A program of it, which finds the libraries that came with it.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("LD_LIBRARY_PATH", self.library_path());
        command
    }

    fn library_path(&self) -> OsString {
        let mut folders = Vec::new();
        for lib in ["usr/lib", "lib"].map(|lib| self.root.join(lib)) {
            let inner = std::fs::read_dir(&lib).into_iter().flatten().flatten().map(|entry| entry.path());
            folders.extend(inner.filter(|path| path.to_string_lossy().ends_with("-linux-gnu")));
            folders.push(lib);
        }
        std::env::join_paths(folders.iter().filter(|folder| folder.is_dir())).unwrap_or_default()
    }
}

/// Below target. Servers that refuse to be root are another user then: it must be able to get there, so that root's
/// builds in a home nobody else may enter keep their programs in the folder for temporary files.
fn folder() -> PathBuf {
    let usual = paths::target().join("tools").join("debian");
    if !is_root() || anybody_may_enter(&paths::target()) { usual } else { temporary("debian") }
}

/// A folder for temporary files of ours, the same each time.
pub(crate) fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join("watertight-tests").join(name)
}

/// Whether we are root.
pub(crate) fn is_root() -> bool {
    crate::signals::user() == 0
}

/// Whether another user can reach what lies in a folder.
pub(crate) fn anybody_may_enter(folder: &Path) -> bool {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
    folder.ancestors().all(|dir| std::fs::metadata(dir).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

/// apt with the machine's sources, and with its lists or our own.
#[derive(Debug, Clone)]
struct Apt {
    options: Vec<String>,
    /// Ours, to be filled by `update`.
    state: Option<PathBuf>,
}

impl Apt {
    fn of_the_machine() -> Self {
        // Nothing is written, so that nothing needs to be locked, which would want root.
        Self { options: vec!["Debug::NoLocking=1".into(), "APT::Sandbox::User=root".into()], state: None }
    }

    fn own(folder: &Path) -> Self {
        let state = folder.join("apt");
        let mut apt = Self::of_the_machine();
        apt.options.push(format!("Dir::State::lists={}", state.join("lists").display()));
        apt.options.push(format!("Dir::Cache={}", state.join("cache").display()));
        apt.state = Some(state);
        apt
    }

    fn run(&self, program: &str, words: &[&str], dir: &Path) -> anyhow::Result<String> {
        let mut command = Command::new(program);
        command.current_dir(dir).env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive");
        for option in &self.options {
            command.args(["-o", option]);
        }
        let output = command.args(words).output().with_context(|| format!("cannot run `{program}`"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().find(|line| line.starts_with("E:")).unwrap_or("no reason given");
        anyhow::ensure!(output.status.success(), "{program} {}: {reason}", words.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn update(&self) -> anyhow::Result<()> {
        let Some(state) = &self.state else { return Ok(()) };
        for inner in ["lists/partial", "cache/archives/partial"] {
            std::fs::create_dir_all(state.join(inner))?;
        }
        self.run("apt-get", &["-q", "update"], state).map(drop)
    }

    fn behind(&self, package: &str) -> anyhow::Result<String> {
        let said = self.run("apt-cache", &["depends", "--important", package], Path::new("/"))?;
        let numbered = format!("{package}-");
        let found = said.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
        let found = found.into_iter().find(|name| name.starts_with(&numbered));
        Ok(found.with_context(|| format!("{package} stands for nothing"))?.to_owned())
    }

    /// The packages, and those libraries they need that this machine has not, or not as new.
    fn wanted(&self, packages: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut words = vec!["-q", "-y", "--no-install-recommends", "--print-uris", "install"];
        words.extend(packages);
        let said = self.run("apt-get", &words, Path::new("/"))?;
        let mut wanted: BTreeSet<String> = packages.iter().map(|&name| name.to_owned()).collect();
        wanted.extend(said.lines().filter_map(package_of).filter(|name| is_wanted(name)).map(str::to_owned));
        Ok(wanted.into_iter().collect())
    }

    fn download(&self, wanted: &[String], debs: &Path) -> anyhow::Result<()> {
        empty(debs)?;
        let mut words = vec!["-q", "download"];
        words.extend(wanted.iter().map(String::as_str));
        self.run("apt-get", &words, debs).map(drop)
    }
}

/// Of a line of `--print-uris`: `'http://...' NAME_VERSION_ARCHITECTURE.deb SIZE HASH`.
fn package_of(line: &str) -> Option<&str> {
    let file = line.strip_prefix('\'')?.split_whitespace().nth(1)?;
    file.split_once('_').map(|(name, _)| name)
}

/// Libraries, and only those: the scripts around a server are for one that is installed. The C library stays the
/// machine's, for it goes with the machine's loader, and LLVM away, which PostgreSQL does without.
fn is_wanted(package: &str) -> bool {
    let unwanted = ["libc6", "libc-", "libperl", "libllvm", "libdbi-perl", "libdbd"];
    package.starts_with("lib") && !unwanted.iter().any(|start| package.starts_with(start))
}

fn unpack(debs: &Path, root: &Path) -> anyhow::Result<()> {
    empty(root)?;
    for deb in std::fs::read_dir(debs)? {
        let deb = deb?.path();
        let output = Command::new("dpkg").arg("-x").arg(&deb).arg(root).output().context("cannot run `dpkg`")?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "cannot unpack {}: {}", deb.display(), said.trim());
    }
    Ok(())
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(std::fs::create_dir_all(folder)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_fetched_and_the_c_library_and_scripts_are_not() {
        let line = "'http://a/libaio1_0.3.113-4_amd64.deb' libaio1_0.3.113-4_amd64.deb 13360 MD5Sum:d1fd";
        assert_eq!(package_of(line), Some("libaio1"));
        assert_eq!(package_of("0 upgraded, 7 newly installed"), None);
        assert!(is_wanted("libaio1") && is_wanted("libpq5"));
        assert!(!is_wanted("libc6") && !is_wanted("gawk") && !is_wanted("libperl5.36") && !is_wanted("libllvm14"));
    }
}
