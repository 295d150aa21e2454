//! Tables that are missing, wrong, or raced for.

use super::*;

fn people() -> SinkBatch {
    values(vec![person(1, "a")])
}

/// Executes `CREATE` and `ALTER` by putting these tables in place.
fn becoming(fake: &Rc<Fake>, tables: &'static [(&'static str, &'static [&'static str])], fails: bool) {
    let weak = Rc::downgrade(fake);
    fake.react(move |sql, _| {
        if !sql.starts_with("CREATE") && !sql.starts_with("ALTER") {
            return Ok(());
        }
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let tables = tables.iter().map(|(name, columns)| ((*name).to_owned(), owned(columns))).collect();
        *weak.upgrade().unwrap().tables.borrow_mut() = tables;
        if fails { Err(fault("sql", "42P07", "already exists")) } else { Ok(()) }
    });
}

#[test]
fn a_missing_table_is_created_as_the_record_wants_it() {
    let fake = Fake::install("postgresql", &[]);
    becoming(&fake, &[("t", &["id", "name"])], false);
    let mut task =
        task(&[("auto.create", "true"), ("insert.mode", "upsert"), ("pk.mode", "record_value"), ("pk.fields", "id")]);
    assert_eq!(put(&mut task, people()).unwrap().taken, 1);
    assert_eq!(fake.done()[1], r#"CREATE TABLE "t" ("id" BIGINT NOT NULL, "name" TEXT NULL, PRIMARY KEY("id"))"#);
}

#[test]
fn another_task_may_have_created_it_meanwhile() {
    let fake = Fake::install("postgresql", &[]);
    becoming(&fake, &[("t", &["id", "name"])], true);
    assert_eq!(put(&mut task(&[("auto.create", "true")]), people()).unwrap().taken, 1);
}

#[test]
fn a_table_that_cannot_be_created_is_an_error() {
    let fake = Fake::install("postgresql", &[]);
    fake.react(|_, _| Err(fault("sql", "42501", "permission denied for schema public")));
    let failure = put(&mut task(&[("auto.create", "true")]), people()).unwrap_err();
    assert!(failure.message.starts_with("Cannot create table t: permission denied"), "{}", failure.message);
    assert!(!failure.retriable);
}

#[test]
fn without_auto_create_a_missing_table_is_an_error_even_with_a_reporter() {
    Fake::install("postgresql", &[]);
    with_reporter();
    let failure = put(&mut task(&[]), people()).unwrap_err();
    assert!(failure.message.contains("Table t is missing") && failure.message.contains("auto.create"));
}

#[test]
fn missing_columns_are_added_one_by_one() {
    let fake = Fake::install("sqlite", &[("t", &["id"])]);
    becoming(&fake, &[("t", &["id", "name"])], false);
    assert_eq!(put(&mut task(&[("auto.evolve", "true")]), people()).unwrap().taken, 1);
    assert_eq!(fake.done()[1], r#"ALTER TABLE "t" ADD COLUMN "name" TEXT NULL"#);
}

#[test]
fn another_task_may_have_added_it_meanwhile() {
    let fake = Fake::install("postgresql", &[("t", &["id"])]);
    becoming(&fake, &[("t", &["id", "name"])], true);
    assert_eq!(put(&mut task(&[("auto.evolve", "true")]), people()).unwrap().taken, 1);
}

#[test]
fn without_auto_evolve_a_record_with_more_fields_is_bad() {
    Fake::install("sqlite", &[("t", &["id"])]);
    let failure = put(&mut task(&[]), people()).unwrap_err();
    assert_eq!(
        failure.message,
        "t-3@10: Table t is missing fields (name) and auto-evolution is disabled (auto.evolve)"
    );
    with_reporter();
    let report = put(&mut task(&[]), people()).unwrap();
    assert_eq!((report.taken, report.rejected.len()), (1, 1));
}

#[test]
fn a_column_that_must_not_be_null_is_not_added() {
    let fake = Fake::install("sqlite", &[("t", &["name"])]);
    let failure = put(&mut task(&[("auto.evolve", "true")]), people()).unwrap_err();
    assert!(failure.message.contains("is not optional and does not have a default value"), "{}", failure.message);
    assert!(!fake.done().iter().any(|line| line.starts_with("ALTER")));
}

#[test]
fn a_column_added_by_others_is_seen() {
    let fake = Fake::install("sqlite", &[("t", &["id"])]);
    let mut task = task(&[]);
    assert!(put(&mut task, people()).is_err());
    *fake.tables.borrow_mut() = vec![("t".into(), vec!["id".into(), "name".into()])];
    assert_eq!(put(&mut task, people()).unwrap().taken, 1);
}

#[test]
fn a_column_may_differ_in_upper_and_lower_case_if_it_is_the_only_one() {
    let fake = Fake::install("postgresql", &[("t", &["ID", "Name"])]);
    put(&mut task(&[]), people()).unwrap();
    assert!(fake.done()[1].starts_with(r#"INSERT INTO "t" ("ID","Name")"#));
    Fake::install("postgresql", &[("t", &["id", "NAME", "Name"])]);
    assert!(put(&mut task(&[]), people()).unwrap_err().message.contains("missing fields (name)"));
}

#[test]
fn only_the_kinds_of_tables_allowed_are_written_into() {
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.kind.set("VIEW");
    let failure = put(&mut task(&[]), people()).unwrap_err();
    assert_eq!(failure.message, "t is a VIEW, and table.types allows TABLE");
    assert!(put(&mut task(&[("table.types", "TABLE, view")]), people()).is_ok());
}

#[test]
fn arrays_need_a_database_that_has_them() {
    let fake = Fake::install("sqlite", &[]);
    let list = [SchemaNode::new(Shape::ArrayOf), SchemaNode::primitive(Primitive::Int32)];
    let value =
        || Datum::of(schema(&[("list", &list)]), Value::Tape(vec![ValueNode::Fields(1), ValueNode::Elements(0)]));
    let failure = put(&mut task(&[("auto.create", "true")]), values(vec![value()])).unwrap_err();
    assert!(failure.message.contains("the field list is an array, for which SQLite has no column type"));
    drop(fake);
}

#[test]
fn names_from_records_are_quoted_wherever_they_stand() {
    let evil = "x\"); DROP TABLE t; --";
    let fake = Fake::install("sqlite", &[]);
    let value = Datum::of(schema(&[(evil, &int())]), row(&[ValueNode::Integer(1)]));
    let failure = put(&mut task(&[("auto.create", "true")]), values(vec![value])).unwrap_err();
    assert!(failure.message.contains("was created and cannot be found"), "{}", failure.message);
    assert_eq!(
        fake.done()[1],
        r#"CREATE TABLE "t" ("x""); DROP TABLE t; --" BIGINT NOT NULL)"#.replace("BIGINT", "INTEGER")
    );
}

#[test]
fn an_upsert_without_a_unique_key_is_said_before_or_after() {
    let upserting = [("insert.mode", "upsert"), ("pk.mode", "record_value"), ("pk.fields", "id")];
    Fake::install("mariadb", &[("t", &["id", "name"])]);
    put(&mut task(&upserting), people()).unwrap();
    let warned = watertight_sdk::testing::logged("warn");
    assert!(
        warned.iter().any(|line| line.contains("primary key of table t is (), and pk.mode takes (id)")),
        "{warned:?}"
    );
    let fake = Fake::install("postgresql", &[("t", &["id", "name"])]);
    fake.react(|_, _| Err(fault("sql", "42P10", "there is no unique constraint")));
    let failure = put(&mut task(&upserting), people()).unwrap_err();
    assert!(failure.message.ends_with("a unique index on just these columns: id"), "{}", failure.message);
}
