//! What a column becomes in a record: the form in which its values are asked for, the schema of its field, and what is
//! still to be done with each value. For nearly every column nothing is: the worker's driver hands out rows in the
//! forms asked for, and they go into records as they come.

use watertight_sdk::sql::Column;
use watertight_sdk::{Primitive, SchemaNode, Shape};

use crate::dialect::Product;

use super::settings::{Fraction, Granularity, NumericMapping};

/// Numbers of which it is not known how many digits they have after the point: as many as the JVM connectors allow for.
const UNKNOWN_SCALE: i32 = 127;
/// Digits that a 64-bit integer holds whatever they are.
const DIGITS_OF_LONG: u32 = 18;

/// How columns are mapped.
#[derive(Clone, Debug)]
pub struct Mapper<'a> {
    /// Which database it is.
    pub product: Product,
    /// `numeric.mapping`.
    pub numeric: NumericMapping,
    /// `timestamp.granularity`.
    pub granularity: Granularity,
    /// `db.timezone`.
    pub zone: &'a str,
}

/// What a column becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The form to ask for.
    pub form: String,
    /// The schema.
    pub schema: Vec<SchemaNode>,
    /// What is to be done with each value.
    pub change: Change,
}

/// What is to be done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// Microseconds become milliseconds.
    Millis,
    /// Microseconds become what the setting says.
    Granular(Granularity),
}

impl Mapper<'_> {
    /// Of a column; none if it cannot be read. A column that orders the rows is asked for in full precision.
    pub fn field(&self, column: &Column, orders: bool) -> Option<Field> {
        let (form, mut schema, change) = self.plain(column, orders)?;
        if column.nullable != Some(false)
            && let Some(root) = schema.first_mut()
        {
            root.optional = true;
        }
        Some(Field { form, schema, change })
    }

    fn plain(&self, column: &Column, orders: bool) -> Option<(String, Vec<SchemaNode>, Change)> {
        let natural = column.form.as_str();
        let kind = natural.split(':').next().unwrap_or_default().split('@').next().unwrap_or_default();
        let simple =
            |form: &str, primitive| Some((form.to_owned(), vec![SchemaNode::primitive(primitive)], Change::None));
        match kind {
            "boolean" if self.product.is_mysql() => simple("integer", Primitive::Int8),
            "boolean" => simple("boolean", Primitive::Boolean),
            "integer" => simple("integer", self.integer(column)),
            "float" => simple("float", self.float(&column.type_name)),
            "text" if column.type_name == "bit" && column.detail("length") == Some("1") => {
                simple("boolean", Primitive::Boolean)
            }
            "text" => simple("text", Primitive::Text),
            "bytes" => simple("bytes", Primitive::Bytes),
            // What is above 2^63 is an error that names the column; the JVM connectors lose it.
            "decimal" if self.product.is_mysql() && column.type_name.starts_with("BIGINT") => {
                simple("integer", Primitive::Int64)
            }
            "decimal" => Some(self.number(column, orders)),
            "date" => Some(logical("date", "Date", Primitive::Int32)),
            "time" => Some(logical("time", "Time", Primitive::Int32)),
            "timestamp" => Some(self.timestamp(orders)),
            "array" => self.array(column),
            _ => None,
        }
    }

    fn integer(&self, column: &Column) -> Primitive {
        // SQLite keeps 64 bits in every integer, whatever the column was declared as.
        if self.product == Product::Sqlite {
            return Primitive::Int64;
        }
        let size = column.detail("size").and_then(|size| size.parse().ok());
        integer(size.unwrap_or_else(|| size_of(&column.type_name)), column.detail("signed") == Some("false"))
    }

    fn float(&self, type_name: &str) -> Primitive {
        let name = type_name.to_lowercase();
        let name = name.split([' ', '(']).next().unwrap_or_default();
        match self.product {
            Product::Postgres if matches!(name, "float4" | "real") => Primitive::Float32,
            Product::Mysql | Product::Mariadb if name == "float" => Primitive::Float32,
            _ => Primitive::Float64,
        }
    }

    fn number(&self, column: &Column, orders: bool) -> (String, Vec<SchemaNode>, Change) {
        let done = |form: &str, primitive| (form.to_owned(), vec![SchemaNode::primitive(primitive)], Change::None);
        let said = column.scale.or_else(|| column.form.strip_prefix("decimal:")?.parse().ok());
        let scale = said.unwrap_or(if orders { 0 } else { UNKNOWN_SCALE });
        let known = said.is_some() && column.precision.is_some();
        // A negative scale stands for zeros before the point.
        let digits = column.precision.unwrap_or(u32::MAX).saturating_add(scale.min(0).unsigned_abs());
        // DECIMAL is left alone by the JVM connectors: the setting is for NUMERIC, which MySQL never says.
        let mapped = !self.product.is_mysql() && !column.type_name.to_lowercase().starts_with("decimal");
        let whole = known && scale <= 0 && digits <= DIGITS_OF_LONG;
        let broken = known && scale > 0 && digits <= DIGITS_OF_LONG;
        match self.numeric {
            NumericMapping::PrecisionOnly if mapped && whole => return done("integer", integer_of(digits)),
            NumericMapping::BestFit | NumericMapping::BestFitEagerDouble if mapped && whole => {
                return done("integer", integer_of(digits));
            }
            NumericMapping::BestFit if mapped && broken => return done("float", Primitive::Float64),
            NumericMapping::BestFitEagerDouble if mapped && scale > 0 => return done("float", Primitive::Float64),
            NumericMapping::None
            | NumericMapping::PrecisionOnly
            | NumericMapping::BestFit
            | NumericMapping::BestFitEagerDouble => {}
        }
        decimal(scale.max(0))
    }

    fn timestamp(&self, orders: bool) -> (String, Vec<SchemaNode>, Change) {
        let micros = time_form(self.zone);
        match self.granularity {
            Granularity::Connect => {
                let form = if orders { micros } else { format!("timestamp@{}", self.zone) };
                let (_, schema, _) = logical("", "Timestamp", Primitive::Int64);
                (form, schema, if orders { Change::Millis } else { Change::None })
            }
            Granularity::Number(Fraction::Micros) => {
                (micros, vec![SchemaNode::primitive(Primitive::Int64)], Change::None)
            }
            granularity @ Granularity::Number(Fraction::Nanos) => {
                (micros, vec![SchemaNode::primitive(Primitive::Int64)], Change::Granular(granularity))
            }
            granularity @ (Granularity::Text(_) | Granularity::Iso(_)) => {
                (micros, vec![SchemaNode::primitive(Primitive::Text)], Change::Granular(granularity))
            }
        }
    }

    fn array(&self, column: &Column) -> Option<(String, Vec<SchemaNode>, Change)> {
        let element = Column {
            type_name: column.detail("element").unwrap_or_default().to_owned(),
            form: column.form.strip_prefix("array:")?.to_owned(),
            nullable: None,
            details: Vec::new(),
            ..column.clone()
        };
        // Connect's own timestamps only: a change would have to be made inside of the array.
        let mapper = Mapper { granularity: Granularity::Connect, ..self.clone() };
        let field = mapper.field(&element, false)?;
        let mut schema = vec![SchemaNode::new(Shape::ArrayOf)];
        schema.extend(field.schema);
        Some((format!("array:{}", field.form), schema, Change::None))
    }
}

