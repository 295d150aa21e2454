//! One look at the plugin directories. What could not be looked at is not taken for gone: a worker that is out of file
//! descriptors for a moment, or a share that does not answer, must not take the plugins away from its connectors.

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cap_std::fs::{Dir, Metadata, MetadataExt};

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

/// What there was to see.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By whole path: the path below the directory, and the stamp.
    pub(super) files: HashMap<PathBuf, (PathBuf, Stamp)>,
    /// What is there or below it is not known.
    hidden: Vec<PathBuf>,
}

impl Seen {
    /// Whether a file that was there before is not there any more.
    pub(super) fn is_gone(&self, path: &Path) -> bool {
        !self.files.contains_key(path) && !self.hidden.iter().any(|hidden| path.starts_with(hidden))
    }

    /// The files of a directory and of its direct subdirectories: Kafka's `plugin.path` has both forms.
    pub(super) fn look(&mut self, root: &Path, dir: &Dir) {
        let entries = match dir.entries() {
            Ok(entries) => entries,
            Err(error) => return self.hide(root, &error),
        };
        for entry in entries {
            let name = match entry {
                Ok(entry) => PathBuf::from(entry.file_name()),
                Err(error) => return self.hide(root, &error),
            };
            // What is still arriving often has a name with a dot in front.
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            // Follows links: administrators link plugins in; but not out of the directory.
            match dir.metadata(&name) {
                Ok(metadata) if metadata.is_dir() => self.look_below(root, dir, &name),
                Ok(metadata) => self.note(root, name, &metadata),
                Err(error) => self.unclear(root.join(name), &error),
            }
        }
    }

    fn look_below(&mut self, root: &Path, dir: &Dir, name: &Path) {
        let entries = match dir.open_dir(name).and_then(|inner| inner.entries()) {
            Ok(entries) => entries,
            Err(error) if is_so(&error) => return,
            Err(error) => return self.hide(&root.join(name), &error),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.hide(&root.join(name), &error),
            };
            let file = name.join(entry.file_name());
            match entry.metadata() {
                Ok(metadata) => self.note(root, file, &metadata),
                Err(error) => self.unclear(root.join(file), &error),
            }
        }
    }

    fn note(&mut self, root: &Path, relative: PathBuf, metadata: &Metadata) {
        if metadata.is_file() {
            let stamp = Stamp {
                size: metadata.len(),
                modified: metadata.modified().ok().map(cap_std::time::SystemTime::into_std),
                inode: metadata.ino(),
            };
            self.files.insert(root.join(&relative), (relative, stamp));
        }
    }

    /// A file, or what may be one.
    fn unclear(&mut self, path: PathBuf, error: &Error) {
        if !is_so(error) {
            self.hidden.push(path);
        }
    }

    fn hide(&mut self, path: &Path, error: &Error) {
        tracing::warn!("plugin.path: {} cannot be read: {error}", path.display());
        self.hidden.push(path.to_owned());
    }
}

/// Taken away meanwhile, a link to nowhere or out of the directory: there is nothing, now and later.
fn is_so(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied)
}
