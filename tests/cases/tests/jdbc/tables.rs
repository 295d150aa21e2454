//! What happens to tables under a running connector: dropped, altered, forbidden, full. Each is a state and an error that
//! says what it was, and once it is mended nothing is missing.

use serde_json::{Value, json};
use watertight_cases::SOON;
use watertight_cases::topics;
use watertight_harness::database::USER;

use crate::ground::{Case, Ground, Product, on};
use crate::topic::Follower;
use crate::words::{insert, letters};

const WORDS: &str = "CREATE TABLE words (id INT NOT NULL PRIMARY KEY, word VARCHAR(40));";
const COPIES: &str = "CREATE TABLE copies (id BIGINT NOT NULL PRIMARY KEY, word VARCHAR(40));";

/// Source and sink run, and ten rows went each way.
fn begin(ground: &Ground, table_poll_ms: u32) -> anyhow::Result<Follower> {
    ground.database.sql(WORDS)?;
    ground.database.sql(COPIES)?;
    insert(ground, 1, 11)?;
    let (bootstrap, topic) = (ground.bootstrap(), ground.called("copies"));
    topics::write(&bootstrap, &topic, &letters(0, 10))?;
    let source =
        ground.source("from", "incrementing").with("incrementing.column.name", "id").with("table.whitelist", "words");
    let source = source.with("table.poll.interval.ms", table_poll_ms);
    let sink = ground
        .sink("to", &topic, "copies")
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_key")
        .with("pk.fields", "id")
        .with("max.retries", 3);
    ground.create(&source)?;
    ground.create(&sink)?;
    let mut follower = Follower::new(&bootstrap, &ground.called("from.words"))?;
    follower.count(10, SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "10", SOON)?;
    Ok(follower)
}

fn dropped(ground: &mut Ground, _: Product) -> anyhow::Result<()> {
    let mut follower = begin(ground, 500)?;
    ground.database.sql("DROP TABLE words; DROP TABLE copies;")?;
    topics::write(&ground.bootstrap(), &ground.called("copies"), &letters(10, 20))?;
    // A table may come back, as when it is made anew every night: the source says that it is gone, leaves it out, and has
    // nothing to do in the end.
    ground.wait_logged(&[&ground.called("from"), "There is no table", "words"])?;
    let name = ground.called("from");
    let idle = |status: &Value| status["connector"]["state"] == "RUNNING" && status["tasks"] == json!([]);
    ground.scene.worker.connect().wait_status("the source to have no task", &name, 2 * SOON, idle)?;
    // What the sink was given has nowhere to go.
    ground.wait_failed("to", &["copies"])?;
    ground.neighbours_work()?;

    ground.database.sql(WORDS)?;
    ground.database.sql(COPIES)?;
    insert(ground, 1, 21)?;
    ground.restart("to")?;
    // It goes on after the tenth by itself; the sink has the first ten behind it.
    follower.count(20, 2 * SOON)?;
    ground.wait_value("SELECT MIN(id), MAX(id), COUNT(*) FROM copies;", "10\t19\t10", 2 * SOON)
}

fn altered(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let mut follower = begin(ground, 60_000)?;
    // A number where text was, and the other way round.
    match product {
        Product::Postgres => ground.database.sql(
            "ALTER TABLE words ALTER COLUMN word TYPE INT USING 7;
             ALTER TABLE copies ALTER COLUMN word TYPE INT USING 7;",
        )?,
        Product::MariaDb | Product::Sqlite => ground.database.sql(
            "UPDATE words SET word = '7'; ALTER TABLE words MODIFY word INT;
             UPDATE copies SET word = '7'; ALTER TABLE copies MODIFY word INT;",
        )?,
    };
    ground.database.sql("INSERT INTO words (id, word) VALUES (11, 11);")?;
    // What the source reads is what the table is now.
    follower.count(11, 2 * SOON)?;
    anyhow::ensure!(follower.values[10]["word"] == 11, "{}", follower.values[10]);
    ground.is_running("from")?;
    // What the sink was given does not fit any more, and nobody may guess.
    topics::write(&ground.bootstrap(), &ground.called("copies"), &letters(10, 20))?;
    ground.wait_failed("to", &["word"])?;
    ground.neighbours_work()?;
    let back = match product {
        Product::Postgres => "ALTER TABLE copies ALTER COLUMN word TYPE VARCHAR(40);",
        Product::MariaDb | Product::Sqlite => "ALTER TABLE copies MODIFY word VARCHAR(40);",
    };
    ground.database.sql(back)?;
    ground.restart("to")?;
    ground.wait_value("SELECT COUNT(*) FROM copies WHERE word LIKE 'word 1%';", "10", 2 * SOON)
}

