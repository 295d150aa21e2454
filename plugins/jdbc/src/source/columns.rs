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
    /// The columns.
    pub criteria: Criteria,
    /// Digits of the second that all times have.
    pub digits: u32,
    /// All times are of columns that know their zone.
    pub zoned: bool,
}

/// Looks them up.
pub fn find(what: &What, label: &str, session: &Session, settings: &Settings) -> Result<Found, Trouble> {
    let product = session.dialect.product();
    match what {
        What::Table(name) => of_table(name, label, session, settings),
        What::Query(query) => {
            let number = settings.mode.by_number().then(|| settings.columns.incrementing.clone());
            let mut found = Found { criteria: Criteria { number, times: Vec::new() }, ..Found::usual(product) };
            if settings.mode.by_time() {
                // Nothing but the description of its columns is wanted. A WHERE has to fit here anyway.
                let rows = session.connection.query(&format!("{query} WHERE 1 = 0"), &[], &[])?;
                found.learn(settings.columns.timestamps.clone(), &rows.columns(), product);
            }
            Ok(found)
        }
    }
}

impl Found {
    fn usual(product: Product) -> Self {
        Self { criteria: Criteria::default(), digits: usual_digits(product), zoned: false }
    }

    fn learn(&mut self, times: Vec<String>, columns: &[Column], product: Product) {
        let definitions: Vec<&Column> = times.iter().filter_map(|time| by_name(columns, time)).collect();
        let digits = definitions.iter().map(|column| digits(column, product));
        self.digits = digits.min().unwrap_or(self.digits);
        self.zoned = !definitions.is_empty() && definitions.iter().all(|column| column.is("zone"));
        self.criteria.times = times;
    }
}

fn of_table(name: &Name, label: &str, session: &Session, settings: &Settings) -> Result<Found, Trouble> {
    let product = session.dialect.product();
    let mode = settings.mode;
    let mut found = Found::usual(product);
    if !mode.by_number() && !mode.by_time() {
        return Ok(found);
    }
    let table = session.dialect.stored_table(&name.for_driver(product));
    let columns = match session.connection.columns(&table)? {
        Some(columns) => columns,
        // Perhaps it is only hidden: the database itself is to say whether it is missing or forbidden.
        None => {
            let sql = format!("SELECT * FROM {} WHERE 1 = 0", session.dialect.table(&name.for_driver(product)));
            session.connection.query(&sql, &[], &[])?.columns()
        }
    };
    let qualified = name.qualified();
    if mode.by_time() {
        let times = times(settings, &qualified)?;
        let required = |time: &String| by_name(&columns, time).is_some_and(|column| column.nullable == Some(false));
        if settings.validate_non_null && !times.iter().any(required) {
            return Err(Failure::config(format!(
                "Cannot make incremental queries using timestamp columns {times:?} on {label} because all of these \
                 columns are nullable: rows with null in all of them would never be read (validate.non.null)"
            ))
            .into());
        }
        found.learn(times, &columns, product);
    }
    if mode.by_number() {
        let number = number(settings, &qualified, label, &columns)?;
        let nullable = by_name(&columns, &number).is_some_and(|column| may_be_null(column, product));
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

/// The key of a table of SQLite that is its row number is never null, though it may be declared as if it were.
fn may_be_null(column: &Column, product: Product) -> bool {
    let row_number = product == Product::Sqlite
        && column.type_name.eq_ignore_ascii_case("INTEGER")
        && column.detail("primary-key").is_some();
    column.nullable == Some(true) && !row_number && !column.is("auto-increment")
}
