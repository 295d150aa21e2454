//! What a sink writes: every type of Connect into tables it makes and into tables others made, bad rows beside good ones,
//! tables that grow.

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_cases::topics::{self, Letter};

use crate::ground::{Case, Ground, Product, on};
use crate::sinks::value;

/// A field's schema, a payload, the type of the column made for it and what a query shows of it, by database
/// (PostgreSQL, MariaDB, SQLite); a column that is not text is asked for as one.
type Field = (Value, Value, [&'static str; 3], [&'static str; 3]);

fn logical(kind: &str, name: &str) -> Value {
    json!({"type": kind, "optional": true, "version": 1, "name": format!("org.apache.kafka.connect.data.{name}")})
}

fn plain(kind: &str) -> Value {
    json!({"type": kind, "optional": true})
}

fn decimal(scale: &str) -> Value {
    let mut schema = logical("bytes", "Decimal");
    schema["parameters"] = json!({"scale": scale});
    schema
}

fn every_field() -> Vec<Field> {
    let smallint = ["smallint", "smallint(6)", "INTEGER"];
    let dates = ["date", "date", "NUMERIC"];
    let times = ["timestamp without time zone", "datetime(3)", "NUMERIC"];
    let texts = ["text", "longtext", "TEXT"];
    let numbers = ["numeric", "decimal(65,2)", "NUMERIC"];
    vec![
        (plain("boolean"), json!(true), ["boolean", "tinyint(4)", "INTEGER"], ["true", "1", "1"]),
        (plain("int8"), json!(-128), ["smallint", "tinyint(4)", "INTEGER"], ["-128"; 3]),
        (plain("int16"), json!(-32768), smallint, ["-32768"; 3]),
        (plain("int32"), json!(i32::MAX), ["integer", "int(11)", "INTEGER"], ["2147483647"; 3]),
        (plain("int64"), json!(i64::MIN), ["bigint", "bigint(20)", "INTEGER"], ["-9223372036854775808"; 3]),
        (plain("float"), json!(1.5), ["real", "float", "REAL"], ["1.5"; 3]),
        (plain("double"), json!(0.1), ["double precision", "double", "REAL"], ["0.1"; 3]),
        (plain("string"), json!("it's \"grün\"; --"), texts, ["it's \"grün\"; --"; 3]),
        (plain("string"), json!(""), texts, [""; 3]),
        (plain("bytes"), json!("AP8="), ["bytea", "longblob", "BLOB"], ["\\x00ff", "00FF", "00FF"]),
        (decimal("2"), json!("/1SrVnMU4PUt"), numbers, ["-123456789012345678.91", "-123456789012345678.91", ""]),
        (decimal("0"), json!("AQA="), ["numeric", "decimal(65,0)", "NUMERIC"], ["256"; 3]),
        (logical("int32", "Date"), json!(-141_428), dates, ["1582-10-14", "1582-10-14", "-12219379200000"]),
        (logical("int32", "Date"), json!(2_932_896), dates, ["9999-12-31", "9999-12-31", "253402214400000"]),
        (
            logical("int32", "Time"),
            json!(86_399_999),
            ["time without time zone", "time(3)", "NUMERIC"],
            ["23:59:59.999", "23:59:59.999", "86399999"],
        ),
        (logical("int64", "Timestamp"), json!(-1), times, ["1969-12-31 23:59:59.999", "1969-12-31 23:59:59.999", "-1"]),
    ]
}

fn envelope(fields: &[Field], payload: impl Fn(&Field) -> Value) -> String {
    let named = |(at, (schema, ..)): (usize, &Field)| {
        let mut schema = schema.clone();
        schema["field"] = json!(format!("c{at}"));
        schema
    };
    let id = json!({"field": "id", "type": "int32", "optional": false});
    let schemas: Vec<Value> = std::iter::once(id).chain(fields.iter().enumerate().map(named)).collect();
    let values = fields.iter().enumerate().map(|(at, field)| (format!("c{at}"), payload(field)));
    let mut payloads: serde_json::Map<String, Value> = values.collect();
    let number = if payloads.values().all(Value::is_null) { 2 } else { 1 };
    payloads.insert("id".to_owned(), json!(number));
    json!({"schema": {"type": "struct", "fields": schemas, "optional": false}, "payload": payloads}).to_string()
}

