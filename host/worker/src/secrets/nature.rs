//! What a plugin's class says of its settings: which of them it may not see.

use watertight_capabilities::sql::url::has_credentials;
use watertight_data::config::Kind;
use watertight_sandbox::catalogue::PluginClass;

/// The attribute of a setting that is a URL of a database, and may have credentials in it.
const URL: &str = "url";

/// How a setting is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Of type PASSWORD.
    Password,
    /// A URL, as its attribute says.
    Url,
    /// Anything else.
    Plain,
}

impl Nature {
    /// Of one setting of a class.
    pub fn of(class: &PluginClass, name: &str) -> Self {
        let Some(key) = class.config.iter().find(|key| key.name == name) else { return Self::Plain };
        match Kind::from_word(&key.kind) {
            Some(Kind::Password) => Self::Password,
            _ if key.attributes.iter().any(|(attribute, _)| attribute == URL) => Self::Url,
            _ => Self::Plain,
        }
    }

    /// Whether the plugin sees a reference in place of this value.
    pub fn hides(self, value: &str) -> bool {
        match self {
            Self::Password => true,
            Self::Url => has_credentials(value),
            Self::Plain => false,
        }
    }

    /// Whether a reference to a setting of `other` nature is good for something in a setting of this one.
    pub fn takes(self, other: Self) -> bool {
        self != Self::Plain && self == other
    }
}
