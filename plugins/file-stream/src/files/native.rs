//! Files of the operating system, for the unit tests.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{CHUNK, Purpose, Trouble};

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::Missing,
            ErrorKind::PermissionDenied => Self::NotPermitted,
            ErrorKind::IsADirectory => Self::Directory,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// There are no roots here.
pub fn granted(_path: &Path, _purpose: Purpose) -> Result<(), Trouble> {
    Ok(())
}

/// Reads at places.
#[derive(Debug)]
pub struct Reader {
    file: File,
    path: PathBuf,
}

impl Reader {
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(Trouble::Directory);
        }
        Ok(Self { file, path: path.to_owned() })
    }

    /// Up to [`CHUNK`] bytes; none at the end.
    pub fn read(&self, offset: u64) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; CHUNK];
        let count = self.file.read_at(&mut bytes, offset)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    pub fn length(&self) -> Result<u64, Trouble> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether the path now names another file; false while it names none.
    pub fn was_replaced(&self) -> Result<bool, Trouble> {
        let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
        match std::fs::metadata(&self.path) {
            Ok(there) => Ok(identity(there) != identity(self.file.metadata()?)),
            Err(_) => Ok(false),
        }
    }
}

/// Writes at the end.
#[derive(Debug)]
pub struct Appender {
    file: File,
}

impl Appender {
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        Ok(Self { file })
    }

    /// At most [`CHUNK`] bytes go in one piece.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        Ok(self.file.write_all(bytes)?)
    }

    pub fn read(&self, offset: u64) -> Result<Vec<u8>, Trouble> {
        let mut bytes = vec![0; CHUNK];
        let count = self.file.read_at(&mut bytes, offset)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    pub fn length(&self) -> Result<u64, Trouble> {
        Ok(self.file.metadata()?.len())
    }

    pub fn truncate(&self, length: u64) -> Result<(), Trouble> {
        Ok(self.file.set_len(length)?)
    }

    /// Returns when the bytes are on the disk.
    pub fn sync(&self) -> Result<(), Trouble> {
        Ok(self.file.sync_data()?)
    }
}
