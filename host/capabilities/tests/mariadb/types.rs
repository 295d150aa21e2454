//! What comes out of columns of every type.

use watertight_harness::database::Database as _;
use watertight_sandbox::sql::ValueNode::{self, Boolean, Bytes, Float, Integer, Null};

use crate::support::{LIMITS, case, rest, row, strings, text, told};

const TABLE: &str = "CREATE TABLE every (
    id INT PRIMARY KEY, ti TINYINT, tu TINYINT UNSIGNED, flag TINYINT(1), si SMALLINT, su SMALLINT UNSIGNED, mi MEDIUMINT,
    i INT, iu INT UNSIGNED, bi BIGINT, bu BIGINT UNSIGNED, f FLOAT, d DOUBLE, n DECIMAL(65, 30), b1 BIT(1), b9 BIT(9),
    c CHAR(3), v VARCHAR(20), t LONGTEXT, bin BINARY(2), vb VARBINARY(10), bl BLOB, da DATE, dt DATETIME(6),
    ts TIMESTAMP(6) NULL, tm TIME(6), y YEAR, j JSON, e ENUM('a', 'ß'), s SET('x', 'y'), g POINT, u UUID, ip INET6);
    INSERT INTO every (id) VALUES (0);
    INSERT INTO every VALUES (1, -128, 255, 1, -32768, 65535, -8388608, -2147483648, 4294967295, -9223372036854775808,
    18446744073709551615, 1.5, -2.25e300, -99999999999999999999999999999999999.999999999999999999999999999999, b'1',
    b'100000001', 'ab', 'ä€😀', CONCAT('a', CHAR(0), 'b'), x'0001', x'ff00', x'', '9999-12-31',
    '1000-01-01 00:00:00.000001', '2024-07-01 12:00:00.123456', '23:59:59.999999', 2155, '{\"a\": 1}', 'ß', 'x,y',
    ST_GeomFromText('POINT(1 2)'), '123e4567-e89b-12d3-a456-426655440000', '::1');";

#[test]
fn every_type_comes_as_its_own_form_says() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-types")? else { return Ok(()) };
    case.server.sql(TABLE)?;
    case.run(async {
        let mut db = case.open().await?;
        let nulls = row(db.as_mut(), "SELECT * FROM every WHERE id = 0", &[]).await.map_err(told)?;
        assert!(nulls.iter().skip(1).all(|value| *value == Null), "{nulls:?}");
        let mut rows =
            db.query("SELECT * FROM every WHERE id = 1".into(), Vec::new(), Vec::new()).await.map_err(told)?;
        let columns: Vec<_> = rows
            .columns()
            .iter()
            .map(|column| (column.name.clone(), column.type_name.clone(), column.form.clone()))
            .collect();
        let values = rest(rows.as_mut()).await.map_err(told)?.remove(0);
        drop(rows);
        let point: Vec<u8> = [&[0, 0, 0, 0, 1, 1, 0, 0, 0][..], &1_f64.to_le_bytes(), &2_f64.to_le_bytes()].concat();
        let expected: Vec<(&str, &str, ValueNode)> = vec![
            ("INT", "integer", Integer(1)),
            ("TINYINT", "integer", Integer(-128)),
            ("TINYINT UNSIGNED", "integer", Integer(255)),
            ("TINYINT", "boolean", Boolean(true)),
            ("SMALLINT", "integer", Integer(-32_768)),
            ("SMALLINT UNSIGNED", "integer", Integer(65_535)),
            ("MEDIUMINT", "integer", Integer(-8_388_608)),
            ("INT", "integer", Integer(-2_147_483_648)),
            ("INT UNSIGNED", "integer", Integer(4_294_967_295)),
            ("BIGINT", "integer", Integer(i64::MIN)),
            ("BIGINT UNSIGNED", "decimal", text("18446744073709551615")),
            ("FLOAT", "float", Float(1.5)),
            ("DOUBLE", "float", Float(-2.25e300)),
            ("DECIMAL", "decimal", text("-99999999999999999999999999999999999.999999999999999999999999999999")),
            ("BIT", "boolean", Boolean(true)),
            ("BIT", "bytes", Bytes(vec![1, 1])),
            ("CHAR", "text", text("ab")),
            ("VARCHAR", "text", text("ä€😀")),
            ("LONGTEXT", "text", text("a\0b")),
            ("BINARY", "bytes", Bytes(vec![0, 1])),
            ("VARBINARY", "bytes", Bytes(vec![255, 0])),
            ("BLOB", "bytes", Bytes(vec![])),
            ("DATE", "date", Integer(2_932_896)),
            ("DATETIME", "timestamp:micros", Integer(-30_610_224_000_000_000 + 1)),
            ("TIMESTAMP", "timestamp:micros", Integer(1_719_835_200_123_456)),
            ("TIME", "time:micros", Integer(86_399_999_999)),
            ("YEAR", "date", Integer(67_570)),
            ("LONGTEXT", "text", text("{\"a\": 1}")),
            ("ENUM", "text", text("ß")),
            ("SET", "text", text("x,y")),
            ("GEOMETRY", "bytes", Bytes(point)),
            ("CHAR", "text", text("123e4567-e89b-12d3-a456-426655440000")),
            ("CHAR", "text", text("::1")),
        ];
        assert_eq!(columns.len(), expected.len());
        for ((column, value), (name, form, wanted)) in columns.iter().zip(&values).zip(&expected) {
            assert_eq!((column.1.as_str(), column.2.as_str(), value), (*name, *form, wanted), "{}", column.0);
        }
        Ok(())
    })
}

