//! The plugin directories, live: a file moved in is listed within half a second, one taken away disappears,
//! one replaced is read again. Running tasks hold their compiled plugin and never notice. Files may hold several versions
//! of one class: all of them are listed, and which one is meant is asked in `find`.

mod find;
mod load;
mod look;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::time::Duration;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::catalogue::PluginClass;
use crate::component::{self, FileError};
use crate::limits::key;
use crate::loader::{Loader, Plugin};
use crate::version::Version;

pub use find::FindError;
use load::LoadOnce;
use look::{Seen, Stamp};

/// How often directories are looked at; a quarter of what is promised.
const SCAN: Duration = Duration::from_millis(500);

/// One class that can be used.
#[derive(Clone)]
pub struct PluginEntry {
    /// What the class says of itself.
    pub class: Arc<PluginClass>,
    /// Its version, to compare.
    pub version: Arc<Version>,
    /// Its file's name, for messages.
    pub file: String,
    /// The file, or its directory where that stands for one plugin, as Kafka's `plugin.path` has it.
    pub location: PathBuf,
    loaded: Arc<LoadOnce>,
}

impl PluginEntry {
    /// The compiled plugin; compiles it now if nobody has yet.
    pub async fn plugin(&self) -> Result<Arc<Plugin>, FileError> {
        self.loaded.get().await
    }

    /// Whether it is the same class of the same file, as that was when it was read.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.loaded, &other.loaded) && self.class.name == other.class.name
    }
}

/// What all the directories hold.
pub struct PluginRegistry {
    loader: Arc<Loader>,
    dirs: Vec<(PathBuf, Dir)>,
    files: RwLock<BTreeMap<PathBuf, Known>>,
    /// Held while a file is compiled in the background. Taken before the file's own turn begins, so that a
    /// request for it never stands in this queue.
    background: Semaphore,
}

struct Known {
    stamp: Stamp,
    state: FileState,
}

enum FileState {
    Refused(FileError),
    /// Without metadata: known when `describe` has been asked.
    Asking(Arc<LoadOnce>),
    Listed(Vec<Listing>, Arc<LoadOnce>),
}

struct Listing {
    class: Arc<PluginClass>,
    version: Arc<Version>,
}

impl Listing {
    fn of(classes: &[PluginClass]) -> Vec<Self> {
        let listing = |class: &PluginClass| Self {
            class: Arc::new(class.clone()),
            version: Arc::new(Version::new(&class.version)),
        };
        classes.iter().map(listing).collect()
    }
}

impl PluginRegistry {
    /// Opens the directories, each once and as a handle, and reads them. A path may be a single file's
    /// directory; one that is not there is an error the operator must see, so it is logged and left out.
    pub fn open(paths: &[PathBuf], loader: Loader) -> Arc<Self> {
        let mut dirs = Vec::new();
        for path in paths {
            match Dir::open_ambient_dir(path, ambient_authority()) {
                Ok(dir) => dirs.push((path.clone(), dir)),
                Err(error) => tracing::error!("plugin.path: {} cannot be opened: {error}", path.display()),
            }
        }
        let registry = Arc::new(Self {
            loader: Arc::new(loader),
            dirs,
            files: RwLock::new(BTreeMap::new()),
            background: Semaphore::new(1),
        });
        registry.scan();
        registry
    }

