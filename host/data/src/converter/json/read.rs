//! JSON to values (`convertToConnect`): [`JsonSettings`] has JsonConverter's ways, and whoever reads nearly the same
//! JSON says with a [`Dialect`] of its own what is different. Resolved when compiled, so that nobody pays for it.

use super::settings::JsonSettings;
use crate::error::DataError;
use crate::java::hash;
use crate::java::json::{Node, decode_base64};
use crate::logical::{self, Logical};
use crate::schema::{Field, Schema, Type};
use crate::validate;
use crate::value::{Decimal, Value};

/// Where converters that read JSON differ.
pub(in crate::converter) trait Dialect: Sized {
    /// Whether null becomes the schema's default.
    fn replaces_null_with_default(&self) -> bool;

    /// Whether this counts as null.
    fn is_null(node: &Node<'_>) -> bool {
        matches!(node, Node::Null)
    }

    /// A FLOAT32.
    fn float32(node: &Node<'_>) -> f32 {
        node.float()
    }

    /// A FLOAT64.
    fn float64(node: &Node<'_>) -> f64 {
        node.double()
    }

    /// A STRING.
    fn string(node: &Node<'_>) -> Result<Value, DataError>;

    /// BYTES.
    fn bytes(node: &Node<'_>) -> Result<Value, DataError>;

    /// What is said of a Decimal whose schema has no good scale.
    fn no_scale(cause: DataError) -> DataError {
        cause
    }

    /// An ARRAY.
    fn array(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError>;

    /// A MAP, most likely by [`object`] and [`pairs`].
    fn map(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError>;

    /// A STRUCT, most likely by [`structure`].
    fn structure(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError>;
}

impl Dialect for JsonSettings {
    fn replaces_null_with_default(&self) -> bool {
        self.replace_null_with_default
    }

    fn string(node: &Node<'_>) -> Result<Value, DataError> {
        Ok(node.text().map_or(Value::Null, Value::from))
    }

    fn bytes(node: &Node<'_>) -> Result<Value, DataError> {
        Ok(match node.text() {
            None => Value::Null,
            Some(text) => Value::Bytes(decode_base64(text).ok_or_else(|| DataError::new("Invalid bytes field"))?),
        })
    }

    fn no_scale(_: DataError) -> DataError {
        DataError::new("Invalid bytes for Decimal field")
    }

    /// Java walks the children of whatever it gets; a scalar has none.
    fn array(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        let element = schema.value_schema.as_deref();
        let convert = |child| value(element, Some(child), self);
        Ok(Value::Array(match node {
            Node::Array(elements) => elements.iter().map(convert).collect::<Result<_, _>>()?,
            Node::Object(fields) => fields.iter().map(|(_, child)| convert(child)).collect::<Result<_, _>>()?,
            _ => Vec::new(),
        }))
    }

    fn map(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        if schema.key_schema.as_deref().is_none_or(|schema| schema.ty == Type::String) {
            return object(schema, node, self);
        }
        pairs(schema, node, "tuples", self, |pair| {
            let Node::Array(pair) = pair else {
                return Err(DataError::new(format!("Found invalid map entry instead of array tuple: {}", pair.kind())));
            };
            match pair.as_slice() {
                [key, child] => Ok((Some(key), Some(child))),
                other => Err(DataError::new(format!(
                    "Found invalid map entry, expected length 2 but found :{}",
                    other.len()
                ))),
            }
        })
    }

    fn structure(&self, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
        // arrays and maps may hold what their schema does not allow; a struct was checked when it was made
        structure(schema, node, self, |field, child| match child {
            Value::Array(_) | Value::Map(_) => validate::field(&field.name, &field.schema, child),
            _ => validate::not_null(&field.name, &field.schema, child),
        })
    }
}

/// A value; `None` is a field that is not there.
pub(in crate::converter) fn value<D: Dialect>(
    schema: Option<&Schema>,
    node: Option<&Node<'_>>,
    dialect: &D,
) -> Result<Value, DataError> {
    let Some(schema) = schema else {
        return schemaless(node);
    };
    let Some(node) = node.filter(|node| !D::is_null(node)) else {
        return match &schema.default {
            Some(default) if dialect.replaces_null_with_default() => Ok(default.clone()),
            _ if schema.optional => Ok(Value::Null),
            _ => Err(DataError::new(format!("Invalid null value for required {} field", schema.ty))),
        };
    };
    if let Some(kind) = Logical::of(schema) {
        return logical::<D>(kind, schema, node);
    }
    Ok(match schema.ty {
        Type::Boolean => Value::Boolean(matches!(node, Node::Boolean(true))),
        Type::Int8 => Value::Int8(node.long() as i8),
        Type::Int16 => Value::Int16(node.long() as i16),
        Type::Int32 => Value::Int32(node.long() as i32),
        Type::Int64 => Value::Int64(node.long()),
        Type::Float32 => Value::Float32(D::float32(node)),
        Type::Float64 => Value::Float64(D::float64(node)),
        Type::String => D::string(node)?,
        Type::Bytes => D::bytes(node)?,
        Type::Array => dialect.array(schema, node)?,
        Type::Map => dialect.map(schema, node)?,
        Type::Struct => dialect.structure(schema, node)?,
    })
}

fn schemaless(node: Option<&Node<'_>>) -> Result<Value, DataError> {
    Ok(match node {
        None | Some(Node::Null | Node::Missing) => Value::Null,
        Some(Node::Boolean(flag)) => Value::Boolean(*flag),
        Some(number @ (Node::Integer(_) | Node::BigInteger(_))) => Value::Int64(number.long()),
        Some(number @ Node::Decimal(_)) => Value::Float64(number.double()),
        Some(Node::String(text)) => Value::String(text.to_string()),
        Some(Node::Array(elements)) => {
            Value::Array(elements.iter().map(|child| schemaless(Some(child))).collect::<Result<_, _>>()?)
        }
        Some(Node::Object(fields)) => {
            let mut entries = Vec::with_capacity(fields.len());
            for (name, child) in fields {
                entries.push((Value::String(name.to_string()), schemaless(Some(child))?));
            }
            hash::value_map_order(&mut entries);
            Value::Map(entries)
        }
    })
}

/// A map from an object.
pub(in crate::converter) fn object<D: Dialect>(
    schema: &Schema,
    node: &Node<'_>,
    dialect: &D,
) -> Result<Value, DataError> {
    let Node::Object(members) = node else {
        return Err(DataError::new(format!(
            "Maps with string fields should be encoded as JSON objects, but found {}",
            node.kind()
        )));
    };
    let value_schema = schema.value_schema.as_deref();
    let mut entries = Vec::with_capacity(members.len());
    for (name, child) in members {
        entries.push((Value::String(name.to_string()), value(value_schema, Some(child), dialect)?));
    }
    hash::value_map_order(&mut entries);
    Ok(Value::Map(entries))
}

/// A key and a value, as far as they are there.
type Pair<'a, 'n> = (Option<&'a Node<'n>>, Option<&'a Node<'n>>);

/// A map from an array, whose elements are taken apart by `split` and in plural are called `what`.
pub(in crate::converter) fn pairs<'n, D: Dialect>(
    schema: &Schema,
    node: &Node<'n>,
    what: &str,
    dialect: &D,
    split: impl for<'a> Fn(&'a Node<'n>) -> Result<Pair<'a, 'n>, DataError>,
) -> Result<Value, DataError> {
    let Node::Array(elements) = node else {
        return Err(DataError::new(format!(
            "Maps with non-string fields should be encoded as JSON array of {what}, but found {}",
            node.kind()
        )));
    };
    let mut entries: Vec<(Value, Value)> = Vec::new();
    let mut seen = Seen::default();
    for element in elements {
        let (key, child) = split(element)?;
        let key = value(schema.key_schema.as_deref(), key, dialect)?;
        let child = value(schema.value_schema.as_deref(), child, dialect)?;
        match seen.place(&entries, &key) {
            Some(place) => entries[place].1 = child,
            None => entries.push((key, child)),
        }
    }
    hash::value_map_order(&mut entries);
    Ok(Value::Map(entries))
}

/// Finds keys that are already there, by their hash.
#[derive(Default)]
struct Seen(std::collections::HashMap<i32, Vec<usize>>);

impl Seen {
    /// Where the key stands, or notes that it comes next.
    fn place(&mut self, entries: &[(Value, Value)], key: &Value) -> Option<usize> {
        let places = self.0.entry(hash::value_hash(key)).or_default();
        let found = places.iter().copied().find(|place| entries[*place].0 == *key);
        if found.is_none() {
            places.push(entries.len());
        }
        found
    }
}

/// A struct from an object. `check` says whether a field may have the value.
pub(in crate::converter) fn structure<D: Dialect>(
    schema: &Schema,
    node: &Node<'_>,
    dialect: &D,
    check: impl Fn(&Field, &Value) -> Result<(), DataError>,
) -> Result<Value, DataError> {
    if !matches!(node, Node::Object(_)) {
        return Err(DataError::new(format!("Structs should be encoded as JSON objects, but found {}", node.kind())));
    }
    let mut values = Vec::with_capacity(schema.fields.len());
    for (index, field) in schema.fields.iter().enumerate() {
        let child = value(Some(&field.schema), node.get_near(index, &field.name), dialect)?;
        check(field, &child)?;
        values.push(child);
    }
    Ok(Value::Struct(values))
}

fn logical<D: Dialect>(kind: Logical, schema: &Schema, node: &Node<'_>) -> Result<Value, DataError> {
    let refuse = |name: &str, wanted: &str| {
        DataError::new(format!(
            "Invalid type for {name}, underlying representation should be {wanted} but was {}",
            node.kind()
        ))
    };
    match kind {
        Logical::Decimal => {
            let invalid = || DataError::new("Invalid bytes for Decimal field");
            if let Some(text) = node.text() {
                let unscaled = decode_base64(text).filter(|bytes| !bytes.is_empty()).ok_or_else(invalid)?;
                let unscaled = num_bigint::BigInt::from_signed_bytes_be(&unscaled);
                return Ok(Value::Decimal(Decimal::of(&unscaled, logical::scale(schema).map_err(D::no_scale)?)));
            }
            node.decimal().map(Value::Decimal).ok_or_else(|| refuse("Decimal", "numeric or bytes"))
        }
        Logical::Date | Logical::Time => match node {
            Node::Integer(n) if i32::try_from(*n).is_ok() => Ok(Value::Date(logical::integer_to_date(kind, *n)?)),
            _ => Err(refuse(if kind == Logical::Date { "Date" } else { "Time" }, "integer")),
        },
        Logical::Timestamp if node.is_integral() => Ok(Value::Date(node.long())),
        Logical::Timestamp => Err(refuse("Timestamp", "integral")),
    }
}
