//! Which columns a record makes, and where in it their values are.

use watertight_sdk::{Failure, Primitive, Schema, SchemaNode, ValueNode, tape};

use super::schemas;
use super::settings::{PkMode, Settings};
use crate::dialect::types::Type;

/// Columns of `pk.mode=kafka` unless `pk.fields` names others.
pub const KAFKA: [&str; 3] = ["__connect_topic", "__connect_partition", "__connect_offset"];

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The record's topic.
    Topic,
    /// Its partition.
    Partition,
    /// Its offset.
    Offset,
    /// Its key, which is no struct.
    Key,
    /// A field of its key, by position.
    KeyField(usize),
    /// A field of its value, by position.
    ValueField(usize),
}

/// What becomes a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the record.
    pub name: String,
    /// What it is.
    pub kind: Type,
    /// It comes as text although it is none: see `timestamp.fields.list`.
    pub is_text: bool,
    /// Whether it may be null.
    pub optional: bool,
    /// The schema's default.
    pub default: Option<Vec<ValueNode>>,
    /// Where its values are.
    pub source: Source,
}

/// The fields of records with the same schemas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// What identifies the row.
    pub keys: Vec<Field>,
    /// The rest.
    pub others: Vec<Field>,
    /// All of them by name, in the order in which a table that is created has them.
    pub order: Vec<String>,
}

impl Fields {
    /// Of records with these schemas; a deletion has no value.
    pub fn of(settings: &Settings, key: Option<&Schema>, value: Option<&Schema>) -> Result<Self, Failure> {
        let keys = match settings.pk_mode {
            PkMode::None => Vec::new(),
            PkMode::Kafka => kafka(settings),
            PkMode::RecordKey => record_key(settings, key)?,
            PkMode::RecordValue => record_value(settings, value)?,
        };
        let mut others = Vec::new();
        let names = value.map(|schema| tape::fields(schema)).unwrap_or_default();
        for (index, (name, schema)) in names.iter().enumerate() {
            let wanted = settings.whitelist.is_empty() || settings.whitelist.contains(*name);
            if wanted && !keys.iter().any(|key: &Field| key.name == *name) {
                others.push(field(settings, name, schema, Source::ValueField(index))?);
            }
        }
        if keys.is_empty() && others.is_empty() {
            return Err(Failure::data(
                "the record has no field for any column (fields.whitelist, pk.mode and pk.fields say which are taken)",
            ));
        }
        let order = order(&keys, &others, &names);
        Ok(Self { keys, others, order })
    }

    /// Keys, then the others.
    pub fn all(&self) -> impl Iterator<Item = &Field> {
        self.keys.iter().chain(&self.others)
    }
}

/// As the JVM connectors order them: Kafka's coordinates, the fields of the value, and what is left by name.
fn order(keys: &[Field], others: &[Field], value: &[(&str, &[SchemaNode])]) -> Vec<String> {
    let mut left: Vec<&str> = keys.iter().chain(others).map(|field| field.name.as_str()).collect();
    let mut order = Vec::with_capacity(left.len());
    let mut take = |name: &str, left: &mut Vec<&str>| {
        if let Some(at) = left.iter().position(|have| *have == name) {
            left.remove(at);
            order.push(name.to_owned());
        }
    };
    KAFKA.into_iter().chain(value.iter().map(|(name, _)| *name)).for_each(|name| take(name, &mut left));
    left.sort_unstable();
    for name in left.clone() {
        take(name, &mut left);
    }
    order
}

fn kafka(settings: &Settings) -> Vec<Field> {
    let sources = [Source::Topic, Source::Partition, Source::Offset];
    let kinds = [Type::Text, Type::Int32, Type::Int64];
    let names =
        KAFKA.iter().enumerate().map(|(index, name)| settings.pk_fields.get(index).map_or(*name, String::as_str));
    let named = names.zip(sources).zip(kinds);
    named
        .map(|((name, source), kind)| Field {
            name: name.to_owned(),
            kind,
            is_text: false,
            optional: false,
            default: None,
            source,
        })
        .collect()
}

fn record_key(settings: &Settings, key: Option<&Schema>) -> Result<Vec<Field>, Failure> {
    let Some(schema) = key else {
        return Err(wanted("a record key with a schema", "the schema of the key is missing"));
    };
    if schemas::is_scalar(key) {
        let [name] = settings.pk_fields.as_slice() else {
            let count = settings.pk_fields.len();
            return Err(Failure::data(format!(
                "the record's key is no struct but {}, so that pk.fields has to name the one column for it; it names {count}",
                schemas::word(key)
            )));
        };
        return Ok(vec![in_key(field(settings, name, schema, Source::Key)?)]);
    }
    if !schemas::is_struct(key) {
        return Err(wanted(
            "a record key that is a struct or a single value",
            &format!("it is {}", schemas::word(key)),
        ));
    }
    picked(settings, schema, "key", Source::KeyField)
}

fn record_value(settings: &Settings, value: Option<&Schema>) -> Result<Vec<Field>, Failure> {
    match value {
        Some(schema) => picked(settings, schema, "value", Source::ValueField),
        None => Err(wanted("a record value with a schema", "the schema of the value is missing")),
    }
}

/// The fields that `pk.fields` names, or all of them.
fn picked(
    settings: &Settings,
    schema: &Schema,
    part: &str,
    source: fn(usize) -> Source,
) -> Result<Vec<Field>, Failure> {
    let fields = tape::fields(schema);
    let mut keys = Vec::new();
    if settings.pk_fields.is_empty() {
        for (index, (name, schema)) in fields.iter().enumerate() {
            keys.push(in_key(field(settings, name, schema, source(index))?));
        }
    }
    for wanted in &settings.pk_fields {
        let Some(index) = fields.iter().position(|(name, _)| name == wanted) else {
            return Err(Failure::data(format!(
                "pk.mode={} and pk.fields={} want the field {wanted}, which the record's {part} does not have",
                settings.pk_mode.word(),
                settings.pk_fields.join(",")
            )));
        };
        let schema = fields.get(index).map(|(_, schema)| *schema).unwrap_or_default();
        keys.push(in_key(field(settings, wanted, schema, source(index))?));
    }
    Ok(keys)
}

fn wanted(what: &str, but: &str) -> Failure {
    Failure::data(format!("pk.mode wants {what}, but {but}"))
}

fn in_key(field: Field) -> Field {
    Field { optional: false, ..field }
}

fn field(settings: &Settings, name: &str, schema: &[SchemaNode], source: Source) -> Result<Field, Failure> {
    let kind = Type::of(schema).map_err(|what| {
        Failure::data(format!(
            "the field {name} is {what}, for which there is no column type: flatten the record first"
        ))
    })?;
    let declared = settings.instants.contains(name);
    let primitive = schema.first().map(|node| &node.shape);
    let is_text = declared && primitive == Some(&watertight_sdk::Shape::Primitive(Primitive::Text));
    let kind = match kind {
        Type::Int64 | Type::Text if declared => Type::Instant(settings.unit),
        other => other,
    };
    let node = schema.first();
    Ok(Field {
        name: name.to_owned(),
        kind,
        is_text,
        optional: node.is_some_and(|node| node.optional),
        default: node.and_then(|node| node.default_value.clone()).filter(|value| *value != [ValueNode::Null]),
        source,
    })
}