    /// Keeps looking until the registry is dropped. Compiles in the background what is not in the cache.
    pub fn watch(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                let Some(registry) = Weak::upgrade(&weak) else { return };
                let work = Arc::clone(&registry);
                if tokio::task::spawn_blocking(move || work.scan()).await.is_err() {
                    return;
                }
                registry.prepare().await;
                drop(registry);
                tokio::time::sleep(SCAN).await;
            }
        });
    }

    /// Every class that can be used, in the order of files and of their lists.
    pub fn classes(&self) -> Vec<PluginEntry> {
        self.those(|_| true)
    }

    /// The classes that somebody wants, in the same order.
    fn those(&self, wanted: impl Fn(&PluginClass) -> bool) -> Vec<PluginEntry> {
        let Ok(files) = self.files.read() else { return Vec::new() };
        let mut found = Vec::new();
        for (path, known) in files.iter() {
            if let FileState::Listed(classes, loaded) = &known.state {
                let mut classes = classes.iter().filter(|one| wanted(&one.class)).peekable();
                if classes.peek().is_none() || loaded.failed().is_some() {
                    continue;
                }
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let location = self.location(path);
                found.extend(classes.map(|one| PluginEntry {
                    class: Arc::clone(&one.class),
                    version: Arc::clone(&one.version),
                    file: file.clone(),
                    location: location.clone(),
                    loaded: Arc::clone(loaded),
                }));
            }
        }
        found
    }

    /// A file in a directory of its own shares that with its plugin's other files.
    fn location(&self, path: &Path) -> PathBuf {
        match path.parent() {
            Some(parent) if self.dirs.iter().all(|(root, _)| root != parent) => parent.to_owned(),
            Some(_) | None => path.to_owned(),
        }
    }

    /// Files that are no plugins although they look like it, and why.
    pub fn refused(&self) -> Vec<(PathBuf, FileError)> {
        let Ok(files) = self.files.read() else { return Vec::new() };
        files.iter().filter_map(|(path, known)| Some((path.clone(), known.refusal()?))).collect()
    }

    /// One look at all directories.
    fn scan(&self) {
        let mut seen = Seen::default();
        for (path, dir) in &self.dirs {
            seen.look(path, dir);
        }
        let fresh: Vec<(PathBuf, (usize, PathBuf, Stamp))> = {
            let Ok(files) = self.files.read() else { return };
            let gone = files.keys().any(|path| seen.is_gone(path));
            let fresh: Vec<_> = seen
                .files
                .iter()
                .filter(|(path, (_, stamp))| files.get(*path).is_none_or(|known| known.is_stale(stamp)))
                .filter_map(|(path, (relative, stamp))| {
                    let index = self.dirs.iter().position(|(root, _)| path.starts_with(root))?;
                    Some((path.clone(), (index, relative.clone(), *stamp)))
                })
                .collect();
            if fresh.is_empty() && !gone {
                return;
            }
            fresh
        };
        let mut strangers = 0_usize;
        let mut read = Vec::new();
        for (path, (index, relative, stamp)) in fresh {
            let state = self.read(&path, index, &relative, stamp);
            match &state {
                FileState::Refused(FileError::NotAComponent) if path.extension().is_none_or(|e| e != "wasm") => {
                    strangers += 1;
                }
                // Said once, not with every look.
                FileState::Refused(error @ FileError::Io(_)) if self.is_refused(&path, error) => {}
                FileState::Refused(error) => tracing::warn!("plugin file {} is not used: {error}", path.display()),
                FileState::Asking(_) => tracing::info!(
                    "plugin file {} has no metadata section: it is listed once it is compiled",
                    path.display()
                ),
                FileState::Listed(classes, _) => {
                    let names: Vec<&str> = classes.iter().map(|one| one.class.name.as_str()).collect();
                    tracing::info!("plugin file {}: {}", path.display(), names.join(", "));
                }
            }
            read.push((path, Known { stamp, state }));
        }
        if strangers > 0 {
            tracing::info!("{strangers} files under plugin.path are not WebAssembly components and are passed over");
        }
        let Ok(mut files) = self.files.write() else { return };
        files.retain(|path, _| {
            let gone = seen.is_gone(path);
            if gone {
                tracing::info!("plugin file {} is gone; what runs from it goes on", path.display());
            }
            !gone
        });
        files.extend(read);
    }

    fn is_refused(&self, path: &Path, error: &FileError) -> bool {
        let Ok(files) = self.files.read() else { return false };
        files.get(path).is_some_and(|known| matches!(&known.state, FileState::Refused(known) if known == error))
    }

    fn read(&self, path: &Path, index: usize, relative: &Path, stamp: Stamp) -> FileState {
        let limit = self.loader.limits().get(key::COMPONENT);
        let Some((_, dir)) = self.dirs.get(index) else {
            return FileState::Refused(FileError::Io("its directory is gone".into()));
        };
        if stamp.size > limit {
            return FileState::Refused(FileError::TooLarge { size: stamp.size, limit });
        }
        let (bytes, dir) = match (dir.read(relative), dir.try_clone()) {
            (Ok(bytes), Ok(dir)) => (bytes, dir),
            (Err(error), _) | (_, Err(error)) => return FileState::Refused(FileError::Io(error.to_string())),
        };
        let inspected = match component::inspect(&bytes) {
            Ok(inspected) => inspected,
            Err(error) => return FileState::Refused(error),
        };
        let classes = inspected.metadata.map(|metadata| metadata.classes);
        let loaded = Arc::new(LoadOnce {
            loader: Arc::clone(&self.loader),
            path: path.to_owned(),
            hash: crate::hex(&Sha256::digest(&bytes)),
            dir: Arc::new(dir),
            file: relative.to_owned(),
            claimed: classes.clone(),
            begun: AtomicBool::new(false),
            turn: tokio::sync::Mutex::new(()),
            state: Mutex::default(),
        });
        match classes {
            Some(classes) => FileState::Listed(Listing::of(&classes), loaded),
            None => FileState::Asking(loaded),
        }
    }

    /// Starts compiling what has no code yet, one file after the other and in the background; lists those
    /// that had to be asked.
    async fn prepare(self: &Arc<Self>) {
        let mut waiting = Vec::new();
        if let Ok(files) = self.files.read() {
            for (path, known) in files.iter() {
                match &known.state {
                    FileState::Asking(loaded) if !loaded.begun.swap(true, Ordering::Relaxed) => {
                        waiting.push((path.clone(), Arc::clone(loaded)))
                    }
                    FileState::Listed(_, loaded)
                        if loaded.is_unknown()
                            && !self.loader.is_cached(&loaded.hash)
                            && !loaded.begun.swap(true, Ordering::Relaxed) =>
                    {
                        waiting.push((path.clone(), Arc::clone(loaded)));
                    }
                    FileState::Asking(_) | FileState::Listed(..) | FileState::Refused(_) => {}
                }
            }
        }
        for (path, loaded) in waiting {
            let registry = Arc::clone(self);
            tokio::spawn(async move {
                let Ok(_turn) = registry.background.acquire().await else { return };
                let result = loaded.get().await;
                if let Err(error) = &result {
                    tracing::warn!("plugin file {} is withdrawn: {error}", path.display());
                }
                registry.settle(&path, &loaded, result);
            });
        }
    }

    /// Notes what asking a file has shown.
    fn settle(&self, path: &Path, loaded: &Arc<LoadOnce>, result: Result<Arc<Plugin>, FileError>) {
        let Ok(mut files) = self.files.write() else { return };
        let Some(known) = files.get_mut(path) else { return };
        if let FileState::Asking(current) = &known.state
            && Arc::ptr_eq(current, loaded)
        {
            known.state = match result {
                Ok(plugin) => FileState::Listed(Listing::of(&plugin.classes), Arc::clone(loaded)),
                Err(error) => FileState::Refused(error),
            };
        }
    }
}

impl Known {
    /// Whether the file has to be read again: it is another one, or could not be read.
    fn is_stale(&self, stamp: &Stamp) -> bool {
        self.stamp != *stamp || matches!(self.state, FileState::Refused(FileError::Io(_)))
    }

    fn refusal(&self) -> Option<FileError> {
        match &self.state {
            FileState::Refused(error) => Some(error.clone()),
            FileState::Asking(loaded) | FileState::Listed(_, loaded) => loaded.failed(),
        }
    }
}
