//! `ReplaceField$Value`: leaves fields out and renames others.

use std::collections::HashMap;

use watertight_sdk::{
    Class, Config, ConfigKey, Failure, Importance, Kind, Record, Result, SchemaId, SchemaNode, Transformation,
    ValueNode, Verdict,
    tape::{fields, parts, structure},
};

use crate::VERSION;
use crate::insert_field::{read_defaults, root};
use crate::plans::{Plans, Row, defaults, define};

const EXCLUDE: ConfigKey = ConfigKey::new("exclude", Kind::List)
    .default_value("")
    .importance(Importance::Medium)
    .documentation("Fields to exclude. This takes precedence over the fields to include.");
const INCLUDE: ConfigKey = ConfigKey::new("include", Kind::List)
    .default_value("")
    .importance(Importance::Medium)
    .documentation("Fields to include. If specified, only these fields will be used.");
const RENAMES: ConfigKey = ConfigKey::new("renames", Kind::List)
    .default_value("")
    .importance(Importance::Medium)
    .documentation("Field rename mappings.");

/// Filters and renames fields.
#[derive(Debug, Default)]
pub struct ReplaceField {
    exclude: Vec<String>,
    include: Vec<String>,
    renames: HashMap<String, String>,
    plans: Plans<Plan>,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaId,
    /// By index of the field.
    kept: Vec<bool>,
    count: u32,
    /// By index of the field; empty where no field has one.
    defaults: Vec<Option<Vec<ValueNode>>>,
}

impl Transformation for ReplaceField {
    const CLASS: Class = Class::new("watertight.example.ReplaceField$Value", VERSION)
        .documentation("Filter or rename fields of the record's value")
        .config(&[EXCLUDE, INCLUDE, RENAMES]);

    fn configure(&mut self, config: &Config) -> Result<()> {
        let owned = |key| config.list(key).into_iter().map(ToOwned::to_owned).collect();
        self.exclude = owned(&EXCLUDE);
        self.include = owned(&INCLUDE);
        for pair in config.list(&RENAMES) {
            let mut halves = pair.split(':');
            let (Some(old), Some(new), None) = (halves.next(), halves.next(), halves.next()) else {
                let all = config.optional(&RENAMES).unwrap_or_default();
                return Err(Failure::invalid_value(RENAMES.name(), all, &format!("Invalid rename mapping: {pair}")));
            };
            self.renames.insert(old.to_owned(), new.to_owned());
        }
        Ok(())
    }

    fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict> {
        let id = record.value.schema;
        let Self { exclude, include, renames, plans } = self;
        let keeps = |name: &str| {
            !exclude.iter().any(|one| one == name) && (include.is_empty() || include.iter().any(|one| one == name))
        };
        match Row::of(id, &mut record.message.value.value, "field replacement")? {
            Row::Null => Ok(Verdict::Unchanged),
            Row::Map(nodes) => {
                filter_map(nodes, keeps, renames);
                Ok(Verdict::Changed)
            }
            Row::Struct(nodes) => {
                let plan = plans.of(id, |schema| plan(schema, keeps, renames))?;
                if !plan.defaults.is_empty() {
                    read_defaults(nodes, &plan.defaults);
                }
                filter_struct(nodes, plan);
                record.message.value.schema = plan.schema;
                Ok(Verdict::Changed)
            }
        }
    }
}

fn plan(schema: &[SchemaNode], keeps: impl Fn(&str) -> bool, renames: &HashMap<String, String>) -> Result<Plan> {
    let list = fields(schema);
    let mut defaults = defaults(&list);
    if defaults.iter().all(Option::is_none) {
        defaults.clear();
    }
    let kept: Vec<bool> = list.iter().map(|(name, _)| keeps(name)).collect();
    let left: Vec<(&str, &[SchemaNode])> = list
        .iter()
        .filter(|(name, _)| keeps(name))
        .map(|(name, schema)| (renames.get(*name).map_or(*name, String::as_str), *schema))
        .collect();
    let mut nodes = structure(root(schema)?, &left);
    if let Some(first) = nodes.first_mut() {
        first.optional = false;
    }
    let count = u32::try_from(left.len()).unwrap_or(u32::MAX);
    Ok(Plan { schema: define(&nodes)?, kept, count, defaults })
}

/// Moves what is kept to the front, in one pass.
fn filter_struct(nodes: &mut Vec<ValueNode>, plan: &Plan) {
    let mut kept = plan.kept.iter();
    // How many values are still to come of the field that is under way.
    let mut open = 0_usize;
    let mut keep = true;
    let mut first = true;
    nodes.retain(|node| {
        if std::mem::take(&mut first) {
            return true;
        }
        if open == 0 {
            keep = kept.next().copied().unwrap_or(true);
            open = 1;
        }
        open = open - 1 + inside(node);
        keep
    });
    if let Some(head) = nodes.first_mut() {
        *head = ValueNode::Fields(plan.count);
    }
}

/// How many values follow a node as parts of it.
fn inside(node: &ValueNode) -> usize {
    match node {
        ValueNode::Elements(count) | ValueNode::Fields(count) => *count as usize,
        ValueNode::Entries(count) => 2 * *count as usize,
        ValueNode::Null
        | ValueNode::Boolean(_)
        | ValueNode::Integer(_)
        | ValueNode::Float(_)
        | ValueNode::Text(_)
        | ValueNode::Bytes(_) => 0,
    }
}

fn filter_map(nodes: &mut Vec<ValueNode>, keeps: impl Fn(&str) -> bool, renames: &HashMap<String, String>) {
    let places: Vec<_> = parts(nodes).collect();
    let mut left = vec![ValueNode::Entries(0)];
    let mut count = 0;
    for pair in places.chunks_exact(2) {
        let [name, value] = pair else { continue };
        let Some(ValueNode::Text(key)) = nodes.get(name.start) else { continue };
        if keeps(key) {
            left.push(ValueNode::Text(renames.get(key).unwrap_or(key).clone()));
            left.extend(nodes.get(value.clone()).unwrap_or_default().iter().cloned());
            count += 1;
        }
    }
    if let Some(head) = left.first_mut() {
        *head = ValueNode::Entries(count);
    }
    *nodes = left;
}