fn forbidden(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    let mut follower = begin(ground, 60_000)?;
    match product {
        // An owner takes rights from itself, and has them no more.
        Product::Postgres => ground.database.administer(&format!(
            "ALTER TABLE words OWNER TO postgres; ALTER TABLE copies OWNER TO postgres;
             GRANT SELECT ON copies TO {USER};"
        ))?,
        Product::MariaDb | Product::Sqlite => ground.database.administer(&format!(
            // With no right at all it would not be seen any more, as if it had been dropped. Who is connected keeps the
            // rights that it had.
            "REVOKE ALL ON shop.* FROM '{USER}'@'127.0.0.1'; GRANT INSERT ON shop.words TO '{USER}'@'127.0.0.1';
             GRANT SELECT ON shop.copies TO '{USER}'@'127.0.0.1'; KILL USER '{USER}'@'127.0.0.1';"
        ))?,
    };
    ground.database.administer("INSERT INTO words (id, word) VALUES (11, 'word 11');")?;
    topics::write(&ground.bootstrap(), &ground.called("copies"), &letters(10, 20))?;
    ground.wait_failed("from", &["words", "denied"])?;
    ground.wait_failed("to", &["copies", "denied"])?;
    ground.neighbours_work()?;
    match product {
        Product::Postgres => ground.database.administer(&format!("GRANT ALL ON words, copies TO {USER};"))?,
        Product::MariaDb | Product::Sqlite => {
            ground.database.administer(&format!("GRANT ALL ON shop.* TO '{USER}'@'127.0.0.1';"))?
        }
    };
    ground.restart("from")?;
    ground.restart("to")?;
    follower.count(11, 2 * SOON)?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "20", 2 * SOON)
}

/// A double of a full disk: a trigger that raises what the database raises then, until a row in another table says that
/// there is space again. PostgreSQL's 53100 and MariaDB's error 1021.
fn full(ground: &mut Ground, product: Product) -> anyhow::Result<()> {
    begin(ground, 60_000)?;
    ground.database.sql("CREATE TABLE space (free INT);")?;
    let trigger = match product {
        Product::Postgres => {
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NOT EXISTS (SELECT 1 FROM space) THEN
                 RAISE EXCEPTION 'could not extend file \"base/5/16384\": No space left on device' USING ERRCODE = '53100';
               END IF; RETURN NEW; END $$;
             CREATE TRIGGER full_disk BEFORE INSERT ON copies FOR EACH ROW EXECUTE FUNCTION full_disk();"
        }
        Product::MariaDb | Product::Sqlite => {
            "DELIMITER //
             CREATE TRIGGER full_disk BEFORE INSERT ON copies FOR EACH ROW BEGIN
               IF NOT EXISTS (SELECT 1 FROM space) THEN
                 SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full (copies); waiting for someone to free some space';
               END IF; END //"
        }
    };
    // MariaDB's log of changes forbids triggers to all but administrators; it is off, but the right is asked for.
    ground.database.administer(trigger)?;
    let config = ground
        .sink("patient", &ground.called("copies"), "copies")
        .with("insert.mode", "upsert")
        .with("pk.mode", "record_key")
        .with("pk.fields", "id");
    ground.create(&config)?;
    topics::write(&ground.bootstrap(), &ground.called("copies"), &letters(10, 20))?;
    let word = if product == Product::Postgres { "No space left" } else { "Disk full" };
    // The one that gives up says why; the one that may try again does.
    ground.wait_failed("to", &[word])?;
    ground.is_running("patient")?;
    ground.neighbours_work()?;
    anyhow::ensure!(ground.database.count("copies")? == 10, "rows on a full disk");
    ground.database.sql("INSERT INTO space (free) VALUES (1);")?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "20", 2 * SOON)?;
    ground.is_running("patient")?;
    ground.restart("to")?;
    ground.wait_value("SELECT COUNT(*) FROM copies;", "20", 2 * SOON)
}

const DROPPED: Case = ("tables that are dropped are named, and made again go on", dropped);

const CASES: [Case; 4] = [
    DROPPED,
    ("a column of another type is read as it is, and never written by guess", altered),
    ("rights taken away are an error, and given back lose nothing", forbidden),
    ("a full disk is waited for as long as the settings say", full),
];

#[test]
fn what_happens_to_tables_in_postgresql_is_told_and_loses_nothing() -> anyhow::Result<()> {
    on(Product::Postgres, "jdbc-tables-postgresql", &CASES)
}

#[test]
fn what_happens_to_tables_in_mariadb_is_told_and_loses_nothing() -> anyhow::Result<()> {
    on(Product::MariaDb, "jdbc-tables-mariadb", &CASES)
}

#[test]
fn what_happens_to_tables_in_sqlite_is_told_and_loses_nothing() -> anyhow::Result<()> {
    on(Product::Sqlite, "jdbc-tables-sqlite", &[DROPPED])
}