#[test]
fn values_come_in_the_forms_that_are_asked_for_or_say_which_does_not_fit() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-forms")? else { return Ok(()) };
    case.server.sql(
        "CREATE TABLE times (dt DATETIME(6), ts TIMESTAMP(6) NULL, z DATETIME, zd DATE, tm TIME, big BIGINT UNSIGNED, b9 BIT(9));
         SET sql_mode = '';
         INSERT INTO times VALUES ('2024-07-01 12:00:00.123456', '2024-07-01 12:00:00.123456', 0, 0, '-838:59:59', 9223372036854775808, b'101');",
    )?;
    case.run(async {
        // With MariaDB's URL, days that are none are null, as with its driver.
        let mut db = case.open().await?;
        assert_eq!(row(db.as_mut(), "SELECT z FROM times", &["timestamp"]).await.map_err(told)?, [Null]);
        let mut db =
            case.open_with("", &[("connection.url", &case.server.mysql_url())], &LIMITS).await.map_err(told)?;
        let db = db.as_mut();
        let zoned = row(
            db,
            "SELECT dt, ts, dt, ts FROM times",
            &["timestamp@Europe/Berlin", "timestamp@Europe/Berlin", "date", "text"],
        );
        assert_eq!(
            zoned.await.map_err(told)?,
            [
                Integer(1_719_828_000_123),
                Integer(1_719_835_200_123),
                Integer(19_905),
                text("2024-07-01 12:00:00.123456")
            ]
        );
        let numbers = row(
            db,
            "SELECT 12, 1.50, 1.50, 2.00, b9, CAST(7 AS UNSIGNED), 1e0 FROM times",
            &["decimal:2", "decimal:2", "float", "integer", "integer", "text", "integer"],
        );
        assert_eq!(
            numbers.await.map_err(told)?,
            [Bytes(vec![4, 0xb0]), Bytes(vec![0, 0x96]), Float(1.5), Integer(2), Integer(5), text("7"), Integer(1)]
        );
        for (sql, form, words) in [
            (
                "SELECT z FROM times",
                "timestamp",
                "column z, row 1: '0000-00-00 00:00:00' cannot be read as timestamp:millis",
            ),
            ("SELECT zd FROM times", "date", "zeroDateTimeBehavior"),
            ("SELECT tm FROM times", "time", "column tm, row 1: '-838:59:59' cannot be read as time:millis"),
            ("SELECT big FROM times", "integer", "outside of 64 bits"),
            ("SELECT 1.5 AS price", "decimal:0", "column price"),
            ("SELECT x'ff' AS raw", "text", "not text in UTF-8"),
            ("SELECT 'x' AS word", "date", "no such form"),
        ] {
            let fault = row(db, sql, &[form]).await.unwrap_err();
            assert_eq!(fault.code, "data");
            assert!(fault.message.contains(words), "{}", fault.message);
            assert!(!fault.lost && !fault.retriable);
        }
        assert_eq!(
            row(db, "SELECT z, tm FROM times", &["text", "text"]).await.map_err(told)?,
            [text("0000-00-00 00:00:00"), text("-838:59:59")]
        );
        let unknown = row(db, "SELECT 1", &["int"]).await.unwrap_err();
        assert!(unknown.message.contains("no form 'int'"), "{}", unknown.message);
        let few =
            db.query("SELECT 1, 2".into(), Vec::new(), Vec::new()).await.map_err(told)?.read_as(&strings(&["text"]));
        assert_eq!(few.unwrap_err().code, "data");
        Ok::<_, anyhow::Error>(())
    })?;
    case.run(async {
        for (parameter, value) in [("convertToNull", Null), ("round", Integer(-62_135_596_800_000))] {
            let url = format!("{}?zeroDateTimeBehavior={parameter}", case.server.mysql_url());
            let mut db = case.open_with("", &[("connection.url", &url)], &LIMITS).await.map_err(told)?;
            assert_eq!(row(db.as_mut(), "SELECT z FROM times", &["timestamp"]).await.map_err(told)?, [value]);
        }
        let url = format!("{}?tinyInt1isBit=false&yearIsDateType=false", case.server.mysql_url());
        let mut db = case.open_with("", &[("connection.url", &url)], &LIMITS).await.map_err(told)?;
        let sql = "SELECT CAST(2024 AS YEAR)";
        // There is no cast to YEAR in MariaDB: a table has it.
        assert!(row(db.as_mut(), sql, &[]).await.is_err());
        case.server.sql("CREATE TABLE tastes (flag TINYINT(1), y YEAR); INSERT INTO tastes VALUES (5, 2024);")?;
        assert_eq!(
            row(db.as_mut(), "SELECT flag, y FROM tastes", &[]).await.map_err(told)?,
            [Integer(5), Integer(2024)]
        );
        Ok(())
    })
}
