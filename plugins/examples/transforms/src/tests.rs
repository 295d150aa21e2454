//! On the native target, with the SDK's pretended worker.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use watertight_sdk::tape::{Tree, structure};
use watertight_sdk::{
    Config, Datum, Message, Predicate, Primitive, SchemaNode, Shape, Transformation, ValueNode, ids, runtime, testing,
};

use crate::{InsertField, MaskField, ReplaceField, TopicNameMatches};

fn configured<T: Transformation>(settings: &[(&str, &str)]) -> T {
    let mut made = T::default();
    made.configure(&Config::from_iter(settings.iter().copied())).unwrap();
    made
}

/// A struct of a text, a list with a default, and a number.
fn row() -> Datum {
    let text = [SchemaNode::primitive(Primitive::Text)];
    let mut list = [SchemaNode::new(Shape::ArrayOf).optional(), SchemaNode::primitive(Primitive::Int64)];
    list[0].default_value = Some(vec![ValueNode::Elements(1), ValueNode::Integer(9)]);
    let number = [SchemaNode::primitive(Primitive::Int64)];
    let root = SchemaNode::new(Shape::StructOf(Vec::new()));
    let schema = structure(&root, &[("text", &text), ("list", &list), ("number", &number)]);
    let id = runtime::define_schema(&schema).unwrap();
    Datum::of_tree(id, Tree::Struct(vec![Tree::Text("t".into()), Tree::Null, Tree::Integer(1)]))
}

fn through(transform: &mut impl Transformation, datum: Datum) -> Tree {
    let (topic, message) = testing::apply(transform, "topic", Message::new(0, datum)).unwrap().unwrap();
    assert_eq!(topic, "topic");
    Tree::of(message.value.value).unwrap()
}

#[test]
fn a_field_is_inserted_and_a_null_reads_as_its_default() {
    let mut insert: InsertField = configured(&[("static.field", "f!"), ("static.value", "v")]);
    let list = Tree::Array(vec![Tree::Integer(9)]);
    let expected = vec![Tree::Text("t".into()), list, Tree::Integer(1), Tree::Text("v".into())];
    assert_eq!(through(&mut insert, row()), Tree::Struct(expected));
}

#[test]
fn fields_are_left_out_whatever_their_size() {
    let list = Tree::Array(vec![Tree::Integer(9)]);
    for (exclude, left) in [
        ("list", vec![Tree::Text("t".into()), Tree::Integer(1)]),
        ("text,number", vec![list.clone()]),
        ("text", vec![list, Tree::Integer(1)]),
    ] {
        let mut replace: ReplaceField = configured(&[("exclude", exclude)]);
        assert_eq!(through(&mut replace, row()), Tree::Struct(left));
    }
}

#[test]
fn what_is_masked_counts_as_nothing_of_its_type() {
    let mut mask: MaskField = configured(&[("fields", "text,list,number")]);
    assert_eq!(through(&mut mask, row()), Tree::Struct(vec![Tree::Text(String::new()), Tree::Null, Tree::Integer(0)]));
    let map = Tree::Map(vec![
        (Tree::Text("a".into()), Tree::Array(vec![Tree::Integer(1)])),
        (Tree::Text("b".into()), Tree::Integer(5)),
    ]);
    let mut mask: MaskField = configured(&[("fields", "a")]);
    let masked = through(&mut mask, Datum::of_tree(ids::NONE, map));
    let expected = vec![(Tree::Text("a".into()), Tree::Array(vec![])), (Tree::Text("b".into()), Tree::Integer(5))];
    assert_eq!(masked, Tree::Map(expected));
}

#[test]
fn a_topic_must_fit_as_a_whole() {
    let mut matches = TopicNameMatches::default();
    matches.configure(&Config::from_iter([("pattern", "a|bc")])).unwrap();
    let mut holds = |topic| testing::test(&mut matches, topic, Message::new(0, Datum::natural(1_i64))).unwrap();
    assert!(holds("a") && holds("bc") && !holds("abc") && !holds("ac"));
    let refused = matches.configure(&Config::from_iter([("pattern", "(")])).unwrap_err();
    assert!(refused.message.starts_with("Invalid value ( for configuration pattern: "), "{}", refused.message);
}
