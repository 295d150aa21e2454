//! Standalone mode's offsets: one file in the form of Kafka's `FileOffsetBackingStore` (a Java-serialised
//! map), so that a JVM worker can take it over and give it back. Written whole: a temporary file, synced, then
//! renamed, then the directory synced. A file in any other form is refused by name and never overwritten.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use watertight_data::java::serial;

use super::position::{self, Offset};
use super::{OffsetError, OffsetStore, Stored};

/// The setting.
pub const KEY: &str = "offset.storage.file.filename";

/// Offsets in a file.
pub struct FileOffsetStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    dir: Dir,
    name: String,
    map: Mutex<Entries>,
    /// Held while the file is written: two writers would overtake each other.
    write: Mutex<()>,
}

#[derive(Default)]
struct Entries {
    raw: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Which raw key a connector's partition has: another order of fields must not make a second one.
    keys: HashMap<(String, String), Vec<u8>>,
}

/// A change in memory.
struct Undo {
    key: Vec<u8>,
    now: Option<Vec<u8>>,
    before: Option<Option<Vec<u8>>>,
}

impl FileOffsetStore {
    /// Opens the file, or prepares to create it. Fails now rather than at the first flush if it could not
    /// be written.
    pub fn open(path: &Path) -> Result<Self, OffsetError> {
        let fail = |what: String| OffsetError(format!("{KEY} = {}: {what}", path.display()));
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .ok_or_else(|| fail("it names no file".into()))?;
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        let dir = Dir::open_ambient_dir(parent, ambient_authority())
            .map_err(|error| fail(format!("its directory cannot be opened: {error}")))?;
        let entries = match dir.read(&name) {
            Ok(bytes) if bytes.is_empty() => Entries::default(),
            Ok(bytes) => Entries::read(&bytes).map_err(|error| {
                fail(format!("{error}. It is left as it is; name another file, or move this one away"))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Entries::default(),
            Err(error) => return Err(fail(format!("it cannot be read: {error}"))),
        };
        let probe = format!(".{name}.{}.probe", std::process::id());
        dir.open_with(&probe, OpenOptions::new().write(true).create(true).truncate(true))
            .and_then(|_| dir.remove_file(&probe))
            .map_err(|error| fail(format!("it cannot be written: {error}")))?;
        if dir.exists(&name) {
            dir.open_with(&name, OpenOptions::new().append(true))
                .map_err(|error| fail(format!("it cannot be written: {error}")))?;
        }
        let inner = Inner { path: path.to_owned(), dir, name, map: Mutex::new(entries), write: Mutex::new(()) };
        Ok(Self { inner: Arc::new(inner) })
    }
}

impl Entries {
    fn read(bytes: &[u8]) -> Result<Self, serial::SerialError> {
        let mut entries = Self::default();
        for (key, value) in serial::read(bytes)? {
            if let Some((connector, partition)) = position::parse_key(&key) {
                entries.keys.insert((connector, position::canonical(&partition)), key.clone());
            }
            entries.raw.insert(key, value);
        }
        Ok(entries)
    }

    /// What takes it back.
    fn put(&mut self, connector: &str, entry: Stored) -> Undo {
        let place = (connector.to_owned(), position::canonical(&entry.partition));
        let key = self.keys.entry(place).or_insert_with(|| position::key_bytes(connector, &entry.partition)).clone();
        let now = entry.offset.as_ref().map(position::value_bytes);
        let before = self.raw.insert(key.clone(), now.clone());
        Undo { key, now, before }
    }

    /// Takes back what nobody has changed since. A tombstone stands for what was not there at all.
    fn undo(&mut self, done: Vec<Undo>) {
        for Undo { key, now, before } in done.into_iter().rev() {
            if self.raw.get(&key) == Some(&now) {
                self.raw.insert(key, before.flatten());
            }
        }
    }

    fn get(&self, connector: &str, partition: &Offset) -> Option<Offset> {
        let key = self.keys.get(&(connector.to_owned(), position::canonical(partition)))?;
        serde_json::from_slice(self.raw.get(key)?.as_ref()?).ok()
    }
}

impl Inner {
    fn entries(&self) -> Result<std::sync::MutexGuard<'_, Entries>, OffsetError> {
        self.map
            .lock()
            .map_err(|_| OffsetError("the offsets in memory are in doubt after a panic; restart the worker".into()))
    }

    /// All of it, in memory and in the file, or nothing: what could not be written must not be shown as written.
    fn put(&self, connector: &str, list: Vec<Stored>) -> Result<(), OffsetError> {
        let done: Vec<Undo> = {
            let mut entries = self.entries()?;
            list.into_iter().map(|entry| entries.put(connector, entry)).collect()
        };
        self.save().inspect_err(|_| {
            if let Ok(mut entries) = self.entries() {
                entries.undo(done);
            }
        })
    }

    fn save(&self) -> Result<(), OffsetError> {
        let fail = |error: std::io::Error| OffsetError(format!("{KEY} = {}: {error}", self.path.display()));
        let _turn = self.write.lock().map_err(|_| OffsetError("an earlier write of the offsets panicked".into()))?;
        let bytes = {
            let entries = self.entries()?;
            serial::write(entries.raw.iter().map(|(key, value)| (key.as_slice(), value.as_deref())))
        };
        let temporary = format!(".{}.tmp", self.name);
        let mut file =
            self.dir.open_with(&temporary, OpenOptions::new().write(true).create(true).truncate(true)).map_err(fail)?;
        file.write_all(&bytes).map_err(fail)?;
        file.sync_data().map_err(fail)?;
        self.dir.rename(&temporary, &self.dir, &self.name).map_err(fail)?;
        self.dir.open(".").and_then(|dir| dir.sync_all()).map_err(fail)
    }
}

#[async_trait::async_trait]
impl OffsetStore for FileOffsetStore {
    async fn get(&self, connector: &str, partitions: &[Offset]) -> Result<Vec<Option<Offset>>, OffsetError> {
        let entries = self.inner.entries()?;
        Ok(partitions.iter().map(|partition| entries.get(connector, partition)).collect())
    }

