use std::os::unix::fs::symlink;

use watertight_sandbox::sql::code;

use super::*;

async fn fails(scene: &Scene) -> Fault {
    scene.try_open().await.err().expect("it was opened")
}

#[tokio::test]
async fn a_file_outside_of_the_roots_is_denied_with_the_setting() {
    let mut scene = Scene::new();
    scene.settings.place = Place::File("/etc/passwd".into());
    let fault = fails(&scene).await;
    assert_eq!(fault.code, code::DENIED);
    assert!(fault.message.contains("sandbox.fs.roots"), "{}", fault.message);
}

#[tokio::test]
async fn links_within_the_root_are_followed_and_others_are_not() {
    let outside = tempfile::tempdir().unwrap();
    let mut scene = Scene::new();
    drop(scene.open().await);
    std::fs::create_dir(scene.path("sub")).unwrap();
    symlink("../test.db", scene.path("sub/link.db")).unwrap();
    scene.settings.place = Place::File(scene.path("sub/link.db"));
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE through(a)").await.unwrap();
    drop(db);
    for (name, target) in [
        ("abroad.db", outside.path().join("x.db")),
        ("nowhere.db", "not-there.db".into()),
        ("loop.db", "loop.db".into()),
    ] {
        symlink(target, scene.path(name)).unwrap();
        scene.settings.place = Place::File(scene.path(name));
        let fault = fails(&scene).await;
        let expected = if name == "abroad.db" { code::DENIED } else { code::UNAVAILABLE };
        assert_eq!(fault.code, expected, "{name}: {}", fault.message);
    }
    symlink(outside.path(), scene.path("abroad")).unwrap();
    scene.settings.place = Place::File(scene.path("abroad/x.db"));
    assert_eq!(fails(&scene).await.code, code::DENIED);
    assert!(!outside.path().join("x.db").exists());
    scene.settings.place = Place::File(scene.path("test.db"));
    assert_eq!(rows(&mut scene.open().await, "SELECT name FROM sqlite_master").await, ["'through'"]);
}

#[tokio::test]
async fn a_journal_that_is_a_link_leads_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    let (scene, mut db) = Scene::with(&["CREATE TABLE t(a)"]).await;
    symlink(&victim, scene.path("test.db-journal")).unwrap();
    assert!(run(&mut db, "INSERT INTO t VALUES(1)").await.is_err());
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
}

#[tokio::test]
async fn a_directory_swapped_for_a_link_leads_nowhere_new() {
    let outside = tempfile::tempdir().unwrap();
    let mut scene = Scene::new();
    std::fs::create_dir(scene.path("sub")).unwrap();
    scene.settings.place = Place::File(scene.path("sub/test.db"));
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    std::fs::rename(scene.path("sub"), scene.path("moved")).unwrap();
    symlink(outside.path(), scene.path("sub")).unwrap();
    db.begin(None, false).await.unwrap();
    run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap();
    // The journal of the open transaction is where the file is.
    assert!(scene.path("moved/test.db-journal").exists());
    db.commit().await.unwrap();
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    scene.settings.place = Place::File(scene.path("moved/test.db"));
    assert_eq!(rows(&mut scene.open().await, "SELECT * FROM t").await, ["1"]);
}

#[tokio::test]
async fn uris_are_no_file_names() {
    let mut scene = Scene::new();
    for name in ["file:test.db", "file:/etc/passwd?mode=ro", "file::memory:?cache=shared"] {
        scene.settings.place = Place::File(name.into());
        assert_eq!(fails(&scene).await.code, code::CONFIG, "{name}");
    }
    // Below a root it is a name like any other.
    scene.settings.place = Place::File(scene.path("file:x?mode=memory"));
    run(&mut scene.open().await, "CREATE TABLE t(a)").await.unwrap();
    assert!(scene.path("file:x?mode=memory").is_file());
}

