//! Statements that answer rows: asked, described, and taken to their first row.

use std::sync::Arc;

use watertight_sandbox::sql::{Column, Fault, SqlLimits, ValueNode, code};

use super::dates::Dates;
use super::lease::{Lease, Link};
use super::rows::{Cursor, Reading};
use super::statement::{Statement, Stored};
use super::{batch, tables, transaction};
use crate::sql::forms::Form;

/// Asks. No cursor: there are no rows, and the connection is free again.
pub fn ask(
    lease: Lease,
    sql: &str,
    forms: &[Form],
    values: &[ValueNode],
    dates: &Arc<Dates>,
    limits: &SqlLimits,
) -> Result<(Vec<Column>, Reading, Option<Cursor>), Fault> {
    let within = !lease.connection.is_autocommit();
    let mut statement = Statement::prepare(lease, sql)?;
    if statement.width() == 0 {
        return Err(Fault::new(code::SQL, "the statement answers no rows: it is to be executed, not queried"));
    }
    let share = statement.parameters();
    batch::check(share, share, forms, values)?;
    batch::bind(&mut statement, 0, forms, values, dates)?;
    let waiting = match statement.step() {
        Ok(waiting) => waiting,
        Err(fault) => return Err(transaction::told(statement.link(), within, fault)),
    };
    let columns = describe(&statement, waiting);
    // Every form here is one of ours.
    let natural = columns.iter().map(|column| column.form.parse().unwrap_or(Form::Natural)).collect();
    let reading = Reading::new(&columns, natural, dates, limits);
    Ok((columns, reading, waiting.then_some(Cursor { statement, waiting, count: 0 })))
}

fn describe(statement: &Statement<Lease>, on_row: bool) -> Vec<Column> {
    let link: &Link = statement.link();
    let origins: Vec<Option<(String, String)>> = (0..statement.width()).map(|at| statement.origin(at)).collect();
    let mut names: Vec<String> = origins.iter().flatten().map(|(table, _)| table.clone()).collect();
    names.sort();
    names.dedup();
    let keys = tables::keys(link, names);
    let described = origins.into_iter().enumerate().map(|(at, origin)| {
        let declared = statement.declared(at).filter(|declared| !declared.trim().is_empty());
        let mut column = tables::plain(statement.name(at), declared.as_deref());
        let first = if on_row { statement.class(at) } else { Stored::Null };
        match (declared, first) {
            (None, Stored::Integer(_)) => {
                column.form = "integer".into();
                column.type_name = "INTEGER".into();
                tables::detail(&mut column, "size", size(first, 4).to_string());
                tables::detail(&mut column, "signed", "true".into());
            }
            (None, Stored::Real(_)) => (column.form, column.type_name) = ("float".into(), "REAL".into()),
            (None, Stored::Blob(_)) => (column.form, column.type_name) = ("bytes".into(), "BLOB".into()),
            (None, Stored::Text(_) | Stored::Null) => column.type_name = "TEXT".into(),
            (Some(_), _) => {
                let known = column.details.iter().find(|(name, _)| name == "size");
                if let Some(bytes) = known.and_then(|(_, bytes)| bytes.parse().ok()) {
                    tables::detail(&mut column, "size", size(first, bytes).to_string());
                }
            }
        }
        if let Some(origin) = origin {
            if let Some(own) = tables::own(link, &origin.0, &origin.1) {
                column.nullable = Some(!own.not_null);
                tables::detail(&mut column, "auto-increment", own.increments.to_string());
            }
            if let Some(place) = keys.get(&origin) {
                tables::detail(&mut column, "primary-key", place.to_string());
            }
            tables::detail(&mut column, "table", origin.0);
        }
        column
    });
    described.collect()
}

/// Bytes that the words promise, unless the first value needs all eight: so JDBC's driver decides between its types.
fn size(first: Stored<'_>, words: u8) -> u8 {
    match first {
        Stored::Integer(value) if words == 4 && i32::try_from(value).is_err() => 8,
        _ => words,
    }
}