fn written(value: String) -> Letter {
    Letter { value: Some(value), ..Letter::default() }
}

/// How a query shows bytes and numbers as they are.
fn shown(product: Product, column: &str, kind: &str) -> String {
    match (product, kind) {
        (Product::Postgres, _) => format!("CAST({column} AS text)"),
        (Product::MariaDb, "longblob") => format!("HEX({column})"),
        // SQLite makes an empty text of null.
        (Product::Sqlite, "BLOB") => format!("CASE WHEN {column} IS NULL THEN NULL ELSE HEX({column}) END"),
        _ => column.to_owned(),
    }
}

fn every_type(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let at = match product {
        Product::Postgres => 0,
        Product::MariaDb => 1,
        Product::Sqlite => 2,
    };
    let mut fields = every_field();
    if product == Product::Sqlite {
        // Numbers of more digits than a double has do not fit into a column of type NUMERIC.
        fields.retain(|(.., shown)| !shown[2].is_empty() || shown[0].is_empty());
    }
    let topic = ground.called("types");
    let letters = [envelope(&fields, |field| field.1.clone()), envelope(&fields, |_| Value::Null)];
    topics::write(&ground.bootstrap(), &topic, &letters.map(written))?;
    ground.create(&ground.sink("to", &topic, "made").with("auto.create", true))?;
    ground.wait_value("SELECT COUNT(*) FROM made;", "2", SOON).or_else(|error| {
        ground.is_running("to")?;
        Err(error)
    })?;
    let kinds = match product {
        Product::Postgres | Product::MariaDb => {
            let what = if at == 0 { "data_type" } else { "column_type" };
            let query = "SELECT column_name, {} FROM information_schema.columns WHERE table_name = 'made';";
            ground.database.rows(&query.replace("{}", what))?
        }
        Product::Sqlite => ground.database.rows("SELECT name, type FROM pragma_table_info('made');")?,
    };
    let mut wrong = Vec::new();
    for (index, (schema, payload, kind, wanted)) in fields.iter().enumerate() {
        let column = format!("c{index}");
        let found = kinds.iter().find(|row| row[0] == column).map(|row| row[1].as_str()).unwrap_or_default();
        let query = shown(product, &column, kind[at]);
        let first = ground.database.value(&format!("SELECT {query} FROM made WHERE id = 1;"))?;
        let second = ground.database.value(&format!("SELECT {query} FROM made WHERE id = 2;"))?;
        if found != kind[at] || first != wanted[at] || second != "NULL" {
            wrong.push(format!("{schema} {payload}: {found} {first}, then {second}"));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Columns with types of the database's own take what can be read as such.
fn tables_of_others(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let moment = || (logical("int64", "Timestamp"), json!(1_795_168_800_123_i64));
    let columns: Vec<(&str, (Value, Value), &str)> = match product {
        Product::Postgres => vec![
            ("uuid", (plain("string"), json!(uuid)), uuid),
            ("jsonb", (plain("string"), json!("{\"a\":1}")), "{\"a\": 1}"),
            ("inet", (plain("string"), json!("10.0.0.1/8")), "10.0.0.1/8"),
            ("numeric(10,2)", (plain("int64"), json!(7)), "7.00"),
            ("numeric", (plain("double"), json!(0.5)), "0.5"),
            ("varchar(9)", (plain("string"), json!("grün")), "grün"),
            ("bigint", (decimal("0"), json!("AQA=")), "256"),
            ("smallint", (plain("int64"), json!(-3)), "-3"),
            ("double precision", (plain("float"), json!(1.5)), "1.5"),
            ("timestamp", moment(), "2026-11-20 11:00:00.123"),
            ("timestamptz", moment(), "2026-11-20 10:00:00.123+00"),
            ("date", (plain("string"), json!("2026-11-20")), "2026-11-20"),
            (
                "integer[]",
                (json!({"type": "array", "items": {"type": "int32"}, "optional": true}), json!([1, 2])),
                "{1,2}",
            ),
            (
                "text[]",
                (json!({"type": "array", "items": {"type": "string"}, "optional": true}), json!(["a", "b,\"c"])),
                "{a,\"b,\\\"c\"}",
            ),
        ],
        Product::MariaDb => vec![
            ("UUID", (plain("string"), json!(uuid)), uuid),
            ("JSON", (plain("string"), json!("{\"a\":1}")), "{\"a\":1}"),
            ("ENUM('a','b')", (plain("string"), json!("b")), "b"),
            ("DECIMAL(10,2)", (plain("int64"), json!(7)), "7.00"),
            ("BIGINT UNSIGNED", (decimal("0"), json!("AQA=")), "256"),
            ("SMALLINT", (plain("int64"), json!(-3)), "-3"),
            ("DATETIME(3)", moment(), "2026-11-20 11:00:00.123"),
            ("TIMESTAMP(3)", moment(), "2026-11-20 10:00:00.123"),
            ("YEAR", (plain("int32"), json!(2026)), "2026"),
            ("BOOLEAN", (plain("boolean"), json!(true)), "1"),
        ],
        Product::Sqlite => vec![
            ("VARCHAR(9)", (plain("string"), json!("grün")), "grün"),
            ("DATETIME", moment(), "1795168800123"),
            ("ANYTHING", (plain("int64"), json!(-3)), "-3"),
        ],
    };
    let declared: Vec<String> =
        columns.iter().enumerate().map(|(at, (kind, ..))| format!("c{at} {kind} NULL")).collect();
    ground.database.sql(&format!("CREATE TABLE theirs (id INT NOT NULL PRIMARY KEY, {});", declared.join(", ")))?;
    let fields: Vec<Field> =
        columns.iter().map(|(_, (schema, payload), _)| (schema.clone(), payload.clone(), [""; 3], [""; 3])).collect();
    let topic = ground.called("theirs");
    let letters = [envelope(&fields, |field| field.1.clone()), envelope(&fields, |_| Value::Null)];
    topics::write(&ground.bootstrap(), &topic, &letters.map(written))?;
    let zone = if product == Product::Sqlite { "UTC" } else { "Europe/Vienna" };
    ground.create(&ground.sink("to", &topic, "theirs").with("db.timezone", zone))?;
    ground.wait_value("SELECT COUNT(*) FROM theirs;", "2", SOON).or_else(|error| {
        ground.is_running("to")?;
        Err(error)
    })?;
    let mut wrong = Vec::new();
    for (at, (kind, _, wanted)) in columns.iter().enumerate() {
        let column = shown(product, &format!("c{at}"), "");
        let first = ground.database.value(&format!("SELECT {column} FROM theirs WHERE id = 1;"))?;
        if first != *wanted {
            wrong.push(format!("{kind}: {first} instead of {wanted}"));
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Three of a hundred rows break a rule of the table.
fn bad_rows(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground
        .database
        .sql("CREATE TABLE strict (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount < 100));")?;
    let bad = [13, 14, 77];
    let letter = |id: i64| {
        let amount = if bad.contains(&id) { json!(id + 100) } else { json!(id) };
        written(value(&[("id", "int64"), ("amount", "int64")], json!({"id": id, "amount": amount})))
    };
    let (topic, letters) = (ground.called("strict"), ground.called("dead"));
    topics::write(&ground.bootstrap(), &topic, &(0..100).map(letter).collect::<Vec<_>>())?;
    let sink = ground.sink("to", &topic, "strict");
    ground.create_any(&sink)?;
    // Nowhere to put them: the first of them is named, and nothing is written.
    ground.wait_failed("to", &[&format!("{topic}-0@13"), "strict"])?;
    ground.wait_value("SELECT COUNT(*) FROM strict;", "0", SOON)?;
    let name = ground.called("to");
    ground.scene.worker.connect().http.delete(&format!("/connectors/{name}"))?.expect(204)?;

    let sink = ground
        .sink("tolerant", &topic, "strict")
        .with("errors.tolerance", "all")
        .with("errors.deadletterqueue.topic.name", &letters)
        .with("errors.deadletterqueue.topic.replication.factor", 1)
        .with("errors.deadletterqueue.context.headers.enable", true);
    ground.create(&sink)?;
    ground.wait_value("SELECT COUNT(*) FROM strict;", "97", SOON)?;
    let dead = topics::read(&ground.bootstrap(), &letters, bad.len(), SOON)?;
    let offsets: Vec<Option<&str>> = dead.iter().map(|letter| letter.header("__connect.errors.offset")).collect();
    anyhow::ensure!(offsets == [Some("13"), Some("14"), Some("77")], "{offsets:?}");
    let why = dead[0].header("__connect.errors.exception.message").unwrap_or_default();
    anyhow::ensure!(why.contains("strict"), "{why}");
    ground.is_running("tolerant")
}

/// A field that appears, first forbidden, then allowed.
fn growth(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql("CREATE TABLE grown (id BIGINT NOT NULL PRIMARY KEY);")?;
    let topic = ground.called("grown");
    let old = value(&[("id", "int64")], json!({"id": 1}));
    let new = value(&[("id", "int64"), ("word", "string")], json!({"id": 2, "word": "new"}));
    topics::write(&ground.bootstrap(), &topic, &[written(old), written(new)])?;
    let sink = ground.sink("to", &topic, "grown").with("pk.mode", "record_value").with("pk.fields", "id");
    let sink = sink.with("insert.mode", "upsert");
    ground.create_any(&sink)?;
    ground.wait_failed("to", &["grown", "word", "auto.evolve"])?;
    let name = ground.called("to");
    ground.scene.worker.connect().http.delete(&format!("/connectors/{name}"))?.expect(204)?;
    ground.create(&sink.with("auto.evolve", true))?;
    ground.wait_value("SELECT word FROM grown WHERE id = 2;", "new", SOON)?;
    ground.wait_value("SELECT word FROM grown WHERE id = 1;", "NULL", SOON)
}

/// What is not there is not made, and nothing else is touched.
fn updates(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    ground.database.sql(
        "CREATE TABLE changed (id BIGINT NOT NULL PRIMARY KEY, word VARCHAR(40), other VARCHAR(40));
         INSERT INTO changed (id, word, other) VALUES (1, 'old', 'kept'), (3, 'old', 'kept');",
    )?;
    let topic = ground.called("changed");
    let letter = |id: i64| {
        let row = value(&[("id", "int64"), ("word", "string")], json!({"id": id, "word": format!("new {id}")}));
        written(row)
    };
    topics::write(&ground.bootstrap(), &topic, &[letter(1), letter(2), letter(3)])?;
    let sink = ground.sink("to", &topic, "changed").with("pk.mode", "record_value").with("pk.fields", "id");
    ground.create(&sink.with("insert.mode", "update"))?;
    ground.wait_value("SELECT word FROM changed WHERE id = 3;", "new 3", SOON)?;
    let rows = ground.database.rows("SELECT id, word, other FROM changed ORDER BY id;")?;
    anyhow::ensure!(rows == [["1", "new 1", "kept"], ["3", "new 3", "kept"]], "{rows:?}");
    Ok(())
}

const CASES: [Case; 5] = [
    ("every type is written as is stated", every_type),
    ("tables of others take what can be read as theirs", tables_of_others),
    ("bad rows are named, or go to the dead letter queue alone", bad_rows),
    ("a table grows where it may", growth),
    ("an update changes what is there", updates),
];

#[test]
fn what_is_written_to_postgresql_is_what_is_stated() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-writes-postgresql", &CASES)
}

#[test]
fn what_is_written_to_mariadb_is_what_is_stated() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-writes-mariadb", &CASES)
}

#[test]
fn what_is_written_to_sqlite_is_what_is_stated() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-writes-sqlite", &CASES)
}
