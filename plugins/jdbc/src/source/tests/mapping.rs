//! What columns become.

use watertight_sdk::sql::Column;
use watertight_sdk::{Primitive, Shape};

use super::super::fields::{Change, Field, Mapper};
use super::super::settings::{Fraction, Granularity, NumericMapping};
use super::{column, with_details};
use crate::dialect::Product;

fn mapper(product: Product, numeric: NumericMapping) -> Mapper<'static> {
    Mapper { product, numeric, granularity: Granularity::Connect, zone: "UTC" }
}

fn field(product: Product, column: &Column) -> Field {
    mapper(product, NumericMapping::None).field(column, false).unwrap()
}

fn primitive(field: &Field) -> Primitive {
    match field.schema[0].shape {
        Shape::Primitive(primitive) => primitive,
        ref other => panic!("{other:?}"),
    }
}

fn sized(size: &str, signed: &str) -> Column {
    with_details(column("n", "int", "integer"), &[("size", size), ("signed", signed)])
}

#[test]
fn integers_are_as_wide_as_their_values_can_be() {
    use Primitive::{Int8, Int16, Int32, Int64};
    for (size, signed, expected) in [
        ("1", "true", Int8),
        ("1", "false", Int16),
        ("2", "true", Int16),
        ("2", "false", Int32),
        ("3", "true", Int32),
        ("4", "true", Int32),
        ("4", "false", Int64),
        ("8", "true", Int64),
        ("8", "false", Int64),
    ] {
        assert_eq!(primitive(&field(Product::Mysql, &sized(size, signed))), expected, "{size} {signed}");
    }
    assert_eq!(primitive(&field(Product::Sqlite, &sized("4", "true"))), Int64);
}

#[test]
fn numbers_become_what_the_mapping_says() {
    use NumericMapping::{BestFit, BestFitEagerDouble, None as Decimals, PrecisionOnly};
    let number = |precision: Option<u32>, scale: Option<i32>, numeric| {
        let column = Column { precision, scale, ..column("n", "numeric", "decimal") };
        mapper(Product::Postgres, numeric).field(&column, false).unwrap().form
    };
    for (precision, scale, numeric, form) in [
        (Some(5), Some(0), Decimals, "decimal:0"),
        (Some(5), Some(2), Decimals, "decimal:2"),
        (None, None, Decimals, "decimal:127"),
        (Some(5), Some(0), PrecisionOnly, "integer"),
        (Some(19), Some(0), PrecisionOnly, "decimal:0"),
        (Some(5), Some(2), PrecisionOnly, "decimal:2"),
        (Some(18), Some(0), BestFit, "integer"),
        (Some(18), Some(5), BestFit, "float"),
        (Some(19), Some(5), BestFit, "decimal:5"),
        (Some(3), Some(-2), BestFit, "integer"),
        (None, None, BestFit, "decimal:127"),
        (Some(38), Some(5), BestFitEagerDouble, "float"),
        (Some(38), Some(0), BestFitEagerDouble, "decimal:0"),
        (None, None, BestFitEagerDouble, "float"),
    ] {
        assert_eq!(number(precision, scale, numeric), form, "{precision:?} {scale:?} {numeric:?}");
    }
}

#[test]
fn mysqls_decimals_stay_decimals_and_its_booleans_are_small_integers() {
    let decimal = Column { precision: Some(5), scale: Some(0), ..column("n", "DECIMAL", "decimal") };
    assert_eq!(mapper(Product::Mysql, NumericMapping::BestFit).field(&decimal, false).unwrap().form, "decimal:0");
    let boolean = field(Product::Mariadb, &column("b", "TINYINT", "boolean"));
    assert_eq!((boolean.form.as_str(), primitive(&boolean)), ("integer", Primitive::Int8));
}

#[test]
fn what_may_be_null_or_is_not_known_is_optional() {
    for (nullable, optional) in [(Some(false), false), (Some(true), true), (None, true)] {
        let column = Column { nullable, ..column("t", "text", "text") };
        assert_eq!(field(Product::Postgres, &column).schema[0].optional, optional);
    }
}

#[test]
fn logical_types_are_connects() {
    for (form, name) in [("date", "Date"), ("time:micros", "Time"), ("timestamp:micros", "Timestamp")] {
        let field = field(Product::Postgres, &column("c", "c", form));
        assert_eq!(field.schema[0].name.as_deref(), Some(format!("org.apache.kafka.connect.data.{name}").as_str()));
        assert_eq!(field.schema[0].version, Some(1));
    }
    let column = Column { precision: Some(9), scale: Some(3), ..column("n", "numeric", "decimal") };
    let decimal = field(Product::Postgres, &column);
    assert_eq!(decimal.schema[0].parameters, [("scale".to_owned(), "3".to_owned())]);
}

#[test]
fn times_come_in_the_granularity_asked_for() {
    let field = |granularity, orders| {
        let mapper = Mapper { granularity, ..mapper(Product::Postgres, NumericMapping::None) };
        mapper.field(&column("at", "timestamp", "timestamp"), orders).unwrap()
    };
    assert_eq!(field(Granularity::Connect, false).form, "timestamp@UTC");
    assert_eq!(field(Granularity::Connect, true).change, Change::Millis);
    let number = field(Granularity::Number(Fraction::Nanos), false);
    assert_eq!((number.form.as_str(), primitive(&number)), ("timestamp:micros@UTC", Primitive::Int64));
    assert_eq!(primitive(&field(Granularity::Iso(Fraction::Micros), false)), Primitive::Text);
}

#[test]
fn arrays_have_elements_that_may_be_null() {
    let column = with_details(column("a", "_int4", "array:integer"), &[("element", "int4")]);
    let field = field(Product::Postgres, &column);
    assert_eq!(field.form, "array:integer");
    assert_eq!(field.schema[0].shape, Shape::ArrayOf);
    assert_eq!((field.schema[1].shape.clone(), field.schema[1].optional), (Shape::Primitive(Primitive::Int32), true));
}

#[test]
fn what_cannot_be_read_has_no_field() {
    assert_eq!(mapper(Product::Postgres, NumericMapping::None).field(&column("x", "void", ""), false), None);
}
