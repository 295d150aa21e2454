//! Tables and columns as JDBC's `DatabaseMetaData` tells of them, from `information_schema`. A database is a catalog
//! here; there are no schemas.

use watertight_sandbox::sql::{Column, Fault, Table, TableName, ValueNode};

use super::column::Taste;
use super::connection::Connection;
use super::declared::{Declared, column};

/// Of these kinds, or any; of the database the connection is in, unless another is named.
pub async fn tables(
    connection: &mut Connection,
    catalog: Option<String>,
    kinds: &[String],
) -> Result<Vec<Table>, Fault> {
    let sql = "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES \
               WHERE TABLE_SCHEMA = COALESCE(?, DATABASE(), TABLE_SCHEMA) \
               AND (TABLE_SCHEMA = ? OR DATABASE() IS NOT NULL OR TABLE_SCHEMA NOT IN \
               ('mysql', 'information_schema', 'performance_schema', 'sys')) \
               ORDER BY TABLE_SCHEMA, TABLE_NAME";
    let catalog = catalog.map_or(ValueNode::Null, ValueNode::Text);
    let rows = connection.texts(sql, vec![catalog.clone(), catalog]).await?;
    let tables = rows.into_iter().filter_map(|row| {
        let [Some(catalog), Some(name), Some(kind)] = <[Option<String>; 3]>::try_from(row).ok()? else { return None };
        let kind = kind_of(&catalog, &kind);
        Some(Table { name: TableName { catalog: Some(catalog), schema: None, name }, kind })
    });
    Ok(tables.filter(|table| kinds.is_empty() || kinds.contains(&table.kind)).collect())
}

/// JDBC's word for it.
fn kind_of(catalog: &str, kind: &str) -> String {
    let system = matches!(catalog, "mysql" | "information_schema" | "performance_schema" | "sys");
    match (kind, system) {
        ("BASE TABLE" | "SYSTEM VERSIONED", false) => "TABLE",
        ("BASE TABLE" | "SYSTEM VERSIONED", true) => "SYSTEM TABLE",
        ("VIEW", false) => "VIEW",
        ("VIEW", true) => "SYSTEM VIEW",
        ("TEMPORARY", _) => "LOCAL TEMPORARY",
        (other, _) => other,
    }
    .to_owned()
}

fn place(name: TableName) -> Vec<ValueNode> {
    vec![name.catalog.map_or(ValueNode::Null, ValueNode::Text), ValueNode::Text(name.name)]
}

/// None: there is no such table.
pub async fn columns(
    connection: &mut Connection,
    name: TableName,
    taste: Taste,
    mariadb: bool,
) -> Result<Option<Vec<Column>>, Fault> {
    let sql = "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, \
               NUMERIC_SCALE, COLUMN_DEFAULT, EXTRA FROM information_schema.COLUMNS \
               WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";
    let rows = connection.texts(sql, place(name.clone())).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let keys = primary_key(connection, name.clone()).await?;
    let columns = rows.into_iter().filter_map(|row| Declared::read(row, mariadb)).map(|declared| {
        let key = keys.iter().position(|key| *key == declared.name);
        let mut column = column(&declared, taste);
        if let Some(position) = key {
            column.details.push(("primary-key".into(), (position + 1).to_string()));
        }
        column.details.push(("table".into(), name.name.clone()));
        column
    });
    Ok(Some(columns.collect()))
}

/// In the order of the key.
pub async fn primary_key(connection: &mut Connection, name: TableName) -> Result<Vec<String>, Fault> {
    let sql = "SELECT COLUMN_NAME FROM information_schema.STATISTICS \
               WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' \
               ORDER BY SEQ_IN_INDEX";
    let rows = connection.texts(sql, place(name)).await?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_jdbcs() {
        for (catalog, kind, word) in [
            ("shop", "BASE TABLE", "TABLE"),
            ("shop", "SYSTEM VERSIONED", "TABLE"),
            ("shop", "VIEW", "VIEW"),
            ("information_schema", "SYSTEM VIEW", "SYSTEM VIEW"),
            ("mysql", "BASE TABLE", "SYSTEM TABLE"),
            ("shop", "SEQUENCE", "SEQUENCE"),
        ] {
            assert_eq!(kind_of(catalog, kind), word);
        }
    }
}
