//! From a name in a config to one class in one file: aliases first, then versions.
//!
//! Several files may hold one class. Without a wish the greatest version is taken; with one, the greatest that it
//! allows; and for what stands beside a connector, the one that came with that connector goes before a greater one,
//! as Kafka has it since its plugins have versions (KIP-891).

use std::sync::Arc;

use super::{PluginEntry, PluginRegistry};
use crate::catalogue::PluginClass;
use crate::component::FileError;
use crate::role::Role;
use crate::version::VersionRange;

/// A name that leads nowhere, or to several.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// Kafka's words, and what the directory held against it.
    #[error(
        "Failed to find any class that implements Connector and which name matches {name}, available connectors are: {available}{refused}"
    )]
    Unknown {
        /// As asked.
        name: String,
        /// What there is.
        available: String,
        /// Files that were refused, with reasons; empty where there are none.
        refused: String,
    },
    /// Kafka's words for a class that is no connector, and what the directory held against it.
    #[error("Class {name} could not be found.{refused}")]
    UnknownClass {
        /// As asked.
        name: String,
        /// Files that were refused, with reasons; empty where there are none.
        refused: String,
    },
    /// Kafka's words.
    #[error(
        "More than one connector matches alias {alias}. Please use full package and class name instead. Classes found: {classes}"
    )]
    Ambiguous {
        /// As asked.
        alias: String,
        /// What matches.
        classes: String,
    },
    /// Kafka's words.
    #[error("Plugin {class} not found that matches the version range {range}, available versions: [{}]", available.join(", "))]
    Version {
        /// Full name of the class, which there is.
        class: String,
        /// As asked.
        range: String,
        /// From the smallest to the greatest.
        available: Vec<String>,
    },
}

impl PluginRegistry {
    /// The connector class of this name or alias, and of its versions the greatest that `range` allows.
    ///
    /// # Errors
    /// When there is none, or several share the alias.
    pub fn find_connector(&self, name: &str, range: Option<&VersionRange>) -> Result<PluginEntry, FindError> {
        let connector = |class: &PluginClass| matches!(class.role.as_str(), "source" | "sink");
        let exact = self.those(|class| connector(class) && class.name == name);
        let matches = match exact.is_empty() {
            true => self.those(|class| connector(class) && Role::Source.is_alias(class, name)),
            false => exact,
        };
        if matches.is_empty() {
            let (available, refused) = (list(&self.those(connector)), self.refusals());
            return Err(FindError::Unknown { name: name.to_owned(), available, refused });
        }
        if is_ambiguous(&matches) {
            return Err(FindError::Ambiguous { alias: name.to_owned(), classes: list(&matches) });
        }
        choose(matches, range, None)
    }

    /// Every class of a role, in the order of files and of their lists: what a listing of plugins shows.
    pub fn of_role(&self, role: Role) -> Vec<PluginEntry> {
        self.those(|class| class.role == role.as_str())
    }

    /// The class of this role and name or alias, and of its versions the greatest that `range` allows. `beside` is the
    /// connector that it works for, if it does: what came with that goes before what is greater. An alias that several
    /// classes share leads nowhere, as in Kafka.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(
        &self,
        role: Role,
        name: &str,
        range: Option<&VersionRange>,
        beside: Option<&PluginEntry>,
    ) -> Result<PluginEntry, FindError> {
        let exact = self.those(|class| class.role == role.as_str() && class.name == name);
        let matches = match exact.is_empty() {
            true => self.those(|class| class.role == role.as_str() && role.is_alias(class, name)),
            false => exact,
        };
        if matches.is_empty() || is_ambiguous(&matches) {
            let refused = self.refusals().trim_start_matches('.').to_owned();
            return Err(FindError::UnknownClass { name: name.to_owned(), refused });
        }
        choose(matches, range, beside)
    }

    /// Files that look like plugins and are none, and why: the class asked for may have been in one.
    fn refusals(&self) -> String {
        let reasons: Vec<String> = self
            .refused()
            .into_iter()
            .filter(|(_, error)| *error != FileError::NotAComponent)
            .map(|(path, error)| format!("{}: {error}", path.file_name().unwrap_or_default().to_string_lossy()))
            .collect();
        if reasons.is_empty() {
            String::new()
        } else {
            format!(". Plugin files that were refused: {}", reasons.join("; "))
        }
    }
}

/// Whether these are different classes, and not versions of one.
fn is_ambiguous(entries: &[PluginEntry]) -> bool {
    entries.windows(2).any(|pair| pair[0].class.name != pair[1].class.name)
}

/// One of several versions of a class.
fn choose(
    mut entries: Vec<PluginEntry>,
    range: Option<&VersionRange>,
    beside: Option<&PluginEntry>,
) -> Result<PluginEntry, FindError> {
    entries.sort_by(|a, b| a.version.cmp(&b.version).then_with(|| a.location.cmp(&b.location)));
    let fits = |entry: &&PluginEntry| range.is_none_or(|range| range.contains(&entry.version));
    let companion =
        || entries.iter().find(|entry| fits(entry) && beside.is_some_and(|other| other.location == entry.location));
    match companion().or_else(|| entries.iter().rfind(fits)) {
        Some(entry) => Ok(entry.clone()),
        None => Err(FindError::Version {
            class: entries.first().map(|entry| entry.class.name.clone()).unwrap_or_default(),
            range: range.map(ToString::to_string).unwrap_or_default(),
            available: entries.iter().map(|entry| entry.class.version.clone()).collect(),
        }),
    }
}

fn list(entries: &[PluginEntry]) -> String {
    let shown = |entry: &PluginEntry| {
        let class: &Arc<PluginClass> = &entry.class;
        format!(
            "PluginDesc{{klass=class {}, name='{}', version='{}', type={}}}",
            class.name, class.name, class.version, class.role
        )
    };
    entries.iter().map(shown).collect::<Vec<_>>().join(", ")
}
