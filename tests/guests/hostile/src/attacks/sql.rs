//! Reaches for databases that it was not given, and wears out the one that it was. `connection.url` says which; SQLite
//! where nothing else is said.

use std::cell::RefCell;

use watertight_sdk::sql::{Connection, Fault, Rows, TableName};
use watertight_sdk::{Config, Failure, Result, ValueNode};

use super::escaped;

const PREFIX: &str = "connection.";
/// Counts without end, and never has a row to show for it.
const ENDLESS: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

/// Likewise, after one row.
const ENDLESS_AFTER_ONE: &str = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
                                 SELECT 0 UNION ALL SELECT count(*) FROM c";

thread_local! {
    static HOARD: RefCell<(Vec<Connection>, Vec<Rows>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// What the worker said, after what was tried. Nothing is tried again, even if the fault would allow it.
fn refused(what: &str, fault: Fault) -> Failure {
    Failure::new("refused", said(what, &fault))
}

fn said(what: &str, fault: &Fault) -> String {
    format!("{what}: [{}] {}", fault.code, fault.message)
}

/// Those of the setting `text`, one a line, for databases that SQLite's statements are none for.
fn statements(config: &Config, of_sqlite: &[&str]) -> Vec<String> {
    match config.get("text") {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None => of_sqlite.iter().map(|&sql| sql.to_owned()).collect(),
    }
}

fn connect() -> Result<Connection> {
    Connection::open(PREFIX).map_err(|fault| refused("open", fault))
}

pub fn too_many_connections(_config: &Config) -> Result<()> {
    let mut hoard = Vec::new();
    while hoard.len() < 1000 {
        match Connection::open(PREFIX) {
            Ok(connection) => hoard.push(connection),
            Err(fault) => return Err(refused(&format!("after {} connections", hoard.len()), fault)),
        }
    }
    Err(escaped("holds a thousand connections"))
}

/// The connections are dropped; rows hold on to what is behind them.
pub fn too_many_connections_behind_rows(_config: &Config) -> Result<()> {
    let mut hoard = Vec::new();
    while hoard.len() < 1000 {
        let opened = Connection::open(PREFIX).and_then(|connection| connection.query("SELECT 1", &[], &[]));
        match opened {
            Ok(rows) => hoard.push(rows),
            Err(fault) => return Err(refused(&format!("after {} connections", hoard.len()), fault)),
        }
    }
    Err(escaped("holds a thousand connections by their rows"))
}

pub fn query_without_end(config: &Config) -> Result<()> {
    let mut words = Vec::new();
    for sql in statements(config, &[ENDLESS, ENDLESS_AFTER_ONE]) {
        match connect()?.query(&sql, &[], &[]).and_then(|rows| rows.all()) {
            Ok(rows) => return Err(escaped(format!("counted to the end: {rows:?}"))),
            Err(fault) => words.push(said("query", &fault)),
        }
    }
    Err(Failure::new("refused", words.join("; ")))
}

pub fn execute_without_end(_config: &Config) -> Result<()> {
    let connection = connect()?;
    let sql = format!("CREATE TABLE endless AS {ENDLESS}");
    let fault = match connection.execute(&sql, &[], &[]) {
        Ok(changed) => return Err(escaped(format!("counted to the end: {changed}"))),
        Err(fault) => fault,
    };
    // It is as the fault says, and another may be had.
    match connection.execute("CREATE TABLE left_over (a)", &[], &[]) {
        Ok(changed) if fault.lost => return Err(escaped(format!("went on after {}: {changed}", fault.message))),
        Err(then) if !fault.lost => return Err(refused("the connection is lost", then)),
        Ok(_) | Err(_) => {}
    }
    connect()?.execute("CREATE TABLE another (a)", &[], &[]).map_err(|fault| refused("another connection", fault))?;
    Err(refused("execute", fault))
}

/// Leaves it to the worker to compute, and polls on.
pub fn query_and_never_read(config: &Config) -> Result<()> {
    HOARD.with_borrow_mut(|(connections, rows)| {
        if connections.is_empty() {
            let connection = connect()?;
            let sql = statements(config, &[ENDLESS_AFTER_ONE]).concat();
            rows.push(connection.query(&sql, &[], &[]).map_err(|fault| refused("query", fault))?);
            connections.push(connection);
        }
        Ok(())
    })
}

pub fn huge_row(config: &Config) -> Result<()> {
    const HUGE: &[&str] =
        &["SELECT zeroblob(500000000)", "SELECT hex(zeroblob(200000000))", "SELECT printf('%.*c', 400000000, 'x')"];
    let mut words = Vec::new();
    for sql in statements(config, HUGE) {
        match connect()?.query(&sql, &[], &[]).and_then(|rows| rows.all()) {
            Ok(_) => return Err(escaped(sql)),
            Err(fault) => words.push(said(&sql, &fault)),
        }
    }
    Err(Failure::new("refused", words.join("; ")))
}

/// A hundred rows of 4 MiB each, all asked for at once.
pub fn huge_batch(_config: &Config) -> Result<()> {
    let sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100) \
               SELECT zeroblob(4194304 + x) FROM c";
    let rows = connect()?.query(sql, &[], &[]).map_err(|fault| refused("query", fault))?;
    let batch = rows.next(u32::MAX, u32::MAX, 10_000).map_err(|fault| refused("next", fault))?;
    if batch.rows.len() > 10 {
        return Err(escaped(format!("{} rows at once", batch.rows.len())));
    }
    Err(Failure::new("borne", format!("a batch of {} rows", batch.rows.len().clamp(1, 10))))
}

pub fn huge_parameters(_config: &Config) -> Result<()> {
    let value = ValueNode::Bytes(vec![0; 36 << 20]);
    match connect()?.execute("SELECT ?", &[], &[value]) {
        Ok(_) => Err(escaped("the host took a parameter of 36 MiB")),
        Err(fault) => Err(refused("execute", fault)),
    }
}

pub fn four_billion_executions(_config: &Config) -> Result<()> {
    match connect()?.execute_times("CREATE TABLE IF NOT EXISTS t (a)", &[], u32::MAX, &[]) {
        Ok(counts) => Err(escaped(format!("{} executions", counts.len()))),
        Err(fault) => Err(refused("execute", fault)),
    }
}

/// `text` holds the statements, one a line. Each has to be refused.
pub fn forbidden_statements(config: &Config) -> Result<()> {
    let mut words = Vec::new();
    for sql in config.get("text").unwrap_or_default().lines() {
        let connection = connect()?;
        match connection.execute(sql, &[], &[]) {
            Ok(_) => return Err(escaped(sql)),
            Err(fault) => words.push(said(sql, &fault)),
        }
        match connection.query(sql, &[], &[]).and_then(|rows| rows.all()) {
            Ok(rows) => return Err(escaped(format!("{sql}: {rows:?}"))),
            Err(fault) => words.push(said(sql, &fault)),
        }
    }
    Err(Failure::new("refused", words.join("\n")))
}

/// `connection.url` leads where it must not; `prefix` may be another.
pub fn open_what_is_not_granted(config: &Config) -> Result<()> {
    match Connection::open(config.get("prefix").unwrap_or(PREFIX)) {
        Ok(connection) => {
            let table = connection.execute("CREATE TABLE IF NOT EXISTS escaped (a)", &[], &[]);
            Err(escaped(format!("connected to {:?}, {table:?}", connection.fact("url"))))
        }
        Err(fault) => Err(refused("open", fault)),
    }
}

/// Prefixes that are nobody's settings, or not of this plugin.
pub fn another_prefix(_config: &Config) -> Result<()> {
    let long = "x".repeat(1 << 20);
    let mut words = Vec::new();
    for prefix in ["", ".", "connection", "connection.url", "CONNECTION.", "other.", "../", "secret:", "\0", &long] {
        match Connection::open(prefix) {
            Ok(connection) => return Err(escaped(format!("{prefix}: {:?}", connection.fact("url")))),
            Err(fault) => words.push(fault.code),
        }
    }
    Err(Failure::new("refused", words.join(" ")))
}

/// Rows are open and other calls come: an orderly no, and afterwards all goes on.
pub fn call_on_while_rows_are_open(_config: &Config) -> Result<()> {
    let connection = connect()?;
    let rows = connection.query("SELECT 1", &[], &[]).map_err(|fault| refused("query", fault))?;
    let name = TableName::new("t");
    let answers = [
        ("execute", connection.execute("CREATE TABLE u (a int)", &[], &[]).err()),
        ("query", connection.query("SELECT 2", &[], &[]).err()),
        ("begin", connection.begin(None, false).err()),
        ("commit", connection.commit().err()),
        ("columns", connection.columns(&name).err()),
        ("tables", connection.tables(None, None, &[]).err()),
    ];
    let mut words = Vec::new();
    for (call, fault) in answers {
        match fault {
            Some(fault) => words.push(format!("{call} {}", fault.code)),
            None => return Err(escaped(format!("{call} beside open rows"))),
        }
    }
    drop(rows);
    connection.execute("CREATE TABLE v (a int)", &[], &[]).map_err(|fault| refused("afterwards", fault))?;
    Err(Failure::new("refused", words.join(", ")))
}

/// Nothing of it may end the worker. Whatever is answered is right.
pub fn drop_in_every_order(_config: &Config) -> Result<()> {
    for round in 0..6 {
        let connection = connect()?;
        if round % 2 == 0 {
            connection.begin(None, false).map_err(|fault| refused("begin", fault))?;
        }
        let rows =
            connection.query("SELECT 1 UNION ALL SELECT 2", &[], &[]).map_err(|fault| refused("query", fault))?;
        match round {
            0 | 1 => {
                drop(connection);
                let _ = rows.next(1, 1000, 1000);
                rows.cancel();
                let _ = rows.next(1, 1000, 1000);
            }
            2 => drop((rows, connection)),
            3 => {
                let _ = rows.next(1, 1000, 1000);
                rows.cancel();
                rows.cancel();
                drop((connection, rows));
            }
            4 => {
                let _ = rows.all();
                let _ = connection.rollback();
                let _ = connection.rollback();
                let _ = connection.commit();
                let _ = rows.all();
            }
            _ => HOARD.with_borrow_mut(|(connections, hoard)| {
                // As long as the instance lives.
                if connections.is_empty() {
                    connections.push(connection);
                    hoard.push(rows);
                }
            }),
        }
    }
    Ok(())
}

/// Harmless: has a connection, and uses it.
pub fn stay_connected(_config: &Config) -> Result<()> {
    HOARD.with_borrow_mut(|(connections, _)| {
        if connections.is_empty() {
            connections.push(connect()?);
        }
        let asked = connections.iter().try_for_each(|open| open.query("SELECT 1", &[], &[])?.all().map(drop));
        asked.map_err(|fault| refused("query", fault))
    })
}

/// Looks for the password in all of its own memory. `text` is the password from behind, so that looking does not put
/// there what is looked for.
pub fn search_memory_for_the_password(config: &Config) -> Result<()> {
    let backwards = config.get("text").unwrap_or_default().as_bytes();
    if backwards.len() < 8 {
        return Err(Failure::config("this attack needs the password from behind in the setting text"));
    }
    let mut told = Vec::new();
    let opened = Connection::open(PREFIX).and_then(|connection| {
        told.extend(["url", "catalog", "schema", "product", "version"].map(|name| connection.fact(name)));
        connection.query("SELECT 1", &[], &[])?.all()
    });
    told.push(watertight_sdk::runtime::fact("sandbox.fs.roots"));
    let revealed = watertight_sdk::runtime::reveal_secret(config.get("connection.password").unwrap_or_default());
    let (forwards, backwards) = memory::count(backwards);
    // What the settings hold has to be found, or this is blind.
    if backwards == 0 {
        return Err(Failure::new("blind", "the search does not even find what is there"));
    }
    if forwards > 0 {
        return Err(escaped(format!("found the password {forwards} times")));
    }
    let opened = opened.map_or_else(|fault| fault.message, |rows| format!("{} rows", rows.len()));
    let revealed = revealed.map_or_else(|failure| failure.code, |_| "revealed".to_owned());
    let opened = format!("{opened} and {} facts", told.iter().flatten().count());
    Err(Failure::new("refused", format!("no password in memory after: {opened}; {revealed}")))
}

/// All of a guest's memory, read as it stands.
mod memory {
    /// How often a text stands in memory from behind, and how often as it is.
    #[cfg(target_arch = "wasm32")]
    pub fn count(text: &[u8]) -> (usize, usize) {
        const PAGE: usize = 65_536;
        let end = core::arch::wasm32::memory_size::<0>() * PAGE;
        // From 1: nobody may point to 0.
        let last = end - text.len();
        let (mut behind, mut plain) = (0, 0);
        for start in 1..last {
            // SAFETY: all addresses below the memory's size can be read, and nothing else runs meanwhile.
            let byte = |at: usize| unsafe { core::ptr::read_volatile((start + at) as *const u8) };
            let length = text.len();
            if (0..length).all(|at| byte(at) == text[length - 1 - at]) {
                behind += 1;
            }
            if (0..length).all(|at| byte(at) == text[at]) {
                plain += 1;
            }
        }
        (behind, plain)
    }

    /// Elsewhere there is no such memory.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn count(_text: &[u8]) -> (usize, usize) {
        (0, 0)
    }
}
