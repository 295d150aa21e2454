//! Where things are when nobody says so.

use std::path::{Path, PathBuf};

use watertight_worker::entities::ConfigMap;

/// `sandbox.cache.dir`, or the user's cache directory.
pub(crate) fn cache_dir(properties: &ConfigMap, directory: &Path) -> Option<PathBuf> {
    if let Some(path) = properties.get("sandbox.cache.dir").filter(|path| !path.trim().is_empty()) {
        return Some(directory.join(path.trim()));
    }
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(std::env::var_os("HOME").filter(|path| !path.is_empty())?).join(".cache"),
    };
    Some(base.join("watertight"))
}

/// `plugins` beside the program, and one level up: cargo puts programs one level below its target folder.
pub(crate) fn plugins_beside_binary() -> Vec<PathBuf> {
    let Some(program) = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok()) else {
        return Vec::new();
    };
    let near = program.ancestors().skip(1).take(2).map(|dir| dir.join("plugins"));
    near.filter(|dir| dir.is_dir()).collect()
}

/// Kafka's quickstart names files in the worker's directory and no roots, because Kafka has none. A worker
/// without a `plugin.path` has only the plugins that came with it; they may use the directory it was started in.
pub(crate) fn default_roots(properties: &ConfigMap, directory: &Path) -> Option<String> {
    if properties.get("plugin.path").is_some_and(|path| !path.trim().is_empty()) {
        return None;
    }
    tracing::info!(
        "sandbox.fs.roots and plugin.path are not set: the plugins that came with the worker may use {}",
        directory.display()
    );
    Some(format!("{}:rw", directory.display()))
}
