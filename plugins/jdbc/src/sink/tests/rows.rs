//! What statements a put becomes.

use super::*;
use watertight_sdk::ids;

fn people(count: i64) -> SinkBatch {
    values((0..count).map(|id| person(id, "x")).collect())
}

/// Statements without their values.
fn texts(fake: &Fake) -> Vec<String> {
    fake.done().into_iter().map(|line| line.split(" <- ").next().unwrap().to_owned()).collect()
}

fn key_of(id: i64) -> Datum {
    Datum::of(ids::INT64, Value::Integer(id))
}

#[test]
fn a_single_call_needs_no_transaction() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    let report = put(&mut task(&[]), people(2)).unwrap();
    assert_eq!((report.taken, report.rejected.len(), report.held.is_none()), (2, 0, true));
    assert_eq!(
        fake.done(),
        ["columns t", "INSERT INTO `t` (`id`,`name`) VALUES (?,?),(?,?) (integer,text) <- 0 x 1 x"]
    );
}

#[test]
fn many_rows_are_few_statements_of_sizes_that_come_again() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    fake.parameters.set(20);
    let mut task = task(&[]);
    assert_eq!(put(&mut task, people(21)).unwrap().taken, 21);
    let rows: Vec<usize> = texts(&fake).iter().map(|sql| sql.matches("(?,?)").count()).collect();
    // begin, 8 + 8 + 4 + 1 rows, commit, after the look at the table
    assert_eq!(rows, [0, 0, 8, 8, 4, 1, 0]);
    put(&mut task, people(5)).unwrap();
    assert_eq!(texts(&fake).iter().map(|sql| sql.matches("(?,?)").count()).collect::<Vec<_>>(), [0, 4, 1, 0]);
}

#[test]
fn batch_size_bounds_a_statement_and_the_worker_bounds_its_bytes() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    let mut task = task(&[("batch.size", "2")]);
    put(&mut task, people(4)).unwrap();
    assert_eq!(texts(&fake).iter().map(|sql| sql.matches("(?,?)").count()).collect::<Vec<_>>(), [0, 0, 2, 2, 0]);
    fake.bytes.set(200);
    task.stop();
    let mut task = super::task(&[]);
    put(&mut task, values(vec![person(1, &"x".repeat(90)), person(2, &"y".repeat(90))])).unwrap();
    assert_eq!(texts(&fake).iter().map(|sql| sql.matches("(?,?)").count()).collect::<Vec<_>>(), [0, 0, 1, 1, 0]);
}

#[test]
fn sqlite_gets_one_statement_many_times() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    put(&mut task(&[]), people(3)).unwrap();
    assert_eq!(texts(&fake), ["columns t", "INSERT INTO \"t\" (\"id\",\"name\") VALUES (?,?) x3 (integer,text)"]);
}

#[test]
fn postgresql_copies_many_rows_where_it_can() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.loads.set(true);
    let mut task = task(&[]);
    put(&mut task, people(40)).unwrap();
    assert_eq!(fake.done(), ["columns t", "load t id,name (integer,text) 80 values"]);
    fake.react(|sql, _| match sql {
        "COPY" => Err(fault("sql", "0A000", "COPY FROM not supported with row-level security")),
        _ => Ok(()),
    });
    assert_eq!(put(&mut task, people(40)).unwrap().taken, 40);
    assert_eq!(
        fake.done().iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(),
        ["load", "begin", "INSERT", "INSERT", "commit"]
    );
}

#[test]
fn an_upsert_in_postgresql_has_each_key_once_and_the_last_one_wins() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    let mut task = task(&[("insert.mode", "upsert"), ("pk.mode", "record_value"), ("pk.fields", "id")]);
    let report = put(&mut task, values(vec![person(1, "a"), person(2, "b"), person(1, "c"), person(1, "d")])).unwrap();
    assert_eq!(report.taken, 4);
    assert_eq!(
        fake.done()[1..],
        [
            r#"INSERT INTO "t" ("id","name") VALUES ($1,$2),($3,$4) ON CONFLICT ("id") DO UPDATE SET "name"=EXCLUDED."name" (integer,text) <- 2 b 1 d"#
        ]
    );
}

