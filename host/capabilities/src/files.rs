//! Files: a guest sees the granted roots, at their host paths, and nothing else. Each root is opened once and
//! held as a handle; guests get the handle, not the path, so a root that is swapped for a link afterwards
//! leads nowhere new.

mod located;

use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::filesystem::FsPerms;

pub use located::{FileError, Located, NotGranted};

/// The setting.
pub const KEY: &str = "sandbox.fs.roots";

/// Directories that guests may see.
#[derive(Default)]
pub struct FileRoots(Vec<Root>);

struct Root {
    /// Without links: where a guest sees it.
    path: PathBuf,
    /// As it stands in the setting; settings of connectors may name it so, too.
    given: PathBuf,
    dir: Dir,
    writable: bool,
}

/// A root that cannot be granted.
#[derive(Debug, thiserror::Error)]
#[error("Invalid value {value} for configuration {KEY}: {reason}")]
pub struct RootsError {
    value: String,
    reason: String,
}

impl FileRoots {
    /// Reads `PATH[:ro|:rw],...`; read-write unless it says `:ro`. Relative paths are taken from `base`.
    pub fn parse(text: &str, base: &Path) -> Result<Self, RootsError> {
        let mut roots = Vec::new();
        for value in text.split(',').map(str::trim).filter(|value| !value.is_empty()) {
            let (path, writable) = match value.rsplit_once(':') {
                Some((path, "ro")) => (path, false),
                Some((path, "rw")) => (path, true),
                Some(_) | None => (value, true),
            };
            let fail = |reason: String| RootsError { value: value.to_owned(), reason };
            let given = base.join(path);
            let path = given.canonicalize().map_err(|error| fail(format!("{}: {error}", given.display())))?;
            let dir = Dir::open_ambient_dir(&path, ambient_authority()).map_err(|error| fail(error.to_string()))?;
            roots.push(Root { path, given, dir, writable });
        }
        Ok(Self(roots))
    }

    /// Adds the roots to an instance's world.
    pub fn grant(&self, wasi: &mut WasiCtxBuilder) -> Result<(), RootsError> {
        for root in &self.0 {
            // The handle's own path: what was opened at start, whatever stands at the path by now.
            let handle = format!("/proc/self/fd/{}", root.dir.as_raw_fd());
            let perms = if root.writable { FsPerms::ReadWrite } else { FsPerms::ReadOnly };
            let guest = root.path.to_string_lossy();
            wasi.preopened_dir(handle, guest, perms)
                .map_err(|error| RootsError { value: root.path.display().to_string(), reason: format!("{error:#}") })?;
        }
        Ok(())
    }

    /// The roots as a person wrote them, for messages.
    pub fn describe(&self) -> String {
        if self.0.is_empty() {
            return "none".into();
        }
        let roots: Vec<String> = self
            .0
            .iter()
            .map(|root| format!("{}:{}", root.path.display(), if root.writable { "rw" } else { "ro" }))
            .collect();
        roots.join(",")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_absolute_and_say_what_may_be_done() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        let roots = FileRoots::parse("in:ro, .", dir.path()).unwrap();
        let base = dir.path().canonicalize().unwrap();
        assert_eq!(roots.describe(), format!("{0}/in:ro,{0}:rw", base.display()));
    }

    #[test]
    fn a_root_that_is_not_there_is_named_with_the_setting() {
        let error = FileRoots::parse("/no/such/dir", Path::new("/")).err().unwrap().to_string();
        assert!(error.contains("sandbox.fs.roots") && error.contains("/no/such/dir"), "{error}");
    }

    #[test]
    fn a_root_swapped_for_a_link_leads_nowhere_new() {
        let dir = tempfile::tempdir().unwrap();
        let (granted, secret) = (dir.path().join("granted"), dir.path().join("secret"));
        std::fs::create_dir(&granted).unwrap();
        std::fs::create_dir(&secret).unwrap();
        std::fs::write(secret.join("file"), "x").unwrap();
        let roots = FileRoots::parse(granted.to_str().unwrap(), dir.path()).unwrap();
        std::fs::rename(&granted, dir.path().join("moved")).unwrap();
        std::os::unix::fs::symlink(&secret, &granted).unwrap();
        let handle = format!("/proc/self/fd/{}", roots.0[0].dir.as_raw_fd());
        assert!(!Path::new(&handle).join("file").exists());
        assert!(roots.grant(&mut WasiCtxBuilder::new()).is_ok());
    }
}
