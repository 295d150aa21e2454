//! Rows with arrays, with columns that cannot be read, and with numbers of other types.

use watertight_sdk::sql::Column;
use watertight_sdk::{Shape, Tape, ValueNode, runtime, testing};

use super::super::criteria::Criteria;
use super::super::fields::Mapper;
use super::super::row::Layout;
use super::super::settings::{Granularity, NumericMapping};
use super::{column, with_details};
use crate::dialect::Product;

fn layout(columns: Vec<Column>, number: Option<&str>, times: &[&str]) -> watertight_sdk::Result<Layout> {
    let mapper = Mapper {
        product: Product::Postgres,
        numeric: NumericMapping::None,
        granularity: Granularity::Connect,
        zone: "UTC",
    };
    let times = times.iter().map(|time| (*time).to_owned()).collect();
    let criteria = Criteria { number: number.map(str::to_owned), times };
    Layout::new(columns, &criteria, &mapper, Some("t"), "table t")
}

fn integer(number: i64) -> ValueNode {
    ValueNode::Integer(number)
}

/// An array of numbers before a time and a number.
fn with_array() -> (Vec<Column>, Tape) {
    let array = with_details(column("list", "_int4", "array:integer"), &[("element", "int4")]);
    let columns = vec![array, column("at", "timestamp", "timestamp"), column("id", "int8", "integer")];
    let list = [ValueNode::Elements(2), integer(8), integer(9)];
    (columns, [vec![ValueNode::Fields(3)], list.to_vec(), vec![integer(1_500_123), integer(4)]].concat())
}

#[test]
fn values_are_found_behind_arrays() {
    let (columns, mut row) = with_array();
    let layout = layout(columns, Some("id"), &["at"]).unwrap();
    let offset = layout.offset(&row).unwrap();
    assert_eq!((offset.number, offset.micros), (Some(4), Some(1_500_123)));
    layout.finish(&mut row).unwrap();
    assert_eq!(row[4..], [integer(1_500), integer(4)]);
}

#[test]
fn columns_that_cannot_be_read_are_left_out_with_one_warning_each() {
    let (mut columns, mut row) = with_array();
    columns[0] = column("list", "mystery", "");
    row.splice(1..4, [ValueNode::Null]);
    let layout = layout(columns, Some("id"), &["at"]).unwrap();
    layout.finish(&mut row).unwrap();
    assert_eq!(row, [ValueNode::Fields(2), integer(1_500), integer(4)]);
    let schema = runtime::schema(layout.schema).unwrap();
    assert_eq!(schema[0].shape, Shape::StructOf(vec!["at".into(), "id".into()]));
    assert_eq!(testing::logged("warn").len(), 1);
}

#[test]
fn a_decimal_without_fraction_is_a_number() {
    let decimal = Column { precision: Some(20), scale: Some(0), ..column("id", "numeric", "decimal") };
    let layout = layout(vec![decimal], Some("id"), &[]).unwrap();
    for (bytes, number) in [
        (vec![5], Some(5)),
        (vec![0xff], Some(-1)),
        (vec![0x00, 0xff], Some(255)),
        (vec![0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Some(i64::MAX)),
        (vec![0x00, 0x80, 0, 0, 0, 0, 0, 0, 0], None),
        (vec![0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], Some(i64::MIN)),
        (vec![0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], None),
    ] {
        let row = [ValueNode::Fields(1), ValueNode::Bytes(bytes.clone())];
        assert_eq!(layout.offset(&row).ok().and_then(|offset| offset.number), number, "{bytes:?}");
    }
}

#[test]
fn what_orders_no_rows_is_said() {
    let error = |columns: Vec<Column>, number, times: &[&str]| layout(columns, number, times).unwrap_err().message;
    let fraction = Column { precision: Some(9), scale: Some(2), ..column("id", "numeric", "decimal") };
    assert!(error(vec![fraction], Some("id"), &[]).contains("numeric, not an integer (incrementing.column.name"));
    assert!(error(vec![column("at", "date", "date")], None, &["at"]).contains("date, not a timestamp"));
    assert!(error(vec![column("x", "text", "text")], Some("id"), &[]).contains("no column id in what table t"));
    let twice = vec![column("a", "text", "text"), column("a", "text", "text")];
    assert!(error(twice, None, &[]).contains("two columns of the name a"));
    let row = [ValueNode::Fields(1), ValueNode::Null];
    let number = layout(vec![column("id", "int8", "integer")], Some("id"), &[]).unwrap();
    assert!(number.offset(&row).unwrap_err().message.contains("null in the incrementing column id"));
}
