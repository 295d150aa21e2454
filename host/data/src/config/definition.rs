//! `ConfigDef`: keys in order, and the two things done with them. Validating answers for every key, for people;
//! parsing stops at the first fault, for programs.

use indexmap::{IndexMap, IndexSet};

use super::parse::{Parsed, parse};
use super::{ConfigKey, Kind};
use crate::error::ConfigError;

/// What somebody said of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// Nothing.
    Absent,
    /// JSON's null: there, and no value. Its default does not stand in for it.
    Null,
    /// A value.
    Text(&'a str),
}

impl<'a> From<Option<&'a String>> for Given<'a> {
    fn from(text: Option<&'a String>) -> Self {
        text.map_or(Self::Absent, |text| Self::Text(text))
    }
}

/// What validation says of one key (`ConfigValue`).
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigValue {
    /// The key.
    pub name: String,
    /// Its value as it is shown: passwords hidden; none where there is none or it could not be read.
    pub value: Option<String>,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// What a form might offer.
    pub recommended_values: Vec<String>,
    /// Whether a form shows it.
    pub visible: bool,
}

impl ConfigValue {
    /// Nothing known yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None, errors: Vec::new(), recommended_values: Vec::new(), visible: true }
    }
}

/// Keys by name, in the order of their definition.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConfigDef {
    keys: IndexMap<String, ConfigKey>,
}

impl ConfigDef {
    /// Of these keys; a repeated name replaces the earlier one.
    pub fn new(keys: impl IntoIterator<Item = ConfigKey>) -> Self {
        Self { keys: keys.into_iter().map(|key| (key.name.clone(), key)).collect() }
    }

    /// One key more.
    pub fn define(mut self, key: ConfigKey) -> Self {
        self.keys.insert(key.name.clone(), key);
        self
    }

    /// All keys of another one that are not defined here.
    pub fn extend_missing(mut self, other: &ConfigDef) -> Self {
        for (name, key) in &other.keys {
            self.keys.entry(name.clone()).or_insert_with(|| key.clone());
        }
        self
    }

    /// All keys of another one under a prefix and in one group, in the order in which Kafka shows keys. Their checks
    /// go on calling them by their own names, as in Kafka.
    pub fn embed(mut self, prefix: &str, group: &str, first_order: i32, other: &ConfigDef) -> Self {
        for (order, key) in (first_order..).zip(other.sorted()) {
            let mut embedded = key.clone();
            embedded.name = format!("{prefix}{}", key.name);
            embedded.checked_as = Some(key.check_name().to_owned());
            embedded.group = Some(match &key.group {
                Some(own) => format!("{group}: {own}"),
                None => group.to_owned(),
            });
            embedded.order_in_group = order;
            embedded.dependents = key.dependents.iter().map(|name| format!("{prefix}{name}")).collect();
            self = self.define(embedded);
        }
        self
    }

    /// By group in the order in which groups appear, then by place, required ones first, importance and name
    /// (`ConfigDef.sortedConfigs`).
    fn sorted(&self) -> Vec<&ConfigKey> {
        let groups = self.groups();
        let mut keys: Vec<&ConfigKey> = self.keys.values().collect();
        keys.sort_by_cached_key(|key| {
            let group = key.group.as_deref().and_then(|name| groups.get_index_of(name));
            (group.map_or(0, |at| at + 1), key.order_in_group, !key.required, key.importance as u8, key.name.clone())
        });
        keys
    }

