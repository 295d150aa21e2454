use super::*;

#[tokio::test]
async fn tables_and_views_come_in_the_order_of_their_names() {
    let (_scene, mut db) = Scene::with(&[
        "CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE VIEW a AS SELECT 1 AS x",
        "CREATE TABLE \"o'dd \"\"name\"(x)",
        "CREATE INDEX i ON b(id)",
    ])
    .await;
    for (kinds, expected) in [
        (vec!["TABLE"], vec!["b TABLE", "o'dd \"name TABLE"]),
        (vec!["VIEW"], vec!["a VIEW"]),
        (vec!["TABLE", "VIEW"], vec!["a VIEW", "b TABLE", "o'dd \"name TABLE"]),
        (vec![], vec!["a VIEW", "b TABLE", "o'dd \"name TABLE", "sqlite_sequence SYSTEM TABLE"]),
        (vec!["SYNONYM"], vec![]),
    ] {
        let found = db.tables(None, None, strings(&kinds)).await.unwrap();
        let told: Vec<String> = found.iter().map(|table| format!("{} {}", table.name.name, table.kind)).collect();
        assert_eq!(told, expected);
        assert!(found.iter().all(|table| table.name.catalog.is_none() && table.name.schema.is_none()));
    }
}

#[tokio::test]
async fn columns_tell_what_was_declared() {
    let (_scene, mut db) = Scene::with(&[
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, price DECIMAL(10,2) DEFAULT 0, \
         name VARCHAR(20) NOT NULL DEFAULT 'x', small SMALLINT, twice INT GENERATED ALWAYS AS (small * 2) STORED, loose)",
        "CREATE VIEW v AS SELECT id, price * 2 AS twice FROM t",
    ])
    .await;
    let columns = db.columns(named("T")).await.unwrap().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "price", "name", "small", "twice", "loose"]);
    let [id, price, name, small, twice, loose] = &columns[..] else { panic!("{columns:?}") };
    assert_eq!((id.type_name.as_str(), id.form.as_str(), id.nullable), ("INTEGER", "integer", Some(false)));
    assert_eq!((detail(id, "auto-increment"), detail(id, "primary-key")), (Some("true"), Some("1")));
    assert_eq!(detail(id, "table"), Some("t"));
    assert_eq!((price.form.as_str(), price.precision, price.scale), ("decimal:2", Some(10), Some(2)));
    assert_eq!((detail(price, "default"), price.nullable), (Some("0"), Some(true)));
    assert_eq!((name.precision, name.nullable, detail(name, "default")), (Some(20), Some(false), Some("'x'")));
    assert_eq!((detail(small, "size"), detail(small, "signed")), (Some("2"), Some("true")));
    assert_eq!((detail(twice, "generated"), detail(small, "generated")), (Some("true"), Some("false")));
    assert_eq!((loose.type_name.as_str(), loose.form.as_str()), ("", "text"));
    let view = db.columns(named("v")).await.unwrap().unwrap();
    assert_eq!(view.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["id", "twice"]);
    assert!(db.columns(named("nope")).await.unwrap().is_none());
    assert!(db.columns(named("sqlite_master; --")).await.unwrap().is_none());
}

#[tokio::test]
async fn primary_keys_come_in_their_own_order() {
    let (_scene, mut db) = Scene::with(&[
        "CREATE TABLE t(a, b, c, PRIMARY KEY(c, a)) WITHOUT ROWID",
        "CREATE TABLE none(a)",
        "CREATE TABLE plain(id INTEGER PRIMARY KEY)",
    ])
    .await;
    assert_eq!(db.primary_key(named("t")).await.unwrap(), ["c", "a"]);
    assert!(db.primary_key(named("none")).await.unwrap().is_empty());
    assert!(db.primary_key(named("nope")).await.unwrap().is_empty());
    // As JDBC has it: the word counts, and not what SQLite does.
    let plain = db.columns(named("plain")).await.unwrap().unwrap();
    assert_eq!(detail(&plain[0], "auto-increment"), Some("false"));
    let open = ask(&mut db, "SELECT c, b AS other, a FROM t").await.unwrap();
    let keys: Vec<Option<&str>> = open.columns().iter().map(|column| detail(column, "primary-key")).collect();
    assert_eq!(keys, [Some("1"), None, Some("2")]);
    assert_eq!(open.columns()[1].name, "other");
}

#[tokio::test]
async fn integers_are_as_large_as_their_words_unless_the_first_value_is_larger() {
    let (_scene, mut db) = Scene::with(&["CREATE TABLE t(a INTEGER, b BIGINT, c TINYINT)"]).await;
    for (values, sizes) in [("1, 1, 1", ["4", "8", "1"]), ("4294967296, 1, 1", ["8", "8", "1"])] {
        run(&mut db, "DELETE FROM t").await.unwrap();
        run(&mut db, &format!("INSERT INTO t VALUES({values})")).await.unwrap();
        let open = ask(&mut db, "SELECT * FROM t").await.unwrap();
        let told: Vec<&str> = open.columns().iter().filter_map(|column| detail(column, "size")).collect();
        assert_eq!(told, sizes);
    }
}

#[tokio::test]
async fn facts_are_those_of_the_database() {
    let (scene, db) = Scene::with(&[]).await;
    let fact = |name| db.fact(name).unwrap_or_default();
    assert_eq!(fact("product"), "sqlite");
    assert!(fact("version").starts_with("3."));
    assert_eq!(fact("quote"), "\"");
    assert_eq!(fact("parameters.max"), "32766");
    assert_eq!(fact("url"), format!("jdbc:sqlite:{}", scene.path("test.db").display()));
    assert_eq!(db.fact("catalog"), None);
}