#[test]
fn deletions_go_first_where_that_is_the_same() {
    let upserting =
        [("insert.mode", "upsert"), ("pk.mode", "record_key"), ("pk.fields", "id"), ("delete.enabled", "true")];
    for product in ["sqlite", "mariadb", "postgresql"] {
        let fake = Fake::install(product, &[("t", &["id", "name"])]);
        let records = vec![
            (key_of(1), person(1, "gone")),
            (key_of(2), Datum::NULL),
            (key_of(3), person(3, "old")),
            (key_of(1), Datum::NULL),
            (key_of(2), person(2, "back")),
            (key_of(3), person(3, "new")),
            (key_of(4), Datum::NULL),
        ];
        assert_eq!(put(&mut task(&upserting), batch(records)).unwrap().taken, 7);
        let values: Vec<String> =
            fake.done()[1..].iter().map(|line| line.split(" <- ").last().unwrap().to_owned()).collect();
        let deletions = if product == "postgresql" { vec!["2 1", "4"] } else { vec!["2 1 4"] };
        // A statement has a power of two of rows.
        let deletions = if product == "mariadb" { vec!["2 1", "4"] } else { deletions };
        let expected = [vec!["begin"], deletions, vec!["2 back 3 new"], vec!["commit"]].concat();
        assert_eq!(values, expected, "{product}");
    }
}

#[test]
fn rows_found_wanting_are_looked_at_in_the_order_of_their_records() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.react(|sql, _| match sql.contains("$3") {
        true => Err(fault("sql", "23503", "refused together")),
        false => Ok(()),
    });
    let mut task =
        task(&[("insert.mode", "upsert"), ("pk.mode", "record_key"), ("pk.fields", "id"), ("delete.enabled", "true")]);
    let records = vec![
        (key_of(1), person(1, "a")),
        (key_of(1), Datum::NULL),
        (key_of(2), person(2, "b")),
        (key_of(3), person(3, "c")),
        (key_of(1), person(1, "d")),
    ];
    assert_eq!(put(&mut task, batch(records)).unwrap().taken, 5);
    let done = fake.done();
    let last: Vec<&str> = done[done.len() - 7..].iter().map(|line| line.split(" <- ").last().unwrap()).collect();
    assert_eq!(last, ["begin", "1 a", "1", "2 b", "3 c", "1 d", "commit"]);
}

#[test]
fn deletions_and_writes_by_text_keep_their_order() {
    // 'A' and 'a' may be one key to the database.
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    let mut task = task(&[
        ("insert.mode", "upsert"),
        ("pk.mode", "record_key"),
        ("pk.fields", "name"),
        ("fields.whitelist", "id"),
        ("delete.enabled", "true"),
    ]);
    let key = |text: &str| Datum::of(ids::STRING, Value::Text(text.to_owned()));
    let records =
        vec![(key("A"), person(1, "x")), (key("a"), Datum::NULL), (key("b"), Datum::NULL), (key("a"), person(2, "x"))];
    assert_eq!(put(&mut task, batch(records)).unwrap().taken, 4);
    let upsert = "INSERT INTO `t` (`name`,`id`) VALUES (?,?) ON DUPLICATE KEY UPDATE `id`=VALUES(`id`) (text,integer)";
    assert_eq!(
        fake.done()[1..],
        [
            "begin".to_owned(),
            format!("{upsert} <- A 1"),
            "DELETE FROM `t` WHERE `name` IN (?,?) (text) <- a b".to_owned(),
            format!("{upsert} <- a 2"),
            "commit".to_owned(),
        ]
    );
}

