//! Finding the columns that order the rows of a table, and checking that they can.

use watertight_sdk::Failure;
use watertight_sdk::sql::Column;

use super::criteria::Criteria;
use super::names::Name;
use super::reader::What;
use super::session::Session;
use super::settings::Settings;
use super::trouble::Trouble;
use crate::dialect::Product;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub criteria: Criteria,
    /// Digits of the second that all times have.
    pub digits: u32,
}

/// Looks them up.
pub fn find(what: &What, label: &str, session: &Session, settings: &Settings) -> Result<Found, Trouble> {
    let product = session.dialect.product();
    match what {
        What::Table(name) => of_table(name, label, session, settings),
        What::Query(_) => {
            let number = settings.mode.by_number().then(|| settings.columns.incrementing.clone());
            let times = if settings.mode.by_time() { settings.columns.timestamps.clone() } else { Vec::new() };
            Ok(Found { criteria: Criteria { number, times }, digits: usual_digits(product) })
        }
    }
}

fn of_table(name: &Name, label: &str, session: &Session, settings: &Settings) -> Result<Found, Trouble> {
    let product = session.dialect.product();
    let mode = settings.mode;
    let mut found = Found { criteria: Criteria::default(), digits: usual_digits(product) };
    if !mode.by_number() && !mode.by_time() {
        return Ok(found);
    }
    let table = session.dialect.stored_table(&name.for_driver(product));
    let Some(columns) = session.connection.columns(&table)? else {
        return Err(Trouble::Missing);
    };
    let qualified = name.qualified();
    if mode.by_time() {
        let times = times(settings, &qualified)?;
        let definitions: Vec<Option<&Column>> = times.iter().map(|time| by_name(&columns, time)).collect();
        if settings.validate_non_null && definitions.iter().all(|column| column.is_none_or(|c| c.nullable != Some(false)))
        {
            return Err(Failure::config(format!(
                "Cannot make incremental queries using timestamp columns {times:?} on {label} because all of these \
                 columns are nullable: rows with null in all of them would never be read (validate.non.null)"
            ))
            .into());
        }
        let digits = definitions.into_iter().flatten().map(|column| digits(column, product));
        found.digits = digits.min().unwrap_or(found.digits);
        found.criteria.times = times;
    }
    if mode.by_number() {
        let number = number(settings, &qualified, label, &columns)?;
        let nullable = by_name(&columns, &number).is_some_and(|column| column.nullable == Some(true));
        if settings.validate_non_null && nullable {
            return Err(Failure::config(format!(
                "Cannot make incremental queries using incrementing column {number} on {label} because this column is \
                 nullable: rows with null in it would never be read (validate.non.null)"
            ))
            .into());
        }
        found.criteria.number = Some(number);
    }
    Ok(found)
}

fn times(settings: &Settings, table: &str) -> Result<Vec<String>, Failure> {
    let mapping = &settings.columns.timestamps_by_table;
    if mapping.is_empty() {
        return Ok(settings.columns.timestamps.clone());
    }
    mapping
        .columns(table)
        .map(<[String]>::to_vec)
        .ok_or_else(|| Failure::config(format!("timestamp.columns.mapping has no entry that matches table {table}")))
}

fn number(settings: &Settings, table: &str, label: &str, columns: &[Column]) -> Result<String, Failure> {
    let mapping = &settings.columns.incrementing_by_table;
    if !mapping.is_empty() {
        let column = mapping.columns(table).and_then(<[String]>::first).cloned();
        return column.ok_or_else(|| {
            Failure::config(format!("incrementing.column.mapping has no entry that matches table {table}"))
        });
    }
    if !settings.columns.incrementing.is_empty() {
        return Ok(settings.columns.incrementing.clone());
    }
    columns.iter().find(|column| column.is("auto-increment")).map(|column| column.name.clone()).ok_or_else(|| {
        Failure::config(format!(
            "The database counts no column of {label} up by itself: say which one grows (incrementing.column.name)"
        ))
    })
}

fn by_name<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    let exact = columns.iter().find(|column| column.name == name);
    exact.or_else(|| columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
}

/// Digits of the second that a time of this column has.
fn digits(column: &Column, product: Product) -> u32 {
    column.detail("fraction").and_then(|digits| digits.parse().ok()).unwrap_or_else(|| usual_digits(product))
}

/// Where the column does not say: PostgreSQL then has all six, MySQL none, and SQLite's own clock writes none.
fn usual_digits(product: Product) -> u32 {
    match product {
        Product::Postgres => 6,
        Product::Mysql | Product::Mariadb | Product::Sqlite => 0,
    }
}
