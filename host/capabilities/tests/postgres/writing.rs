//! Parameters of every form into columns of every type, one at a time, many at a time, and by COPY.

use super::*;

const TABLE: &str = "CREATE TABLE goods (id int8 PRIMARY KEY, small int2, flag bool, ratio float4, price numeric(20, 4), \
    word text, blob bytea, day date, hour time, seen timestamp, instant timestamptz, u uuid, j jsonb, tags text[], \
    mood mood, net inet)";
const FORMS: &[&str] = &[
    "integer",
    "integer",
    "boolean",
    "float",
    "decimal:4",
    "text",
    "bytes",
    "date",
    "time",
    "timestamp@Europe/Berlin",
    "timestamp:micros",
    "text",
    "text",
    "array:text",
];

fn row(id: i64) -> Vec<ValueNode> {
    vec![
        int(id),
        int(-5),
        ValueNode::Boolean(true),
        ValueNode::Float(0.5),
        ValueNode::Bytes(vec![1, 0, 0]),
        text("ü\t\\.\n\"'$1"),
        ValueNode::Bytes(vec![0, 92, 10, 255]),
        int(-719_529),
        int(86_399_999),
        int(1_719_828_000_001),
        int(-1),
        text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        text("{\"a\": 1}"),
        ValueNode::Elements(3),
        text("a,\"b\""),
        ValueNode::Null,
        text("\\"),
    ]
}

const SHOWN: &str = "-5|t|0.5|6.5536|ü\t\\.\n\"'$1|\\x005c0aff|0002-12-31 BC|23:59:59.999|2024-07-01 12:00:00.001|\
    1969-12-31 23:59:59.999999+00|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|{\"a\": 1}|{\"a,\\\"b\\\"\",NULL,\"\\\\\"}";
const SHOW: &str = "SELECT concat_ws('|', small, flag, ratio, price, word, blob, day, hour, seen, instant, u, j, tags) \
    FROM goods WHERE id = ";

fn columns(count: usize) -> Vec<String> {
    let all = [
        "id", "small", "flag", "ratio", "price", "word", "blob", "day", "hour", "seen", "instant", "u", "j", "tags",
        "mood", "net",
    ];
    strings(&all[..count])
}

fn insert() -> String {
    let marks: Vec<String> = (1..=14).map(|number| format!("${number}")).collect();
    format!("INSERT INTO goods ({}) VALUES ({})", columns(14).join(", "), marks.join(", "))
}

fn table(name: &str) -> watertight_sandbox::sql::TableName {
    watertight_sandbox::sql::TableName { catalog: None, schema: None, name: name.to_owned() }
}

#[tokio::test]
async fn values_are_stored_as_they_are_meant() {
    let Some(server) = server("writing") else { return };
    let mut connection = open(&server).await;
    run(&mut connection, "CREATE TYPE mood AS ENUM ('sad', 'happy')").await.unwrap();
    run(&mut connection, TABLE).await.unwrap();
    executed(&mut connection).await;
    loaded(&mut connection).await;
    whatever_the_server_reads_as_text(&mut connection).await;
    all_or_nothing(&mut connection).await;
    values_that_do_not_fit(&mut connection).await;
    statements_that_change_nothing(&mut connection).await;
}

async fn executed(connection: &mut Connection) {
    let values = [row(1), row(2)].concat();
    assert_eq!(connection.execute(insert(), strings(FORMS), 2, values).await.unwrap(), [1, 1]);
    assert_eq!(value(connection, &format!("{SHOW}2")).await, text(SHOWN));
    let changed = connection.execute("UPDATE goods SET small = $1".into(), Vec::new(), 1, vec![int(7)]).await;
    assert_eq!(changed.unwrap(), [2]);
}