#[test]
fn an_update_names_what_it_sets_before_the_key() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    let mut task = task(&[("insert.mode", "update"), ("pk.mode", "record_value"), ("pk.fields", "id")]);
    put(&mut task, values(vec![person(1, "a"), person(2, "b")])).unwrap();
    assert_eq!(fake.done()[1..], [r#"UPDATE "t" SET "name"=$1 WHERE "id"=$2 x2 (text,integer) <- a 1 b 2"#]);
}

#[test]
fn kafka_coordinates_identify_a_row() {
    let columns = ["__connect_topic", "__connect_partition", "__connect_offset", "id", "name"];
    let fake = Fake::install("sqlite", &[("t", &columns)]);
    put(&mut task(&[("pk.mode", "kafka")]), people(2)).unwrap();
    assert!(fake.done()[1].ends_with("x2 (text,integer,integer,integer,text) <- t 3 10 0 x t 3 11 1 x"));
}

#[test]
fn fields_of_a_struct_key_come_first_and_are_not_taken_from_the_value_again() {
    let fake = Fake::install("sqlite", &[("t", &["id", "region", "name"])]);
    let key = schema(&[("region", &text()), ("id", &int())]);
    let key = Datum::of(key, row(&[ValueNode::Text("eu".into()), ValueNode::Integer(7)]));
    let mut task = task(&[("insert.mode", "upsert"), ("pk.mode", "record_key")]);
    put(&mut task, batch(vec![(key, person(8, "a"))])).unwrap();
    assert_eq!(
        fake.done()[1],
        r#"INSERT INTO "t" ("region","id","name") VALUES (?,?,?) ON CONFLICT ("region","id") DO UPDATE SET "name"=EXCLUDED."name" (text,integer,text) <- eu 7 a"#
    );
}

#[test]
fn only_listed_fields_are_written_beside_the_key() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name", "age"])]);
    let schema = schema(&[("name", &text()), ("id", &int()), ("age", &int())]);
    let value = row(&[ValueNode::Text("a".into()), ValueNode::Integer(1), ValueNode::Integer(2)]);
    let mut task = task(&[("pk.mode", "record_value"), ("pk.fields", "id"), ("fields.whitelist", "age")]);
    put(&mut task, values(vec![Datum::of(schema, value)])).unwrap();
    assert!(fake.done()[1].ends_with(r#"("id","age") VALUES (?,?) (integer,integer) <- 1 2"#));
}

#[test]
fn a_change_of_schema_is_a_change_of_statement() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name", "age"])]);
    let wider = schema(&[("id", &int()), ("name", &text()), ("age", &int())]);
    let wide = Datum::of(wider, row(&[ValueNode::Integer(2), ValueNode::Null, ValueNode::Integer(9)]));
    put(&mut task(&[]), values(vec![person(1, "a"), wide, person(3, "c")])).unwrap();
    let done = fake.done();
    assert_eq!(done.len(), 6, "{done:?}");
    assert!(done[2].ends_with("<- 1 a") && done[3].ends_with("<- 2 null 9") && done[4].ends_with("<- 3 c"));
}

#[test]
fn nulls_become_defaults_unless_they_shall_not() {
    let fake = Fake::install("sqlite", &[("t", &["id", "name"])]);
    let mut name = SchemaNode::primitive(Primitive::Text).optional();
    name.default_value = Some(vec![ValueNode::Text("nobody".into())]);
    let schema = schema(&[("id", &int()), ("name", &[name])]);
    let value = || Datum::of(schema, row(&[ValueNode::Integer(1), ValueNode::Null]));
    put(&mut task(&[]), values(vec![value()])).unwrap();
    put(&mut task(&[("replace.null.with.default", "false")]), values(vec![value()])).unwrap();
    let done = fake.done();
    assert!(done[1].ends_with("<- 1 nobody") && done[3].ends_with("<- 1 null"), "{done:?}");
}

#[test]
fn every_type_goes_in_its_form() {
    let columns = ["b", "i", "f", "s", "x", "d", "day", "t", "ts", "list"];
    let fake = Fake::install("postgresql", &[("t", &columns)]);
    let logical = |name: &str, primitive| SchemaNode {
        name: Some(format!("org.apache.kafka.connect.data.{name}")),
        ..SchemaNode::primitive(primitive)
    };
    let decimal = SchemaNode { parameters: vec![("scale".into(), "2".into())], ..logical("Decimal", Primitive::Bytes) };
    let list = [SchemaNode::new(Shape::ArrayOf).optional(), SchemaNode::primitive(Primitive::Int32)];
    let schema = schema(&[
        ("list", &list),
        ("b", &[SchemaNode::primitive(Primitive::Boolean)]),
        ("i", &[SchemaNode::primitive(Primitive::Int8)]),
        ("f", &[SchemaNode::primitive(Primitive::Float32)]),
        ("s", &text()),
        ("x", &[SchemaNode::primitive(Primitive::Bytes)]),
        ("d", &[decimal]),
        ("day", &[logical("Date", Primitive::Int32)]),
        ("t", &[logical("Time", Primitive::Int32)]),
        ("ts", &[logical("Timestamp", Primitive::Int64)]),
    ]);
    let value = row(&[
        ValueNode::Elements(2),
        ValueNode::Integer(1),
        ValueNode::Integer(2),
        ValueNode::Boolean(true),
        ValueNode::Integer(-1),
        ValueNode::Float(0.5),
        ValueNode::Null,
        ValueNode::Bytes(vec![1]),
        ValueNode::Bytes(vec![2]),
        ValueNode::Integer(3),
        ValueNode::Integer(4),
        ValueNode::Integer(5),
    ]);
    let Value::Tape(mut nodes) = value else { panic!("a tape") };
    nodes[0] = ValueNode::Fields(10);
    put(&mut task(&[("db.timezone", "Europe/Vienna")]), values(vec![Datum::of(schema, Value::Tape(nodes))])).unwrap();
    let done = fake.done();
    let forms = "(array:integer,boolean,integer,float,text,bytes,decimal:2,date,time,timestamp@Europe/Vienna)";
    assert!(done[1].contains(forms), "{}", done[1]);
    assert!(done[1].ends_with("<- ValueNode::Elements(2) 1 2 true -1 0.5 null [1] [2] 3 4 5"), "{}", done[1]);
}

#[test]
fn a_column_that_knows_its_time_zone_is_not_told_another() {
    let fake = Fake::install("mariadb", &[("t", &["a@", "b"])]);
    let timestamp = SchemaNode {
        name: Some("org.apache.kafka.connect.data.Timestamp".to_owned()),
        ..SchemaNode::primitive(Primitive::Int64)
    };
    let schema = schema(&[("a", std::slice::from_ref(&timestamp)), ("b", std::slice::from_ref(&timestamp))]);
    let value = Datum::of(schema, row(&[ValueNode::Integer(1), ValueNode::Integer(1)]));
    put(&mut task(&[("db.timezone", "Asia/Tokyo")]), values(vec![value])).unwrap();
    assert!(fake.done()[1].contains("(timestamp,timestamp@Asia/Tokyo)"));
}

#[test]
fn listed_fields_are_points_in_time() {
    let fake = Fake::install("sqlite", &[("t", &["a", "b"])]);
    let schema = schema(&[("a", &int()), ("b", &text())]);
    let value = row(&[ValueNode::Integer(7), ValueNode::Text("1970-01-01T00:00:00.000001Z".into())]);
    put(&mut task(&[("timestamp.fields.list", "a,b")]), values(vec![Datum::of(schema, value)])).unwrap();
    assert!(fake.done()[1].ends_with("(timestamp:micros,timestamp:micros) <- 7 1"));
}

#[test]
fn tables_of_topics_are_named_by_format_mapping_or_letters() {
    let tables: [(&str, &[&str]); 3] = [("k.t_x.y", &["id"]), ("m", &["id"]), ("a_b__DROP", &["id"])];
    let fake = Fake::install("postgresql", &tables);
    let records = || vec![(Datum::NULL, Datum::of(schema(&[("id", &int())]), row(&[ValueNode::Integer(1)])))];
    put(&mut task(&[("table.name.format", "k.\"t_${topic}\"")]), batch_of("x.y", records())).unwrap();
    put(&mut task(&[("topics.to.tables.mapping", "x:y, z:m")]), batch_of("z", records())).unwrap();
    put(&mut task(&[("table.name.normalize", "true")]), batch_of("a.b;\"DROP", records())).unwrap();
    let inserts: Vec<String> = fake.done().into_iter().filter(|line| line.starts_with("INSERT")).collect();
    assert!(inserts[0].starts_with(r#"INSERT INTO "k"."t_x.y" ("#));
    assert!(inserts[1].starts_with(r#"INSERT INTO "m" ("#));
    assert!(inserts[2].starts_with(r#"INSERT INTO "a_b__DROP" ("#));
}

#[test]
fn nothing_is_asked_of_the_database_for_no_records() {
    let fake = Fake::install("sqlite", &[]);
    assert_eq!(put(&mut task(&[]), values(Vec::new())).unwrap().taken, 0);
    assert!(fake.done().is_empty());
}

#[test]
fn a_limit_of_the_database_makes_statements_shorter() {
    let fake = Fake::install("mariadb", &[("t", &["id", "name"])]);
    fake.react(|_, values| match values.len() {
        0..=4 => Ok(()),
        _ => Err(Fault::new("limit", "max_allowed_packet")),
    });
    let long = "x".repeat(100_000);
    let records = || values((0..8).map(|id| person(id, &long)).collect());
    let mut task = task(&[]);
    assert_eq!(put(&mut task, records()).unwrap().taken, 8);
    fake.done();
    assert_eq!(put(&mut task, records()).unwrap().taken, 8);
    assert_eq!(texts(&fake).iter().map(|sql| sql.matches("(?,?)").count()).collect::<Vec<_>>(), [0, 2, 2, 2, 2, 0]);
}
