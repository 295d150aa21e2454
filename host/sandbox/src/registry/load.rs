//! One plugin file, loaded once for all who use it at a time.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, Weak};

use cap_std::fs::Dir;
use sha2::{Digest, Sha256};

use crate::catalogue::PluginClass;
use crate::component::FileError;
use crate::loader::{Loader, Plugin};

/// Loads a file once for all who use it at a time. Between uses nothing of it stays in memory but its name: the
/// code of a large guest has tens of megabytes, and comes back from the code cache in milliseconds.
pub(super) struct LoadOnce {
    pub(super) loader: Arc<Loader>,
    pub(super) path: PathBuf,
    pub(super) hash: String,
    pub(super) dir: Arc<Dir>,
    pub(super) file: PathBuf,
    pub(super) claimed: Option<Vec<PluginClass>>,
    /// Somebody is compiling it in the background already.
    pub(super) begun: AtomicBool,
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) state: Mutex<LoadState>,
}

#[derive(Clone, Default)]
pub(super) enum LoadState {
    #[default]
    Unknown,
    /// It was fit when it was looked at; in use while the pointer is good.
    Fit(Weak<Plugin>),
    /// As before, and kept because there is no cache to bring it back from.
    Kept(Arc<Plugin>),
    Failed(FileError),
}

impl LoadOnce {
    pub(super) async fn get(&self) -> Result<Arc<Plugin>, FileError> {
        let _turn = self.turn.lock().await;
        match self.known() {
            LoadState::Kept(plugin) => return Ok(plugin),
            LoadState::Failed(error) => return Err(error),
            LoadState::Fit(plugin) => {
                if let Some(plugin) = plugin.upgrade() {
                    return Ok(plugin);
                }
            }
            LoadState::Unknown => {}
        }
        let result = self.load().await;
        let state = match &result {
            Ok(plugin) if self.loader.is_cached(&self.hash) => LoadState::Fit(Arc::downgrade(plugin)),
            Ok(plugin) => LoadState::Kept(Arc::clone(plugin)),
            // The file has not been seen to be unfit: whoever asks next may have more luck.
            Err(FileError::Io(_)) => LoadState::Unknown,
            Err(error) => LoadState::Failed(error.clone()),
        };
        if let Ok(mut known) = self.state.lock() {
            *known = state;
        }
        result
    }

    fn known(&self) -> LoadState {
        self.state.lock().map(|state| state.clone()).unwrap_or_default()
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.known(), LoadState::Unknown)
    }

    pub(super) fn failed(&self) -> Option<FileError> {
        match self.known() {
            LoadState::Failed(error) => Some(error),
            LoadState::Unknown | LoadState::Fit(_) | LoadState::Kept(_) => None,
        }
    }

    /// The file, if it is still the one that was inspected.
    fn bytes(&self) -> Result<Vec<u8>, FileError> {
        let bytes = self.dir.read(&self.file).map_err(|error| FileError::Io(error.to_string()))?;
        if crate::hex(&Sha256::digest(&bytes)) != self.hash {
            return Err(FileError::Io("it was replaced while it was being loaded; it will be read again".into()));
        }
        Ok(bytes)
    }

    async fn load(&self) -> Result<Arc<Plugin>, FileError> {
        let name = self.path.display().to_string();
        let plugin = self.loader.load(&name, &self.hash, || self.bytes()).await?;
        if let Some(claimed) = &self.claimed
            && *claimed != plugin.classes
        {
            let names = |classes: &[PluginClass]| classes.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join(", ");
            let (said, asked) = (names(claimed), names(&plugin.classes));
            return Err(FileError::Lie(if said == asked {
                format!("the section and describe agree on the classes [{said}] but not on their details")
            } else {
                format!("the section lists [{said}], describe answers [{asked}]")
            }));
        }
        Ok(Arc::new(plugin))
    }
}