    async fn put(&self, connector: &str, list: Vec<Stored>) -> Result<(), OffsetError> {
        let (inner, connector) = (Arc::clone(&self.inner), connector.to_owned());
        tokio::task::spawn_blocking(move || inner.put(&connector, list))
            .await
            .map_err(|error| OffsetError(format!("writing offsets ended with {error}")))?
    }

    async fn all(&self, connector: &str) -> Result<Vec<Stored>, OffsetError> {
        let entries = self.inner.entries()?;
        let mut found = Vec::new();
        for (key, value) in &entries.raw {
            let (Some((owner, partition)), Some(value)) = (position::parse_key(key), value) else { continue };
            if owner == connector {
                found.push(Stored { partition, offset: serde_json::from_slice(value).ok() });
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn object(text: &str) -> Offset {
        serde_json::from_str(text).unwrap()
    }

    #[tokio::test]
    async fn what_was_put_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("offsets");
        let (partition, offset) = (object(r#"{"filename":"a"}"#), object(r#"{"position":7}"#));
        let store = FileOffsetStore::open(&path).unwrap();
        let entry = Stored { partition: partition.clone(), offset: Some(offset.clone()) };
        store.put("c", vec![entry.clone()]).await.unwrap();
        drop(store);
        let store = FileOffsetStore::open(&path).unwrap();
        assert_eq!(store.get("c", std::slice::from_ref(&partition)).await.unwrap(), [Some(offset)]);
        assert_eq!(store.get("other", &[partition]).await.unwrap(), [None]);
        assert_eq!(store.all("c").await.unwrap(), [entry]);
    }

    #[tokio::test]
    async fn a_file_of_another_form_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("offsets");
        std::fs::write(&path, "{\"my\": \"notes\"}").unwrap();
        let error = FileOffsetStore::open(&path).err().unwrap().to_string();
        assert!(error.contains(KEY) && error.contains("left as it is"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"my\": \"notes\"}");
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_not_shown_as_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = FileOffsetStore::open(&dir.path().join("offsets")).unwrap();
        let stored = |file: &str, position: i64| Stored {
            partition: object(&format!(r#"{{"filename":"{file}"}}"#)),
            offset: Some(object(&format!(r#"{{"position":{position}}}"#))),
        };
        store.put("c", vec![stored("a", 1)]).await.unwrap();
        std::fs::create_dir(dir.path().join(".offsets.tmp")).unwrap();
        let change = vec![stored("a", 2), stored("b", 1), stored("a", 3)];
        store.put("c", change.clone()).await.unwrap_err();
        assert_eq!(store.all("c").await.unwrap(), [stored("a", 1)]);
        std::fs::remove_dir(dir.path().join(".offsets.tmp")).unwrap();
        store.put("c", change).await.unwrap();
        assert_eq!(store.all("c").await.unwrap(), [stored("a", 3), stored("b", 1)]);
    }

    #[tokio::test]
    async fn a_directory_that_is_not_there_is_an_error_at_start() {
        let error = FileOffsetStore::open(Path::new("/no/such/dir/offsets")).err().unwrap().to_string();
        assert!(error.contains(KEY), "{error}");
    }
}
