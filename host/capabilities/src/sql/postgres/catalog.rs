//! Tables and columns, as the server's catalog has them and JDBC names them.

use std::collections::HashMap;

use watertight_sandbox::sql::{Column, Fault, Table, TableName};

use super::describe::{self, Facts};
use super::session::Session;

const TABLES: &str = "SELECT n.nspname, c.relname, \
    CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM ' \
         WHEN n.nspname = 'pg_toast' THEN 'SYSTEM TOAST ' \
         WHEN c.relpersistence = 't' THEN 'TEMPORARY ' ELSE '' END || \
    CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 't' THEN 'TABLE' WHEN 'v' THEN 'VIEW' \
         WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' END \
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 't', 'v', 'p', 'm', 'f') AND ($1::pg_catalog.text IS NULL OR n.nspname LIKE $1) \
    ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

/// A table as a statement would find it, or of one schema.
const FIND: &str = "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 't', 'v', 'p', 'm', 'f') AND c.relname = $1 \
    AND CASE WHEN $2::pg_catalog.text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END";

const COLUMNS: &str = "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, \
    CASE WHEN t.typtype = 'd' AND t.typtypmod >= 0 THEN t.typtypmod ELSE a.atttypmod END, \
    a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), \
    pg_catalog.pg_get_expr(d.adbin, d.adrelid), \
    pg_catalog.to_jsonb(a) ->> 'attidentity', pg_catalog.to_jsonb(a) ->> 'attgenerated', c.relname, \
    pg_catalog.array_position((SELECT i.indkey::pg_catalog.int2[] FROM pg_catalog.pg_index i \
        WHERE i.indrelid = a.attrelid AND i.indisprimary), a.attnum) + 1 \
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE a.attrelid = ANY($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped \
    ORDER BY a.attrelid, a.attnum";

const PRIMARY_KEY: &str = "SELECT a.attname FROM pg_catalog.pg_index i \
    CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY k(number, place) \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
    WHERE i.indrelid = $1::pg_catalog.oid AND i.indisprimary ORDER BY k.place";

pub(super) async fn tables(
    session: &mut Session,
    database: &str,
    schema_pattern: Option<&str>,
    kinds: &[String],
) -> Result<Vec<Table>, Fault> {
    let rows = session.ask(TABLES, &[schema_pattern]).await?;
    let found = rows.into_iter().filter_map(|row| {
        let [schema, name, kind] = <[Option<String>; 3]>::try_from(row).ok()?;
        let (name, kind) = (name?, kind?);
        let wanted = kinds.is_empty() || kinds.contains(&kind);
        wanted.then(|| Table { name: TableName { catalog: Some(database.to_owned()), schema, name }, kind })
    });
    Ok(found.collect())
}

/// The number of a table.
pub(super) async fn find(session: &mut Session, name: &TableName) -> Result<Option<String>, Fault> {
    let rows = session.ask(FIND, &[Some(&name.name), name.schema.as_deref()]).await?;
    Ok(rows.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
}

/// What is known of the columns of some tables, by number of table and column.
pub(super) async fn facts(session: &mut Session, tables: &[u32]) -> Result<HashMap<(u32, i16), Facts>, Fault> {
    let list: Vec<String> = tables.iter().map(u32::to_string).collect();
    let list = format!("{{{}}}", list.join(","));
    let rows = session.ask(COLUMNS, &[Some(&list)]).await?;
    Ok(rows.iter().filter_map(|row| facts_of(row)).collect())
}

/// Columns of a table, in their order.
pub(super) async fn columns(session: &mut Session, oid: &str) -> Result<Vec<Column>, Fault> {
    let list = format!("{{{oid}}}");
    let rows = session.ask(COLUMNS, &[Some(&list)]).await?;
    session.meet(rows.iter().filter_map(|row| facts_of(row)).map(|(_, facts)| facts.kind)).await?;
    let column = |row: &Vec<Option<String>>| {
        let (_, facts) = facts_of(row)?;
        let kind = session.type_of(facts.kind);
        Some(describe::column(&facts.name, &kind, facts.modifier, Some(&facts)))
    };
    Ok(rows.iter().filter_map(column).collect())
}

pub(super) async fn primary_key(session: &mut Session, oid: &str) -> Result<Vec<String>, Fault> {
    let rows = session.ask(PRIMARY_KEY, &[Some(oid)]).await?;
    Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
}

fn facts_of(row: &[Option<String>]) -> Option<((u32, i16), Facts)> {
    let text = |index: usize| row.get(index)?.as_deref();
    let filled = |index: usize| text(index).is_some_and(|text| !text.is_empty());
    let (identity, generated) = (filled(7), filled(8));
    let default = text(6).map(str::to_owned);
    let serial = default.as_deref().is_some_and(|default| default.starts_with("nextval("));
    let facts = Facts {
        name: text(2)?.to_owned(),
        kind: text(3)?.parse().ok()?,
        modifier: text(4)?.parse().ok()?,
        not_null: text(5)? == "t",
        auto_increment: identity || serial,
        generated,
        default: default.filter(|_| !generated),
        table: text(9)?.to_owned(),
        key: text(10).and_then(|place| place.parse().ok()),
    };
    Some(((text(0)?.parse().ok()?, text(1)?.parse().ok()?), facts))
}
