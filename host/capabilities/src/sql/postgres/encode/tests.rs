//! What is written is what the decoder reads, and nothing is rounded or cut on the way.

use super::*;
use crate::sql::postgres::decode::Reader;
use crate::sql::postgres::types::Types;

fn kind(oid: u32) -> std::sync::Arc<Type> {
    std::sync::Arc::clone(Types::new().get(oid).unwrap())
}

fn written(form: &str, nodes: &[ValueNode], oid: u32) -> Result<BytesMut, Unwritable> {
    let (form, kind) = (form.parse().unwrap(), kind(oid));
    assert!(is_binary(&form, &kind), "{form} into {}", kind.name);
    let mut out = BytesMut::new();
    let mut rest = nodes[1..].iter();
    binary(&form, &nodes[0], &mut rest, &kind, &mut out)?;
    assert_eq!(rest.len(), 0);
    Ok(out)
}

fn as_text(form: &str, nodes: &[ValueNode], oid: u32) -> Result<String, Unwritable> {
    let mut out = BytesMut::new();
    text(&form.parse().unwrap(), &nodes[0], &mut nodes[1..].iter(), &kind(oid), &mut out)?;
    Ok(String::from_utf8(out.to_vec()).unwrap())
}

fn int(value: i64) -> ValueNode {
    ValueNode::Integer(value)
}

fn string(value: &str) -> ValueNode {
    ValueNode::Text(value.into())
}

#[test]
fn what_is_written_comes_back_in_the_same_form() {
    let bytes = |value: i128| ValueNode::Bytes(decimal::bytes(value));
    for (form, nodes, oid) in [
        ("boolean", vec![ValueNode::Boolean(true)], 16),
        ("integer", vec![int(-32_768)], 21),
        ("integer", vec![int(2_147_483_647)], 23),
        ("integer", vec![int(i64::MIN)], 20),
        ("integer", vec![int(4_294_967_295)], 26),
        ("integer", vec![int(-120_000)], 1700),
        ("float", vec![ValueNode::Float(0.1)], 701),
        ("float", vec![ValueNode::Float(0.5)], 700),
        ("float", vec![ValueNode::Float(-1.5e-7)], 1700),
        ("decimal", vec![string("-12.340")], 1700),
        ("decimal", vec![string("0.00005")], 1700),
        ("decimal", vec![string("100000000")], 1700),
        ("decimal", vec![string("0.000")], 1700),
        ("decimal", vec![string("123456789012345678901234567890.000000000000000000000000000001")], 1700),
        ("decimal:3", vec![bytes(-12_340)], 1700),
        ("decimal:2", vec![bytes(1_200)], 23),
        ("decimal:-2", vec![bytes(12)], 20),
        ("text", vec![string("ein ü\t\"\\")], 25),
        ("bytes", vec![ValueNode::Bytes(vec![0, 255, 92])], 17),
        ("date", vec![int(-719_893)], 1082),
        ("date", vec![int(0)], 1114),
        ("time:micros", vec![int(86_399_999_999)], 1083),
        ("time", vec![int(1_001)], 1266),
        ("timestamp:micros", vec![int(-62_135_596_800_000_001)], 1184),
        ("timestamp@Europe/Berlin", vec![int(1_719_828_000_001)], 1114),
        ("timestamp", vec![int(9_223_372_036_825_200_000)], 1114),
        ("timestamp", vec![int(-9_223_372_036_832_400_000)], 1184),
        ("array:integer", vec![ValueNode::Elements(3), int(1), ValueNode::Null, int(-3)], 1007),
        ("array:text", vec![ValueNode::Elements(0)], 1009),
        ("array:decimal", vec![ValueNode::Elements(1), string("1.50")], 1231),
    ] {
        let raw = written(form, &nodes, oid).unwrap();
        let mut tape = Vec::new();
        Reader::of(&kind(oid), &form.parse().unwrap()).unwrap().read(&raw, &mut tape, &mut 10_000).unwrap();
        assert_eq!(tape, nodes, "{form}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for (form, node, oid) in [
        ("integer", int(32_768), 21),
        ("integer", int(-1), 26),
        ("decimal", string("1.5"), 23),
        ("decimal", string("NaN"), 1700),
        ("decimal", string("9223372036854775808"), 20),
        ("decimal:2", ValueNode::Bytes(vec![1]), 23),
        ("float", ValueNode::Float(1e300), 700),
        ("text", string("a\0b"), 25),
        ("text", string("not-a-uuid"), 2950),
        ("bytes", ValueNode::Bytes(vec![1, 2]), 2950),
        ("date", int(i64::MAX), 1082),
        ("date", int(2_145_042_907), 1082),
        ("time", int(-1), 1083),
        ("time", int(86_400_001), 1083),
        ("timestamp", int(9_224_318_016_000_000), 1114),
        ("timestamp:nanos", int(1), 1082),
        ("array:integer", ValueNode::Elements(5), 1007),
    ] {
        let result = written(form, std::slice::from_ref(&node), oid);
        // A timestamp into a date is cut to its day, which fits.
        assert_eq!(result.is_ok(), form == "timestamp:nanos", "{form} {node:?}");
    }
}

#[test]
fn uuids_are_read_as_the_server_reads_them() {
    let plain = written("text", &[string("a0eebc999c0b4ef8bb6d6bb9bd380a11")], 2950).unwrap();
    for other in ["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11"] {
        assert_eq!(written("text", &[string(other)], 2950).unwrap(), plain);
    }
    for wrong in ["", "-a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0e-ebc999c0b4ef8bb6d6bb9bd380a11", "g"] {
        assert!(written("text", &[string(wrong)], 2950).is_err(), "{wrong}");
    }
}

#[test]
fn text_is_what_the_server_reads() {
    for (form, nodes, oid, expected) in [
        ("boolean", vec![ValueNode::Boolean(true)], 16, "true"),
        ("boolean", vec![ValueNode::Boolean(false)], 23, "0"),
        ("integer", vec![int(-5)], 25, "-5"),
        ("float", vec![ValueNode::Float(3.0)], 23, "3"),
        ("float", vec![ValueNode::Float(f64::NEG_INFINITY)], 1700, "-Infinity"),
        ("bytes", vec![ValueNode::Bytes(vec![0, 171])], 17, "\\x00ab"),
        ("decimal:2", vec![ValueNode::Bytes(vec![255])], 790, "-0.01"),
        ("date", vec![int(-719_529)], 1082, "0002-12-31 BC"),
        ("time:micros", vec![int(1)], 1266, "00:00:00.000001+00"),
        ("timestamp@Europe/Berlin", vec![int(0)], 1114, "1970-01-01 01:00:00"),
        ("timestamp@Europe/Berlin", vec![int(0)], 1184, "1970-01-01 00:00:00+00"),
        ("timestamp", vec![int(9_223_372_036_825_200_000)], 1114, "infinity"),
        (
            "array:text",
            vec![ValueNode::Elements(3), string("a\"b\\"), ValueNode::Null, string("")],
            1041,
            r#"{"a\"b\\",NULL,""}"#,
        ),
        ("", vec![ValueNode::Elements(1), int(1)], 1041, r#"{"1"}"#),
    ] {
        assert_eq!(as_text(form, &nodes, oid).unwrap(), expected, "{form}");
    }
    assert!(as_text("bytes", &[ValueNode::Bytes(vec![1])], 25).is_err());
    assert!(as_text("integer", &[int(2)], 16).is_err());
}
