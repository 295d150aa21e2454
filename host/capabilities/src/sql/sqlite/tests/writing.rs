use watertight_sandbox::sql::code;

use super::*;

async fn stored(db: &mut Db, form: &str, value: ValueNode) -> Result<String, Fault> {
    run(db, "DELETE FROM t").await?;
    db.execute("INSERT INTO t VALUES(?)".into(), strings(&[form]), 1, vec![value]).await?;
    Ok(rows(db, "SELECT typeof(a) || ' ' || quote(a) FROM t").await.concat())
}

#[tokio::test]
async fn every_form_is_stored_as_the_table_says() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for (form, value, expected) in [
        ("", ValueNode::Null, "'null NULL'"),
        ("date", ValueNode::Null, "'null NULL'"),
        ("", ValueNode::Boolean(true), "'integer 1'"),
        ("", ValueNode::Integer(i64::MIN), "'integer -9223372036854775808'"),
        ("", ValueNode::Float(0.5), "'real 0.5'"),
        ("", ValueNode::Bytes(vec![0, 255]), "'blob X'00FF''"),
        ("", ValueNode::Bytes(vec![]), "'blob X'''"),
        ("", text(""), "'text '''"),
        ("boolean", ValueNode::Integer(7), "'integer 1'"),
        ("integer", ValueNode::Boolean(false), "'integer 0'"),
        ("float", ValueNode::Integer(2), "'real 2.0'"),
        ("text", text("it's"), "'text 'it''s''"),
        ("decimal", text("1.50e1"), "'text '15.0''"),
        ("decimal", text("-12.340"), "'text '-12.340''"),
        ("decimal:2", ValueNode::Bytes(vec![4, 210]), "'text '12.34''"),
        ("decimal:2", ValueNode::Bytes(vec![0xff]), "'text '-0.01''"),
        ("date", ValueNode::Integer(-1), "'integer -86400000'"),
        ("time:micros", ValueNode::Integer(1_999), "'integer 1'"),
        ("timestamp:nanos", ValueNode::Integer(-1), "'integer -1'"),
        ("timestamp@Europe/Berlin", ValueNode::Integer(5), "'integer 5'"),
    ] {
        assert_eq!(stored(&mut db, form, value.clone()).await.unwrap(), expected, "{form} {}", show(&value));
    }
}

#[tokio::test]
async fn settings_say_how_dates_are_written() {
    let (day, time, stamp) = (ValueNode::Integer(1), ValueNode::Integer(1_500), ValueNode::Integer(1_719_835_200_123));
    for (class, precision, expected) in [
        (DateClass::Integer, DatePrecision::Seconds, ["'integer 86400'", "'integer 1'", "'integer 1719835200'"]),
        (
            DateClass::Text,
            DatePrecision::Millis,
            [
                "'text '1970-01-02 00:00:00.000''",
                "'text '1970-01-01 00:00:01.500''",
                "'text '2024-07-01 14:00:00.123''",
            ],
        ),
    ] {
        let mut scene = Scene::new();
        scene.settings.date_class = class;
        scene.settings.date_precision = precision;
        let mut db = scene.open().await;
        run(&mut db, "CREATE TABLE t(a)").await.unwrap();
        assert_eq!(stored(&mut db, "date", day.clone()).await.unwrap(), expected[0]);
        assert_eq!(stored(&mut db, "time", time.clone()).await.unwrap(), expected[1]);
        assert_eq!(stored(&mut db, "timestamp@Europe/Berlin", stamp.clone()).await.unwrap(), expected[2]);
    }
    let mut scene = Scene::new();
    scene.settings.date_class = DateClass::Real;
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    stored(&mut db, "timestamp", stamp.clone()).await.unwrap();
    assert_eq!(rows(&mut db, "SELECT typeof(a), datetime(a) FROM t").await, ["'real'|'2024-07-01 12:00:00'"]);
    assert_eq!(rows_as(&mut db, "SELECT a FROM t", &["timestamp"]).await.unwrap(), ["1719835200123"]);
}

#[tokio::test]
async fn what_was_written_is_read_again() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for (form, value) in [
        ("date", ValueNode::Integer(-719_162)),
        ("date", ValueNode::Integer(35_804_721)),
        ("time", ValueNode::Integer(86_399_999)),
        ("timestamp", ValueNode::Integer(-1)),
        ("timestamp@America/New_York", ValueNode::Integer(1_730_615_400_000)),
        ("decimal:40", ValueNode::Bytes(vec![0x80; 60])),
        ("bytes", ValueNode::Bytes((0..=255).collect())),
        ("text", text("a\0b \u{10ffff}")),
        ("boolean", ValueNode::Boolean(true)),
        ("float", ValueNode::Float(f64::NEG_INFINITY)),
        ("float", ValueNode::Float(5e-324)),
    ] {
        stored(&mut db, form, value.clone()).await.unwrap();
        assert_eq!(rows_as(&mut db, "SELECT a FROM t", &[form]).await.unwrap(), [show(&value)], "{form}");
    }
}

#[tokio::test]
async fn what_a_form_cannot_say_is_an_error_with_its_place() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    for (form, value, why) in [
        ("", ValueNode::Float(f64::NAN), "SQLite has no NaN, and would store NULL"),
        ("", ValueNode::Elements(2), "an array of 2 cannot be written: SQLite stores single values only"),
        ("date", text("2024-01-01"), "text '2024-01-01' cannot be written as date: this is another kind of value"),
        ("integer", text("1"), "this is another kind of value"),
        ("decimal", text("NaN"), "it is not a decimal number"),
        ("decimal:2", ValueNode::Bytes(vec![1; 100_000]), "it has more than 147455 digits"),
        ("date", ValueNode::Integer(i64::MAX), "it is too far from 1970"),
    ] {
        let values = vec![ValueNode::Integer(1), value];
        let done = db.execute("INSERT INTO t VALUES(?)".into(), strings(&[form]), 2, values).await;
        let Err(fault) = done else { panic!("{form} {why}") };
        // The integer before it may be the one that does not fit the form.
        if fault.row == Some(1) {
            assert!(fault.message.starts_with("parameter 1, row 1: "), "{}", fault.message);
            assert!(fault.message.contains(why), "{}", fault.message);
        }
        assert_eq!(fault.code, code::DATA);
        assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["0"]);
    }
}
