//! What goes into columns, by form.

use watertight_harness::database::Database as _;
use watertight_sandbox::sql::ValueNode::{Boolean, Bytes, Float, Integer, Null};

use crate::support::{case, strings, text, told};

#[test]
fn values_arrive_in_the_columns_as_their_forms_say() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-binding")? else { return Ok(()) };
    case.server.sql(
        "CREATE TABLE bound (id INT PRIMARY KEY, flag BOOLEAN, bi BIGINT, bu BIGINT UNSIGNED, d DOUBLE, n DECIMAL(65, 30),
         da DATE, tm TIME(3), dt DATETIME(6), ts TIMESTAMP(6) NULL, t TEXT, b BLOB, j JSON);",
    )?;
    case.run(async {
        let mut db = case.open().await?;
        let sql = "INSERT INTO bound VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let forms = strings(&[
            "integer",
            "boolean",
            "integer",
            "decimal",
            "float",
            "decimal:30",
            "date",
            "time",
            "timestamp:micros@Europe/Berlin",
            "timestamp:micros",
            "text",
            "bytes",
            "",
        ]);
        let mut unscaled = vec![0x01];
        unscaled.extend([0; 12]);
        let values = vec![
            Integer(1),
            Boolean(true),
            Integer(i64::MIN),
            text("18446744073709551615"),
            Float(0.1),
            Bytes(unscaled),
            Integer(-141_427),
            Integer(86_399_999),
            Integer(1_719_828_000_123_456),
            Integer(1_719_835_200_123_456),
            text("a\0'\\ä😀"),
            Bytes(vec![0, 255, 39]),
            text("[1]"),
        ];
        assert_eq!(db.execute(sql.into(), forms.clone(), 1, values).await.map_err(told)?, [1]);
        let mut nulls = vec![Null; 13];
        nulls[0] = Integer(2);
        assert_eq!(db.execute(sql.into(), forms, 1, nulls).await.map_err(told)?, [1]);
        assert_eq!(
            case.server
                .rows("SELECT flag, bi, bu, d, n, da, tm, dt, ts, HEX(t), HEX(b), j FROM bound WHERE id = 1;")?,
            [[
                "1",
                "-9223372036854775808",
                "18446744073709551615",
                "0.1",
                "0.079228162514264337593543950336",
                "1582-10-15",
                "23:59:59.999",
                "2024-07-01 12:00:00.123456",
                "2024-07-01 12:00:00.123456",
                "6100275CC3A4F09F9880",
                "00FF27",
                "[1]",
            ]]
        );
        assert_eq!(
            case.server
                .value("SELECT COUNT(*) FROM bound WHERE id = 2 AND flag IS NULL AND j IS NULL AND ts IS NULL;")?,
            "1"
        );
        // What a column cannot hold is an error, and never cut to size.
        let fault = db
            .execute(
                "UPDATE bound SET n = ? WHERE id = 1".into(),
                strings(&["decimal"]),
                1,
                vec![text(&"9".repeat(40))],
            )
            .await
            .unwrap_err();
        assert_eq!(
            (fault.code.as_str(), fault.vendor_code, fault.sqlstate.as_deref()),
            ("sql", Some(1264), Some("22003"))
        );
        // As many values as question marks.
        for values in [vec![], vec![Integer(1), Integer(2)]] {
            let fault = db.execute("DELETE FROM bound WHERE id = ?".into(), vec![], 1, values).await.unwrap_err();
            assert!(fault.message.starts_with("the statement has 1 parameters"), "{}", fault.message);
        }
        Ok(())
    })
}

#[test]
fn a_value_of_several_packets_goes_there_and_back() -> anyhow::Result<()> {
    let Some(case) = case("mariadb-large")? else { return Ok(()) };
    case.server.administer("SET GLOBAL max_allowed_packet = 64 * 1024 * 1024;")?;
    case.server.sql("CREATE TABLE large (b LONGBLOB);")?;
    case.run(async {
        let limits = watertight_sandbox::sql::SqlLimits { row: 40 << 20, ..crate::support::LIMITS };
        let mut db = case.open_with("", &[], &limits).await.map_err(told)?;
        // One is exactly as long as a packet may be, with its head.
        for length in [0xff_ffff - 5, 0xff_ffff - 6, 20 << 20, 34 << 20] {
            let bytes: Vec<u8> = (0..length).map(|i: usize| u8::try_from(i % 251).unwrap_or(0)).collect();
            db.execute("INSERT INTO large VALUES (?)".into(), vec![], 1, vec![Bytes(bytes.clone())])
                .await
                .map_err(told)?;
            let got = crate::support::row(db.as_mut(), "SELECT b FROM large", &[]).await.map_err(told)?;
            assert!(got == [Bytes(bytes)], "{length}");
            crate::support::execute(db.as_mut(), "DELETE FROM large").await?;
        }
        let fault = db
            .execute("INSERT INTO large VALUES (?)".into(), vec![], 1, vec![Bytes(vec![0; 65 << 20])])
            .await
            .unwrap_err();
        assert!(fault.code == "limit" && fault.message.contains("max_allowed_packet") && !fault.lost, "{fault:?}");
        assert!(db.valid().await);
        Ok(())
    })
}
