//! Files that a connector's settings name and the worker opens in its place (certificates, databases): they are
//! reached through the handle of a granted root, so that no link, no `..` and no root swapped afterwards leads
//! anywhere else.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use cap_std::fs::{Dir, File};

use super::{FileRoots, KEY, Root};

/// A path under a granted root. Links below the root are still to be followed: by `dir`, which lets none lead out.
pub struct Located<'a> {
    /// The root's handle.
    pub dir: &'a Dir,
    /// The path from there; empty for the root itself.
    pub relative: PathBuf,
    /// May it be written?
    pub writable: bool,
    /// The root, for messages.
    pub root: &'a Path,
}

/// A path that is under no granted root.
#[derive(Debug, thiserror::Error)]
pub enum NotGranted {
    /// It lies elsewhere.
    #[error(
        "{path} is not under a granted root (granted: {roots}). If it is meant, add its directory to the worker \
         property {KEY}: {line}"
    )]
    Elsewhere {
        /// The path.
        path: String,
        /// The roots there are.
        roots: String,
        /// What to add.
        line: String,
    },
    /// It cannot be said where it lies.
    #[error("{path} cannot be held against {KEY}: {reason}")]
    Unclear {
        /// The path.
        path: String,
        /// Why.
        reason: &'static str,
    },
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not granted.
    #[error(transparent)]
    NotGranted(#[from] NotGranted),
    /// It is, but there is no such file, or it cannot be read.
    #[error("Cannot read {path}: {reason}")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl FileRoots {
    /// The root under which a path lies, the deepest one where roots are nested.
    ///
    /// # Errors
    /// It lies under none, or cannot be held against them: relative, or with `..` in it.
    pub fn locate(&self, path: &Path) -> Result<Located<'_>, NotGranted> {
        let unclear = |reason| NotGranted::Unclear { path: path.display().to_string(), reason };
        if !path.is_absolute() {
            return Err(unclear("it must be absolute"));
        }
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(unclear("it must not contain '..'"));
        }
        if path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(unclear("it must not contain NUL"));
        }
        let below = |root: &Root| {
            let rest = path.strip_prefix(&root.path).or_else(|_| path.strip_prefix(&root.given));
            rest.map(Path::to_path_buf).ok()
        };
        let found = self.0.iter().filter_map(|root| below(root).map(|relative| (root, relative)));
        let Some((root, relative)) = found.min_by_key(|(_, relative)| relative.components().count()) else {
            let parent = path.parent().unwrap_or(path);
            return Err(NotGranted::Elsewhere {
                path: path.display().to_string(),
                roots: self.describe(),
                line: parent.display().to_string(),
            });
        };
        Ok(Located { dir: &root.dir, relative, writable: root.writable, root: &root.path })
    }

    /// Opens a regular file to read.
    ///
    /// # Errors
    /// It is not granted, or cannot be opened.
    pub fn open_read(&self, path: &Path) -> Result<File, FileError> {
        let located = self.locate(path)?;
        located.open().map_err(|error| unreadable(path, &error))
    }

    /// A whole file of at most so many bytes.
    ///
    /// # Errors
    /// It is not granted, cannot be read, or is longer.
    pub fn read(&self, path: &Path, longest: usize) -> Result<Vec<u8>, FileError> {
        let file = self.open_read(path)?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
        file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() > longest {
            return Err(unreadable(path, &io::Error::other(format!("it is longer than {longest} bytes"))));
        }
        Ok(bytes)
    }
}

