#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::literals::literal;
use super::statements::{self, NewColumn};
use super::types::{Type, Unit};
use super::*;
use watertight_sdk::ValueNode;

const ALL: [Product; 4] = [Product::Sqlite, Product::Postgres, Product::Mysql, Product::Mariadb];

fn dialect(product: Product) -> Dialect {
    Dialect { product, quote: true, parameters: 65_535, bytes: 1 << 20 }
}

fn name(catalog: Option<&str>, schema: Option<&str>, name: &str) -> TableName {
    TableName { catalog: catalog.map(str::to_owned), schema: schema.map(str::to_owned), name: name.to_owned() }
}

/// Reads a quoted identifier as the databases do: what it says, and what follows it.
fn unquote(product: Product, sql: &str) -> (String, String) {
    let mut letters = sql.chars();
    assert_eq!(letters.next(), Some(product.quote()), "{sql}");
    let mut read = String::new();
    while let Some(letter) = letters.next() {
        if letter != product.quote() {
            read.push(letter);
        } else if letters.clone().next() == Some(product.quote()) {
            letters.next();
            read.push(letter);
        } else {
            return (read, letters.collect());
        }
    }
    panic!("{sql} does not end");
}

/// Names of letters that mean something to somebody.
fn odd_names() -> impl Iterator<Item = String> {
    const LETTERS: [char; 16] =
        ['a', 'B', '"', '`', '\'', '\\', ';', '-', '/', '*', '.', ' ', '\n', '$', 'ß', '\u{202e}'];
    let mut state = 42_u64;
    (0..20_000).map(move |_| {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let length = 1 + next() % 12;
        (0..length).map(|_| LETTERS[next() % LETTERS.len()]).collect()
    })
}

#[test]
fn whatever_a_name_contains_it_stays_one_name() {
    for product in ALL {
        for quote in [true, false] {
            let dialect = Dialect { quote, ..dialect(product) };
            for name in odd_names() {
                let sql = dialect.quote(&name);
                if !quote && names::is_plain(&name) {
                    assert_eq!(sql, name);
                } else {
                    assert_eq!(unquote(product, &sql), (name, String::new()));
                }
            }
        }
    }
}

#[test]
fn a_topic_never_becomes_more_than_names() {
    for product in ALL {
        let dialect = dialect(product);
        for topic in odd_names() {
            let quoted = format!("{0}${{topic}}{0}", product.quote());
            let table = dialect.table_of_topic(&quoted, &topic).unwrap();
            assert_eq!((table.schema, table.catalog, table.name.as_str()), (None, None, topic.as_str()));
            // Bare, a dot may part it, and nothing else; what cannot be parted is an error.
            if let Ok(table) = dialect.table_of_topic("${topic}", &topic) {
                let parts = [table.catalog.as_deref(), table.schema.as_deref(), Some(table.name.as_str())];
                assert_eq!(parts.into_iter().flatten().collect::<Vec<_>>().join("."), topic);
                let mut rest = dialect.table(&table);
                for part in parts.into_iter().flatten() {
                    let (read, more) = unquote(product, &rest);
                    assert_eq!(read, part);
                    rest = more.strip_prefix('.').unwrap_or(&more).to_owned();
                }
                assert!(rest.is_empty(), "{topic}: {rest}");
            }
        }
    }
}

#[test]
fn names_are_read_as_people_write_them() {
    let read = |product, text| dialect(product).parse_table(text).unwrap();
    assert_eq!(read(Product::Postgres, "orders"), name(None, None, "orders"));
    assert_eq!(read(Product::Postgres, "shop.orders"), name(None, Some("shop"), "orders"));
    assert_eq!(read(Product::Postgres, "db.shop.orders"), name(Some("db"), Some("shop"), "orders"));
    assert_eq!(read(Product::Postgres, "\"shop.x\".\"or\"\"ders\""), name(None, Some("shop.x"), "or\"ders"));
    assert_eq!(read(Product::Mariadb, "shop.orders"), name(Some("shop"), None, "orders"));
    assert_eq!(read(Product::Mysql, "`a``b`.\"c\""), name(Some("a`b"), None, "c"));
    assert_eq!(read(Product::Sqlite, "main.orders"), name(None, None, "orders"));
    assert_eq!(read(Product::Sqlite, "a.b.c.d"), name(None, None, "a.b.c.d"));
    assert_eq!(read(Product::Sqlite, "\"a.b\""), name(None, None, "a.b"));
    for (product, text) in [
        (Product::Postgres, ""),
        (Product::Postgres, "a.b.c.d"),
        (Product::Mysql, "a.b.c"),
        (Product::Postgres, ".a"),
        (Product::Postgres, "\"a"),
        (Product::Postgres, "\"a\"b"),
        (Product::Postgres, "a\0b"),
    ] {
        assert!(dialect(product).parse_table(text).is_err(), "{text}");
    }
}

