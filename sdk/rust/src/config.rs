//! A connector's configuration with Kafka's defaults, checks and words.

use crate::{ConfigKey, Failure, Kind, Result, Setting};

/// The settings of a connector or task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    settings: Vec<Setting>,
}

impl From<Vec<Setting>> for Config {
    fn from(settings: Vec<Setting>) -> Self {
        Self { settings }
    }
}

impl From<Config> for Vec<Setting> {
    fn from(config: Config) -> Self {
        config.settings
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Config {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let settings = pairs
            .into_iter()
            .map(|(name, value)| Setting { name: name.into(), value: value.into(), secret: false })
            .collect();
        Self { settings }
    }
}

impl Config {
    /// The value as it was written, without defaults.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|setting| setting.name == name).map(|setting| setting.value.as_str())
    }

    /// All settings, secrets as references.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Replaces or adds a setting: how a connector tells its tasks apart.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.settings.iter_mut().find(|setting| setting.name == name) {
            Some(setting) => {
                setting.value = value;
                setting.secret = false;
            }
            None => self.settings.push(Setting { name: name.to_owned(), value, secret: false }),
        }
    }

    /// The same with one setting replaced or added.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Text, or the key's default, or nothing.
    pub fn optional(&self, key: &ConfigKey) -> Option<&str> {
        self.get(key.name).or(key.default_value)
    }

    /// Text; an error if there is neither value nor default.
    pub fn string(&self, key: &ConfigKey) -> Result<&str> {
        let value = self.optional(key).ok_or_else(|| {
            Failure::config(format!("Missing required configuration \"{}\" which has no default value.", key.name))
        })?;
        if value.is_empty() && has(key, "non-empty") {
            return Err(Failure::invalid_value(key.name, value, "String must be non-empty"));
        }
        Ok(value)
    }

    /// A 32-bit number.
    pub fn int(&self, key: &ConfigKey) -> Result<i32> {
        self.number(key)
    }

    /// A 64-bit number.
    pub fn long(&self, key: &ConfigKey) -> Result<i64> {
        self.number(key)
    }

    /// A 16-bit number.
    pub fn short(&self, key: &ConfigKey) -> Result<i16> {
        self.number(key)
    }

    /// A floating-point number.
    pub fn double(&self, key: &ConfigKey) -> Result<f64> {
        self.number(key)
    }

    /// `true` or `false`, in any case.
    pub fn boolean(&self, key: &ConfigKey) -> Result<bool> {
        let value = self.string(key)?.trim();
        if value.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if value.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(Failure::invalid_value(key.name, value, "Expected value to be either true or false"))
        }
    }

    /// What stands between the commas; nothing for an empty value.
    pub fn list(&self, key: &ConfigKey) -> Vec<&str> {
        match self.optional(key).map(str::trim) {
            None | Some("") => Vec::new(),
            Some(text) => text.split(',').map(str::trim).collect(),
        }
    }

    fn number<T>(&self, key: &ConfigKey) -> Result<T>
    where
        T: std::str::FromStr + PartialOrd + Copy,
    {
        let text = self.string(key)?.trim();
        let value: T = text.parse().map_err(|_| {
            Failure::invalid_value(key.name, text, &format!("Not a number of type {}", key.kind.word()))
        })?;
        for (name, bound) in key.attributes {
            let Ok(limit) = bound.parse::<T>() else {
                continue;
            };
            if *name == "min" && value < limit {
                return Err(out_of_range(key, text, "least", bound));
            }
            if *name == "max" && value > limit {
                return Err(out_of_range(key, text, "most", bound));
            }
        }
        Ok(value)
    }
}

fn has(key: &ConfigKey, attribute: &str) -> bool {
    key.kind != Kind::List && key.attributes.iter().any(|(name, _)| *name == attribute)
}

fn out_of_range(key: &ConfigKey, value: &str, side: &str, bound: &str) -> Failure {
    let side = if side == "most" { "no more than" } else { "at least" };
    Failure::invalid_value(key.name, value, &format!("Value must be {side} {bound}"))
}

#[cfg(test)]
mod tests;
