//! What a plugin says about its classes, as constants: the same declaration is the answer of `describe`, the text of
//! the metadata section (written by the compiler, so that a worker can list a plugin without running it), and the
//! source of defaults and checks in [`crate::Config`].

/// Kafka's configuration types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`, in any case.
    Boolean,
    /// Text.
    String,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// 64-bit floating point.
    Double,
    /// Values separated by commas.
    List,
    /// The name of a class.
    Class,
    /// Arrives as a reference, never as plain text.
    Password,
}

impl Kind {
    /// Kafka's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Int => "INT",
            Self::Short => "SHORT",
            Self::Long => "LONG",
            Self::Double => "DOUBLE",
            Self::List => "LIST",
            Self::Class => "CLASS",
            Self::Password => "PASSWORD",
        }
    }
}

/// How much a key matters to somebody who fills in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Importance {
    /// First in the form.
    High,
    /// In between.
    Medium,
    /// Last in the form.
    Low,
}

impl Importance {
    /// Kafka's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
        }
    }
}

/// How wide the field is in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Unsaid.
    None,
    /// A number.
    Short,
    /// A name.
    Medium,
    /// A statement.
    Long,
}

impl Width {
    /// Kafka's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Short => "SHORT",
            Self::Medium => "MEDIUM",
            Self::Long => "LONG",
        }
    }
}

/// One key of a class's configuration: Kafka's `ConfigKey`. Required until [`optional`](Self::optional) or
/// [`default_value`](Self::default_value) says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct ConfigKey {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) default_value: Option<&'static str>,
    pub(crate) importance: Importance,
    pub(crate) documentation: &'static str,
    pub(crate) group: Option<&'static str>,
    pub(crate) order_in_group: Option<i32>,
    pub(crate) width: Width,
    pub(crate) display_name: Option<&'static str>,
    pub(crate) dependents: &'static [&'static str],
    pub(crate) attributes: &'static [(&'static str, &'static str)],
}

impl ConfigKey {
    /// A required key of medium importance.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: true,
            default_value: None,
            importance: Importance::Medium,
            documentation: "",
            group: None,
            order_in_group: None,
            width: Width::None,
            display_name: None,
            dependents: &[],
            attributes: &[],
        }
    }

    /// Optional, and null when absent.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Optional, with this default, written as a user would write it.
    #[must_use]
    pub const fn default_value(mut self, value: &'static str) -> Self {
        self.required = false;
        self.default_value = Some(value);
        self
    }

    /// How much it matters.
    #[must_use]
    pub const fn importance(mut self, importance: Importance) -> Self {
        self.importance = importance;
        self
    }

    /// What it is, for a person.
    #[must_use]
    pub const fn documentation(mut self, text: &'static str) -> Self {
        self.documentation = text;
        self
    }

    /// Where it stands in a form.
    #[must_use]
    pub const fn group(mut self, group: &'static str, order: i32) -> Self {
        self.group = Some(group);
        self.order_in_group = Some(order);
        self
    }

    /// How wide its field is.
    #[must_use]
    pub const fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// What a form calls it.
    #[must_use]
    pub const fn display_name(mut self, name: &'static str) -> Self {
        self.display_name = Some(name);
        self
    }

    /// Keys whose recommendations change with this one.
    #[must_use]
    pub const fn dependents(mut self, names: &'static [&'static str]) -> Self {
        self.dependents = names;
        self
    }

    /// Checks that the worker does by itself: `("min", "1")`, `("max", ..)`, `("one-of", ..)` repeated,
    /// `("one-of-ignoring-case", ..)`, `("non-empty", "")`, `("pattern", ..)`, `("internal", "")`.
    #[must_use]
    pub const fn attributes(mut self, pairs: &'static [(&'static str, &'static str)]) -> Self {
        self.attributes = pairs;
        self
    }

    /// Its name in the configuration.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// One class of a plugin. Its role comes from the list in [`crate::export!`] it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) version: &'static str,
    pub(crate) task_class: Option<&'static str>,
    pub(crate) documentation: &'static str,
    pub(crate) config: &'static [ConfigKey],
    pub(crate) features: &'static [&'static str],
}

impl Class {
    /// A class of this name, which may be that of a class on the JVM.
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, aliases: &[], version, task_class: None, documentation: "", config: &[], features: &[] }
    }

    /// Further names under which a configuration may ask for it.
    #[must_use]
    pub const fn aliases(mut self, names: &'static [&'static str]) -> Self {
        self.aliases = names;
        self
    }

    /// What stands as `task.class` in stored task configs, so that a JVM worker can take the connector back.
    #[must_use]
    pub const fn task_class(mut self, name: &'static str) -> Self {
        self.task_class = Some(name);
        self
    }

    /// What it does, for a person.
    #[must_use]
    pub const fn documentation(mut self, text: &'static str) -> Self {
        self.documentation = text;
        self
    }

    /// Its configuration.
    #[must_use]
    pub const fn config(mut self, keys: &'static [ConfigKey]) -> Self {
        self.config = keys;
        self
    }

    /// Optional calls it wants and what it says of its data: `acknowledge`, `committed`, `idle-put`, `json` (schemaless
    /// structures come as JSON text), `exact-to-2^53` (records with larger integers fail instead of arriving).
    #[must_use]
    pub const fn features(mut self, names: &'static [&'static str]) -> Self {
        self.features = names;
        self
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.task_class == Some(name) || self.aliases.contains(&name)
    }
}
