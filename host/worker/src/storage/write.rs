//! JSON as Kafka's own converter writes a struct without its schema: fields in the schema's order, maps in the order of
//! the map that they were.

use watertight_data::java::json::{push_base64, push_integer, push_string};

use crate::entities::ConfigMap;

/// One value of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    /// Text.
    Text(&'a str),
    /// Text, or an explicit null: a struct shows its empty fields.
    Optional(Option<&'a str>),
    /// A whole number.
    Number(i64),
    /// A truth.
    Flag(bool),
    /// Bytes, in base64.
    Bytes(&'a [u8]),
    /// A map of text.
    Map(&'a ConfigMap),
    /// A struct in a struct.
    Struct(&'a [(&'a str, Field<'a>)]),
}

/// The bytes of a struct.
pub(crate) fn object(fields: &[(&str, Field<'_>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    push(&mut out, &Field::Struct(fields));
    out
}

fn push(out: &mut Vec<u8>, field: &Field<'_>) {
    match field {
        Field::Text(text) | Field::Optional(Some(text)) => push_string(out, text),
        Field::Optional(None) => out.extend_from_slice(b"null"),
        Field::Number(number) => push_integer(out, *number),
        Field::Flag(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Field::Bytes(bytes) => push_base64(out, bytes),
        Field::Map(map) => members(out, map.iter(), |out, value| push_string(out, value)),
        Field::Struct(fields) => members(out, fields.iter().map(|(name, field)| (*name, field)), push),
    }
}

fn members<'a, N: AsRef<str>, V: 'a>(
    out: &mut Vec<u8>,
    entries: impl Iterator<Item = (N, V)>,
    mut value: impl FnMut(&mut Vec<u8>, V),
) {
    out.push(b'{');
    for (place, (name, entry)) in entries.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_string(out, name.as_ref());
        out.push(b':');
        value(out, entry);
    }
    out.push(b'}');
}
