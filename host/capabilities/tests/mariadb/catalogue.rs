//! Tables, columns and keys.

use watertight_harness::database::Database as _;
use watertight_sandbox::sql::{Column, TableName};

use crate::support::{case, strings, told};

fn name(name: &str) -> TableName {
    TableName { catalog: None, schema: None, name: name.into() }
}

fn detail<'a>(column: &'a Column, name: &str) -> Option<&'a str> {
    column.details.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn tables_and_columns_are_told_as_jdbc_does() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-catalogue")? else { return Ok(()) };
    case.server.sql(
        "CREATE TABLE `Odd ``name``` (id BIGINT UNSIGNED AUTO_INCREMENT, `part two` VARCHAR(30) NOT NULL DEFAULT 'it''s',
         price DECIMAL(12, 3) DEFAULT 1.5, at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), seen DATETIME(6),
         twice DECIMAL(13, 3) AS (price * 2) STORED, flag TINYINT(1), u UUID, PRIMARY KEY (`part two`, id), KEY (id));
         CREATE VIEW a_view AS SELECT 1 AS one; CREATE TABLE other (id INT);",
    )?;
    case.run(async {
        let mut db = case.open().await?;
        let told_tables = |tables: Vec<watertight_sandbox::sql::Table>| -> Vec<(String, String)> {
            tables.into_iter().map(|table| (table.name.name, table.kind)).collect()
        };
        let pair = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        let all = db.tables(None, None, vec![]).await.map_err(told)?;
        assert!(all.iter().all(|table| table.name.catalog.as_deref() == Some("shop") && table.name.schema.is_none()));
        assert_eq!(told_tables(all), [pair("a_view", "VIEW"), pair("Odd `name`", "TABLE"), pair("other", "TABLE")]);
        let views = db.tables(Some("shop".into()), None, strings(&["VIEW"])).await.map_err(told)?;
        assert_eq!(told_tables(views), [pair("a_view", "VIEW")]);
        let system = db.tables(Some("information_schema".into()), None, vec![]).await.map_err(told)?;
        assert!(system.iter().all(|table| table.kind == "SYSTEM VIEW") && !system.is_empty());
        assert!(db.tables(Some("nowhere".into()), None, vec![]).await.map_err(told)?.is_empty());

        assert!(db.columns(name("nothing")).await.map_err(told)?.is_none());
        let columns = db.columns(name("Odd `name`")).await.map_err(told)?.unwrap_or_default();
        let plain: Vec<_> = columns
            .iter()
            .map(|c| (c.name.as_str(), c.type_name.as_str(), c.form.as_str(), c.nullable, c.precision, c.scale))
            .collect();
        assert_eq!(
            plain,
            [
                ("id", "BIGINT UNSIGNED", "decimal", Some(false), Some(20), None),
                ("part two", "VARCHAR", "text", Some(false), Some(30), None),
                ("price", "DECIMAL", "decimal", Some(true), Some(12), Some(3)),
                ("at", "TIMESTAMP", "timestamp", Some(false), None, None),
                ("seen", "DATETIME", "timestamp:micros", Some(true), None, None),
                ("twice", "DECIMAL", "decimal", Some(true), Some(13), Some(3)),
                ("flag", "TINYINT", "boolean", Some(true), Some(3), None),
                ("u", "UUID", "text", Some(true), None, None),
            ]
        );
        assert_eq!(
            (detail(&columns[0], "auto-increment"), detail(&columns[0], "primary-key")),
            (Some("true"), Some("2"))
        );
        assert_eq!((detail(&columns[1], "default"), detail(&columns[1], "primary-key")), (Some("'it''s'"), Some("1")));
        assert_eq!(detail(&columns[2], "default"), Some("1.500"));
        assert_eq!((detail(&columns[3], "zone"), detail(&columns[3], "fraction")), (Some("true"), Some("3")));
        assert_eq!((detail(&columns[4], "zone"), detail(&columns[4], "default")), (None, None));
        assert_eq!(detail(&columns[5], "generated"), Some("true"));
        assert_eq!(db.primary_key(name("Odd `name`")).await.map_err(told)?, ["part two", "id"]);
        assert!(db.primary_key(name("other")).await.map_err(told)?.is_empty());
        // A result knows its columns alike.
        let rows = db
            .query("SELECT id, price AS p, at, 1 + 1 FROM `Odd ``name```".into(), vec![], vec![])
            .await
            .map_err(told)?;
        let result = rows.columns();
        assert_eq!((result[1].precision, result[1].scale, result[1].name.as_str()), (Some(12), Some(3), "p"));
        assert_eq!(
            (detail(&result[0], "auto-increment"), detail(&result[0], "table")),
            (Some("true"), Some("Odd `name`"))
        );
        assert_eq!((detail(&result[2], "fraction"), detail(&result[3], "table")), (Some("3"), None));
        Ok(())
    })
}

#[test]
fn a_connection_knows_what_it_is_connected_to() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-facts")? else { return Ok(()) };
    case.run(async {
        let db = case.open().await?;
        assert_eq!(db.fact("product").as_deref(), Some("mariadb"));
        assert!(db.fact("version").is_some_and(|version| version.starts_with("1") && version.contains("MariaDB")));
        assert_eq!(db.fact("url").as_deref(), Some(case.server.url().as_str()));
        assert_eq!((db.fact("catalog").as_deref(), db.fact("schema")), (Some("shop"), None));
        assert_eq!((db.fact("quote").as_deref(), db.fact("parameters.max").as_deref()), (Some("`"), Some("65535")));
        Ok(())
    })
}
