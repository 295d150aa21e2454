//! Rows of a megabyte and tables of a thousand columns, from table to topic to table.

use watertight_cases::SOON;

use crate::ground::{Case, Ground, Product, on};
use crate::topic::Follower;

const COLUMNS: usize = 1000;
/// With its schema and the other field, a record is just below what a broker takes unless told otherwise.
const BYTES: usize = 1_000_000;

/// Copies a table over a topic; both connectors of the same database.
fn copy(ground: &Ground) -> anyhow::Result<()> {
    let source = ground
        .source("from", "incrementing")
        .with("incrementing.column.name", "id")
        .with("table.whitelist", "original")
        .with("value.converter.schemas.enable", true);
    ground.create(&source)?;
    let sink = ground
        .sink("to", &ground.called("from.original"), "copy")
        .with("auto.create", true)
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_value")
        .with("pk.fields", "id");
    ground.create(&sink)
}

fn a_megabyte(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let (text, fill) = match product {
        Product::Postgres => ("TEXT", format!("REPEAT(CHR(64 + id), {BYTES})")),
        Product::MariaDb => ("LONGTEXT", format!("REPEAT(CHAR(64 + id USING utf8mb4), {BYTES})")),
        Product::Sqlite => {
            ("TEXT", format!("REPLACE(HEX(ZEROBLOB({})), '00', CHAR(64 + id) || CHAR(64 + id))", BYTES / 2))
        }
    };
    ground.database.sql(&format!("CREATE TABLE original (id INT NOT NULL PRIMARY KEY, body {text});"))?;
    let rows: Vec<String> = (1..=20).map(|id| format!("({id}, NULL)")).collect();
    ground.database.sql(&format!("INSERT INTO original (id, body) VALUES {};", rows.join(", ")))?;
    ground.database.sql(&format!("UPDATE original SET body = {fill};"))?;
    copy(ground)?;
    ground.wait_value("SELECT COUNT(*) FROM copy;", "20", 4 * SOON)?;
    let equal = "SELECT COUNT(*) FROM original o JOIN copy c ON c.id = o.id AND c.body = o.body AND LENGTH(c.body) = ";
    ground.wait_value(&format!("{equal}{BYTES};"), "20", SOON)?;
    for name in ["from", "to"] {
        ground.is_running(name)?;
    }
    ground.neighbours_work()
}

fn a_thousand_columns(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    let columns: Vec<String> = (1..COLUMNS).map(|n| format!("c{n}")).collect();
    let typed: Vec<String> = columns.iter().map(|name| format!("{name} INT")).collect();
    ground.database.sql(&format!("CREATE TABLE original (id INT NOT NULL PRIMARY KEY, {});", typed.join(", ")))?;
    for id in 1..=50 {
        // Every seventh is null.
        let values: Vec<String> =
            (1..COLUMNS).map(|n| if n % 7 == 0 { "NULL".into() } else { (id * n).to_string() }).collect();
        ground.database.sql(&format!("INSERT INTO original VALUES ({id}, {});", values.join(", ")))?;
    }
    copy(ground)?;
    ground.wait_value("SELECT COUNT(*) FROM copy;", "50", 4 * SOON)?;
    let all = |table: &str| {
        let list = columns.join(", ");
        ground.database.rows(&format!("SELECT id, {list} FROM {table} ORDER BY id;"))
    };
    anyhow::ensure!(all("original")? == all("copy")?, "the copy is another");
    let mut follower = Follower::new(&ground.bootstrap(), &ground.called("from.original"))?;
    follower.count(50, SOON)?;
    let fields = follower.values[0]["payload"].as_object().map(serde_json::Map::len);
    anyhow::ensure!(fields == Some(COLUMNS), "{fields:?} fields");
    for name in ["from", "to"] {
        ground.is_running(name)?;
    }
    ground.neighbours_work()
}

const CASES: [Case; 2] =
    [("rows of a megabyte are copied", a_megabyte), ("a table of a thousand columns is copied", a_thousand_columns)];

#[test]
fn large_rows_and_wide_tables_are_copied_in_postgresql() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-sizes-postgresql", &CASES)
}

#[test]
fn large_rows_and_wide_tables_are_copied_in_mariadb() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-sizes-mariadb", &CASES)
}

#[test]
fn large_rows_and_wide_tables_are_copied_in_sqlite() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-sizes-sqlite", &CASES)
}
