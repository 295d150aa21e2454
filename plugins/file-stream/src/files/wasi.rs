//! Files of a WASI host.

use std::path::{Path, PathBuf};

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, MetadataHashValue, OpenFlags, PathFlags,
};
use wasip2::io::streams::{OutputStream, StreamError};

use super::{CHUNK, Purpose, Trouble};

impl From<ErrorCode> for Trouble {
    fn from(code: ErrorCode) -> Self {
        match code {
            ErrorCode::NoEntry | ErrorCode::NotDirectory => Self::Missing,
            ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly => Self::NotPermitted,
            ErrorCode::IsDirectory => Self::Directory,
            other => Self::Other(other.message().to_owned()),
        }
    }
}

impl From<StreamError> for Trouble {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::LastOperationFailed(error) => Self::Other(error.to_debug_string()),
            StreamError::Closed => Self::Other("the stream was closed by an earlier error".to_owned()),
        }
    }
}

/// The granted root that the path lies below, and the path from there. Of nested roots the innermost counts.
fn locate(path: &Path) -> Result<(Descriptor, String), Trouble> {
    let mut roots = get_directories();
    let below = |root: &str| -> Option<PathBuf> { path.strip_prefix(root).ok().map(Path::to_owned) };
    let best = roots
        .iter()
        .enumerate()
        .filter_map(|(index, (_, root))| below(root).map(|rest| (index, root.len(), rest)))
        .max_by_key(|(_, length, _)| *length);
    let Some((index, _, rest)) = best else {
        return Err(Trouble::OutsideRoots(roots.into_iter().map(|(_, root)| root).collect()));
    };
    let rest = if rest.as_os_str().is_empty() { PathBuf::from(".") } else { rest };
    let rest = rest.into_os_string().into_string().map_err(|_| Trouble::Other("not a UTF-8 path".to_owned()))?;
    Ok((roots.swap_remove(index).0, rest))
}

/// Whether a task may use this file, found out without creating it.
pub fn granted(path: &Path, purpose: Purpose) -> Result<(), Trouble> {
    let (root, name) = locate(path)?;
    let flags = match purpose {
        Purpose::Reading => DescriptorFlags::READ,
        Purpose::Appending => DescriptorFlags::READ | DescriptorFlags::WRITE,
    };
    match root.open_at(PathFlags::SYMLINK_FOLLOW, &name, OpenFlags::empty(), flags) {
        Ok(file) => regular(&file),
        Err(ErrorCode::NoEntry) if purpose == Purpose::Reading => Ok(()),
        // A missing directory is the task's trouble, as in Kafka: somebody may still make it.
        Err(ErrorCode::NoEntry) if root.get_flags()?.contains(DescriptorFlags::MUTATE_DIRECTORY) => Ok(()),
        Err(ErrorCode::NoEntry) => Err(Trouble::NotPermitted),
        Err(code) => Err(code.into()),
    }
}

fn regular(file: &Descriptor) -> Result<(), Trouble> {
    match file.get_type()? {
        DescriptorType::Directory => Err(Trouble::Directory),
        _ => Ok(()),
    }
}

/// Reads at places.
#[derive(Debug)]
pub struct Reader {
    file: Descriptor,
    /// Which file it is: that does not change while it is open.
    identity: MetadataHashValue,
    root: Descriptor,
    name: String,
}

impl Reader {
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let (root, name) = locate(path)?;
        let file = root.open_at(PathFlags::SYMLINK_FOLLOW, &name, OpenFlags::empty(), DescriptorFlags::READ)?;
        regular(&file)?;
        let identity = file.metadata_hash()?;
        Ok(Self { file, identity, root, name })
    }

    /// Up to [`CHUNK`] bytes; none at the end.
    pub fn read(&self, offset: u64) -> Result<Vec<u8>, Trouble> {
        Ok(self.file.read(CHUNK as u64, offset)?.0)
    }

    pub fn length(&self) -> Result<u64, Trouble> {
        Ok(self.file.stat()?.size)
    }

    /// Whether the path now names another file; false while it names none.
    pub fn was_replaced(&self) -> Result<bool, Trouble> {
        let Ok(there) = self.root.metadata_hash_at(PathFlags::SYMLINK_FOLLOW, &self.name) else {
            return Ok(false);
        };
        Ok((there.lower, there.upper) != (self.identity.lower, self.identity.upper))
    }
}

/// Writes at the end.
#[derive(Debug)]
pub struct Appender {
    /// Before the descriptor it belongs to, so that it is dropped first.
    stream: OutputStream,
    file: Descriptor,
}

impl Appender {
    pub fn open(path: &Path) -> Result<Self, Trouble> {
        let (root, name) = locate(path)?;
        let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
        let file = root.open_at(PathFlags::SYMLINK_FOLLOW, &name, OpenFlags::CREATE, flags)?;
        regular(&file)?;
        let stream = file.append_via_stream()?;
        Ok(Self { stream, file })
    }

    /// At most [`CHUNK`] bytes go in one piece: the host hands them to the operating system in one append.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        for piece in bytes.chunks(CHUNK) {
            let mut rest = piece;
            while !rest.is_empty() {
                let permit = usize::try_from(self.stream.check_write()?).unwrap_or(CHUNK);
                if permit == 0 {
                    self.stream.subscribe().block();
                    continue;
                }
                let (now, later) = rest.split_at(permit.min(rest.len()));
                self.stream.write(now)?;
                rest = later;
            }
        }
        // Errors of the last piece show only now.
        Ok(self.stream.blocking_flush()?)
    }

    pub fn read(&self, offset: u64) -> Result<Vec<u8>, Trouble> {
        Ok(self.file.read(CHUNK as u64, offset)?.0)
    }

    pub fn length(&self) -> Result<u64, Trouble> {
        Ok(self.file.stat()?.size)
    }

    pub fn truncate(&self, length: u64) -> Result<(), Trouble> {
        Ok(self.file.set_size(length)?)
    }

    /// Returns when the bytes are on the disk.
    pub fn sync(&self) -> Result<(), Trouble> {
        Ok(self.file.sync_data()?)
    }
}
