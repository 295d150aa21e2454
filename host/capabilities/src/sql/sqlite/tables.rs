//! What tables there are and what they are made of. The worker asks by statements of its own, which nobody looks over;
//! names are bound or looked up, never written into them.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};
use watertight_sandbox::sql::{Column, Fault, Table, TableName};

use super::faults;
use super::kind::kind;
use super::lease::Link;

const TABLES: &str = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name";
const FIND: &str = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
const COLUMNS: &str =
    r#"SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid"#;

/// Tables and views, in the order of their names.
pub fn tables(link: &Link, kinds: &[String]) -> Result<Vec<Table>, Fault> {
    let _trust = link.control.trust();
    let wanted = |kind: &str| kinds.is_empty() || kinds.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind));
    let read = || {
        let mut statement = link.connection.prepare(TABLES)?;
        let rows = statement.query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.collect::<Result<Vec<_>, _>>()
    };
    let found = read().map_err(|error| faults::of(link, &error))?;
    Ok(found
        .into_iter()
        .map(|(name, kind)| {
            let kind = match kind.as_str() {
                "view" => "VIEW",
                _ if name.starts_with("sqlite_") => "SYSTEM TABLE",
                _ => "TABLE",
            };
            Table { name: TableName { catalog: None, schema: None, name }, kind: kind.to_owned() }
        })
        .filter(|table| wanted(&table.kind))
        .collect())
}

/// Columns of a table or view. None: there is none of that name.
pub fn columns(link: &Link, name: &str) -> Result<Option<Vec<Column>>, Fault> {
    let _trust = link.control.trust();
    let read = || {
        let Some(table) = link.connection.query_row(FIND, params![name], |row| row.get::<_, String>(0)).optional()?
        else {
            return Ok(None);
        };
        let mut statement = link.connection.prepare(COLUMNS)?;
        let columns = statement.query_map(params![table], |row| {
            let name: String = row.get(0)?;
            let declared: Option<String> = row.get(1)?;
            let default: Option<String> = row.get(3)?;
            let (not_null, key, hidden): (bool, i64, i64) = (row.get(2)?, row.get(4)?, row.get(5)?);
            let mut column = plain(name, declared.as_deref());
            column.nullable = Some(!not_null);
            if key > 0 {
                detail(&mut column, "primary-key", key.to_string());
            }
            if let Some(default) = default {
                detail(&mut column, "default", default);
            }
            detail(&mut column, "generated", (hidden == 2 || hidden == 3).to_string());
            // Hidden ones of virtual tables are not columns of a row.
            Ok((hidden != 1).then_some(column))
        })?;
        let mut columns: Vec<Column> = columns.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        for column in &mut columns {
            let increments = own(link, &table, &column.name).is_some_and(|own| own.increments);
            detail(column, "auto-increment", increments.to_string());
            detail(column, "table", table.clone());
        }
        Ok(Some(columns))
    };
    read().map_err(|error: rusqlite::Error| faults::of(link, &error))
}

/// Names of the primary key's columns, in its order.
pub fn primary_key(link: &Link, name: &str) -> Result<Vec<String>, Fault> {
    let mut key: Vec<(u32, String)> = columns(link, name)?
        .unwrap_or_default()
        .into_iter()
        .filter_map(|column| {
            let place = column.details.iter().find(|(name, _)| name == "primary-key")?.1.parse().ok()?;
            Some((place, column.name))
        })
        .collect();
    key.sort();
    Ok(key.into_iter().map(|(_, name)| name).collect())
}

/// A column of which nothing is known but its declared type.
pub fn plain(name: String, declared: Option<&str>) -> Column {
    let kind = kind(declared);
    let mut column = Column {
        name,
        type_name: kind.name,
        form: kind.form,
        nullable: None,
        precision: kind.precision,
        scale: kind.scale,
        details: Vec::new(),
    };
    if let Some(size) = kind.size {
        detail(&mut column, "size", size.to_string());
        detail(&mut column, "signed", "true".to_owned());
    }
    column
}

/// Adds a detail, or says it anew.
pub fn detail(column: &mut Column, name: &str, value: String) {
    match column.details.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => column.details.push((name.to_owned(), value)),
    }
}

/// What a table says of a column that a result has of it.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// It may not be NULL.
    pub not_null: bool,
    /// It is counted up by the word AUTOINCREMENT, which is what JDBC calls so.
    pub increments: bool,
}

/// What its table says of a column; nothing if that is no table.
pub fn own(link: &Link, table: &str, column: &str) -> Option<Own> {
    let (_, _, not_null, _, increments) = link.connection.column_metadata(None::<&str>, table, column).ok()?;
    Some(Own { not_null, increments })
}

/// Places in the primary keys of these tables, by table and column.
pub fn keys(link: &Link, tables: impl IntoIterator<Item = String>) -> HashMap<(String, String), u32> {
    let mut keys = HashMap::new();
    for table in tables {
        for (place, column) in primary_key(link, &table).unwrap_or_default().into_iter().enumerate() {
            keys.insert((table.clone(), column), u32::try_from(place + 1).unwrap_or(u32::MAX));
        }
    }
    keys
}
