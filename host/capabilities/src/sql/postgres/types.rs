//! Types of the server, by their number: those that everybody has are known, others (enums, domains, extensions) are
//! asked for once a connection.

use std::collections::HashMap;
use std::sync::Arc;

/// What a type is to a reader and writer of values.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Money,
    /// Text in either format: text, varchar, char, name, json, enums, citext.
    Text,
    /// Text after a version byte.
    Jsonb,
    Uuid,
    Bytea,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    /// bit and varbit.
    Bit,
    Array(Arc<Type>),
    /// Known by its text only.
    Other,
}

#[derive(Debug)]
pub(super) struct Type {
    pub(super) oid: u32,
    pub(super) name: String,
    pub(super) kind: Kind,
}

impl Type {
    /// The form in which its values come unless asked otherwise.
    pub(super) fn form(&self) -> String {
        let form = match &self.kind {
            Kind::Bool => "boolean",
            Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Oid => "integer",
            Kind::Float4 | Kind::Float8 | Kind::Money => "float",
            Kind::Numeric => "decimal",
            Kind::Text | Kind::Jsonb | Kind::Uuid | Kind::Bit | Kind::Other => "text",
            Kind::Bytea => "bytes",
            Kind::Date => "date",
            Kind::Time | Kind::TimeTz => "time:micros",
            Kind::Timestamp | Kind::TimestampTz => "timestamp:micros",
            Kind::Array(element) => match element.kind {
                // Only its own notation says where its elements end.
                Kind::Other | Kind::Array(_) => "text",
                Kind::Jsonb | Kind::Bit => "text",
                _ => return format!("array:{}", element.form()),
            },
        };
        form.to_owned()
    }
}

/// Number, number of the array of it, name, kind.
const KNOWN: &[(u32, u32, &str, Kind)] = &[
    (16, 1000, "bool", Kind::Bool),
    (17, 1001, "bytea", Kind::Bytea),
    (18, 1002, "char", Kind::Other),
    (19, 1003, "name", Kind::Text),
    (20, 1016, "int8", Kind::Int8),
    (21, 1005, "int2", Kind::Int2),
    (23, 1007, "int4", Kind::Int4),
    (25, 1009, "text", Kind::Text),
    (26, 1028, "oid", Kind::Oid),
    (114, 199, "json", Kind::Text),
    (142, 143, "xml", Kind::Other),
    (650, 651, "cidr", Kind::Other),
    (700, 1021, "float4", Kind::Float4),
    (701, 1022, "float8", Kind::Float8),
    (705, 0, "unknown", Kind::Text),
    (790, 791, "money", Kind::Money),
    (829, 1040, "macaddr", Kind::Other),
    (869, 1041, "inet", Kind::Other),
    (1042, 1014, "bpchar", Kind::Text),
    (1043, 1015, "varchar", Kind::Text),
    (1082, 1182, "date", Kind::Date),
    (1083, 1183, "time", Kind::Time),
    (1114, 1115, "timestamp", Kind::Timestamp),
    (1184, 1185, "timestamptz", Kind::TimestampTz),
    (1186, 1187, "interval", Kind::Other),
    (1266, 1270, "timetz", Kind::TimeTz),
    (1560, 1561, "bit", Kind::Bit),
    (1562, 1563, "varbit", Kind::Bit),
    (1700, 1231, "numeric", Kind::Numeric),
    (2278, 0, "void", Kind::Other),
    (2950, 2951, "uuid", Kind::Uuid),
    (3802, 3807, "jsonb", Kind::Jsonb),
];

/// The types that this connection has met.
pub(super) struct Types(HashMap<u32, Arc<Type>>);

impl Types {
    pub(super) fn new() -> Self {
        let mut types = HashMap::new();
        for (oid, array, name, kind) in KNOWN {
            let element = Arc::new(Type { oid: *oid, name: (*name).to_owned(), kind: kind.clone() });
            if *array != 0 {
                let name = format!("_{name}");
                types.insert(*array, Arc::new(Type { oid: *array, name, kind: Kind::Array(Arc::clone(&element)) }));
            }
            types.insert(*oid, element);
        }
        Self(types)
    }

    pub(super) fn get(&self, oid: u32) -> Option<&Arc<Type>> {
        self.0.get(&oid)
    }

    /// Those that have to be asked for.
    pub(super) fn missing(&self, oids: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut missing: Vec<u32> = oids.into_iter().filter(|oid| !self.0.contains_key(oid)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    pub(super) fn learn(&mut self, found: Type) {
        // Whoever makes types by the thousand pays by asking again.
        if self.0.len() > 10_000 {
            *self = Self::new();
        }
        self.0.insert(found.oid, Arc::new(found));
    }
}

/// What the catalog says of a type.
pub(super) struct Described<'a> {
    pub(super) oid: u32,
    pub(super) name: &'a str,
    /// `b`, `e`num, `d`omain, ...
    pub(super) class: &'a str,
    pub(super) element: u32,
    /// Type of the elements is what makes it an array, unless it is of fixed length.
    pub(super) varies: bool,
    pub(super) base: u32,
}

impl Described<'_> {
    /// Of which other type it is made.
    pub(super) fn made_of(&self) -> Option<u32> {
        match self.class {
            "d" => Some(self.base),
            _ if self.element != 0 && self.varies => Some(self.element),
            _ => None,
        }
    }

    pub(super) fn into_type(self, made_of: Option<&Arc<Type>>) -> Type {
        let kind = match (self.class, made_of) {
            ("d", Some(base)) => base.kind.clone(),
            ("e", _) => Kind::Text,
            (_, Some(element)) => Kind::Array(Arc::clone(element)),
            _ if self.name == "citext" => Kind::Text,
            _ => Kind::Other,
        };
        Type { oid: self.oid, name: self.name.to_owned(), kind }
    }
}
