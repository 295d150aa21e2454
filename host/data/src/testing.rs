//! Generators of schemas and values for property tests, here and in the crates that carry values further.
//!
//! What they make is what every format can say and Java would hold: values fit their schemas
//! ([`crate::validate`]), maps are in the order of a `HashMap` with keys that are not null, dates have no time of
//! day. What some format cannot say is made only if asked for ([`Shape`]).

use std::sync::Arc;

use num_bigint::BigInt;
use proptest::collection::{SizeRange, btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::java::hash;
use crate::logical::{self, Logical};
use crate::schema::{Field, Schema, Type};
use crate::value::{Decimal, SchemaAndValue, Value};

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Levels of arrays, maps and structs.
    pub depth: u32,
    /// Most elements, entries and fields in one of them.
    pub breadth: usize,
    /// Whether floats may be infinite or minus zero: JsonConverter reads neither. Never NaN, which equals nothing.
    pub odd_floats: bool,
    /// Whether schemas have defaults.
    pub defaults: bool,
    /// Whether Decimal, Date, Time and Timestamp appear.
    pub logical: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { depth: 3, breadth: 4, odd_floats: false, defaults: true, logical: true }
    }
}

impl Shape {
    fn sizes(self) -> SizeRange {
        (0..=self.breadth).into()
    }

    /// Any schema with a value of it.
    pub fn pair(self) -> BoxedStrategy<SchemaAndValue> {
        self.schema()
            .prop_flat_map(move |schema| {
                let value = self.value(&schema);
                (Just(schema), value)
            })
            .prop_map(|(schema, value)| SchemaAndValue::new(Some(schema), value))
            .boxed()
    }

    /// Any schema with some values of it, for what works in batches.
    pub fn batch(self, size: impl Into<SizeRange>) -> BoxedStrategy<(Arc<Schema>, Vec<Value>)> {
        let size = size.into();
        self.schema()
            .prop_flat_map(move |schema| {
                let values = vec(self.value(&schema), size.clone());
                (Just(schema), values)
            })
            .boxed()
    }

    /// Any schema.
    pub fn schema(self) -> BoxedStrategy<Arc<Schema>> {
        self.leaf().prop_recursive(self.depth, 32, self.breadth as u32, move |inner| self.branch(inner)).boxed()
    }

    fn leaf(self) -> BoxedStrategy<Arc<Schema>> {
        let plain = proptest::sample::select(
            &[
                Type::Int8,
                Type::Int16,
                Type::Int32,
                Type::Int64,
                Type::Float32,
                Type::Float64,
                Type::Boolean,
                Type::String,
                Type::Bytes,
            ][..],
        )
        .prop_map(Schema::new);
        let named = (plain, option::of(text()), option::of(any::<i32>())).prop_map(|(schema, name, version)| Schema {
            name,
            version,
            ..schema
        });
        if !self.logical {
            return self.finished(named.boxed());
        }
        let logical = prop_oneof![
            (-5i32..=30).prop_map(logical::decimal),
            Just(logical::date()),
            Just(logical::time()),
            Just(logical::timestamp()),
        ];
        self.finished(prop_oneof![3 => named, 2 => logical].boxed())
    }

    fn branch(self, inner: BoxedStrategy<Arc<Schema>>) -> BoxedStrategy<Arc<Schema>> {
        let structure =
            (option::of(text()), btree_map(name(), inner.clone(), self.sizes())).prop_map(|(name, fields)| {
                // sorted names would hide mistakes in the order of fields
                let mut fields: Vec<Field> =
                    fields.into_iter().map(|(name, schema)| Field::new(name, schema)).collect();
                hash::hash_map_order(&mut fields, |field| hash::string_hash(&field.name));
                Schema { name, fields, ..Schema::new(Type::Struct) }
            });
        let array = inner.clone().prop_map(Schema::array);
        let map = (key(), inner).prop_map(|(key, value)| Schema::map(key, value));
        self.finished(prop_oneof![3 => structure, 1 => array, 1 => map].boxed())
    }

    /// With what any schema may have.
    fn finished(self, schema: BoxedStrategy<Schema>) -> BoxedStrategy<Arc<Schema>> {
        (
            schema,
            any::<bool>(),
            option::weighted(0.2, text()),
            vec((text(), text()), 0..3),
            option::weighted(0.2, Just(())),
        )
            .prop_flat_map(move |(mut schema, optional, doc, parameters, default)| {
                schema.optional = optional;
                schema.doc = doc;
                schema.parameters.extend(parameters.into_iter().filter(|(key, _)| key != logical::SCALE));
                // JSON cannot say a struct's default
                let default = match default.filter(|()| self.defaults && !has_struct(&schema)) {
                    Some(()) => self.present(&schema).prop_map(Some).boxed(),
                    None => Just(None).boxed(),
                };
                (Just(schema), default)
            })
            .prop_map(|(schema, default)| Schema { default, ..schema }.shared())
            .boxed()
    }

    /// Any value of a schema: null where that is allowed.
    pub fn value(self, schema: &Schema) -> BoxedStrategy<Value> {
        let present = self.present(schema);
        if schema.optional { prop_oneof![1 => Just(Value::Null), 4 => present].boxed() } else { present }
    }

