//! The file of users, one `user=password` a line, as Kafka's `PropertyFileLoginModule` reads it: once, for as long as
//! the worker lives. While it cannot be read, nobody gets in. It is tried again once a second at most, and the log says so
//! now and then: anybody can send requests, and as many as they like.
//!
//! An empty file lets everybody in. That is Kafka's rule too; the log says so.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::sync::OnceCell;
use watertight_worker::properties;

use super::header::Credentials;
use crate::seldom::Seldom;

const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Of a password: they have one length, so comparing them tells nothing about it, and none lies in memory in the
/// clear.
type Hash = [u8; 32];

/// Users and passwords, read when they are first asked for.
#[derive(Debug)]
pub(super) struct CredentialFile {
    path: PathBuf,
    users: OnceCell<HashMap<String, Hash>>,
    tries: Mutex<Seldom>,
    complaints: Mutex<Seldom>,
}

impl CredentialFile {
    /// Tries to read it, so that the log has what is wrong before the first request does.
    pub(super) fn new(path: PathBuf) -> Self {
        let users = OnceCell::new();
        let mut complaints = Seldom::default();
        match read(&path) {
            // It cannot be set already: nobody else has it yet.
            Ok(found) => drop(users.set(found)),
            Err(reason) => complain(&mut complaints, &reason),
        }
        let tries = Mutex::new(Seldom::every(TRY_AGAIN));
        CredentialFile { path, users, tries, complaints: Mutex::new(complaints) }
    }

    /// Whether somebody with this name and password may ask.
    pub(super) async fn allows(&self, given: Option<&Credentials>) -> bool {
        match self.users().await {
            None => false,
            Some(users) if users.is_empty() => true,
            Some(users) => given.is_some_and(|given| {
                let stored = users.get(&given.user);
                // An unknown name takes as long as a wrong password.
                let is_same: bool = stored.unwrap_or(&Hash::default()).ct_eq(&hash(&given.password)).into();
                is_same && stored.is_some()
            }),
        }
    }

    /// None while the file cannot be read.
    async fn users(&self) -> Option<&HashMap<String, Hash>> {
        if !self.users.initialized() && !self.tries.lock().unwrap_or_else(PoisonError::into_inner).is_due() {
            return None;
        }
        let users = self.users.get_or_try_init(|| async {
            let path = self.path.clone();
            tokio::task::spawn_blocking(move || read(&path)).await.map_err(|error| error.to_string())?
        });
        match users.await {
            Ok(users) => Some(users),
            Err(reason) => {
                complain(&mut self.complaints.lock().unwrap_or_else(PoisonError::into_inner), &reason);
                None
            }
        }
    }
}

fn complain(complaints: &mut Seldom, reason: &str) {
    if complaints.is_due() {
        tracing::error!("{reason}: no request will be let in until it can be read");
    }
}

fn hash(password: &str) -> Hash {
    Sha256::digest(password).into()
}

fn read(path: &PathBuf) -> Result<HashMap<String, Hash>, String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("the credentials file {shown} cannot be read: {error}"))?;
    let found = properties::parse_bytes(&bytes)
        .map_err(|error| format!("the credentials file {shown} is no properties file: {error}"))?;
    if found.is_empty() {
        tracing::warn!("Credential properties file '{shown}' is empty; all requests will be permitted");
    }
    Ok(found.into_iter().map(|(user, password)| (user, hash(&password))).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn given(user: &str, password: &str) -> Credentials {
        Credentials { user: user.to_owned(), password: password.to_owned() }
    }

    #[tokio::test]
    async fn only_a_users_own_password_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        std::fs::write(&path, "user=password\nempty=\n").unwrap();
        let file = CredentialFile::new(path);
        assert!(file.allows(Some(&given("user", "password"))).await);
        assert!(file.allows(Some(&given("empty", ""))).await);
        for wrong in [given("user", ""), given("user", "passwor"), given("nobody", "password"), given("nobody", "")] {
            assert!(!file.allows(Some(&wrong)).await, "{}", wrong.user);
        }
        assert!(!file.allows(None).await);
    }

    #[tokio::test]
    async fn it_is_read_once_and_not_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        let file = CredentialFile::new(path.clone());
        assert!(!file.allows(Some(&given("user", "old"))).await, "there is no file yet");
        std::fs::write(&path, "user=old").unwrap();
        assert!(!file.allows(Some(&given("user", "old"))).await, "each request would read it");
        tokio::time::sleep(TRY_AGAIN).await;
        assert!(file.allows(Some(&given("user", "old"))).await);
        std::fs::write(&path, "user=new").unwrap();
        assert!(file.allows(Some(&given("user", "old"))).await && !file.allows(Some(&given("user", "new"))).await);
    }

    #[tokio::test]
    async fn an_empty_file_lets_everybody_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users");
        std::fs::write(&path, "# nobody yet\n").unwrap();
        assert!(CredentialFile::new(path).allows(None).await);
    }
}