#[tokio::test]
async fn what_is_no_regular_file_is_not_opened() {
    let mut scene = Scene::new();
    std::fs::create_dir(scene.path("directory")).unwrap();
    let pipe = std::ffi::CString::new(scene.path("pipe").to_str().unwrap()).unwrap();
    // SAFETY: a terminated path.
    assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
    for name in ["directory", "pipe", ""] {
        scene.settings.place = Place::File(scene.path(name));
        assert_eq!(fails(&scene).await.code, code::UNAVAILABLE, "{name}");
    }
}

#[tokio::test]
async fn read_only_roots_and_settings_give_databases_that_are_only_read() {
    let scene = Scene::granted("ro");
    let fault = fails(&scene).await;
    assert!(fault.message.contains("no such file, and its root is granted read-only"), "{}", fault.message);
    rusqlite::Connection::open(scene.path("test.db")).unwrap().execute_batch("CREATE TABLE t(a)").unwrap();
    for read_only in [false, true] {
        let mut scene = if read_only { Scene::new() } else { Scene::granted("ro") };
        scene.settings.read_only = read_only;
        rusqlite::Connection::open(scene.path("test.db")).unwrap().execute_batch("CREATE TABLE t(a)").unwrap();
        let mut db = scene.open().await;
        let fault = run(&mut db, "INSERT INTO t VALUES(1)").await.unwrap_err();
        assert_eq!(fault.sqlstate.as_deref(), Some("25006"), "{}", fault.message);
        db.begin(None, false).await.unwrap();
        assert_eq!(rows(&mut db, "SELECT count(*) FROM t").await, ["0"]);
        db.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_when_it_is_opened() {
    let scene = Scene::new();
    std::fs::write(scene.path("test.db"), "this is text, and rather more of it than a header has, so that it is read")
        .unwrap();
    let fault = fails(&scene).await;
    assert!(fault.message.contains("not a database"), "{}", fault.message);
    assert!(!fault.retriable);
}

#[tokio::test]
async fn a_log_lies_beside_its_file() {
    let mut scene = Scene::new();
    scene.settings.journal_mode = Some("WAL".into());
    scene.settings.synchronous = Some("NORMAL".into());
    let mut db = scene.open().await;
    run(&mut db, "CREATE TABLE t(a)").await.unwrap();
    assert!(scene.path("test.db-wal").exists() && scene.path("test.db-shm").exists());
    assert_eq!(rows(&mut db, "PRAGMA journal_mode").await, ["'wal'"]);
    assert_eq!(rows(&mut db, "PRAGMA synchronous").await, ["1"]);
}

#[tokio::test]
async fn memory_databases_are_private() {
    let mut scene = Scene::new();
    scene.settings.place = Place::Memory;
    let (mut one, mut other) = (scene.open().await, scene.open().await);
    run(&mut one, "CREATE TABLE t(a)").await.unwrap();
    assert!(run(&mut other, "SELECT * FROM t").await.is_err());
    assert_eq!(one.fact("url").as_deref(), Some("jdbc:sqlite::memory:"));
}

#[tokio::test]
async fn a_date_format_that_cannot_be_kept_is_refused() {
    let mut scene = Scene::new();
    scene.settings.date_format = "EEE, d MMM yyyy".into();
    let fault = fails(&scene).await;
    assert_eq!(fault.code, code::CONFIG);
    assert!(fault.message.contains("date_string_format"), "{}", fault.message);
}

#[tokio::test]
async fn a_file_whose_directory_is_gone_is_told_by_its_own_path() {
    let mut scene = Scene::new();
    std::fs::create_dir(scene.path("sub")).unwrap();
    scene.settings.place = Place::File(scene.path("sub/test.db"));
    scene.files = FileRoots::parse(scene.path("sub").to_str().unwrap(), scene.dir.path()).unwrap();
    std::fs::remove_dir(scene.path("sub")).unwrap();
    let fault = fails(&scene).await;
    let expected = format!("the database {} cannot be opened: ", scene.path("sub/test.db").display());
    assert!(fault.message.starts_with(&expected) && fault.retriable, "{}", fault.message);
    assert!(!fault.message.contains("/proc/"), "{}", fault.message);
}
