use watertight_sandbox::sql::code;

use super::*;

#[tokio::test]
async fn declared_types_decide_how_values_come() {
    let (_scene, mut db) = Scene::with(&[
        "CREATE TABLE t(i INTEGER, r REAL, s VARCHAR(10), b BLOB, d DECIMAL(10,2), n NUMERIC, o BOOLEAN, \
         day DATE, at TIMESTAMP, h TIME)",
        "INSERT INTO t VALUES(-9223372036854775808, 1.5, 'x', x'00ff', 12.5, '99999999999999999999.25', 1, \
         '1969-12-31', '2024-02-29 12:00:00.123', '12:34:56')",
        "INSERT INTO t VALUES(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    ])
    .await;
    assert_eq!(
        rows(&mut db, "SELECT * FROM t").await,
        [
            "-9223372036854775808|1.5|'x'|x[00, ff]|x[04, e2]|'100000000000000000000'|true|-1|1709208000123|45296000",
            "null|null|null|null|null|null|null|null|null|null"
        ]
    );
}

#[tokio::test]
async fn values_of_another_storage_class_are_converted_where_nothing_is_lost() {
    let (_scene, mut db) = Scene::with(&[]).await;
    for (value, form, expected) in [
        ("'42'", "integer", "42"),
        ("42.0", "integer", "42"),
        ("-9223372036854775808.0", "integer", "-9223372036854775808"),
        ("7", "float", "7.0"),
        ("'1e3'", "float", "1000.0"),
        ("9e999", "float", "inf"),
        ("7", "text", "'7'"),
        ("0.5", "text", "'0.5'"),
        ("x'6869'", "text", "'hi'"),
        ("'a' || char(0) || 'b'", "text", "'a\0b'"),
        ("'hi'", "bytes", "x[68, 69]"),
        ("7", "bytes", "x[37]"),
        ("0.5", "bytes", "x[30, 2e, 35]"),
        ("x''", "bytes", "x[]"),
        ("'Yes'", "boolean", "true"),
        ("' off '", "boolean", "false"),
        ("0.0", "boolean", "false"),
        ("-3", "boolean", "true"),
        ("12", "decimal", "'12'"),
        ("0.1", "decimal", "'0.1'"),
        ("1e21", "decimal", "'1000000000000000000000'"),
        ("'1.50e2'", "decimal", "'150'"),
        ("' -0.001 '", "decimal:3", "x[ff]"),
        ("1.15", "decimal:2", "x[73]"),
        ("0.1 + 0.2", "decimal:1", "x[03]"),
        ("3", "decimal:2", "x[01, 2c]"),
        ("'123456789012345678901234567890.12'", "decimal", "'123456789012345678901234567890.12'"),
    ] {
        let read = rows_as(&mut db, &format!("SELECT {value} AS c"), &[form]).await;
        assert_eq!(read.unwrap(), [expected], "{value} as {form}");
    }
}

#[tokio::test]
async fn numbers_with_a_fraction_keep_their_digits() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(d DECIMAL(15,3), s TEXT)"]).await;
    // Every number of these is stored as a float, and its digits beside it.
    let numbers = "WITH RECURSIVE c(x) AS (SELECT -100000 UNION ALL SELECT x + 7919 FROM c WHERE x < 100000000)
                   INSERT INTO t SELECT printf('%d.%03d', x, abs(x) % 1000), printf('%d.%03d', x, abs(x) % 1000) FROM c";
    run(&mut db, numbers).await.unwrap();
    let mut open = ask(&mut db, "SELECT d, s FROM t").await.unwrap();
    let batch = open.next(PORTION).await.unwrap();
    assert!(batch.rows.len() > 5_000);
    for row in &batch.rows {
        let (ValueNode::Bytes(bytes), ValueNode::Text(digits)) = (&row[1], &row[2]) else { panic!("{row:?}") };
        let value = i64::try_from(crate::sql::forms::decimal::integer(bytes).unwrap()).unwrap();
        assert_eq!(value, digits.replace('.', "").parse::<i64>().unwrap(), "{digits}");
    }
}

#[tokio::test]
async fn dates_are_read_from_text_numbers_and_julian_days() {
    let (_scene, mut db) = Scene::with(&[]).await;
    for (value, form, expected) in [
        ("'2024-02-29'", "date", "19782"),
        ("'2024-02-29 23:59:59.999'", "date", "19782"),
        ("'-0001-12-31'", "date", "-719529"),
        ("'12024-01-01'", "date", "3672148"),
        ("-1", "date", "-1"),
        ("86400000", "date", "1"),
        ("julianday('2024-02-29')", "date", "19782"),
        ("'12:34'", "time", "45240000"),
        ("'12:34:56.789123'", "time:micros", "45296789123"),
        ("'2024-02-29T12:34:56'", "time", "45296000"),
        ("-1", "time", "86399999"),
        ("'24:00:00'", "time", "86400000"),
        ("'2024-02-29T12:00:00Z'", "timestamp", "1709208000000"),
        ("'2024-02-29 12:00:00+02:00'", "timestamp@Europe/Berlin", "1709200800000"),
        ("'2024-02-29 12:00:00'", "timestamp@Europe/Berlin", "1709204400000"),
        ("'2024-07-01'", "timestamp@Europe/Berlin", "1719784800000"),
        ("'1969-12-31 23:59:59.9999'", "timestamp", "-1"),
        ("'1969-12-31 23:59:59.9999'", "timestamp:nanos", "-100000"),
        ("1709208000123", "timestamp:micros@Europe/Berlin", "1709208000123000"),
        ("julianday('2024-02-29 12:00:00')", "timestamp", "1709208000000"),
        ("'99999-12-31 00:00:00'", "timestamp", "3093527894400000"),
        ("strftime('%Y-%m-%d %H:%M:%f', 0, 'unixepoch')", "timestamp", "0"),
    ] {
        let read = rows_as(&mut db, &format!("SELECT {value} AS c"), &[form]).await;
        assert_eq!(read.unwrap(), [expected], "{value} as {form}");
    }
}

#[tokio::test]
async fn settings_say_how_dates_are_stored() {
    let mut scene = Scene::new();
    scene.settings.date_precision = DatePrecision::Seconds;
    scene.settings.date_format = "dd.MM.yyyy HH:mm".into();
    let mut db = scene.open().await;
    assert_eq!(rows_as(&mut db, "SELECT 86400 AS c", &["date"]).await.unwrap(), ["1"]);
    assert_eq!(rows_as(&mut db, "SELECT '02.01.1970 00:01' AS c", &["timestamp"]).await.unwrap(), ["86460000"]);
    assert_eq!(rows_as(&mut db, "SELECT '1970-01-02' AS c", &["timestamp"]).await.unwrap(), ["86400000"]);
}

#[tokio::test]
async fn values_that_do_not_fit_name_column_row_and_form() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(c)"]).await;
    for (value, form, why) in [
        ("'abc'", "integer", "'abc' cannot be read as integer: it is not a whole number of 64 bits"),
        ("1.5", "integer", "'1.5' cannot be read as integer: it is not a whole number of 64 bits"),
        ("9223372036854775808.0", "integer", "it is not a whole number of 64 bits"),
        ("x'ff'", "text", "it is not UTF-8; the form 'bytes' has it as it is"),
        ("x'01'", "float", "'1 bytes' cannot be read as float: it is a BLOB"),
        ("'1.005'", "decimal:2", "it has more than 2 digits after the point, and is not rounded"),
        ("9e999", "decimal", "it is not finite"),
        ("'maybe'", "boolean", "it is neither true nor false"),
        ("'soon'", "timestamp", "it is no date in ISO 8601, nor as date_string_format has it"),
        ("'2023-02-29'", "date", "it is no date in ISO 8601"),
        ("1e300", "date", "it is no Julian day"),
        ("'9999-01-01'", "timestamp:nanos", "it is too far from 1970 for this unit"),
    ] {
        let sql = format!("SELECT 0 AS first, NULL AS c UNION ALL SELECT 0, {value}");
        let fault = rows_as(&mut db, &sql, &["", form]).await.unwrap_err();
        assert_eq!(fault.code, code::DATA);
        assert!(fault.message.starts_with("column c, row 2: ") && fault.message.contains(why), "{}", fault.message);
    }
    // What failed is over, and the connection is free.
    assert_eq!(rows(&mut db, "SELECT 1").await, ["1"]);
}

