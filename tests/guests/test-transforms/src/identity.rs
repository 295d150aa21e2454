//! Everything is taken apart and put together again.

use std::collections::HashMap;

use watertight_sdk::tape::Tree;
use watertight_sdk::{
    Class, Config, Datum, Failure, Header, Message, Record, Result, SchemaId, SchemaNode, Shape, Transformation, Value,
    Verdict, runtime,
};

use crate::VERSION;

/// First number that is not reserved.
const FIRST: SchemaId = 64;

#[derive(Default)]
struct Rebuilder {
    known: HashMap<SchemaId, SchemaId>,
}

impl Rebuilder {
    fn message(&mut self, message: &mut Message) -> Result<()> {
        let Message { topic: _, partition: _, key, value, headers, timestamp: _ } = message;
        self.datum(key)?;
        self.datum(value)?;
        for Header { name, value } in headers {
            *name = name.chars().collect();
            self.datum(value)?;
        }
        Ok(())
    }

    fn datum(&mut self, datum: &mut Datum) -> Result<()> {
        let Datum { schema, value } = datum;
        *schema = self.schema(*schema)?;
        let old = std::mem::replace(value, Value::Null);
        *value = match old {
            Value::Json(text) => Value::Json(text.chars().collect()),
            other => Tree::of(other)?.into_value(),
        };
        Ok(())
    }

    /// The schema is described anew, node by node, and has the same number again because it is equal.
    fn schema(&mut self, id: SchemaId) -> Result<SchemaId> {
        if id < FIRST {
            return Ok(id);
        }
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let schema = runtime::schema(id).ok_or_else(|| Failure::data(format!("no schema {id}")))?;
        let rebuilt: Vec<SchemaNode> = schema.iter().map(node).collect();
        let defined = runtime::define_schema(&rebuilt).map_err(Failure::data)?;
        self.known.insert(id, defined);
        Ok(defined)
    }
}

fn node(node: &SchemaNode) -> SchemaNode {
    let SchemaNode { shape, optional, name, version, doc, parameters, default_value } = node;
    let shape = match shape {
        Shape::Primitive(primitive) => Shape::Primitive(*primitive),
        Shape::ArrayOf => Shape::ArrayOf,
        Shape::MapOf => Shape::MapOf,
        Shape::StructOf(names) => Shape::StructOf(names.clone()),
    };
    SchemaNode {
        shape,
        optional: *optional,
        name: name.clone(),
        version: *version,
        doc: doc.clone(),
        parameters: parameters.clone(),
        default_value: default_value.clone(),
    }
}

macro_rules! identity {
    ($name:ident, $class:literal, $features:expr) => {
        #[derive(Default)]
        pub struct $name(Rebuilder);

        impl Transformation for $name {
            const CLASS: Class = Class::new($class, VERSION).documentation("Rebuilds every datum").features($features);

            fn configure(&mut self, _config: &Config) -> Result<()> {
                Ok(())
            }

            fn apply(&mut self, record: &mut Record<'_>) -> Result<Verdict> {
                self.0.message(&mut record.message)?;
                Ok(Verdict::Changed)
            }
        }
    };
}

identity!(Identity, "watertight.test.Identity", &[]);
identity!(JsonIdentity, "watertight.test.JsonIdentity", &["json"]);
identity!(ExactIdentity, "watertight.test.ExactIdentity", &["exact-to-2^53"]);
