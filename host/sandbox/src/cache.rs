//! Compiled code, kept between starts. What lies here is executed natively, so an entry is as dangerous as
//! the worker's own binary: the directory is the worker's alone, each entry carries a MAC made with a key that
//! lies beside it (readable by the worker only), and the name binds an entry to its component and to the
//! engine's settings. An entry that does not check out is compiled afresh and replaced.

use std::io::Write;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, PermissionsExt};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use wasmtime::Engine;

/// Length of a MAC and of the key.
const MAC: usize = 32;
const KEY_FILE: &str = "key";

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
#[error(
    "the code cache {path} cannot be used ({reason}): plugins are compiled at each start; set sandbox.cache.dir to a directory that only the worker can write"
)]
pub struct CacheError {
    path: PathBuf,
    reason: String,
}

/// The cache directory, held as a handle.
pub struct CodeCache {
    dir: Dir,
    key: [u8; MAC],
    engine: String,
}

impl CodeCache {
    /// Opens or creates it.
    pub fn open(path: &Path, engine: &Engine) -> Result<Self, CacheError> {
        let fail = |reason: String| CacheError { path: path.to_owned(), reason };
        std::fs::create_dir_all(path).map_err(|error| fail(error.to_string()))?;
        let dir = Dir::open_ambient_dir(path, ambient_authority()).map_err(|error| fail(error.to_string()))?;
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))
            .map_err(|error| fail(error.to_string()))?;
        let key = key_of(&dir).map_err(|error| fail(error.to_string()))?;
        Ok(Self { dir, key, engine: engine_name(engine) })
    }

    /// Whether there is code of a component; it may still turn out not to be genuine.
    pub fn has(&self, component: &str) -> bool {
        self.dir.exists(self.name(component))
    }

    /// The code of a component, if it is there and genuine.
    pub fn get(&self, component: &str) -> Option<Vec<u8>> {
        let name = self.name(component);
        let mut entry = self.dir.read(&name).ok()?;
        if entry.len() < MAC {
            return None;
        }
        let code = entry.split_off(MAC);
        if self.mac(&name, &code)?.verify_slice(&entry).is_err() {
            tracing::warn!("the code cache's entry {name} is not genuine and is not used");
            let _ = self.dir.remove_file(&name);
            return None;
        }
        Some(code)
    }

    /// Keeps code. Failing to is no error: it costs the next start a compilation.
    pub fn put(&self, component: &str, code: &[u8]) {
        let name = self.name(component);
        if let Err(error) = self.write(&name, code) {
            tracing::warn!("the code cache could not keep {name}: {error}");
        }
    }

    fn write(&self, name: &str, code: &[u8]) -> std::io::Result<()> {
        let mac = self.mac(name, code).ok_or(std::io::ErrorKind::InvalidInput)?;
        let temporary = format!("{name}.{}", std::process::id());
        let mut file = self.dir.open_with(&temporary, OpenOptions::new().write(true).create(true).truncate(true))?;
        file.set_permissions(cap_std::fs::Permissions::from_mode(0o600))?;
        file.write_all(&mac.finalize().into_bytes())?;
        file.write_all(code)?;
        file.sync_data()?;
        self.dir.rename(&temporary, &self.dir, name)
    }

    fn name(&self, component: &str) -> String {
        format!("{component}-{}", self.engine)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(name.as_bytes());
        mac.update(&[0]);
        mac.update(code);
        Some(mac)
    }
}

/// Reads the key, or makes one.
fn key_of(dir: &Dir) -> std::io::Result<[u8; MAC]> {
    if let Ok(bytes) = dir.read(KEY_FILE)
        && let Ok(key) = <[u8; MAC]>::try_from(bytes)
    {
        let others = dir.metadata(KEY_FILE)?.permissions().mode() & 0o077;
        if others == 0 {
            return Ok(key);
        }
        tracing::warn!("the code cache's key was readable by others: a new one is made, and all is compiled afresh");
    }
    let mut key = [0_u8; MAC];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut key)?;
    let temporary = format!("{KEY_FILE}.{}", std::process::id());
    let mut file = dir.open_with(&temporary, OpenOptions::new().write(true).create(true).truncate(true))?;
    file.set_permissions(cap_std::fs::Permissions::from_mode(0o600))?;
    file.write_all(&key)?;
    file.sync_data()?;
    dir.rename(&temporary, dir, KEY_FILE)?;
    Ok(key)
}

/// What about the engine decides whether code fits it.
fn engine_name(engine: &Engine) -> String {
    use sha2::Digest;
    use std::hash::{Hash, Hasher};
    struct Feed(Sha256);
    impl Hasher for Feed {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut feed = Feed(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut feed);
    crate::hex(&feed.0.finalize()[..8])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cache(path: &Path) -> CodeCache {
        CodeCache::open(path, &Engine::default()).unwrap()
    }

    #[test]
    fn what_was_put_is_found_again_by_another_start() {
        let dir = tempfile::tempdir().unwrap();
        cache(dir.path()).put("abc", b"code");
        assert_eq!(cache(dir.path()).get("abc").unwrap(), b"code");
    }

    #[test]
    fn a_tampered_entry_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path());
        cache.put("abc", b"code");
        let path = dir.path().join(cache.name("abc"));
        let mut entry = std::fs::read(&path).unwrap();
        *entry.last_mut().unwrap() ^= 1;
        std::fs::write(&path, entry).unwrap();
        assert_eq!(cache.get("abc"), None);
    }

    #[test]
    fn an_entry_under_another_components_name_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path());
        cache.put("abc", b"code");
        std::fs::rename(dir.path().join(cache.name("abc")), dir.path().join(cache.name("def"))).unwrap();
        assert_eq!(cache.get("def"), None);
    }

    #[test]
    fn an_entry_made_with_another_key_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        cache(dir.path()).put("abc", b"code");
        std::fs::write(dir.path().join(KEY_FILE), [7; MAC]).unwrap();
        assert_eq!(cache(dir.path()).get("abc"), None);
    }
}
