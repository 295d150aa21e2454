//! What each type of each database becomes in a source's records: the schema of its field, and values at the edges.
//! Every column is nullable, and a second row has nothing but null.

use serde_json::{Value, json};
use watertight_cases::SOON;

use crate::ground::{Case, Ground, JSON, Product, on};
use crate::topic::Follower;

/// A column's type, a literal, the type of its field (with the logical name behind a colon) and the value in JSON.
type Row = (&'static str, &'static str, &'static str, Value);

fn postgres() -> Vec<Row> {
    vec![
        ("smallint", "-32768", "int16", json!(-32768)),
        ("integer", "2147483647", "int32", json!(2147483647)),
        ("bigint", "-9223372036854775808", "int64", json!(i64::MIN)),
        ("oid", "4294967295", "int64", json!(4294967295_u32)),
        ("real", "1.5", "float", json!(1.5)),
        ("double precision", "0.1", "double", json!(0.1)),
        ("numeric(20,2)", "-123456789012345678.91", "bytes:Decimal", json!("/1SrVnMU4PUt")),
        ("numeric(38,10)", "1.5", "bytes:Decimal", json!("A34R1gA=")),
        ("numeric(5)", "12345", "bytes:Decimal", json!("MDk=")),
        ("money", "'-1.50'", "double", json!(-1.5)),
        ("boolean", "true", "boolean", json!(true)),
        ("char(3)", "'ab'", "string", json!("ab ")),
        ("varchar(9)", "'grün'", "string", json!("grün")),
        ("text", "''", "string", json!("")),
        ("bytea", "'\\x00ff'", "bytes", json!("AP8=")),
        ("bit", "B'1'", "boolean", json!(true)),
        ("bit(4)", "B'0101'", "string", json!("0101")),
        ("date", "'1582-10-14'", "int32:Date", json!(-141_428)),
        ("date", "'12345-01-02'", "int32:Date", json!(3789392)),
        ("time", "'23:59:59.999999'", "int32:Time", json!(86_399_999)),
        ("timestamp", "'1969-12-31 23:59:59.999999'", "int64:Timestamp", json!(-1)),
        ("timestamp", "'9999-12-31 23:59:59.999999'", "int64:Timestamp", json!(253_402_300_799_999_i64)),
        ("timestamptz", "'1850-06-01 00:00:00.5+00'", "int64:Timestamp", json!(-3_773_779_199_500_i64)),
        ("timestamptz", "'2026-11-20 12:00:00+02'", "int64:Timestamp", json!(1_795_168_800_000_i64)),
        ("json", "'{\"a\": 1}'", "string", json!("{\"a\": 1}")),
        ("jsonb", "'{\"a\":1}'", "string", json!("{\"a\": 1}")),
        ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "string", json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("inet", "'10.0.0.1/8'", "string", json!("10.0.0.1/8")),
        ("interval", "'1 day 2 hours'", "string", json!("1 day 02:00:00")),
        ("xml", "'<a/>'", "string", json!("<a/>")),
        ("mood", "'fine'", "string", json!("fine")),
        ("point", "'(1,2)'", "string", json!("(1,2)")),
        ("integer[]", "'{1,NULL,3}'", "array:int32", json!([1, null, 3])),
        ("text[]", "'{a,\"b,c\"}'", "array:string", json!(["a", "b,c"])),
    ]
}

fn mariadb() -> Vec<Row> {
    vec![
        ("TINYINT", "-128", "int8", json!(-128)),
        ("TINYINT UNSIGNED", "255", "int16", json!(255)),
        ("TINYINT(1)", "1", "int8", json!(1)),
        ("SMALLINT", "-32768", "int16", json!(-32768)),
        ("SMALLINT UNSIGNED", "65535", "int32", json!(65535)),
        ("MEDIUMINT", "-8388608", "int32", json!(-8388608)),
        ("INT", "2147483647", "int32", json!(2147483647)),
        ("INT UNSIGNED", "4294967295", "int64", json!(4294967295_u32)),
        ("BIGINT", "-9223372036854775808", "int64", json!(i64::MIN)),
        ("BIGINT UNSIGNED", "9223372036854775807", "int64", json!(i64::MAX)),
        ("FLOAT", "1.5", "float", json!(1.5)),
        ("DOUBLE", "0.1", "double", json!(0.1)),
        ("DECIMAL(20,2)", "-123456789012345678.91", "bytes:Decimal", json!("/1SrVnMU4PUt")),
        ("NUMERIC(18,4)", "5.25", "bytes:Decimal", json!("AM0U")),
        ("BIT(1)", "b'1'", "int8", json!(1)),
        ("BIT(9)", "b'100000001'", "bytes", json!("AQE=")),
        ("CHAR(3)", "'ab'", "string", json!("ab")),
        ("VARCHAR(9)", "'grün'", "string", json!("grün")),
        ("LONGTEXT", "''", "string", json!("")),
        ("VARBINARY(9)", "x'00ff'", "bytes", json!("AP8=")),
        ("BLOB", "x'00'", "bytes", json!("AA==")),
        ("DATE", "'9999-12-31'", "int32:Date", json!(2_932_896)),
        ("TIME(6)", "'23:59:59.999999'", "int32:Time", json!(86_399_999)),
        ("DATETIME(6)", "'1969-12-31 23:59:59.999999'", "int64:Timestamp", json!(-1)),
        ("DATETIME(6)", "'9999-12-31 23:59:59.999999'", "int64:Timestamp", json!(253_402_300_799_999_i64)),
        ("YEAR", "2026", "int32:Date", json!(20_454)),
        ("ENUM('a','b')", "'b'", "string", json!("b")),
        ("SET('a','b')", "'a,b'", "string", json!("a,b")),
        ("JSON", "'{\"a\": 1}'", "string", json!("{\"a\": 1}")),
    ]
}

fn sqlite() -> Vec<Row> {
    vec![
        ("INTEGER", "9223372036854775807", "int64", json!(i64::MAX)),
        ("TINYINT", "300", "int64", json!(300)),
        ("REAL", "0.1", "double", json!(0.1)),
        ("NUMERIC(10,2)", "12.34", "bytes:Decimal", json!("BNI=")),
        ("BOOLEAN", "1", "boolean", json!(true)),
        ("VARCHAR(9)", "'grün'", "string", json!("grün")),
        ("BLOB", "x'00ff'", "bytes", json!("AP8=")),
        ("DATE", "'2026-11-20'", "int32:Date", json!(20_777)),
        ("TIMESTAMP", "'2026-11-20 10:00:00.123'", "int64:Timestamp", json!(1_795_168_800_123_i64)),
        ("DATETIME", "1795168800123", "int64:Timestamp", json!(1_795_168_800_123_i64)),
        ("TIME", "'23:59:59'", "int32:Time", json!(86_399_000)),
    ]
}

/// `int64:Timestamp`, as the converter describes it.
fn kind(schema: &Value) -> String {
    let own = schema["type"].as_str().unwrap_or_default();
    let name = schema["name"].as_str().and_then(|name| name.rsplit('.').next());
    match (own, name) {
        ("array", _) => format!("array:{}", kind(&schema["items"])),
        (own, Some(name)) => format!("{own}:{name}"),
        (own, None) => own.to_owned(),
    }
}

fn every_type(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let rows = match product {
        Product::Postgres => postgres(),
        Product::MariaDb => mariadb(),
        Product::Sqlite => sqlite(),
    };
    if product == Product::Postgres {
        ground.database.sql("CREATE TYPE mood AS ENUM ('fine', 'bad');")?;
    }
    let columns: Vec<String> = rows.iter().enumerate().map(|(at, (kind, ..))| format!("c{at} {kind} NULL")).collect();
    let values: Vec<&str> = rows.iter().map(|(_, literal, ..)| *literal).collect();
    ground.database.sql(&format!(
        "CREATE TABLE kinds (id INT NOT NULL PRIMARY KEY, {});
         INSERT INTO kinds VALUES (1, {}); INSERT INTO kinds (id) VALUES (2);",
        columns.join(", "),
        values.join(", ")
    ))?;
    let source = ground
        .source("from", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", "kinds")
        .with("value.converter", JSON)
        .with("value.converter.schemas.enable", true);
    ground.create(&source)?;
    let mut follower = Follower::new(&ground.bootstrap(), &ground.called("from.kinds"))?;
    follower.count(2, SOON)?;

    let schema = &follower.values[0]["schema"];
    anyhow::ensure!(schema["name"] == "kinds" && schema["fields"][0]["optional"] == false, "{schema}");
    let (first, second) = (&follower.values[0]["payload"], &follower.values[1]["payload"]);
    let mut wrong = Vec::new();
    for (at, (declared, literal, expected, value)) in rows.iter().enumerate() {
        let (field, name) = (&schema["fields"][at + 1], format!("c{at}"));
        let found = kind(field);
        let same = first[&name] == *value;
        if found != *expected || field["optional"] != true || !same || !second[&name].is_null() {
            wrong.push(format!("{declared} {literal}: {found} {}, then {}", first[&name], second[&name]));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

const CASES: [Case; 1] = [("every type becomes what is stated", every_type)];

#[test]
fn types_of_postgresql_become_what_is_stated() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-types-postgresql", &CASES)
}

#[test]
fn types_of_mariadb_become_what_is_stated() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-types-mariadb", &CASES)
}

#[test]
fn types_of_sqlite_become_what_is_stated() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-types-sqlite", &CASES)
}