#[test]
fn a_name_that_postgresql_would_cut_is_an_error() {
    let long = "t".repeat(64);
    let failure = dialect(Product::Postgres).table_of_topic("${topic}", &long).unwrap_err();
    assert!(failure.message.contains("64 bytes, PostgreSQL keeps 63"), "{}", failure.message);
    assert!(dialect(Product::Sqlite).table_of_topic("${topic}", &long).is_ok());
}

#[test]
fn without_quotes_postgresql_keeps_lower_case() {
    let dialect = Dialect { quote: false, ..dialect(Product::Postgres) };
    assert_eq!((dialect.quote("Orders"), dialect.stored("Orders")), ("Orders".to_owned(), "orders".to_owned()));
    assert_eq!((dialect.quote("Or ders"), dialect.stored("Or ders")), ("\"Or ders\"".to_owned(), "Or ders".to_owned()));
}

#[test]
fn statements_are_those_of_each_database() {
    let table = TableName::new("t");
    let (sqlite, postgres, mysql) = (dialect(Product::Sqlite), dialect(Product::Postgres), dialect(Product::Mariadb));
    assert_eq!(
        statements::insert(&postgres, &name(None, Some("s"), "t"), &["a", "b"], 2),
        r#"INSERT INTO "s"."t" ("a","b") VALUES ($1,$2),($3,$4)"#
    );
    assert_eq!(statements::insert(&mysql, &table, &["a", "b"], 1), "INSERT INTO `t` (`a`,`b`) VALUES (?,?)");
    assert_eq!(
        statements::upsert(&postgres, &table, &["k"], &["a", "b"], 1),
        r#"INSERT INTO "t" ("k","a","b") VALUES ($1,$2,$3) ON CONFLICT ("k") DO UPDATE SET "a"=EXCLUDED."a","b"=EXCLUDED."b""#
    );
    assert_eq!(
        statements::upsert(&sqlite, &table, &["k", "l"], &[], 1),
        r#"INSERT INTO "t" ("k","l") VALUES (?,?) ON CONFLICT ("k","l") DO NOTHING"#
    );
    assert_eq!(
        statements::upsert(&mysql, &table, &["k"], &["a"], 1),
        "INSERT INTO `t` (`k`,`a`) VALUES (?,?) ON DUPLICATE KEY UPDATE `a`=VALUES(`a`)"
    );
    assert_eq!(
        statements::upsert(&mysql, &table, &["k", "l"], &[], 1),
        "INSERT INTO `t` (`k`,`l`) VALUES (?,?) ON DUPLICATE KEY UPDATE `k`=VALUES(`k`)"
    );
    assert_eq!(
        statements::update(&postgres, &table, &["k", "l"], &["a"]),
        r#"UPDATE "t" SET "a"=$1 WHERE "k"=$2 AND "l"=$3"#
    );
    assert_eq!(statements::update(&sqlite, &table, &["k"], &[]), r#"UPDATE "t" SET "k"="k" WHERE "k"=?"#);
    assert_eq!(statements::delete(&postgres, &table, &["k"], 1), r#"DELETE FROM "t" WHERE "k"=$1"#);
    assert_eq!(statements::delete(&postgres, &table, &["k"], 2), r#"DELETE FROM "t" WHERE "k" IN ($1,$2)"#);
    assert_eq!(statements::delete(&mysql, &table, &["k", "l"], 2), "DELETE FROM `t` WHERE (`k`,`l`) IN ((?,?),(?,?))");
    assert_eq!(
        statements::delete(&sqlite, &table, &["k", "l"], 2),
        r#"DELETE FROM "t" WHERE ("k","l") IN (VALUES (?,?),(?,?))"#
    );
}

#[test]
fn tables_are_created_and_altered_with_what_a_column_is() {
    let table = TableName::new("t");
    let column = |name: &str, nullable, default: Option<&str>| NewColumn {
        name: name.to_owned(),
        kind: "INT".to_owned(),
        nullable,
        default: default.map(str::to_owned),
    };
    let columns = [column("k", false, None), column("a", true, None), column("b", true, Some("7"))];
    assert_eq!(
        statements::create(&dialect(Product::Postgres), &table, &columns, &["k"]),
        r#"CREATE TABLE "t" ("k" INT NOT NULL, "a" INT NULL, "b" INT DEFAULT 7, PRIMARY KEY("k"))"#
    );
    assert_eq!(
        statements::add_column(&dialect(Product::Sqlite), &table, &columns[1]),
        r#"ALTER TABLE "t" ADD COLUMN "a" INT NULL"#
    );
}

#[test]
fn every_type_has_a_column_where_the_database_has_one() {
    let every = [
        (Type::Boolean, "INTEGER", "BOOLEAN", "TINYINT"),
        (Type::Int8, "INTEGER", "SMALLINT", "TINYINT"),
        (Type::Int16, "INTEGER", "SMALLINT", "SMALLINT"),
        (Type::Int32, "INTEGER", "INT", "INT"),
        (Type::Int64, "INTEGER", "BIGINT", "BIGINT"),
        (Type::Float32, "REAL", "REAL", "FLOAT"),
        (Type::Float64, "REAL", "DOUBLE PRECISION", "DOUBLE"),
        (Type::Text, "TEXT", "TEXT", "LONGTEXT"),
        (Type::Bytes, "BLOB", "BYTEA", "LONGBLOB"),
        (Type::Decimal(3), "NUMERIC", "DECIMAL", "DECIMAL(65,3)"),
        (Type::Date, "NUMERIC", "DATE", "DATE"),
        (Type::Time, "NUMERIC", "TIME", "TIME(3)"),
        (Type::Timestamp, "NUMERIC", "TIMESTAMP", "DATETIME(3)"),
        (Type::Instant(Unit::Micros), "NUMERIC", "TIMESTAMP", "DATETIME(6)"),
    ];
    for (kind, sqlite, postgres, mysql) in every {
        assert_eq!(kind.column(Product::Sqlite, false).as_deref(), Some(sqlite));
        assert_eq!(kind.column(Product::Postgres, true).as_deref(), Some(postgres));
        assert_eq!(kind.column(Product::Mysql, false).as_deref(), Some(mysql));
    }
    assert_eq!(Type::Text.column(Product::Mariadb, true).as_deref(), Some("VARCHAR(256)"));
    let array = Type::Array(Box::new(Type::Int64));
    assert_eq!(array.column(Product::Postgres, false).as_deref(), Some("BIGINT[]"));
    assert_eq!((array.column(Product::Sqlite, false), array.form("UTC")), (None, "array:integer".to_owned()));
    assert_eq!(Type::Timestamp.form("Europe/Vienna"), "timestamp@Europe/Vienna");
    assert_eq!(Type::Instant(Unit::Nanos).form("UTC"), "timestamp:nanos");
    assert_eq!(Type::Decimal(-2).form("UTC"), "decimal:-2");
}

#[test]
fn defaults_are_written_so_that_no_text_leaves_its_quotes() {
    let text = |product, text: &str| literal(product, &Type::Text, &[ValueNode::Text(text.to_owned())]);
    assert_eq!(text(Product::Sqlite, "it's"), Some("'it''s'".to_owned()));
    assert_eq!(text(Product::Postgres, r"\'; DROP"), Some(r"E'\\''; DROP'".to_owned()));
    assert_eq!(text(Product::Mysql, r"\'; DROP"), Some(r"('\\''; DROP')".to_owned()));
    assert_eq!(text(Product::Postgres, "a\0"), None);
    let one = |product, kind, node| literal(product, &kind, &[node]);
    assert_eq!(one(Product::Postgres, Type::Boolean, ValueNode::Boolean(true)).as_deref(), Some("TRUE"));
    assert_eq!(one(Product::Mysql, Type::Boolean, ValueNode::Boolean(true)).as_deref(), Some("1"));
    assert_eq!(one(Product::Postgres, Type::Bytes, ValueNode::Bytes(vec![0xab])).as_deref(), Some("'\\xab'::bytea"));
    assert_eq!(one(Product::Sqlite, Type::Decimal(2), ValueNode::Bytes(vec![0xff])).as_deref(), Some("-0.01"));
    assert_eq!(one(Product::Sqlite, Type::Decimal(0), ValueNode::Bytes(vec![1, 0])).as_deref(), Some("256"));
    assert_eq!(one(Product::Postgres, Type::Date, ValueNode::Integer(-1)).as_deref(), Some("'1969-12-31'"));
    assert_eq!(one(Product::Mysql, Type::Date, ValueNode::Integer(19_782)).as_deref(), Some("'2024-02-29'"));
    assert_eq!(one(Product::Mysql, Type::Time, ValueNode::Integer(3_661_001)).as_deref(), Some("'01:01:01.001'"));
    assert_eq!(
        one(Product::Postgres, Type::Timestamp, ValueNode::Integer(-1)).as_deref(),
        Some("'1969-12-31 23:59:59.999'")
    );
    assert_eq!(
        one(Product::Mysql, Type::Instant(Unit::Nanos), ValueNode::Integer(1_001_999)).as_deref(),
        Some("'1970-01-01 00:00:00.001001'")
    );
    assert_eq!(one(Product::Postgres, Type::Float64, ValueNode::Float(f64::NAN)), None);
    assert_eq!(one(Product::Postgres, Type::Float64, ValueNode::Float(1.0)).as_deref(), Some("1.0"));
}

#[test]
fn a_dialect_is_known_by_the_names_of_the_jvm_connectors() {
    assert!(Product::Postgres.is_called("PostgreSqlDatabaseDialect"));
    assert!(Product::Mariadb.is_called("io.confluent.connect.jdbc.dialect.MySqlDatabaseDialect"));
    assert!(Product::Sqlite.is_called("SqliteDatabaseDialect"));
    assert!(!Product::Sqlite.is_called("OracleDatabaseDialect") && !Product::Postgres.is_called(""));
}
