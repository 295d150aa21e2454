//! Makes the host work and remember.

use watertight_sdk::{Config, Failure, Primitive, Result, Scalar, SchemaNode, Shape, ValueNode, error, runtime};

use super::escaped;

/// The host copies every argument: 64 MiB of the guest must not become more than the host allows.
pub fn oversized_host_call(_config: &Config) -> Result<()> {
    let text = "x".repeat(36 << 20);
    error!("{text}");
    Err(escaped("the host took a text of 36 MiB"))
}

fn node(shape: Shape, name: Option<String>) -> SchemaNode {
    SchemaNode { shape, optional: false, name, version: None, doc: None, parameters: Vec::new(), default_value: None }
}

pub fn define_schemas_without_end(_config: &Config) -> Result<()> {
    for number in 0..10_000_000_u64 {
        let schema = vec![node(Shape::Primitive(Primitive::Text), Some(format!("schema-{number}")))];
        if let Err(reason) = runtime::define_schema(&schema) {
            return Err(Failure::new("refused", format!("after {number} schemas: {reason}")));
        }
    }
    Err(escaped("defined ten million schemas"))
}

pub fn define_a_deep_schema(_config: &Config) -> Result<()> {
    let mut schema: Vec<SchemaNode> = (0..100_000).map(|_| node(Shape::ArrayOf, None)).collect();
    schema.push(node(Shape::Primitive(Primitive::Text), None));
    match runtime::define_schema(&schema) {
        Ok(_) => Err(escaped("defined a schema of 100000 levels")),
        Err(reason) => Err(Failure::new("refused", reason)),
    }
}

/// A struct that promises two fields and brings none, with a default value of the wrong shape.
pub fn define_a_broken_schema(_config: &Config) -> Result<()> {
    let mut root = node(Shape::StructOf(vec!["a".to_owned(), "a".to_owned()]), None);
    root.default_value = Some(vec![ValueNode::Elements(u32::MAX)]);
    match runtime::define_schema(&vec![root]) {
        Ok(_) => Err(escaped("defined a schema that ends too soon")),
        Err(reason) => Err(Failure::new("refused", reason)),
    }
}

pub fn ask_for_offsets_without_end(_config: &Config) -> Result<()> {
    let partitions: Vec<_> = (0..1_000_000_i64).map(|number| vec![("n".to_owned(), Scalar::from(number))]).collect();
    loop {
        runtime::stored_offsets(&partitions)?;
    }
}

pub fn random_bytes_without_end(_config: &Config) -> Result<()> {
    let bytes = wasip2::random::random::get_random_bytes(1 << 30);
    Err(escaped(format!("got {} random bytes at once", bytes.len())))
}

/// Every subscription is an entry in the host's table.
pub fn fork_bomb_of_handles(_config: &Config) -> Result<()> {
    let mut hoard = Vec::new();
    while hoard.len() < 10_000_000 {
        hoard.push(wasip2::clocks::monotonic_clock::subscribe_duration(u64::MAX));
    }
    Err(escaped("holds ten million handles"))
}