    /// The groups of its keys, in order.
    pub fn groups(&self) -> IndexSet<&str> {
        self.keys.values().filter_map(|key| key.group.as_deref()).collect()
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &ConfigKey> {
        self.keys.values()
    }

    /// One key.
    pub fn get(&self, name: &str) -> Option<&ConfigKey> {
        self.keys.get(name)
    }

    /// Another default for a key that may be left out: some are only known where the definition is used.
    pub fn set_default(&mut self, name: &str, default: Option<String>) {
        if let Some(key) = self.keys.get_mut(name) {
            key.default = default;
        }
    }

    /// One answer per key, in the order of definition; then one per dependent that nobody defined.
    pub fn validate(&self, props: &IndexMap<String, String>) -> Vec<ConfigValue> {
        self.validate_with(&|key| props.get(key).into(), &|class| Some(class.to_owned()))
    }

    /// The same; `class_of` knows which class a CLASS key's text names, in full, if there is such a class.
    pub fn validate_with<'a>(
        &self,
        given: &dyn Fn(&str) -> Given<'a>,
        class_of: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<ConfigValue> {
        let mut answers: Vec<ConfigValue> =
            self.keys.values().map(|key| answer(key, given(&key.name), class_of)).collect();
        let dependents = self.keys.values().flat_map(|key| &key.dependents);
        let undefined: IndexSet<&String> = dependents.filter(|name| !self.keys.contains_key(*name)).collect();
        answers.extend(undefined.into_iter().map(|name| ConfigValue {
            errors: vec![format!("{name} is referred in the dependents, but not defined.")],
            visible: false,
            ..ConfigValue::new(name)
        }));
        answers
    }

    /// Values of all keys, or the first fault. Settings that nobody defined are left out.
    ///
    /// # Errors
    /// With Kafka's words.
    pub fn parse(&self, props: &IndexMap<String, String>) -> Result<Settings, ConfigError> {
        let mut values = IndexMap::with_capacity(self.keys.len());
        for key in self.keys.values() {
            let value = match props.get(&key.name).or(key.default.as_ref()) {
                Some(text) => Some(key.distinct(parse(&key.name, text, key.kind)?)),
                None if key.required => return Err(ConfigError::missing(&key.name)),
                None => None,
            };
            if value.is_some() || !key.nullable() {
                for validator in &key.validators {
                    validator.check(key.check_name(), value.as_ref())?;
                }
            }
            if let Some(value) = value {
                values.insert(key.name.clone(), value);
            }
        }
        Ok(Settings { values })
    }
}

fn answer(key: &ConfigKey, given: Given<'_>, class_of: &dyn Fn(&str) -> Option<String>) -> ConfigValue {
    let mut answer = ConfigValue::new(&key.name);
    let text = match given {
        Given::Text(text) => Some(text),
        Given::Null => None,
        Given::Absent => {
            if key.required {
                answer.errors.push(ConfigError::missing(&key.name).message().to_owned());
            }
            key.default.as_deref()
        }
    };
    let value = text.and_then(|text| match read(key, text, class_of) {
        Ok(value) => Some(value),
        Err(error) => {
            answer.errors.push(error.message().to_owned());
            None
        }
    });
    if value.is_some() || !key.nullable() {
        // A composite validator of Kafka's stops at its first fault.
        let refused =
            key.validators.iter().find_map(|validator| validator.check(key.check_name(), value.as_ref()).err());
        answer.errors.extend(refused.map(|error| error.message().to_owned()));
    }
    answer.value = value.map(|value| value.shown());
    answer
}

fn read(key: &ConfigKey, text: &str, class_of: &dyn Fn(&str) -> Option<String>) -> Result<Parsed, ConfigError> {
    match parse(&key.name, text, key.kind)? {
        Parsed::Text(class) if key.kind == Kind::Class => match class_of(&class) {
            Some(class) => Ok(Parsed::Text(class)),
            None => {
                let reason = format!("Class {text} could not be found.");
                Err(ConfigError::invalid(&key.name, text, reason))
            }
        },
        value => Ok(value),
    }
}

/// What [`ConfigDef::parse`] read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    values: IndexMap<String, Parsed>,
}

impl Settings {
    /// A value; none for null.
    pub fn get(&self, name: &str) -> Option<&Parsed> {
        self.values.get(name)
    }

    /// Of a STRING, CLASS or PASSWORD.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name)? {
            Parsed::Text(text) | Parsed::Password(text) => Some(text),
            _ => None,
        }
    }

    /// Of a SHORT, INT or LONG.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Parsed::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// Of a DOUBLE.
    pub fn double(&self, name: &str) -> Option<f64> {
        match self.values.get(name)? {
            Parsed::Double(n) => Some(*n),
            _ => None,
        }
    }

    /// Of a BOOLEAN.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.values.get(name)? {
            Parsed::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Of a LIST.
    pub fn list(&self, name: &str) -> Option<&[String]> {
        match self.values.get(name)? {
            Parsed::List(values) => Some(values),
            _ => None,
        }
    }
}
