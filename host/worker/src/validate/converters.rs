//! Converters that a connector brings: is the class one, is there the wanted version, are its own settings good?

use watertight_data::config::converter;
use watertight_data::converter::{self as converters, BuiltIn};
use watertight_sandbox::registry::{FindError, PluginEntry};
use watertight_sandbox::role::Role;
use watertight_sandbox::version::VersionRange;

use super::CONVERTERS;
use super::catalogue::{Catalogue, Found};
use super::config::Config;
use super::values::Validation;
use crate::registry::HttpRegistries;

/// What connectors' converters are checked with.
pub(super) struct Converters<'a> {
    pub(super) catalogue: Catalogue<'a>,
    pub(super) config: Config<'a>,
    pub(super) entry: &'a PluginEntry,
}

impl Converters<'_> {
    /// Adds what there is to say of each.
    pub(super) fn check(&self, validation: &mut Validation) {
        for (converter, role, _) in CONVERTERS {
            self.one(validation, converter, role);
        }
    }

    fn one(&self, validation: &mut Validation, converter: converter::Role, role: Role) {
        let key = converter.setting();
        let version_key = format!("{key}.plugin.version");
        let Some(name) = self.config.get(key) else { return };
        if validation.has_errors(key) || validation.has_errors(&version_key) {
            return;
        }
        let found = match self.find(role, name, &version_key) {
            Ok(found) => found,
            Err(Refused::Version(message)) => {
                validation.fault(key, &message);
                validation.fault(&version_key, &message);
                return;
            }
            Err(Refused::Class) => {
                validation.fault(key, &format!("Failed to load class {name}: {name}"));
                return;
            }
        };
        let prefix = format!("{key}.");
        let answers =
            converter::validate(&found.definition, converter, &|own| self.config.given(&format!("{prefix}{own}")));
        let faulty = answers.iter().any(|answer| !answer.errors.is_empty());
        validation.embed(&found.definition, &prefix, answers);
        // What settings say together, and what files they name; nobody is connected to.
        if !faulty && converters::find(&found.class).is_some_and(BuiltIn::needs_registry) {
            let own = crate::config::under(self.config.settings, &prefix);
            let is_key = converter == converter::Role::Key;
            if let Err(error) = converters::create(&found.class, &own, is_key, &HttpRegistries) {
                validation.fault(key, error.message());
            }
        }
    }

    fn find(&self, role: Role, name: &str, version_key: &str) -> Result<Found, Refused> {
        // The setting has been read without its blanks; Kafka looks for the class as given.
        if name.trim() != name {
            return Err(Refused::Class);
        }
        let range = VersionRange::parse(self.config.get(version_key).map(String::as_str))
            .map_err(|error| Refused::Version(error.to_string()))?;
        self.catalogue.find(role, name, range.as_ref(), Some(self.entry)).map_err(|error| match error {
            FindError::Version { .. } => Refused::Version(error.to_string()),
            FindError::Unknown { .. } | FindError::UnknownClass { .. } | FindError::Ambiguous { .. } => Refused::Class,
        })
    }
}

enum Refused {
    Class,
    Version(String),
}
