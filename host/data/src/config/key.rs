//! One key of a ConfigDef.

use std::fmt;

use super::{Parsed, Validator, parse};

/// What the text means (`ConfigDef.Type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// A double.
    Double,
    /// Texts, separated by commas.
    List,
    /// The name of a plugin's class.
    Class,
    /// Text that is never shown.
    Password,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Importance {
    /// Look at it first.
    High,
    /// Worth a look.
    #[default]
    Medium,
    /// For few.
    Low,
}

/// How wide a field to enter it in should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Width {
    /// Not said.
    #[default]
    None,
    /// A word.
    Short,
    /// A line.
    Medium,
    /// More than that.
    Long,
}

macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),* $(,)?) => {
        impl $type {
            /// Kafka's word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant => $word,)*
                }
            }

            /// From Kafka's word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($type::$variant),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Kind: Boolean = "BOOLEAN", String = "STRING", Int = "INT", Short = "SHORT", Long = "LONG", Double = "DOUBLE",
    List = "LIST", Class = "CLASS", Password = "PASSWORD");
words!(Importance: High = "HIGH", Medium = "MEDIUM", Low = "LOW");
words!(Width: None = "NONE", Short = "SHORT", Medium = "MEDIUM", Long = "LONG");

/// `ConfigDef.ConfigKey`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigKey {
    /// Its name.
    pub name: String,
    /// What the text means.
    pub kind: Kind,
    /// Whether there must be a value. Not the same as having no default: many keys are optional and default to
    /// null.
    pub required: bool,
    /// Used where there is no value.
    pub default: Option<String>,
    /// How much it matters.
    pub importance: Importance,
    /// For people.
    pub documentation: String,
    /// Which group a form shows it in.
    pub group: Option<String>,
    /// Where in the group; -1 if not said.
    pub order_in_group: i32,
    /// How wide its field is.
    pub width: Width,
    /// What a form calls it.
    pub display_name: String,
    /// Keys whose meaning depends on this one.
    pub dependents: Vec<String>,
    /// What else the value must be, checked in this order; the first that fails speaks.
    pub validators: Vec<Validator>,
    /// What those call the key where that is not its name: an embedded definition's own word for it.
    pub(super) checked_as: Option<String>,
}

impl ConfigKey {
    /// A required key. Chain the other methods for everything else.
    pub fn required(name: impl Into<String>, kind: Kind, importance: Importance) -> Self {
        let name = name.into();
        Self {
            display_name: name.clone(),
            name,
            kind,
            required: true,
            default: None,
            importance,
            documentation: String::new(),
            group: None,
            order_in_group: -1,
            width: Width::None,
            dependents: Vec::new(),
            validators: Vec::new(),
            checked_as: None,
        }
    }

    /// A key that may be left out, and then is null.
    pub fn optional(name: impl Into<String>, kind: Kind, importance: Importance) -> Self {
        Self { required: false, ..Self::required(name, kind, importance) }
    }

    /// A key that may be left out, and then is this.
    pub fn defaulted(name: impl Into<String>, kind: Kind, default: impl Into<String>, importance: Importance) -> Self {
        Self { default: Some(default.into()), ..Self::optional(name, kind, importance) }
    }

    /// With a text for people.
    pub fn documented(mut self, documentation: impl Into<String>) -> Self {
        self.documentation = documentation.into();
        self
    }

    /// With its place in a form.
    pub fn placed(mut self, group: &str, order: i32, width: Width, display_name: &str) -> Self {
        self.group = Some(group.to_owned());
        self.order_in_group = order;
        self.width = width;
        self.display_name = display_name.to_owned();
        self
    }

    /// With its place outside of all groups.
    pub fn sized(mut self, width: Width, display_name: &str) -> Self {
        self.width = width;
        self.display_name = display_name.to_owned();
        self
    }

    /// With one check more.
    pub fn checked(mut self, validator: Validator) -> Self {
        self.validators.push(validator);
        self
    }

    /// With the checks that a plugin's metadata asks for. Names we do not know are for later versions.
    pub fn attributed<'a>(mut self, attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.validators.extend(Validator::from_attributes(attributes));
        self
    }

    /// Its default as it is shown: in the form of its kind, and passwords not at all.
    pub fn shown_default(&self) -> Option<String> {
        let text = self.default.as_ref()?;
        Some(parse(&self.name, text, self.kind).map_or_else(|_| text.clone(), |value| value.shown()))
    }

    /// The name that its checks use in their messages.
    pub(super) fn check_name(&self) -> &str {
        self.checked_as.as_deref().unwrap_or(&self.name)
    }

    /// Where a list must not repeat itself, what is used is without the repetitions; only validating complains.
    pub(super) fn distinct(&self, value: Parsed) -> Parsed {
        match value {
            Parsed::List(values) if self.validators.iter().any(Validator::is_for_lists) => {
                Parsed::List(values.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect())
            }
            value => value,
        }
    }

    /// Whether null is a value like any other, so that checks have nothing to say of it.
    pub(super) fn nullable(&self) -> bool {
        !self.required && self.default.is_none()
    }
}
