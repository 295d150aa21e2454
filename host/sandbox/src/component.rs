//! What can be learnt of a plugin file by reading it: whether it is a component at all, which interfaces it
//! imports and exports, and its metadata section. Nothing is compiled and nothing runs.

use wasmparser::{Encoding, Parser, Payload};

use crate::catalogue::{Metadata, SECTION};
use crate::contract::{self, ContractError};

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// Top-level imports by name.
    pub imports: Vec<String>,
    /// Top-level exports by name.
    pub exports: Vec<String>,
    /// None: no metadata section; `describe` has to be asked.
    pub metadata: Option<Metadata>,
}

/// Why a file is not a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It does not even pretend to be one; such files are counted, not reported one by one.
    #[error("it is not a WebAssembly component")]
    NotAComponent,
    /// A core module.
    #[error(
        "it is a core WebAssembly module, not a component: build for wasm32-wasip2, or wrap it with a component tool"
    )]
    CoreModule,
    /// Cut off or damaged.
    #[error("it is truncated or damaged: {0}")]
    Damaged(String),
    /// Over the limit.
    #[error("it has {size} bytes, more than sandbox.component.bytes = {limit}")]
    TooLarge {
        /// Of the file.
        size: u64,
        /// In force.
        limit: u64,
    },
    /// A component of something else.
    #[error("it exports no watertight:plugin/catalogue, so it is not a connector plugin")]
    NotAPlugin,
    /// Of another version of the contract.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// Metadata that is not what the section must hold.
    #[error("its metadata section watertight:plugin cannot be read: {0}")]
    Metadata(String),
    /// It says one thing in its metadata and another when asked.
    #[error("its metadata lies: {0}")]
    Lie(String),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(String),
    /// The compiler refused it.
    #[error("it cannot be compiled: {0}")]
    Compile(String),
    /// It does not fit the worker's interfaces, or could not be asked.
    #[error("{0}")]
    Unfit(String),
}

/// Reads a file's bytes.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, FileError> {
    if bytes.len() < 8 || !bytes.starts_with(b"\0asm") {
        return Err(FileError::NotAComponent);
    }
    let mut found = Inspected { imports: Vec::new(), exports: Vec::new(), metadata: None };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| FileError::Damaged(error.to_string()))? {
            Payload::Version { encoding, .. } => match (encoding, depth) {
                (Encoding::Module, 0) => return Err(FileError::CoreModule),
                (Encoding::Module | Encoding::Component, _) => depth += 1,
            },
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    let import = import.map_err(|error| FileError::Damaged(error.to_string()))?;
                    found.imports.push(import.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    let export = export.map_err(|error| FileError::Damaged(error.to_string()))?;
                    found.exports.push(export.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if section.name() == SECTION && found.metadata.is_none() => {
                let metadata = serde_json::from_slice(section.data());
                found.metadata = Some(metadata.map_err(|error| FileError::Metadata(error.to_string()))?);
            }
            _ => {}
        }
    }
    contract::compare(&found.imports, &found.exports)?;
    if !found.exports.iter().any(|name| name.starts_with("watertight:plugin/catalogue@")) {
        return Err(FileError::NotAPlugin);
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn text_is_not_a_component() {
        assert_eq!(inspect(b"hello, world"), Err(FileError::NotAComponent));
        assert_eq!(inspect(b""), Err(FileError::NotAComponent));
    }

    #[test]
    fn a_core_module_is_told_from_a_component() {
        assert_eq!(inspect(b"\0asm\x01\0\0\0"), Err(FileError::CoreModule));
    }

    #[test]
    fn an_empty_component_is_no_plugin() {
        assert_eq!(inspect(b"\0asm\x0d\0\x01\0"), Err(FileError::NotAPlugin));
    }

    #[test]
    fn a_truncated_component_is_damaged_not_fatal() {
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        bytes.extend([1, 200, 1]);
        assert!(matches!(inspect(&bytes), Err(FileError::Damaged(_))));
    }
}
