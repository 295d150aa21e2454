//! What becomes of files that cannot be read for a moment.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::compiler::Compiler;
use crate::engine::SandboxEngine;
use crate::limits::Limits;

fn open(folder: &Path) -> Arc<PluginRegistry> {
    let limits = Arc::new(Limits::default());
    let loader = Loader::new(SandboxEngine::new().unwrap(), limits, None, Compiler::Inside).unwrap();
    PluginRegistry::open(&[folder.to_path_buf()], loader)
}

#[test]
fn a_file_that_could_not_be_read_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wasm");
    std::fs::write(&path, "text").unwrap();
    let registry = open(folder.path());
    let refusal = || registry.refused().into_iter().map(|(_, error)| error).collect::<Vec<_>>();
    assert_eq!(refusal(), [FileError::NotAComponent]);
    registry.files.write().unwrap().get_mut(&path).unwrap().state =
        FileState::Refused(FileError::Io("Too many open files".into()));
    registry.scan();
    assert_eq!(refusal(), [FileError::NotAComponent]);
}

#[test]
fn what_is_taken_away_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("one")).unwrap();
    let files = [folder.path().join("a.wasm"), folder.path().join("one/b.wasm")];
    files.iter().for_each(|file| std::fs::write(file, "text").unwrap());
    let registry = open(folder.path());
    assert_eq!(registry.refused().len(), 2);
    std::fs::remove_file(&files[0]).unwrap();
    std::fs::remove_dir_all(folder.path().join("one")).unwrap();
    registry.scan();
    assert!(registry.refused().is_empty());
    std::fs::write(&files[0], "text").unwrap();
    registry.scan();
    assert_eq!(registry.refused().len(), 1);
    std::fs::remove_dir_all(folder.path()).unwrap();
    registry.scan();
    assert!(registry.refused().is_empty());
}