#[tokio::test]
async fn text_that_is_not_utf8_is_an_error_and_not_a_crash() {
    let (_scene, mut db) = Scene::with(&[]).await;
    let fault = rows_as(&mut db, "SELECT CAST(x'ff41' AS TEXT) AS c", &["text"]).await.unwrap_err();
    assert_eq!(fault.code, code::DATA);
    assert_eq!(rows_as(&mut db, "SELECT CAST(x'ff41' AS TEXT) AS c", &["bytes"]).await.unwrap(), ["x[ff, 41]"]);
}

#[tokio::test]
async fn expressions_come_as_their_first_row_does() {
    let (_scene, mut db) =
        Scene::with(&["CREATE TABLE t(a INT, b)", "INSERT INTO t VALUES(1, x'01'), (2, x'02')"]).await;
    let open = ask(&mut db, "SELECT count(*), avg(a), upper('x'), max(b), NULL, b FROM t").await.unwrap();
    let told: Vec<(&str, &str)> =
        open.columns().iter().map(|column| (column.type_name.as_str(), column.form.as_str())).collect();
    assert_eq!(
        told,
        [
            ("INTEGER", "integer"),
            ("REAL", "float"),
            ("TEXT", "text"),
            ("BLOB", "bytes"),
            ("TEXT", "text"),
            ("BLOB", "bytes")
        ]
    );
    drop(open);
    assert_eq!(rows(&mut db, "SELECT count(*), NULL, b FROM t").await, ["2|null|x[01]"]);
}

#[tokio::test]
async fn forms_are_as_many_as_columns_and_known() {
    let (_scene, mut db) = Scene::with(&[]).await;
    let mut open = ask(&mut db, "SELECT 1, 2").await.unwrap();
    assert_eq!(open.read_as(&strings(&["text"])).unwrap_err().code, code::DATA);
    assert_eq!(open.read_as(&strings(&["text", "number"])).unwrap_err().code, code::DATA);
    assert_eq!(open.read_as(&strings(&["text", "array:text"])).unwrap_err().code, code::UNSUPPORTED);
    open.read_as(&strings(&["text", ""])).unwrap();
    assert_eq!(all(&mut open).await.unwrap(), ["'1'|2"]);
}