    /// Any value of a schema but null.
    pub fn present(self, schema: &Schema) -> BoxedStrategy<Value> {
        match Logical::of(schema) {
            Some(Logical::Decimal) => {
                let scale = logical::scale(schema).unwrap_or(0);
                return vec(any::<u8>(), 1..20)
                    .prop_map(move |bytes| Value::Decimal(Decimal::of(&BigInt::from_signed_bytes_be(&bytes), scale)))
                    .boxed();
            }
            Some(Logical::Date) => {
                return any::<i32>().prop_map(|day| Value::Date(i64::from(day) * 86_400_000)).boxed();
            }
            Some(Logical::Time) => return (0i64..=86_400_000).prop_map(Value::Date).boxed(),
            Some(Logical::Timestamp) => return any::<i64>().prop_map(Value::Date).boxed(),
            None => {}
        }
        let child = |schema: &Option<Arc<Schema>>| match schema {
            Some(schema) => self.value(schema),
            None => Just(Value::Null).boxed(),
        };
        match schema.ty {
            Type::Int8 => any::<i8>().prop_map(Value::Int8).boxed(),
            Type::Int16 => any::<i16>().prop_map(Value::Int16).boxed(),
            Type::Int32 => any::<i32>().prop_map(Value::Int32).boxed(),
            Type::Int64 => any::<i64>().prop_map(Value::Int64).boxed(),
            Type::Float32 => self.float().prop_map(|n| Value::Float32(n as f32)).boxed(),
            Type::Float64 => self.float().prop_map(Value::Float64).boxed(),
            Type::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
            Type::String => text().prop_map(Value::String).boxed(),
            Type::Bytes => vec(any::<u8>(), 0..12).prop_map(Value::Bytes).boxed(),
            Type::Array => vec(child(&schema.value_schema), self.sizes()).prop_map(Value::Array).boxed(),
            Type::Map => vec((child(&schema.key_schema), child(&schema.value_schema)), self.sizes())
                .prop_map(|entries| Value::Map(in_map_order(entries)))
                .boxed(),
            Type::Struct => {
                let fields: Vec<_> = schema.fields.iter().map(|field| self.value(&field.schema)).collect();
                fields.prop_map(Value::Struct).boxed()
            }
        }
    }

    /// Any value without a schema, as JSON would give it: 64-bit numbers, text, lists, maps with text keys.
    pub fn schemaless(self) -> BoxedStrategy<Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Int64),
            self.float().prop_map(Value::Float64),
            text().prop_map(Value::String),
        ];
        leaf.prop_recursive(self.depth, 32, self.breadth as u32, move |inner| {
            let entry = (text().prop_map(Value::String), inner.clone());
            prop_oneof![
                vec(inner, self.sizes()).prop_map(Value::Array),
                vec(entry, self.sizes()).prop_map(|entries| Value::Map(in_map_order(entries))),
            ]
        })
        .boxed()
    }

    /// Never beyond a float's range, so that both widths stay finite.
    fn float(self) -> BoxedStrategy<f64> {
        let ordinary = prop_oneof![
            any::<f32>().prop_map(f64::from),
            any::<f64>().prop_filter("beyond a float", |n| (*n as f32).is_finite()),
            any::<i32>().prop_map(|n| f64::from(n) / 100.0),
        ]
        .prop_map(|n| if n.is_finite() { n + 0.0 } else { 0.0 });
        // a float that underflows keeps its sign
        let ordinary = ordinary.prop_map(|n| if n as f32 == 0.0 { 0.0 } else { n });
        if !self.odd_floats {
            return ordinary.boxed();
        }
        prop_oneof![8 => ordinary, 1 => proptest::sample::select(&[f64::INFINITY, f64::NEG_INFINITY, -0.0][..])].boxed()
    }
}

/// Keys that have a hash of their own in Java, and never null.
fn key() -> BoxedStrategy<Arc<Schema>> {
    proptest::sample::select(&[Type::Int8, Type::Int32, Type::Int64, Type::Boolean, Type::String, Type::String][..])
        .prop_map(|ty| Schema::new(ty).shared())
        .boxed()
}

fn has_struct(schema: &Schema) -> bool {
    let child = |schema: &Option<Arc<Schema>>| schema.as_deref().is_some_and(has_struct);
    schema.ty == Type::Struct || child(&schema.key_schema) || child(&schema.value_schema)
}

fn in_map_order(entries: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let mut unique: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        if !unique.iter().any(|(other, _)| *other == key) {
            unique.push((key, value));
        }
    }
    hash::value_map_order(&mut unique);
    unique
}

/// Text with everything that may need an escape.
pub fn text() -> BoxedStrategy<String> {
    let character = prop_oneof![
        6 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\0', '\u{9f}'),
        1 => any::<char>(),
    ];
    vec(character, 0..10).prop_map(|chars| chars.into_iter().collect()).boxed()
}

fn name() -> BoxedStrategy<String> {
    text().prop_map(|text| if text.is_empty() { "f".to_owned() } else { text }).boxed()
}