async fn loaded(connection: &mut Connection) {
    // In binary: every column has a form of its own type.
    let many: Vec<ValueNode> = (100..5_100).flat_map(row).collect();
    let loaded = connection.load(table("goods"), columns(14), strings(FORMS), many).await;
    assert_eq!(loaded.unwrap(), 5_000);
    assert_eq!(value(connection, &format!("{SHOW}4000")).await, text(SHOWN));
    // As text: inet has no binary form here.
    let forms = [FORMS, &["text", "text"]].concat();
    let mut values = row(6_000);
    values.extend([text("happy"), text("10.0.0.0/8")]);
    values.extend(row(6_001));
    values.extend([ValueNode::Null, ValueNode::Null]);
    let loaded = connection.load(table("goods"), columns(16), strings(&forms), values).await;
    assert_eq!(loaded.unwrap(), 2);
    assert_eq!(value(connection, &format!("{SHOW}6000")).await, text(SHOWN));
    let shown = value(connection, "SELECT mood || ' ' || net FROM goods WHERE id = 6000").await;
    assert_eq!(shown, text("happy 10.0.0.0/8"));
    assert_eq!(value(connection, "SELECT count(*) FROM goods WHERE net IS NULL").await, int(5_003));
}

async fn whatever_the_server_reads_as_text(connection: &mut Connection) {
    for (kind, form, given, expected) in [
        ("interval", "text", text("1 day"), "1 day"),
        ("int4range", "text", text("[1,3)"), "[1,3)"),
        ("money", "decimal", text("12.5"), "$12.50"),
        ("money", "decimal:2", ValueNode::Bytes(vec![4, 226]), "$12.50"),
        ("bit(3)", "text", text("101"), "101"),
        ("int4", "text", text("17"), "17"),
        ("numeric", "text", text("NaN"), "NaN"),
        ("numeric", "", ValueNode::Float(2.5), "2.5"),
        ("float8", "integer", int(3), "3"),
        ("int4", "float", ValueNode::Float(3.0), "3"),
        ("timestamp", "text", text("2024-07-01 12:00"), "2024-07-01 12:00:00"),
        ("date", "timestamp@Europe/Berlin", int(1_719_871_200_000), "2024-07-02"),
        ("time", "timestamp", int(1_719_835_200_000), "12:00:00"),
        ("timestamptz", "date", int(0), "1970-01-01 00:00:00+00"),
        ("xml", "text", text("<a/>"), "<a/>"),
        ("timestamp", "timestamp", int(9_223_372_036_825_200_000), "infinity"),
    ] {
        let sql = format!("SELECT ($1::{kind})::text");
        let mut rows = connection.query(sql, strings(&[form]), vec![given]).await.unwrap();
        let tapes = to_the_end(&mut rows).await.unwrap();
        let expected = if kind == "money" { expected.trim_start_matches('$') } else { expected };
        match &tapes[0][1] {
            ValueNode::Text(found) => assert_eq!(found.trim_start_matches('$'), expected, "{kind} from {form}"),
            other => panic!("{other:?}"),
        }
    }
}

