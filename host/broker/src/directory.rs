//! The data directory: one lock, one identity, one database file.
//!
//! The engine takes database paths relative to the working directory and percent-encodes what it
//! does not like in them. Entering the directory once gives it a name that is always the same, for
//! any path a user may choose.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::error::Error;

const LOCK: &str = ".lock";
const IDENTITY: &str = "meta.properties";
const DATABASE: &str = "broker.db";
const KEY: &str = "cluster.id=";

/// A directory that belongs to this process until it ends.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    cluster_id: String,
    /// Held, not read: the lock goes with the file, also when the process is killed.
    _lock: File,
}

impl DataDirectory {
    /// Creates the directory if it is absent, locks it, and makes it the working directory.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Directory { path: path.to_owned(), reason };

        fs::create_dir_all(path).map_err(|err| refuse(plainly(&err)))?;
        let absolute = fs::canonicalize(path).map_err(|err| refuse(plainly(&err)))?;

        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(absolute.join(LOCK))
            .map_err(|err| refuse(plainly(&err)))?;

        lock.try_lock().map_err(|err| match err {
            TryLockError::WouldBlock => refuse("another broker is using it".into()),
            TryLockError::Error(err) => refuse(plainly(&err)),
        })?;

        let cluster_id = identity(&absolute).map_err(refuse)?;
        std::env::set_current_dir(&absolute).map_err(|err| refuse(plainly(&err)))?;

        Ok(Self { path: path.to_owned(), cluster_id, _lock: lock })
    }

    /// The directory as the user wrote it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The cluster id clients see; it stays with the directory.
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// The engine's name for the database in this directory.
    pub fn storage_url(&self) -> String {
        format!("sqlite://{DATABASE}")
    }

    /// A storage failure, said in terms of the directory.
    pub fn refuse(&self, reason: impl Into<String>) -> Error {
        Error::Directory { path: self.path.clone(), reason: reason.into() }
    }
}

fn plainly(err: &io::Error) -> String {
    match err.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".into(),
        io::ErrorKind::StorageFull => "the disk is full".into(),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "it is not a directory".into(),
        _ => err.to_string(),
    }
}

/// Reads the cluster id, or gives a new directory one.
///
/// The engine stores topics under the cluster's id, so a database whose id is lost would look empty.
/// That is refused, not papered over.
fn identity(directory: &Path) -> Result<String, String> {
    let file = directory.join(IDENTITY);

    match fs::read_to_string(&file) {
        Ok(text) => text
            .lines()
            .find_map(|line| line.strip_prefix(KEY))
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty())
            .ok_or_else(|| format!("{IDENTITY} in it has no {KEY} line")),

        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            if directory.join(DATABASE).exists() {
                return Err(format!("it holds {DATABASE} but its {IDENTITY} is gone"));
            }
            let id = cluster_id();
            write_whole(directory, &file, &format!("version=1\n{KEY}{id}\n")).map_err(|err| plainly(&err))?;
            Ok(id)
        }

        Err(err) => Err(plainly(&err)),
    }
}

/// Under its final name the file is complete or absent, whenever the process is killed.
fn write_whole(directory: &Path, file: &Path, text: &str) -> io::Result<()> {
    let draft = directory.join(format!("{IDENTITY}.new"));
    let mut out = File::create(&draft)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    fs::rename(draft, file)
}

/// 16 random bytes in URL-safe base64, 22 characters: the form of Kafka's own cluster ids.
fn cluster_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    let bits = Uuid::new_v4().as_u128();
    (0..22)
        .map(|sextet| {
            // The last character carries two bits and four of padding.
            let six = match 122_u32.checked_sub(sextet * 6) {
                Some(shift) => bits >> shift,
                None => bits << 4,
            };
            char::from(ALPHABET[(six & 63) as usize])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_id_has_the_form_of_kafkas() {
        let id = cluster_id();
        assert_eq!(22, id.len());
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(id, cluster_id());
    }
}
