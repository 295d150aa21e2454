//! What a value must be beyond its kind, with Kafka's words.

use std::collections::HashSet;
use std::sync::Arc;

use regex::Regex;

use super::Parsed;
use crate::error::ConfigError;
use crate::java::hash;
use crate::java::regex::JavaRegex;

/// A check (`ConfigDef.Validator`).
#[derive(Debug, Clone)]
pub enum Validator {
    /// `Range`: bounds as they were written, for the message.
    Range {
        /// Smallest value allowed.
        min: Option<String>,
        /// Largest value allowed.
        max: Option<String>,
    },
    /// `ValidString`, or `ValidList` on a list.
    OneOf(Vec<String>),
    /// `CaseInsensitiveValidString`.
    OneOfIgnoringCase(Vec<String>),
    /// `NonEmptyString`; on a list: at least one element.
    NonEmpty,
    /// `NonEmptyStringWithoutControlChars`.
    NonEmptyWithoutControlChars,
    /// A list without empty and repeated elements (`ValidList.anyNonDuplicateValues`).
    NoDuplicates,
    /// A list of aliases: no repetition.
    UniqueAliases,
    /// A number that is positive, or -1: the broker's default.
    PositiveOrDefault(&'static str),
    /// A list of regular expressions.
    AreRegexes,
    /// Must match as a whole. Ours; Kafka has none such.
    Pattern(Arc<Regex>),
    /// Must itself be a regular expression of Java's.
    IsRegex,
    /// Whatever a class checks in code of its own (`LambdaValidator`).
    Custom(fn(&str, Option<&Parsed>) -> Result<(), ConfigError>),
}

impl PartialEq for Validator {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

impl Validator {
    /// `Range.atLeast`.
    pub fn at_least(min: impl ToString) -> Self {
        Self::Range { min: Some(min.to_string()), max: None }
    }

    /// `Range.between`.
    pub fn between(min: impl ToString, max: impl ToString) -> Self {
        Self::Range { min: Some(min.to_string()), max: Some(max.to_string()) }
    }

    /// `ValidString.in`.
    pub fn one_of(values: &[&str]) -> Self {
        Self::OneOf(values.iter().map(|value| (*value).to_owned()).collect())
    }

    /// `CaseInsensitiveValidString.in`, which keeps its words in a `HashSet`: the order in its message follows.
    pub fn one_of_ignoring_case(values: &[&str]) -> Self {
        let mut words: Vec<(String, ())> = Vec::new();
        for value in values {
            let word = value.to_uppercase();
            if !words.iter().any(|(other, ())| *other == word) {
                words.push((word, ()));
            }
        }
        hash::string_map_order(&mut words);
        Self::OneOfIgnoringCase(words.into_iter().map(|(word, ())| word).collect())
    }

    /// From the attributes of a key in a plugin's metadata. A pattern that is none is left out: the plugin's
    /// author is not here to be told.
    pub fn from_attributes<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Self> {
        let mut found = Vec::new();
        let (mut min, mut max) = (None, None);
        let (mut one_of, mut ignoring_case) = (Vec::new(), Vec::new());
        for (name, value) in attributes {
            match name {
                "min" => min = Some(value.to_owned()),
                "max" => max = Some(value.to_owned()),
                "one-of" => one_of.push(value),
                "one-of-ignoring-case" => ignoring_case.push(value),
                "non-empty" if value != "false" => found.push(Self::NonEmpty),
                "pattern" => found.extend(full_match(value).ok().map(|regex| Self::Pattern(Arc::new(regex)))),
                _ => {}
            }
        }
        if min.is_some() || max.is_some() {
            found.push(Self::Range { min, max });
        }
        if !one_of.is_empty() {
            found.push(Self::one_of(&one_of));
        }
        if !ignoring_case.is_empty() {
            found.push(Self::one_of_ignoring_case(&ignoring_case));
        }
        found
    }

    /// Whether on a list it is Kafka's `ValidList`.
    pub(super) fn is_for_lists(&self) -> bool {
        matches!(self, Self::OneOf(_) | Self::NoDuplicates)
    }

