//! What is asked of the three databases.

use watertight_sdk::ValueNode;
use watertight_sdk::sql::Connection;

use super::super::criteria::{Bounds, Criteria, Statement};
use super::super::offset::Offset;
use super::Shop;
use crate::dialect::Dialect;

const FORM: &str = "timestamp:micros@UTC";

fn ask(product: &'static str, number: Option<&str>, times: &[&str], after: Offset, suffix: &str) -> Statement {
    let shop = Shop::open();
    shop.product.set(Some(product));
    let dialect = Dialect::of(&Connection::open("connection.").unwrap(), true).unwrap();
    let times = times.iter().map(|time| (*time).to_owned()).collect();
    let criteria = Criteria { number: number.map(str::to_owned), times };
    criteria.statement(
        "SELECT * FROM t",
        suffix,
        &dialect,
        &Bounds { after, before: 9, time_form: FORM, any_storage: false },
    )
}

fn integers(statement: &Statement) -> Vec<i64> {
    let number = |value: &ValueNode| match value {
        ValueNode::Integer(number) => *number,
        other => panic!("{other:?}"),
    };
    statement.values.iter().map(number).collect()
}

#[test]
fn bulk_asks_for_everything() {
    let statement = ask("sqlite", None, &[], Offset::default(), "LIMIT 5");
    assert_eq!(statement.sql, "SELECT * FROM t LIMIT 5");
    assert!(statement.values.is_empty());
}

#[test]
fn incrementing_asks_for_greater_numbers() {
    let after = Offset { number: Some(4), micros: None };
    let statement = ask("mysql", Some("id"), &[], after, "");
    assert_eq!(statement.sql, "SELECT * FROM t WHERE `id` > ? ORDER BY `id` ASC");
    assert_eq!((integers(&statement), statement.forms.as_slice()), (vec![4], &["integer".to_owned()][..]));
}

#[test]
fn timestamp_asks_between_the_last_time_and_now() {
    let first = ask("postgresql", None, &["at"], Offset::default(), "");
    assert_eq!(first.sql, "SELECT * FROM t WHERE \"at\" < $1 ORDER BY \"at\" ASC");
    let after = Offset { number: None, micros: Some(3) };
    let later = ask("postgresql", None, &["a", "b"], after, "");
    assert_eq!(
        later.sql,
        "SELECT * FROM t WHERE COALESCE(\"a\",\"b\") < $1 AND COALESCE(\"a\",\"b\") > $2 ORDER BY \
         COALESCE(\"a\",\"b\") ASC"
    );
    assert_eq!((integers(&later), later.forms), (vec![9, 3], vec![FORM.to_owned(); 2]));
}

#[test]
fn both_ask_for_the_rest_of_the_last_time_too() {
    let after = Offset { number: Some(7), micros: Some(3) };
    let statement = ask("sqlite", Some("id"), &["at"], after, "");
    assert_eq!(
        statement.sql,
        "SELECT * FROM t WHERE \"at\" < ? AND \"at\" >= ? AND (\"at\" > ? OR \"id\" > ?) ORDER BY \"at\",\"id\" ASC"
    );
    assert_eq!(integers(&statement), [9, 3, 3, 7]);
}

#[test]
fn times_in_any_storage_are_compared_as_milliseconds() {
    let shop = Shop::open();
    shop.product.set(Some("sqlite"));
    let dialect = Dialect::of(&Connection::open("connection.").unwrap(), true).unwrap();
    let criteria = Criteria { number: None, times: vec!["at".to_owned()] };
    let bounds = Bounds { after: Offset::default(), before: 9_999, time_form: FORM, any_storage: true };
    let statement = criteria.statement("SELECT * FROM t", "", &dialect, &bounds);
    assert!(statement.sql.starts_with("SELECT * FROM t WHERE CASE typeof(\"at\") WHEN 'integer' THEN \"at\""));
    assert_eq!((integers(&statement), statement.forms.as_slice()), (vec![9], &["integer".to_owned()][..]));
}
