//! A policy as a whole: from settings to the world that one instance gets.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use wasmtime_wasi::{WasiCtx, WasiCtxBuilder};
use watertight_sandbox::limits::{Limits, key};
use watertight_sandbox::state::SecretReader;
use watertight_sandbox::stdio::LogStream;

use crate::files::{self, FileRoots, RootsError};
use crate::net::{self, NetPolicy, PolicyError};
use crate::secrets::{self, RevealPolicy};

/// What every guest of a tenant may do.
#[derive(Default)]
pub struct Grants {
    files: Arc<FileRoots>,
    net: Arc<NetPolicy>,
    reveal: RevealPolicy,
}

/// A policy that cannot be meant.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
    /// Of the file roots.
    #[error(transparent)]
    Roots(#[from] RootsError),
    /// Of the network.
    #[error(transparent)]
    Net(#[from] PolicyError),
}

impl Grants {
    /// Reads the policy from the worker's settings. Relative paths are taken from `base`.
    pub fn from_properties<'a>(get: impl Fn(&str) -> Option<&'a str>, base: &Path) -> Result<Self, GrantsError> {
        let files = match get(files::KEY) {
            Some(text) => FileRoots::parse(text, base)?,
            None => FileRoots::default(),
        };
        let net = match get(net::KEY) {
            Some(text) => NetPolicy::parse(text)?,
            None => NetPolicy::default(),
        };
        let reveal = get(secrets::KEY).map(RevealPolicy::parse).unwrap_or_default();
        Ok(Self { files: Arc::new(files), net: Arc::new(net), reveal })
    }

    /// The world of one instance: no arguments, no environment, no sockets, no terminal; clocks, random
    /// numbers, and the granted files. What `sandbox.net.allow` grants, capabilities reach for a guest: an address
    /// that it could connect to by itself would be one that nobody checks after the lookup.
    pub fn world(&self, stdout: LogStream, stderr: LogStream, limits: &Limits) -> Result<WasiCtx, GrantsError> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(stdout)
            .stderr(stderr)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(limits.get(key::RANDOM));
        self.files.grant(&mut wasi)?;
        Ok(wasi.build())
    }

    /// What `secrets.reveal` answers an instance of this class with these passwords, by setting.
    pub fn secrets(&self, class: &str, passwords: HashMap<String, String>) -> Arc<dyn SecretReader> {
        self.reveal.reader(class, passwords)
    }

    /// The granted file roots, for messages.
    pub fn roots(&self) -> String {
        self.files.describe()
    }

    /// The granted file roots, for capabilities that open files on a guest's behalf.
    pub fn files(&self) -> Arc<FileRoots> {
        Arc::clone(&self.files)
    }

    /// What capabilities may connect to on a guest's behalf.
    pub fn net(&self) -> Arc<NetPolicy> {
        Arc::clone(&self.net)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn grants(key: &str, value: &str) -> Result<Grants, GrantsError> {
        Grants::from_properties(|name| (name == key).then_some(value), Path::new("/"))
    }

    #[test]
    fn what_is_not_said_is_not_granted() {
        let grants = Grants::from_properties(|_| None, Path::new("/")).unwrap();
        assert_eq!((grants.roots().as_str(), grants.net().describe().as_str()), ("none", "none"));
        assert!(grants.files().locate(Path::new("/etc/passwd")).is_err());
    }

    #[test]
    fn hosts_are_granted_by_the_setting_and_a_bad_value_is_named_with_it() {
        let granted = grants("sandbox.net.allow", "db.example.com:5432").unwrap();
        assert_eq!(granted.net().describe(), "db.example.com:5432");
        let error = grants("sandbox.net.allow", "db.example.com").err().unwrap().to_string();
        assert!(error.starts_with("Invalid value db.example.com for configuration sandbox.net.allow: "), "{error}");
    }
}
