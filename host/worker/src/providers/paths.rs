//! `allowed.paths`: which files a provider may read.
//!
//! Each is opened once, when the worker starts, and held as a handle: whoever may write below it can rename and link
//! as they like, and still reaches nothing outside. Links within are followed, because mounted secrets are made of
//! them; a link that leads out is refused, where Kafka would follow it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::ProviderError;

/// More than any file of settings has; a device would go on for ever.
const LARGEST: u64 = 8 * 1024 * 1024;

pub(super) enum AllowedPaths {
    /// `allowed.paths` is not set: Kafka then lets a provider read what the worker may read.
    All(PathBuf),
    /// What is below these.
    Below(Vec<Root>),
}

pub(super) struct Root {
    path: PathBuf,
    dir: Dir,
    /// The root is this file of `dir` and nothing else.
    file: Option<OsString>,
}

/// A path that may be looked at.
pub(super) enum Place<'a> {
    Anywhere(PathBuf),
    Inside(&'a Dir, PathBuf),
}

impl AllowedPaths {
    pub(super) fn new(configured: Option<&str>, base: &Path) -> Result<Self, ProviderError> {
        let Some(list) = configured.filter(|list| !list.is_empty()) else { return Ok(Self::All(base.to_owned())) };
        let roots = list.split(',').filter(|path| !path.is_empty()).map(Root::open).collect::<Result<_, _>>()?;
        Ok(Self::Below(roots))
    }

    pub(super) fn is_unlimited(&self) -> bool {
        matches!(self, Self::All(_))
    }

    /// None: not allowed.
    pub(super) fn find(&self, path: &str) -> Option<Place<'_>> {
        match self {
            Self::All(base) => Some(Place::Anywhere(base.join(path))),
            Self::Below(roots) => {
                let path = normalized(Path::new(path));
                roots.iter().find_map(|root| {
                    let rest = path.strip_prefix(&root.path).ok()?;
                    let within = match &root.file {
                        Some(file) => Path::new(file).join(rest),
                        None => rest.to_owned(),
                    };
                    // `""` is no path to a handle, and `file/` is no file.
                    let within = if within.as_os_str().is_empty() { PathBuf::from(".") } else { trimmed(&within) };
                    Some(Place::Inside(&root.dir, within))
                })
            }
        }
    }
}

impl Root {
    fn open(text: &str) -> Result<Self, ProviderError> {
        let path = normalized(Path::new(text));
        let shown = path.display();
        if !path.is_absolute() {
            return Err(ProviderError::new(format!("Path {shown} is not absolute")));
        }
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => ProviderError::new(format!("Path {shown} does not exist")),
            _ => ProviderError::new(format!("Path {shown} cannot be opened: {error}")),
        };
        if path.is_dir() {
            let dir = Dir::open_ambient_dir(&path, ambient_authority()).map_err(unreadable)?;
            return Ok(Self { path, dir, file: None });
        }
        let real = std::fs::canonicalize(&path).map_err(unreadable)?;
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(ProviderError::new(format!("Path {shown} does not exist")));
        };
        let dir = Dir::open_ambient_dir(parent, ambient_authority()).map_err(unreadable)?;
        Ok(Self { path, dir, file: Some(name.to_owned()) })
    }
}

impl Place<'_> {
    /// A file's content.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Anywhere(path) => bounded(std::fs::File::open(path)?),
            Self::Inside(dir, path) => bounded(dir.open(path)?),
        }
    }

    /// Something in a directory.
    pub(super) fn child(&self, name: &str) -> Self {
        match self {
            Self::Anywhere(path) => Self::Anywhere(path.join(name)),
            Self::Inside(dir, path) => Place::Inside(dir, path.join(name)),
        }
    }

    pub(super) fn is_dir(&self) -> bool {
        match self {
            Self::Anywhere(path) => path.is_dir(),
            Self::Inside(dir, path) => dir.is_dir(path),
        }
    }

    /// Whether there is a file. A link that leads out is an error.
    pub(super) fn is_file(&self) -> io::Result<bool> {
        let found = match self {
            Self::Anywhere(path) => std::fs::metadata(path).map(|metadata| metadata.is_file()),
            Self::Inside(dir, path) => dir.metadata(path).map(|metadata| metadata.is_file()),
        };
        match found {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            other => other,
        }
    }
}

fn bounded(file: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST {
        return Err(io::Error::other(format!("it has more than {LARGEST} bytes")));
    }
    Ok(content)
}

/// `Path.normalize`: by the text alone, without looking at the disk.
pub(super) fn normalized(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match parts.last() {
                Some(Component::Normal(_)) => {
                    parts.pop();
                }
                Some(Component::RootDir) => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

fn trimmed(path: &Path) -> PathBuf {
    path.components().collect()
}