/// The form in which times order rows.
pub fn time_form(zone: &str) -> String {
    format!("timestamp:micros@{zone}")
}

fn logical(form: &str, name: &str, primitive: Primitive) -> (String, Vec<SchemaNode>, Change) {
    let node = SchemaNode {
        name: Some(format!("org.apache.kafka.connect.data.{name}")),
        version: Some(1),
        ..SchemaNode::primitive(primitive)
    };
    (form.to_owned(), vec![node], Change::None)
}

fn decimal(scale: i32) -> (String, Vec<SchemaNode>, Change) {
    let (form, mut schema, change) = logical(&format!("decimal:{scale}"), "Decimal", Primitive::Bytes);
    if let Some(root) = schema.first_mut() {
        root.parameters = vec![("scale".to_owned(), scale.to_string())];
    }
    (form, schema, change)
}

/// By the bytes it has; one that cannot be negative needs the next.
fn integer(size: u32, unsigned: bool) -> Primitive {
    match (size, unsigned) {
        (1, false) => Primitive::Int8,
        (1, true) | (2, false) => Primitive::Int16,
        (2, true) | (3 | 4, false) => Primitive::Int32,
        _ => Primitive::Int64,
    }
}

fn integer_of(digits: u32) -> Primitive {
    match digits {
        0..=2 => Primitive::Int8,
        3..=4 => Primitive::Int16,
        5..=9 => Primitive::Int32,
        _ => Primitive::Int64,
    }
}

fn size_of(type_name: &str) -> u32 {
    let name = type_name.to_lowercase();
    match name.split([' ', '(']).next().unwrap_or_default() {
        "tinyint" => 1,
        "int2" | "smallint" | "smallserial" | "year" => 2,
        "int4" | "int" | "integer" | "mediumint" | "serial" => 4,
        _ => 8,
    }
}
