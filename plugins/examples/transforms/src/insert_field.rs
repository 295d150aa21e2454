//! `InsertField$Value`, with a static value.

use watertight_sdk::{
    Class, Config, ConfigKey, Failure, Importance, Kind, Primitive, Record, Result, SchemaId, SchemaNode,
    Transformation, ValueNode, Verdict,
    tape::{fields, parts, structure},
};

use crate::VERSION;
use crate::plans::{Plans, Row, defaults, define};

const FIELD: ConfigKey =
    ConfigKey::new("static.field", Kind::String).optional().importance(Importance::Medium).documentation(
        "Field name for static data field. Suffix with ! to make this a required field, or ? to keep it optional \
         (the default).",
    );
const VALUE: ConfigKey = ConfigKey::new("static.value", Kind::String)
    .optional()
    .importance(Importance::Medium)
    .documentation("Static field value, if field name configured.");

/// Adds a field.
#[derive(Debug, Default)]
pub struct InsertField {
    field: String,
    required: bool,
    value: String,
    plans: Plans<Plan>,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaId,
    /// By index of the field; empty where no field has one.
    defaults: Vec<Option<Vec<ValueNode>>>,
}

impl Transformation for InsertField {
    const CLASS: Class = Class::new("watertight.example.InsertField$Value", VERSION)
        .documentation("Insert a field with a static value into the record's value")
        .config(&[FIELD, VALUE]);

    fn configure(&mut self, config: &Config) -> Result<()> {
        let Some(field) = config.optional(&FIELD) else {
            return Err(Failure::config("No field insertion configured"));
        };
        self.required = field.ends_with('!');
        self.field = field.strip_suffix(['!', '?']).unwrap_or(field).to_owned();
        let Some(value) = config.optional(&VALUE) else {
            return Err(Failure::invalid_value(VALUE.name(), "null", "No value specified for static field"));
        };
        self.value = value.to_owned();
        Ok(())
    }

    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict> {
        let id = record.value.schema;
        let Self { field, required, value, plans } = self;
        match Row::of(id, &mut record.message.value.value, "field insertion")? {
            Row::Null => Ok(Verdict::Unchanged),
            Row::Map(nodes) => {
                put(nodes, field, value);
                Ok(Verdict::Changed)
            }
            Row::Struct(nodes) => {
                let plan = plans.of(id, |schema| plan(schema, field, *required))?;
                if !plan.defaults.is_empty() {
                    read_defaults(nodes, &plan.defaults);
                }
                if let Some(ValueNode::Fields(count)) = nodes.first_mut() {
                    *count += 1;
                }
                nodes.push(ValueNode::Text(value.clone()));
                record.message.value.schema = plan.schema;
                Ok(Verdict::Changed)
            }
        }
    }
}

fn plan(schema: &[SchemaNode], field: &str, required: bool) -> Result<Plan> {
    let mut list = fields(schema);
    let mut defaults = defaults(&list);
    if defaults.iter().all(Option::is_none) {
        defaults.clear();
    }
    let text = SchemaNode::primitive(Primitive::Text);
    let own = [if required { text } else { text.optional() }];
    list.push((field, &own));
    let mut nodes = structure(root(schema)?, &list);
    if let Some(first) = nodes.first_mut() {
        first.optional = false;
    }
    Ok(Plan { schema: define(&nodes)?, defaults })
}

/// A schema's first node.
pub(crate) fn root(schema: &[SchemaNode]) -> Result<&SchemaNode> {
    schema.first().ok_or_else(|| Failure::data("a schema without nodes"))
}

/// Kafka reads a null field as its default while it copies a struct.
pub(crate) fn read_defaults(nodes: &mut Vec<ValueNode>, defaults: &[Option<Vec<ValueNode>>]) {
    let places: Vec<usize> = parts(nodes).map(|place| place.start).collect();
    for (at, default) in places.into_iter().zip(defaults).rev() {
        if let (Some(ValueNode::Null), Some(default)) = (nodes.get(at), default) {
            nodes.splice(at..=at, default.iter().cloned());
        }
    }
}

/// Sets a key of a map.
fn put(nodes: &mut Vec<ValueNode>, key: &str, value: &str) {
    let places: Vec<_> = parts(nodes).collect();
    for pair in places.chunks_exact(2) {
        if let [name, old] = pair
            && matches!(nodes.get(name.start), Some(ValueNode::Text(text)) if text == key)
        {
            nodes.splice(old.clone(), [ValueNode::Text(value.to_owned())]);
            return;
        }
    }
    if let Some(ValueNode::Entries(count)) = nodes.first_mut() {
        *count += 1;
    }
    nodes.extend([ValueNode::Text(key.to_owned()), ValueNode::Text(value.to_owned())]);
}
