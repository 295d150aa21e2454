//! What a class can be, and under which names it is found: Kafka's aliases, which are the class's simple name and
//! the same without the word that every name of its kind ends in.

use crate::catalogue::PluginClass;

/// What a class is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A source connector.
    Source,
    /// A sink connector.
    Sink,
    /// An entry of `transforms`.
    Transformation,
    /// An entry of `predicates`.
    Predicate,
    /// At `key.converter` and `value.converter`.
    Converter,
    /// At `header.converter`.
    HeaderConverter,
}

impl Role {
    /// All of them, in the order in which Kafka lists plugins.
    pub const ALL: [Role; 6] =
        [Role::Sink, Role::Source, Role::Transformation, Role::Predicate, Role::Converter, Role::HeaderConverter];

    /// The word in a plugin's metadata, and Kafka's `type` in listings.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Source => "source",
            Role::Sink => "sink",
            Role::Transformation => "transformation",
            Role::Predicate => "predicate",
            Role::Converter => "converter",
            Role::HeaderConverter => "header_converter",
        }
    }

    /// What Kafka takes off a name: the interface's own.
    fn word(self) -> &'static str {
        match self {
            Role::Source | Role::Sink => "Connector",
            Role::Transformation => "Transformation",
            Role::Predicate => "Predicate",
            Role::Converter => "Converter",
            Role::HeaderConverter => "HeaderConverter",
        }
    }

    /// Kafka's two aliases of a class name.
    pub fn aliases(self, class: &str) -> (&str, &str) {
        // Java's simple name of a nested class is the part behind the last `$`.
        let simple = class.rsplit(['.', '$']).next().unwrap_or(class);
        // Kafka cuts at the last place where the word stands, whatever follows.
        let pruned = match simple.rfind(self.word()) {
            Some(at) if at > 0 => simple.get(..at).unwrap_or(simple),
            Some(_) | None => simple,
        };
        (simple, pruned)
    }

    /// Whether the class is found under this name: Kafka's aliases and what the class itself says.
    pub fn is_alias(self, class: &PluginClass, alias: &str) -> bool {
        let (simple, pruned) = self.aliases(&class.name);
        simple == alias || pruned == alias || class.aliases.iter().any(|name| name == alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_the_simple_name_and_the_same_without_the_word_of_its_kind() {
        for (role, class, simple, pruned) in [
            (Role::Transformation, "a.b.RowFilterTransformation", "RowFilterTransformation", "RowFilter"),
            (Role::Transformation, "a.b.InsertField$Value", "Value", "Value"),
            (Role::Predicate, "a.TopicPredicate", "TopicPredicate", "Topic"),
            (Role::Converter, "a.UpperTextConverter", "UpperTextConverter", "UpperText"),
            (Role::HeaderConverter, "a.TagHeaderConverter", "TagHeaderConverter", "Tag"),
            (Role::HeaderConverter, "a.UpperTextConverter", "UpperTextConverter", "UpperTextConverter"),
            (Role::Source, "Connector", "Connector", "Connector"),
            (Role::Sink, "x.FileConnectorV2", "FileConnectorV2", "File"),
        ] {
            assert_eq!(role.aliases(class), (simple, pruned), "{class}");
        }
    }
}
