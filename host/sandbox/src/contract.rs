//! Compares what a component wants with what this worker has, by name and before linking: wasmtime's own
//! error for the same trouble names an import deep inside and neither version.

/// The contract's version: one for all its interfaces.
pub const VERSION: &str = "0.2.0";
const IMPORTS: &[&str] = &[
    "watertight:types/data",
    "watertight:types/common",
    "watertight:runtime/worker",
    "watertight:runtime/log",
    "watertight:runtime/metrics",
    "watertight:runtime/schemas",
    "watertight:runtime/offsets",
    "watertight:runtime/secrets",
    "watertight:sink/sink-context",
    "watertight:sql/client",
    "watertight:transform/transformation",
];
const EXPORTS: &[&str] = &[
    "watertight:plugin/catalogue",
    "watertight:source/source-connector",
    "watertight:source/source-task",
    "watertight:sink/sink-connector",
    "watertight:sink/sink-task",
    "watertight:transform/transformation",
    "watertight:transform/predicate",
    "watertight:converter/conversion",
];
/// The WASI that guests may import. Release candidates and 0.3 are not linked.
const WASI: &str = "0.2.";

/// A component that was made for another worker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum ContractError {
    #[error("it wants {interface}@{wanted}, this worker has {VERSION}")]
    Version { interface: String, wanted: String },
    #[error("it wants {interface}, which this worker does not have")]
    Unknown { interface: String },
    #[error("it exports {interface}@{offered}, this worker knows {VERSION}")]
    Offer { interface: String, offered: String },
}

/// Looks at top-level names only; the types behind them are compared when the file is first compiled.
pub fn compare(imports: &[String], exports: &[String]) -> Result<(), ContractError> {
    for name in imports {
        let (interface, version) = split(name);
        if let Some(rest) = interface.strip_prefix("wasi:") {
            if !version.starts_with(WASI) || version.contains('-') {
                return Err(ContractError::Unknown { interface: format!("wasi:{rest}@{version}") });
            }
        } else if !IMPORTS.contains(&interface) {
            return Err(ContractError::Unknown { interface: name.clone() });
        } else if !compatible(version) {
            return Err(ContractError::Version { interface: interface.into(), wanted: version.into() });
        }
    }
    for name in exports {
        let (interface, version) = split(name);
        if EXPORTS.contains(&interface) && !compatible(version) {
            return Err(ContractError::Offer { interface: interface.into(), offered: version.into() });
        }
    }
    Ok(())
}

/// Before 1.0 the second number is the one that breaks.
fn compatible(version: &str) -> bool {
    let mut ours = VERSION.split('.');
    let mut theirs = version.split('.');
    ours.next() == theirs.next() && ours.next() == theirs.next()
}

fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, ""))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn another_version_is_named_with_ours() {
        let error = compare(&names(&["watertight:runtime/log@0.3.0"]), &[]).unwrap_err();
        assert_eq!(error.to_string(), "it wants watertight:runtime/log@0.3.0, this worker has 0.2.0");
        let error = compare(&[], &names(&["watertight:source/source-task@0.3.0"])).unwrap_err();
        assert_eq!(error.to_string(), "it exports watertight:source/source-task@0.3.0, this worker knows 0.2.0");
    }

    #[test]
    fn an_interface_nobody_has_is_named() {
        assert!(compare(&names(&["wasi:http/outgoing-handler@0.3.0-rc-1"]), &[]).is_err());
        assert!(compare(&names(&["other:thing/x@1.0.0"]), &[]).is_err());
    }

    #[test]
    fn what_we_have_is_taken_and_foreign_exports_are_ignored() {
        let imports = names(&["watertight:runtime/log@0.2.0", "wasi:clocks/wall-clock@0.2.6"]);
        assert!(compare(&imports, &names(&["watertight:source/source-task@0.2.0", "my:own/thing@9.0.0"])).is_ok());
    }
}
