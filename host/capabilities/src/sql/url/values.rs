//! Values of parameters.

use std::path::PathBuf;
use std::time::Duration;

use super::SettingsError;
use super::gather::{Gathered, Given};
use crate::sql::tls::Pem;

impl Gathered {
    /// A switch. Empty is neither.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, SettingsError> {
        self.filled(name).map(Given::flag).transpose()
    }

    /// A time in milliseconds; 0 is no limit.
    pub(super) fn millis(&self, name: &'static str) -> Result<Option<Option<Duration>>, SettingsError> {
        self.time(name, Duration::from_millis)
    }

    /// A time in seconds; 0 is no limit.
    pub(super) fn seconds(&self, name: &'static str) -> Result<Option<Option<Duration>>, SettingsError> {
        self.time(name, Duration::from_secs)
    }

    fn time(
        &self,
        name: &'static str,
        of: impl Fn(u64) -> Duration,
    ) -> Result<Option<Option<Duration>>, SettingsError> {
        let Some(given) = self.filled(name) else {
            return Ok(None);
        };
        // The drivers' own limit: what Java counts milliseconds with.
        match given.text().trim().parse::<u32>() {
            Ok(0) => Ok(Some(None)),
            Ok(number) if number <= i32::MAX as u32 => Ok(Some(Some(of(number.into())))),
            Ok(_) | Err(_) => Err(given.fail("it is not a number of 0 or more")),
        }
    }

    /// One of several words, in any case.
    pub(super) fn word<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Result<Option<T>, SettingsError> {
        let Some(given) = self.filled(name) else {
            return Ok(None);
        };
        let text = given.text().trim();
        match words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(given.fail(format!("it is none of {}", words.join(", "))))
            }
        }
    }

    /// A file: a path, or a `file:` URL as Java writes them.
    pub(super) fn file(&self, name: &'static str) -> Result<Option<Pem>, SettingsError> {
        self.filled(name).map(|given| given.path().map(Pem::File)).transpose()
    }
}

impl Given {
    fn flag(&self) -> Result<bool, SettingsError> {
        match self.text().trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(self.fail("it is neither true nor false")),
        }
    }

    fn path(&self) -> Result<PathBuf, SettingsError> {
        let text = self.text().trim();
        let lower = text.to_ascii_lowercase();
        let path = if lower.starts_with("file:") { &text["file:".len()..] } else { text };
        // file:///x, file:/x; another host's files are not ours.
        let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        if !path.starts_with('/') || path.starts_with("//") {
            return Err(self.fail("it is not the absolute path of a file"));
        }
        Ok(PathBuf::from(path))
    }
}
