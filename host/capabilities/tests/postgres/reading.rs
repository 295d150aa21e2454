//! Every type, as it comes and in the forms that it can be asked for.

use super::*;

/// Expression, form as it comes, value.
fn natural() -> Vec<(&'static str, &'static str, Vec<ValueNode>)> {
    let one = |node: ValueNode| vec![node];
    vec![
        ("true", "boolean", one(ValueNode::Boolean(true))),
        ("'-32768'::int2", "integer", one(int(-32_768))),
        ("'-2147483648'::int4", "integer", one(int(-2_147_483_648))),
        ("'-9223372036854775808'::int8", "integer", one(int(i64::MIN))),
        ("'4294967295'::oid", "integer", one(int(4_294_967_295))),
        ("'0.1'::float4", "float", one(ValueNode::Float(f64::from(0.1_f32)))),
        ("'-Infinity'::float8", "float", one(ValueNode::Float(f64::NEG_INFINITY))),
        ("'1.50'::numeric", "decimal", one(text("1.50"))),
        ("'-0.00012345678901234567890123456789'::numeric", "decimal", one(text("-0.00012345678901234567890123456789"))),
        ("'1e130'::numeric(131)", "decimal", one(text(&format!("1{}", "0".repeat(130))))),
        ("'120000'::numeric(5, -3)", "decimal", one(text("120000"))),
        ("'a\u{e4}\u{1f980}'::text", "text", one(text("a\u{e4}\u{1f980}"))),
        ("''::varchar(5)", "text", one(text(""))),
        ("'ab'::char(4)", "text", one(text("ab  "))),
        ("'x'::\"char\"", "text", one(text("x"))),
        ("'pg'::name", "text", one(text("pg"))),
        ("'<a/>'::xml", "text", one(text("<a/>"))),
        ("'{\"b\" : 1,\"a\":2}'::json", "text", one(text("{\"b\" : 1,\"a\":2}"))),
        ("'{\"b\" : 1,\"a\":2}'::jsonb", "text", one(text("{\"a\": 2, \"b\": 1}"))),
        ("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "text", one(text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))),
        ("'\\x00ff5c'::bytea", "bytes", one(ValueNode::Bytes(vec![0, 255, 92]))),
        ("'2024-02-29'::date", "date", one(int(19_782))),
        ("'0044-03-15 BC'::date", "date", one(int(-735_160))),
        ("'12024-01-01'::date", "date", one(int(3_672_148))),
        ("'23:59:59.999999'::time", "time:micros", one(int(86_399_999_999))),
        ("'01:00:00+02'::timetz", "time:micros", one(int(82_800_000_000))),
        ("'1969-12-31 23:59:59.999999'::timestamp", "timestamp:micros", one(int(-1))),
        ("'0001-01-01 00:00:00'::timestamp", "timestamp:micros", one(int(-62_135_596_800_000_000))),
        ("'1970-01-01 01:00:00.5+01'::timestamptz", "timestamp:micros", one(int(500_000))),
        ("'1 year 2 days 03:04:05.6'::interval", "text", one(text("1 year 2 days 03:04:05.6"))),
        ("'10.0.0.0/8'::inet", "text", one(text("10.0.0.0/8"))),
        ("'10.0.0.0/8'::cidr", "text", one(text("10.0.0.0/8"))),
        ("'08:00:2b:01:02:03'::macaddr", "text", one(text("08:00:2b:01:02:03"))),
        ("B'101'::bit(3)", "text", one(text("101"))),
        ("B'10110'::varbit", "text", one(text("10110"))),
        ("'12.34'::money", "float", one(ValueNode::Float(12.34))),
        ("'[1,5)'::int4range", "text", one(text("[1,5)"))),
        ("'(1.5,2)'::point", "text", one(text("(1.5,2)"))),
        ("'a & b'::tsquery", "text", one(text("'a' & 'b'"))),
        ("'$.a'::jsonpath", "text", one(text("$.\"a\""))),
        ("ROW(1, 'a')", "text", one(text("(1,a)"))),
        ("'happy'::mood", "text", one(text("happy"))),
        ("'a@b'::address", "text", one(text("a@b"))),
        ("'{1,NULL,-3}'::int4[]", "array:integer", vec![ValueNode::Elements(3), int(1), ValueNode::Null, int(-3)]),
        ("'{}'::text[]", "array:text", vec![ValueNode::Elements(0)]),
        ("'{\"a,b\",\"\"}'::text[]", "array:text", vec![ValueNode::Elements(2), text("a,b"), text("")]),
        ("'{happy,sad}'::mood[]", "array:text", vec![ValueNode::Elements(2), text("happy"), text("sad")]),
        ("'{1.5,2}'::numeric[]", "array:decimal", vec![ValueNode::Elements(2), text("1.5"), text("2")]),
        (
            "'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'::uuid[]",
            "array:text",
            vec![ValueNode::Elements(1), text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")],
        ),
        ("'{1 day}'::interval[]", "text", one(text("{\"1 day\"}"))),
        ("NULL::int4", "integer", one(ValueNode::Null)),
    ]
}

#[tokio::test]
async fn every_type_comes_in_its_own_form_and_in_those_it_is_asked_for() {
    let Some(server) = server("reading") else { return };
    let mut connection = open(&server).await;
    run(&mut connection, "CREATE TYPE mood AS ENUM ('sad', 'happy')").await.unwrap();
    run(&mut connection, "CREATE DOMAIN address AS varchar(20) CHECK (VALUE LIKE '%@%')").await.unwrap();
    as_it_comes(&mut connection).await;
    otherwise(&mut connection).await;
    refused(&mut connection).await;
}

async fn as_it_comes(connection: &mut Connection) {
    let all = natural();
    let list: Vec<&str> = all.iter().map(|(expression, ..)| *expression).collect();
    let sql = format!("SELECT {}", list.join(", "));
    let mut rows = connection.query(sql, Vec::new(), Vec::new()).await.unwrap();
    for (column, (expression, form, _)) in rows.columns().iter().zip(&all) {
        assert_eq!(column.form, *form, "{expression}");
    }
    let tapes = to_the_end(&mut rows).await.unwrap();
    let expected = std::iter::once(ValueNode::Fields(u32::try_from(all.len()).unwrap()))
        .chain(all.iter().flat_map(|(.., nodes)| nodes.clone()));
    assert_eq!(tapes, [expected.collect::<Vec<_>>()]);
}

async fn otherwise(connection: &mut Connection) {
    for (expression, form, expected) in [
        ("5::int2", "decimal:2", ValueNode::Bytes(vec![1, 244])),
        ("5::int8", "text", text("5")),
        ("1::int4", "boolean", ValueNode::Boolean(true)),
        ("7::int4", "float", ValueNode::Float(7.0)),
        ("12.340::numeric", "decimal:2", ValueNode::Bytes(vec![4, 210])),
        ("70000::numeric", "integer", int(70_000)),
        ("'NaN'::numeric", "text", text("NaN")),
        ("0.1::numeric", "float", ValueNode::Float(0.1)),
        ("'-0.01'::money", "decimal:2", ValueNode::Bytes(vec![255])),
        ("'t'::bool", "text", text("t")),
        ("'\\x0a'::bytea", "text", text("\\x0a")),
        ("B'1'::bit(1)", "boolean", ValueNode::Boolean(true)),
        ("B'10110'::varbit", "integer", int(22)),
        ("B'10110'::varbit", "bytes", ValueNode::Bytes(vec![176])),
        ("'2024-07-01 12:00'::timestamp", "timestamp@Europe/Berlin", int(1_719_828_000_000)),
        ("'2024-07-01 12:00+00'::timestamptz", "timestamp@Europe/Berlin", int(1_719_835_200_000)),
        ("'2024-07-01 12:00+00'::timestamptz", "text", text("2024-07-01 12:00:00+00")),
        ("'infinity'::timestamp", "timestamp", int(9_223_372_036_825_200_000)),
        ("'-infinity'::timestamptz", "timestamp", int(-9_223_372_036_832_400_000)),
        ("'infinity'::date", "text", text("infinity")),
        ("'2024-07-01'::date", "timestamp", int(1_719_792_000_000)),
        ("'23:59:59.999999'::time", "time", int(86_399_999)),
        ("'{{1,2},{3,4}}'::int4[]", "text", text("{{1,2},{3,4}}")),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "text", text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("'{\"a\":1}'::json", "bytes", ValueNode::Bytes(b"{\"a\":1}".to_vec())),
    ] {
        let tapes = select_as(connection, &format!("SELECT {expression}"), &[form]).await.unwrap();
        assert_eq!(tapes[0][1], expected, "{expression} as {form}");
    }
}

async fn refused(connection: &mut Connection) {
    for (expression, form, why) in [
        ("1.005::numeric", "decimal:2", "more than 2 digits"),
        ("'NaN'::numeric", "", "not a decimal number"),
        ("'Infinity'::numeric", "decimal:0", "not a decimal number"),
        ("1e30::numeric", "integer", "64 bits"),
        ("'infinity'::date", "", "read it as text"),
        ("'infinity'::timestamp", "timestamp:micros", "read it as text"),
        ("'9999-12-31'::timestamp", "timestamp:nanos", "out of the range"),
        ("'{{1,2}}'::int4[]", "", "read the column as text"),
    ] {
        let sql = format!("SELECT 1 AS one, {expression} AS bad FROM generate_series(1, 1)");
        let fault = select_as(connection, &sql, &["", form]).await.unwrap_err();
        assert_eq!(fault.code, "data", "{expression}");
        assert!(fault.message.contains("column bad, row 1") && fault.message.contains(why), "{}", fault.message);
    }
    let fault = select_as(connection, "SELECT 'a'::text AS word", &["date"]).await.unwrap_err();
    assert!(fault.message.contains("column word of type text cannot be read as date"), "{}", fault.message);
    // None of it is in the way of what follows.
    assert_eq!(value(connection, "SELECT 1").await, int(1));
}
