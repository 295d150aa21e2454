//! `MaskField$Value`: hides what stands in some fields.

use watertight_sdk::{
    Class, Config, ConfigKey, Failure, Importance, Kind, Record, Result, SchemaNode, Transformation, ValueNode,
    Verdict,
    tape::{fields, parts},
};

use crate::VERSION;
use crate::plans::{Plans, Row, class_of};

const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";

const FIELDS: ConfigKey = ConfigKey::new("fields", Kind::List)
    .importance(Importance::High)
    .documentation("Names of fields to mask.")
    .attributes(&[("non-empty", "")]);
const REPLACEMENT: ConfigKey = ConfigKey::new("replacement", Kind::String)
    .optional()
    .importance(Importance::Low)
    .documentation("Custom value replacement, that will be applied to all 'fields' values (numeric or non-empty string values only).")
    .attributes(&[("non-empty", "")]);

/// Masks fields.
#[derive(Debug, Default)]
pub struct MaskField {
    fields: Vec<String>,
    replacement: Option<String>,
    /// Which fields of a schema are masked, by index, and whether each is a decimal.
    plans: Plans<Vec<Option<bool>>>,
}

impl Transformation for MaskField {
    const CLASS: Class = Class::new("watertight.example.MaskField$Value", VERSION)
        .documentation("Mask fields of the record's value with what counts as null for their type, or a replacement")
        .config(&[FIELDS, REPLACEMENT]);

    fn configure(&mut self, config: &Config) -> Result<()> {
        self.fields = config.list(&FIELDS).into_iter().map(ToOwned::to_owned).collect();
        self.replacement = config.optional(&REPLACEMENT).map(ToOwned::to_owned);
        Ok(())
    }

    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict> {
        let id = record.value.schema;
        let Self { fields: names, replacement, plans } = self;
        let replacement = replacement.as_deref();
        match Row::of(id, &mut record.message.value.value, "field masking")? {
            Row::Null => return Ok(Verdict::Unchanged),
            Row::Map(nodes) => {
                let places: Vec<_> = parts(nodes).collect();
                for pair in places.chunks_exact(2).rev() {
                    let [name, value] = pair else { continue };
                    let hidden = matches!(nodes.get(name.start), Some(ValueNode::Text(key)) if names.contains(key));
                    if hidden {
                        let mask = mask(nodes.get(value.start), false, replacement)?;
                        nodes.splice(value.clone(), [mask]);
                    }
                }
            }
            Row::Struct(nodes) => {
                let plan = plans.of(id, |schema| Ok(plan(schema, names)))?;
                if nodes.len() == plan.len() + 1 {
                    // All fields are scalars: each stands where its number says.
                    for (node, hidden) in nodes.iter_mut().skip(1).zip(plan) {
                        if let Some(decimal) = hidden {
                            *node = mask(Some(node), *decimal, replacement)?;
                        }
                    }
                } else {
                    let places: Vec<_> = parts(nodes).collect();
                    for (place, hidden) in places.into_iter().zip(plan).rev() {
                        if let Some(decimal) = hidden {
                            let mask = mask(nodes.get(place.start), *decimal, replacement)?;
                            nodes.splice(place, [mask]);
                        }
                    }
                }
            }
        }
        Ok(Verdict::Changed)
    }
}

fn plan(schema: &[SchemaNode], names: &[String]) -> Vec<Option<bool>> {
    let hidden = |(name, schema): (&str, &[SchemaNode])| {
        let decimal = schema.first().is_some_and(|node| node.name.as_deref() == Some(DECIMAL));
        names.iter().any(|one| one == name).then_some(decimal)
    };
    fields(schema).into_iter().map(hidden).collect()
}

fn mask(node: Option<&ValueNode>, decimal: bool, replacement: Option<&str>) -> Result<ValueNode> {
    let Some(node) = node else {
        return Ok(ValueNode::Null);
    };
    let refused = |suffix: &str| Failure::data(format!("Cannot mask value of type: {}{suffix}", class_of(node)));
    Ok(match (node, replacement) {
        (ValueNode::Null, _) => ValueNode::Null,
        (ValueNode::Text(_), Some(text)) => ValueNode::Text(text.to_owned()),
        (ValueNode::Integer(_), Some(text)) => ValueNode::Integer(number(text, node)?),
        (ValueNode::Float(_), Some(text)) => ValueNode::Float(number(text, node)?),
        (_, Some(_)) => return Err(refused(" with custom replacement.")),
        (ValueNode::Boolean(_), None) => ValueNode::Boolean(false),
        (ValueNode::Integer(_), None) => ValueNode::Integer(0),
        (ValueNode::Float(_), None) => ValueNode::Float(0.0),
        (ValueNode::Text(_), None) => ValueNode::Text(String::new()),
        (ValueNode::Elements(_), None) => ValueNode::Elements(0),
        (ValueNode::Entries(_), None) => ValueNode::Entries(0),
        (ValueNode::Bytes(_), None) if decimal => ValueNode::Bytes(vec![0]),
        (ValueNode::Bytes(_) | ValueNode::Fields(_), None) => return Err(refused("")),
    })
}

fn number<T: std::str::FromStr>(text: &str, node: &ValueNode) -> Result<T> {
    text.parse().map_err(|_| Failure::data(format!("Unable to convert {text} ({}) to number", class_of(node))))
}