impl Located<'_> {
    /// Looks before it opens: opening a pipe would wait for a writer.
    fn open(&self) -> io::Result<File> {
        let no_file = || io::Error::other("it is not a regular file");
        if !self.dir.metadata(&self.relative)?.is_file() {
            return Err(no_file());
        }
        let file = self.dir.open(&self.relative)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(no_file()) }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> FileError {
    FileError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const LONGEST: usize = 64;

    /// `in` is granted, `out` is not, and both have a file.
    fn scene() -> (tempfile::TempDir, PathBuf, FileRoots) {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        for name in ["in", "out"] {
            std::fs::create_dir(base.join(name)).unwrap();
            std::fs::write(base.join(name).join("file"), name).unwrap();
        }
        let roots = FileRoots::parse("in:ro", &base).unwrap();
        (dir, base, roots)
    }

    #[test]
    fn a_file_under_a_root_is_read_and_one_elsewhere_names_the_setting_and_the_line() {
        let (_dir, base, roots) = scene();
        assert_eq!(roots.read(&base.join("in/./file"), LONGEST).unwrap(), b"in");
        let error = roots.read(&base.join("out/file"), LONGEST).unwrap_err().to_string();
        assert!(error.ends_with(&format!("sandbox.fs.roots: {}/out", base.display())), "{error}");
    }

    #[test]
    fn a_name_that_begins_like_a_root_is_not_under_it() {
        let (_dir, base, roots) = scene();
        std::fs::create_dir(base.join("inside")).unwrap();
        std::fs::write(base.join("inside/file"), "x").unwrap();
        assert!(matches!(roots.locate(&base.join("inside/file")), Err(NotGranted::Elsewhere { .. })));
    }

    #[test]
    fn neither_dots_nor_a_relative_path_nor_a_nul_is_held_against_the_roots() {
        let (_dir, base, roots) = scene();
        for path in [base.join("in/../out/file"), "in/file".into(), "file".into(), base.join("in/a\0b")] {
            assert!(matches!(roots.locate(&path), Err(NotGranted::Unclear { .. })), "{path:?}");
        }
    }

    #[test]
    fn links_lead_about_within_a_root_but_never_out() {
        let (_dir, base, roots) = scene();
        symlink("file", base.join("in/near")).unwrap();
        symlink("../out/file", base.join("in/far")).unwrap();
        symlink(base.join("out/file"), base.join("in/absolute")).unwrap();
        symlink(base.join("out"), base.join("in/directory")).unwrap();
        assert_eq!(roots.read(&base.join("in/near"), LONGEST).unwrap(), b"in");
        for name in ["far", "absolute", "directory/file"] {
            let error = roots.read(&base.join("in").join(name), LONGEST).unwrap_err();
            assert!(matches!(error, FileError::Unreadable { .. }), "{name}: {error}");
        }
    }

    #[test]
    fn a_root_that_was_swapped_for_a_link_is_still_the_old_one() {
        let (_dir, base, roots) = scene();
        std::fs::rename(base.join("in"), base.join("moved")).unwrap();
        symlink(base.join("out"), base.join("in")).unwrap();
        assert_eq!(roots.read(&base.join("in/file"), LONGEST).unwrap(), b"in");
    }

    #[test]
    fn a_root_may_be_named_as_it_stands_in_the_setting() {
        let (_dir, base, _) = scene();
        symlink(base.join("in"), base.join("link")).unwrap();
        let roots = FileRoots::parse("link", &base).unwrap();
        assert_eq!(roots.read(&base.join("link/file"), LONGEST).unwrap(), b"in");
        assert_eq!(roots.read(&base.join("in/file"), LONGEST).unwrap(), b"in");
    }

    #[test]
    fn the_deepest_of_nested_roots_says_what_may_be_done() {
        let (_dir, base, _) = scene();
        let roots = FileRoots::parse(".:rw,in:ro", &base).unwrap();
        assert!(!roots.locate(&base.join("in/file")).unwrap().writable);
        assert!(roots.locate(&base.join("out/file")).unwrap().writable);
    }

    #[test]
    fn what_is_too_long_or_no_file_is_refused() {
        let (_dir, base, roots) = scene();
        assert!(roots.read(&base.join("in/file"), 2).is_ok());
        let error = roots.read(&base.join("in/file"), 1).unwrap_err().to_string();
        assert!(error.contains("longer than 1 bytes"), "{error}");
        std::fs::create_dir(base.join("in/directory")).unwrap();
        let error = roots.read(&base.join("in/directory"), LONGEST).unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
    }
}
