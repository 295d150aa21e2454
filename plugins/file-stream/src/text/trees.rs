//! Lists, maps and structs: `[1, 2]`, `{a=1}`, `Struct{a=1,b=2}`.

use watertight_sdk::{Primitive, SchemaNode, Shape, ValueNode};

use super::{numbers, times};

/// Appends what the tape holds.
pub fn write(tape: &[ValueNode], schema: &[SchemaNode], out: &mut Vec<u8>) {
    Writer { tape: tape.iter(), out }.value(schema);
}

/// Whether numbers under this schema have 32 bits.
pub fn is_single(schema: Option<&SchemaNode>) -> bool {
    matches!(schema.map(|node| &node.shape), Some(Shape::Primitive(Primitive::Float32)))
}

/// Appends a number, or the date it stands for.
pub fn write_integer(value: i64, schema: Option<&SchemaNode>, out: &mut Vec<u8>) {
    match schema.and_then(|node| node.name.as_deref()) {
        Some("org.apache.kafka.connect.data.Date") => times::write(value.saturating_mul(times::DAY_MS), out),
        Some("org.apache.kafka.connect.data.Time" | "org.apache.kafka.connect.data.Timestamp") => {
            times::write(value, out);
        }
        _ => out.extend_from_slice(value.to_string().as_bytes()),
    }
}

struct Writer<'a> {
    tape: std::slice::Iter<'a, ValueNode>,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    /// Writes one value under the schema that begins here; returns what follows that schema.
    fn value<'s>(&mut self, schema: &'s [SchemaNode]) -> &'s [SchemaNode] {
        let Some(node) = self.tape.next() else {
            return &[];
        };
        match node {
            ValueNode::Null => self.out.extend_from_slice(b"null"),
            ValueNode::Boolean(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            ValueNode::Integer(value) => write_integer(*value, schema.first(), self.out),
            ValueNode::Float(value) => numbers::write(*value, is_single(schema.first()), self.out),
            ValueNode::Text(text) => self.out.extend_from_slice(text.as_bytes()),
            ValueNode::Bytes(bytes) => self.out.extend_from_slice(bytes),
            ValueNode::Elements(count) => self.elements(*count, schema),
            ValueNode::Entries(count) => self.entries(*count, schema),
            ValueNode::Fields(count) => self.fields(*count, schema),
        }
        after(schema)
    }

    fn elements(&mut self, count: u32, schema: &[SchemaNode]) {
        self.out.push(b'[');
        for index in 0..count {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            self.value(schema.get(1..).unwrap_or_default());
        }
        self.out.push(b']');
    }

    fn entries(&mut self, count: u32, schema: &[SchemaNode]) {
        self.out.push(b'{');
        for index in 0..count {
            if index > 0 {
                self.out.extend_from_slice(b", ");
            }
            let values = self.value(schema.get(1..).unwrap_or_default());
            self.out.push(b'=');
            self.value(values);
        }
        self.out.push(b'}');
    }

    /// As in Java, fields that are null are left out.
    fn fields(&mut self, count: u32, schema: &[SchemaNode]) {
        let names = match schema.first().map(|node| &node.shape) {
            Some(Shape::StructOf(names)) => names.as_slice(),
            _ => &[],
        };
        let mut rest = schema.get(1..).unwrap_or_default();
        let mut first = true;
        self.out.extend_from_slice(b"Struct{");
        for index in 0..count {
            if matches!(self.tape.as_slice().first(), Some(ValueNode::Null)) {
                self.tape.next();
                rest = after(rest);
                continue;
            }
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.out.extend_from_slice(names.get(index as usize).map_or(b"".as_slice(), |name| name.as_bytes()));
            self.out.push(b'=');
            rest = self.value(rest);
        }
        self.out.push(b'}');
    }
}

/// What follows the first schema of these.
fn after(schema: &[SchemaNode]) -> &[SchemaNode] {
    let Some((first, mut rest)) = schema.split_first() else {
        return &[];
    };
    let parts = match &first.shape {
        Shape::Primitive(_) => 0,
        Shape::ArrayOf => 1,
        Shape::MapOf => 2,
        Shape::StructOf(names) => names.len(),
    };
    for _ in 0..parts {
        rest = after(rest);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(shape: Shape) -> SchemaNode {
        SchemaNode {
            shape,
            optional: true,
            name: None,
            version: None,
            doc: None,
            parameters: Vec::new(),
            default_value: None,
        }
    }

    #[test]
    fn a_struct_with_a_list_and_a_map_looks_as_in_java() {
        let text = |text: &str| ValueNode::Text(text.to_owned());
        let schema = [
            node(Shape::StructOf(["a", "b", "gone", "c"].map(str::to_owned).to_vec())),
            node(Shape::ArrayOf),
            node(Shape::Primitive(Primitive::Int32)),
            node(Shape::MapOf),
            node(Shape::Primitive(Primitive::Text)),
            node(Shape::Primitive(Primitive::Float32)),
            node(Shape::StructOf(vec!["x".to_owned()])),
            node(Shape::Primitive(Primitive::Text)),
            node(Shape::Primitive(Primitive::Text)),
        ];
        let tape = [
            ValueNode::Fields(4),
            ValueNode::Elements(2),
            ValueNode::Integer(1),
            ValueNode::Integer(2),
            ValueNode::Entries(2),
            text("k"),
            ValueNode::Float(f64::from(0.1_f32)),
            text("l"),
            ValueNode::Null,
            ValueNode::Null,
            text("end"),
        ];
        let mut out = Vec::new();
        write(&tape, &schema, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "Struct{a=[1, 2],b={k=0.1, l=null},c=end}");
    }

    #[test]
    fn a_tree_without_a_schema_is_written_by_its_looks() {
        let tape = [ValueNode::Entries(1), ValueNode::Text("k".to_owned()), ValueNode::Elements(0)];
        let mut out = Vec::new();
        write(&tape, &[], &mut out);
        assert_eq!(out, b"{k=[]}");
    }
}
