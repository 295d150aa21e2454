//! The way to a database's file: under a granted root and by handle. Links within the root are followed, once; the
//! directory where the file really is stays open for as long as the connection, and SQLite reaches the file, its
//! journal and its log through that handle alone.

use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use rusqlite::{Connection, OpenFlags};
use watertight_sandbox::sql::{Fault, code};

use super::super::url::{Place, SqliteSettings};
use super::{faults, vfs};
use crate::files::FileRoots;

/// What is needed to open a database on another thread.
pub struct Way {
    directory: Option<Dir>,
    name: PathBuf,
    /// As the settings have it, for messages.
    path: PathBuf,
    read_only: bool,
}

impl Way {
    /// Looks for the file, without opening it.
    pub fn find(settings: &SqliteSettings, files: &FileRoots) -> Result<Self, Fault> {
        let path = match &settings.place {
            Place::Memory => {
                let name = PathBuf::from(":memory:");
                return Ok(Self { directory: None, path: name.clone(), name, read_only: settings.read_only });
            }
            Place::File(path) => path,
        };
        if path.to_string_lossy().starts_with("file:") {
            let text = format!("{}: URI file names are not supported; write the path itself", path.display());
            return Err(Fault::new(code::CONFIG, text));
        }
        let located = files.locate(path).map_err(|error| Fault::new(code::DENIED, error.to_string()))?;
        let read_only = settings.read_only || !located.writable;
        let fail = |error: std::io::Error| {
            // Of the handle, not of the system: a link leads out of the root.
            if error.kind() == std::io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
                let root = located.root.display();
                let text = format!("{} leads out of {root}, which sandbox.fs.roots grants", path.display());
                return Fault::new(code::DENIED, text);
            }
            let text = format!("{}: {error}", path.display());
            let sqlstate = Some("08001".to_owned());
            Fault { sqlstate, ..Fault::new(code::UNAVAILABLE, text) }
        };
        let real = real(located.dir, &located.relative).map_err(fail)?;
        let nothing = || fail(std::io::Error::other("there is no file name"));
        let name = real.file_name().map(PathBuf::from).ok_or_else(nothing)?;
        let parent = real.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = located.dir.open_dir(parent.unwrap_or(Path::new("."))).map_err(fail)?;
        match directory.symlink_metadata(&name) {
            // Nobody is to wait for a pipe, or to write to a device.
            Ok(found) if !found.is_file() => return Err(fail(std::io::Error::other("it is not a regular file"))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && read_only => {
                let why = if settings.read_only { "" } else { ", and its root is granted read-only" };
                return Err(fail(std::io::Error::other(format!("there is no such file{why}"))));
            }
            Ok(_) | Err(_) => {}
        }
        Ok(Self { directory: Some(directory), name, path: path.clone(), read_only })
    }

    /// Opens it, making it where there is none and it may be made. The directory is to stay open as long.
    pub fn open(self) -> Result<(Connection, Option<Dir>), Fault> {
        let access = if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        // One thread at a time, though not always the same one. Names are never URIs.
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let opened = match &self.directory {
            None => Connection::open_in_memory_with_flags(flags),
            Some(directory) => {
                if !vfs::register() {
                    let text = "SQLite has no way to files on this system";
                    return Err(Fault::new(code::UNSUPPORTED, text));
                }
                let path = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(&self.name);
                Connection::open_with_flags_and_vfs(path, flags | OpenFlags::SQLITE_OPEN_NOFOLLOW, vfs::NAME)
            }
        };
        match opened {
            Ok(connection) => Ok((connection, self.directory)),
            Err(error) => {
                let fault = faults::opening(&self.path, &error);
                // The way through the handle tells nobody anything.
                let message = fault.message.split(": /proc/self/fd/").next().unwrap_or_default().to_owned();
                Err(Fault { message, ..fault })
            }
        }
    }
}

/// Where a file really is, seen from its root; of one that is not there yet, where it will be.
fn real(root: &Dir, relative: &Path) -> std::io::Result<PathBuf> {
    match root.canonicalize(relative) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // A link that leads nowhere is not followed to make something there.
            if root.symlink_metadata(relative).is_ok() {
                return Err(std::io::Error::other("it is a link that leads nowhere"));
            }
            let name = relative.file_name().ok_or(error)?;
            match relative.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                None => Ok(PathBuf::from(name)),
                Some(parent) => Ok(root.canonicalize(parent)?.join(name)),
            }
        }
        other => other,
    }
}
