//! URL parameters and connector properties, held against the table, under one name each. As in the JVM drivers, what
//! stands in the URL goes before a property of the same name.

use std::collections::BTreeMap;

use super::parameters::{Effect, Parameter};
use super::{Password, SettingsError};

/// What the connector itself knows beneath `connection.`; the driver is not told.
const OWN: [&str; 3] = ["url", "attempts", "backoff.ms"];

/// What there is to read beside the URL.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The driver.
    pub(super) driver: &'static str,
    /// Its parameters.
    pub(super) parameters: &'static [Parameter],
    /// How the names of the connector's properties begin.
    pub(super) prefix: &'a str,
    /// Those properties, without it.
    pub(super) properties: &'a [(&'a str, &'a str)],
}

/// The parameters that are used, by the table's name of each.
pub(super) struct Gathered(BTreeMap<&'static str, Given>);

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Given {
    text: Password,
    place: String,
}

impl Given {
    pub(super) fn text(&self) -> &str {
        self.text.expose()
    }

    /// Why it cannot be, by its place. The value is not shown.
    pub(super) fn fail(&self, reason: impl AsRef<str>) -> SettingsError {
        SettingsError::new(format!("Invalid value for {}: {}", self.place, reason.as_ref()))
    }
}

impl Reading<'_> {
    /// Why the URL cannot be used.
    pub(super) fn invalid(&self, reason: impl AsRef<str>) -> SettingsError {
        SettingsError::new(format!("Invalid {}url: {}", self.prefix, reason.as_ref()))
    }

    /// Holds all of them against the table, and those that the URL has.
    pub(super) fn gather(&self, url: Vec<(String, String)>) -> Result<Gathered, SettingsError> {
        let prefix = self.prefix;
        let mut all = BTreeMap::new();
        for (name, value) in self.properties.iter().filter(|(name, _)| !OWN.contains(name)) {
            let place = format!("configuration {prefix}{name}");
            self.add(&mut all, name, Given { text: Password::new((*value).to_owned()), place })?;
        }
        let mut of_url = BTreeMap::new();
        for (name, value) in url {
            let place = format!("parameter {} of {prefix}url", fit_to_show(&name));
            self.add(&mut of_url, &name, Given { text: Password::new(value), place })?;
        }
        all.extend(of_url);
        Ok(Gathered(all))
    }

    fn add(&self, all: &mut BTreeMap<&'static str, Given>, name: &str, given: Given) -> Result<(), SettingsError> {
        let parameter = self.parameters.iter().find(|parameter| parameter.called(name));
        let parameter = parameter.ok_or_else(|| self.unknown(&given.place))?;
        if given.text().contains('\0') {
            return Err(given.fail("it contains NUL"));
        }
        match parameter.effect {
            Effect::Used(_) => match all.insert(parameter.name, given) {
                Some(first) => {
                    let given = all.get(parameter.name).map(|given| given.place.as_str()).unwrap_or_default();
                    Err(SettingsError::new(format!("{} is given twice: {} and {given}", parameter.name, first.place)))
                }
                None => Ok(()),
            },
            Effect::Ignored(_) => Ok(()),
            Effect::Only(values, _) if values.iter().any(|value| value.eq_ignore_ascii_case(given.text().trim())) => {
                Ok(())
            }
            Effect::Only(values, why) => {
                let values: Vec<&str> = values.iter().copied().filter(|value| !value.is_empty()).collect();
                Err(given.fail(match values.is_empty() {
                    true => format!("it is not supported, because {why}"),
                    false => format!("only {} is supported, because {why}", values.join(", ")),
                }))
            }
            Effect::Refused(why) => Err(SettingsError::new(format!("The {} is not supported: {why}", given.place))),
        }
    }

    fn unknown(&self, place: &str) -> SettingsError {
        let used = self.parameters.iter().filter(|parameter| matches!(parameter.effect, Effect::Used(_)));
        let names: Vec<&str> = used.map(|parameter| parameter.name).collect();
        SettingsError::new(format!(
            "The {place} is not known for {}. Supported are {}; parameters of the Java driver that make no difference \
             here are accepted, too",
            self.driver,
            names.join(", "),
        ))
    }
}

impl Gathered {
    pub(super) fn get(&self, name: &'static str) -> Option<&Given> {
        self.0.get(name)
    }

    /// One that is there and says something.
    pub(super) fn filled(&self, name: &'static str) -> Option<&Given> {
        self.get(name).filter(|given| !given.text().trim().is_empty())
    }

    /// A text that says something.
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.filled(name).map(|given| given.text().to_owned())
    }

    pub(super) fn password(&self) -> Option<Password> {
        self.get("password").map(|given| given.text.clone())
    }
}

/// A name from a URL, if it looks like one: what follows an unescaped `?` in a password does not.
fn fit_to_show(name: &str) -> &str {
    const LONGEST: usize = 64;
    let fits = name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if fits { name } else { "(not shown)" }
}