async fn all_or_nothing(connection: &mut Connection) {
    run(connection, "CREATE TABLE few (id int4 PRIMARY KEY, word text)").await.unwrap();
    let sql = || "INSERT INTO few VALUES ($1, $2)".to_owned();
    let pairs = |ids: &[i64]| ids.iter().flat_map(|id| [int(*id), text("w")]).collect::<Vec<_>>();
    let fault = connection.execute(sql(), Vec::new(), 4, pairs(&[1, 2, 1, 3])).await.unwrap_err();
    assert_eq!((fault.row, fault.sqlstate.as_deref(), fault.retriable), (Some(2), Some("23505"), false));
    assert!(fault.details.contains(&("constraint".to_owned(), "few_pkey".to_owned())), "{fault:?}");
    assert_eq!(value(connection, "SELECT count(*) FROM few").await, int(0));
    // Within the guest's own transaction as well: what was before it goes with it.
    connection.begin(None, false).await.unwrap();
    connection.execute(sql(), Vec::new(), 1, pairs(&[9])).await.unwrap();
    assert!(connection.execute(sql(), Vec::new(), 2, pairs(&[1, 9])).await.is_err());
    let fault = connection.commit().await.unwrap_err();
    assert_eq!(fault.sqlstate.as_deref(), Some("25P02"));
    assert_eq!(value(connection, "SELECT count(*) FROM few").await, int(0));
    // Savepoints are the guest's.
    connection.begin(Some("SERIALIZABLE".into()), false).await.unwrap();
    connection.execute(sql(), Vec::new(), 1, pairs(&[9])).await.unwrap();
    run(connection, "SAVEPOINT s").await.unwrap();
    assert!(connection.execute(sql(), Vec::new(), 1, pairs(&[9])).await.is_err());
    run(connection, "ROLLBACK TO s").await.unwrap();
    connection.commit().await.unwrap();
    assert_eq!(value(connection, "SELECT count(*) FROM few").await, int(1));
    let fault =
        connection.load(table("few"), strings(&["id", "word"]), strings(&["integer", "text"]), pairs(&[4, 5, 9]));
    let fault = fault.await.unwrap_err();
    assert_eq!((fault.row, fault.sqlstate.as_deref()), (Some(2), Some("23505")));
    assert_eq!(value(connection, "SELECT count(*) FROM few").await, int(1));
    // So many that neither side could hold what the other has not read.
    let many: Vec<i64> = (1_000..61_000).collect();
    let counts = connection.execute(sql(), Vec::new(), 60_000, pairs(&many)).await.unwrap();
    assert_eq!((counts.len(), counts.iter().sum::<u64>()), (60_000, 60_000));
}

async fn values_that_do_not_fit(connection: &mut Connection) {
    let sql = || "INSERT INTO few VALUES ($1, $2)".to_owned();
    let fault = connection.execute(sql(), Vec::new(), 2, vec![int(70), text("w"), int(1 << 40), text("w")]).await;
    let fault = fault.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.row), ("data", Some(1)));
    assert!(fault.message.starts_with("parameter 1, row 1: integer 1099511627776"), "{}", fault.message);
    let fault = connection.execute(sql(), Vec::new(), 1, vec![int(71), text("a\0b")]).await.unwrap_err();
    assert!(fault.message.contains("parameter 2, row 0") && fault.message.contains("U+0000"), "{}", fault.message);
    assert_eq!(value(connection, "SELECT count(*) FROM few WHERE id IN (70, 71)").await, int(0));
    for values in [vec![int(1)], vec![int(1), text("w"), int(2)]] {
        assert_eq!(connection.execute(sql(), Vec::new(), 1, values).await.unwrap_err().code, "data");
    }
    let fault = connection.execute(sql(), strings(&["int"]), 1, vec![int(1), text("w")]).await.unwrap_err();
    assert!(fault.message.contains("there is no form 'int'"), "{}", fault.message);
    // What only the server can say.
    let fault = connection.execute("SELECT $1::date".into(), strings(&["text"]), 1, vec![text("31.31.")]).await;
    assert_eq!(fault.unwrap_err().sqlstate.as_deref(), Some("22007"));
}

async fn statements_that_change_nothing(connection: &mut Connection) {
    assert_eq!(run(connection, "").await.unwrap(), 0);
    assert_eq!(run(connection, "CREATE TABLE empty ()").await.unwrap(), 0);
    assert_eq!(run(connection, "SELECT 1 FROM generate_series(1, 3)").await.unwrap(), 0);
    assert_eq!(run(connection, "DELETE FROM few WHERE false").await.unwrap(), 0);
    assert_eq!(run(connection, "VACUUM few").await.unwrap(), 0);
    assert!(connection.execute("SELECT 1".into(), Vec::new(), 0, Vec::new()).await.unwrap().is_empty());
    // One that answers rows and changes some is a query.
    let tapes = select(connection, "INSERT INTO few VALUES (80, 'x') RETURNING id").await.unwrap();
    assert_eq!(tapes[0][1], int(80));
    assert_eq!(value(connection, "SELECT word FROM few WHERE id = 80").await, text("x"));
}
