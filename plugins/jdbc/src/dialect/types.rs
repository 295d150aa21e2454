//! From Connect's types to forms, in which values travel, and to column types, for tables that are created.

use watertight_sdk::{Primitive, SchemaNode, Shape};

use super::Product;

const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";
const DATE: &str = "org.apache.kafka.connect.data.Date";
const TIME: &str = "org.apache.kafka.connect.data.Time";
const TIMESTAMP: &str = "org.apache.kafka.connect.data.Timestamp";

/// How many digits of a second an integer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Millionths.
    Micros,
    /// Thousand millionths.
    Nanos,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::Micros => "micros",
            Self::Nanos => "nanos",
        }
    }
}

/// What a column can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// BOOLEAN.
    Boolean,
    /// INT8.
    Int8,
    /// INT16.
    Int16,
    /// INT32.
    Int32,
    /// INT64.
    Int64,
    /// FLOAT32.
    Float32,
    /// FLOAT64.
    Float64,
    /// STRING.
    Text,
    /// BYTES.
    Bytes,
    /// Connect's Decimal, with its scale.
    Decimal(i32),
    /// Connect's Date.
    Date,
    /// Connect's Time.
    Time,
    /// Connect's Timestamp.
    Timestamp,
    /// An INT64 or STRING that `timestamp.fields.list` declares to be a point in time.
    Instant(Unit),
    /// An array of scalars.
    Array(Box<Type>),
}

impl Type {
    /// Of a field's schema; else the word for what it is and no column can be.
    pub fn of(schema: &[SchemaNode]) -> Result<Self, &'static str> {
        let Some(node) = schema.first() else {
            return Err("a value without schema");
        };
        Ok(match (&node.shape, node.name.as_deref()) {
            (Shape::Primitive(Primitive::Bytes), Some(DECIMAL)) => Self::Decimal(scale(node)),
            (Shape::Primitive(Primitive::Int32), Some(DATE)) => Self::Date,
            (Shape::Primitive(Primitive::Int32), Some(TIME)) => Self::Time,
            (Shape::Primitive(Primitive::Int64), Some(TIMESTAMP)) => Self::Timestamp,
            (Shape::Primitive(primitive), _) => Self::plain(*primitive),
            (Shape::ArrayOf, _) => match Self::of(schema.get(1..).unwrap_or_default())? {
                Self::Array(_) => return Err("an array of arrays"),
                element => Self::Array(Box::new(element)),
            },
            (Shape::MapOf, _) => return Err("a map"),
            (Shape::StructOf(_), _) => return Err("a struct"),
        })
    }

    fn plain(primitive: Primitive) -> Self {
        match primitive {
            Primitive::Boolean => Self::Boolean,
            Primitive::Int8 => Self::Int8,
            Primitive::Int16 => Self::Int16,
            Primitive::Int32 => Self::Int32,
            Primitive::Int64 => Self::Int64,
            Primitive::Float32 => Self::Float32,
            Primitive::Float64 => Self::Float64,
            Primitive::Text => Self::Text,
            Primitive::Bytes => Self::Bytes,
        }
    }

    /// The form in which values travel; `zone` is the clock of columns without time zone.
    pub fn form(&self, zone: &str) -> String {
        match self {
            Self::Boolean => "boolean".to_owned(),
            Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64 => "integer".to_owned(),
            Self::Float32 | Self::Float64 => "float".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Decimal(scale) => format!("decimal:{scale}"),
            Self::Date => "date".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Timestamp => format!("timestamp{}", at(zone)),
            Self::Instant(unit) => format!("timestamp:{}{}", unit.word(), at(zone)),
            Self::Array(element) => format!("array:{}", element.form(zone)),
        }
    }

    /// The type of a column that is created for it. None: this database has none.
    pub fn column(&self, product: Product, in_key: bool) -> Option<String> {
        match product {
            Product::Sqlite => self.sqlite().map(str::to_owned),
            Product::Postgres => self.postgres(),
            Product::Mysql | Product::Mariadb => self.mysql(in_key),
        }
    }

    fn sqlite(&self) -> Option<&'static str> {
        Some(match self {
            Self::Boolean | Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64 => "INTEGER",
            Self::Float32 | Self::Float64 => "REAL",
            Self::Text => "TEXT",
            Self::Bytes => "BLOB",
            Self::Decimal(_) | Self::Date | Self::Time | Self::Timestamp | Self::Instant(_) => "NUMERIC",
            Self::Array(_) => return None,
        })
    }

    fn postgres(&self) -> Option<String> {
        let word = match self {
            Self::Boolean => "BOOLEAN",
            Self::Int8 | Self::Int16 => "SMALLINT",
            Self::Int32 => "INT",
            Self::Int64 => "BIGINT",
            Self::Float32 => "REAL",
            Self::Float64 => "DOUBLE PRECISION",
            Self::Text => "TEXT",
            Self::Bytes => "BYTEA",
            Self::Decimal(_) => "DECIMAL",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Timestamp | Self::Instant(_) => "TIMESTAMP",
            Self::Array(element) => return element.postgres().map(|element| format!("{element}[]")),
        };
        Some(word.to_owned())
    }

    /// Text and bytes outside of a key have no length that a value could exceed, and a table of a thousand of them
    /// fits into a row; an index wants a length.
    fn mysql(&self, in_key: bool) -> Option<String> {
        let word = match self {
            Self::Boolean | Self::Int8 => "TINYINT",
            Self::Int16 => "SMALLINT",
            Self::Int32 => "INT",
            Self::Int64 => "BIGINT",
            Self::Float32 => "FLOAT",
            Self::Float64 => "DOUBLE",
            Self::Text if in_key => "VARCHAR(256)",
            Self::Text => "LONGTEXT",
            Self::Bytes if in_key => "VARBINARY(1024)",
            Self::Bytes => "LONGBLOB",
            Self::Decimal(scale) => return Some(format!("DECIMAL(65,{})", (*scale).clamp(0, 30))),
            Self::Date => "DATE",
            Self::Time => "TIME(3)",
            Self::Timestamp => "DATETIME(3)",
            Self::Instant(_) => "DATETIME(6)",
            Self::Array(_) => return None,
        };
        Some(word.to_owned())
    }
}

fn at(zone: &str) -> String {
    if zone.is_empty() || zone == "UTC" { String::new() } else { format!("@{zone}") }
}

fn scale(node: &SchemaNode) -> i32 {
    let scale = node.parameters.iter().find(|(name, _)| name == "scale");
    scale.and_then(|(_, text)| text.parse().ok()).unwrap_or_default()
}