    /// Whether the value passes (`ensureValid`).
    ///
    /// # Errors
    /// With Kafka's words, if not.
    pub fn check(&self, name: &str, value: Option<&Parsed>) -> Result<(), ConfigError> {
        let shown = || value.map_or_else(|| "null".to_owned(), Parsed::to_string);
        let refuse = |reason: String| Err(ConfigError::invalid(name, shown(), reason));
        match self {
            Self::Range { min, max } => {
                let Some(number) = value.and_then(Parsed::number) else {
                    return refuse("Value must be non-null".to_owned());
                };
                let bound = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
                match (bound(min), bound(max)) {
                    (Some(bound), _) if number < bound => {
                        refuse(format!("Value must be at least {}", min.as_deref().unwrap_or_default()))
                    }
                    (_, Some(bound)) if number > bound => {
                        refuse(format!("Value must be no more than {}", max.as_deref().unwrap_or_default()))
                    }
                    _ => Ok(()),
                }
            }
            Self::OneOf(allowed) => match value {
                Some(Parsed::List(values)) => {
                    no_repetition(name, values)?;
                    match values.iter().find(|value| !allowed.contains(value)) {
                        Some(value) => Err(ConfigError::invalid(name, value, among(allowed))),
                        None => Ok(()),
                    }
                }
                _ if allowed.contains(&shown()) && value.is_some() => Ok(()),
                _ => refuse(among(allowed)),
            },
            Self::OneOfIgnoringCase(allowed) => match value {
                Some(value) if allowed.contains(&value.to_string().to_uppercase()) => Ok(()),
                _ => refuse(format!("String must be one of (case insensitive): {}", allowed.join(", "))),
            },
            Self::NonEmpty => match value {
                Some(Parsed::List(values)) if values.is_empty() => Err(ConfigError::new(format!(
                    "Configuration '{name}' must not be empty. Valid values include: any non-empty value"
                ))),
                Some(Parsed::Text(text) | Parsed::Password(text)) if text.is_empty() => {
                    refuse("String must be non-empty".to_owned())
                }
                _ => Ok(()),
            },
            Self::NonEmptyWithoutControlChars => match value {
                Some(Parsed::Text(text)) if text.is_empty() => refuse("String may not be empty".to_owned()),
                Some(Parsed::Text(text)) => {
                    let control: Vec<String> =
                        text.chars().filter(|c| c.is_control()).map(|c| u32::from(c).to_string()).collect();
                    if control.is_empty() {
                        return Ok(());
                    }
                    refuse(format!(
                        "String may not contain control sequences but had the following ASCII chars: {}",
                        control.join(", ")
                    ))
                }
                _ => Ok(()),
            },
            Self::NoDuplicates => match value {
                None => Err(ConfigError::new(format!("Configuration '{name}' values must not be null."))),
                Some(Parsed::List(values)) => no_repetition(name, values),
                _ => Ok(()),
            },
            Self::UniqueAliases => match value {
                None => refuse("entry must be non null".to_owned()),
                Some(Parsed::List(values)) if repeats(values) => refuse("Duplicate alias provided.".to_owned()),
                Some(_) => Ok(()),
            },
            Self::PositiveOrDefault(what) => match value {
                Some(Parsed::Integer(-1)) | None => Ok(()),
                Some(Parsed::Integer(number)) if *number >= 1 => Ok(()),
                Some(_) => refuse(format!("{what}, or -1 to use the broker's default")),
            },
            Self::AreRegexes => match value {
                Some(Parsed::List(patterns)) => match patterns.iter().find_map(|pattern| JavaRegex::new(pattern).err())
                {
                    None => Ok(()),
                    Some(cause) => refuse(format!("Syntax error in regular expression: {cause}")),
                },
                _ => Ok(()),
            },
            Self::Pattern(regex) => match value {
                Some(value) if !regex.is_match(&value.to_string()) => {
                    let pattern = regex.as_str();
                    let pattern = pattern.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$"));
                    refuse(format!("String must match the pattern {}", pattern.unwrap_or(regex.as_str())))
                }
                _ => Ok(()),
            },
            Self::Custom(check) => check(name, value),
            Self::IsRegex => match value {
                Some(Parsed::Text(text)) => match JavaRegex::new(text) {
                    Ok(_) => Ok(()),
                    Err(cause) => refuse(format!("Invalid regex: {cause}")),
                },
                None => refuse(
                    "Invalid regex: Cannot invoke \"String.isEmpty()\" because \"this.pattern\" is null".to_owned(),
                ),
                _ => Ok(()),
            },
        }
    }
}

/// A regular expression that matches only the whole of a text, as Java's `matches()` does.
///
/// # Errors
/// When it is none.
pub fn full_match(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

fn among(allowed: &[String]) -> String {
    format!("String must be one of: {}", allowed.join(", "))
}

fn repeats(values: &[String]) -> bool {
    let mut seen = HashSet::new();
    !values.iter().all(|value| seen.insert(value))
}

fn no_repetition(name: &str, values: &[String]) -> Result<(), ConfigError> {
    if repeats(values) {
        return Err(ConfigError::new(format!("Configuration '{name}' values must not be duplicated.")));
    }
    if values.iter().any(String::is_empty) {
        return Err(ConfigError::new(format!("Configuration '{name}' values must not be empty.")));
    }
    Ok(())
}
