//! What the databases say differently: identifiers, parameters, column types, statements that insert or update.
//!
//! A dialect is what a connection says of itself, not what a URL looks like. `dialect.name`, which the JVM
//! connectors use to overrule the URL, is therefore only compared with it.

pub mod keys;
pub mod literals;
mod names;
pub mod statements;
pub mod types;

#[cfg(test)]
mod tests;

use watertight_sdk::sql::{Connection, TableName};
use watertight_sdk::{Failure, Result};

/// A database that statements can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// SQLite.
    Sqlite,
    /// PostgreSQL and what speaks its protocol.
    Postgres,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
}

impl Product {
    /// As `connection.fact("product")` says it.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "sqlite" => Self::Sqlite,
            "postgresql" => Self::Postgres,
            "mysql" => Self::Mysql,
            "mariadb" => Self::Mariadb,
            _ => return None,
        })
    }

    /// Its own spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        }
    }

    /// MySQL or MariaDB, which differ in little.
    pub fn is_mysql(self) -> bool {
        matches!(self, Self::Mysql | Self::Mariadb)
    }

    /// The character around quoted identifiers.
    pub fn quote(self) -> char {
        match self {
            Self::Sqlite | Self::Postgres => '"',
            Self::Mysql | Self::Mariadb => '`',
        }
    }

    /// Whether `dialect.name` means this one. JVM class names are known with and without their package and ending.
    pub fn is_called(self, dialect: &str) -> bool {
        let word = dialect.rsplit('.').next().unwrap_or(dialect);
        let word = word.strip_suffix("DatabaseDialect").unwrap_or(word).to_ascii_lowercase();
        match self {
            Self::Sqlite => word == "sqlite",
            Self::Postgres => word == "postgresql" || word == "postgres",
            Self::Mysql | Self::Mariadb => word == "mysql" || word == "mariadb",
        }
    }
}

/// How to speak to one connection.
#[derive(Clone, Debug)]
pub struct Dialect {
    product: Product,
    quote: bool,
    /// Parameters that one statement may have.
    pub parameters: usize,
    /// Bytes that one call may carry.
    pub bytes: usize,
}

/// Where a connection does not say: less than any of the three databases takes.
const FEWEST_PARAMETERS: usize = 999;
const FEWEST_BYTES: usize = 1 << 20;

impl Dialect {
    /// Of a connection; `quote`: whether every identifier stands in quotes.
    pub fn of(connection: &Connection, quote: bool) -> Result<Self> {
        let word = connection.fact("product").unwrap_or_default();
        let product = Product::read(&word).ok_or_else(|| {
            Failure::unsupported(format!("This connector does not know the database \"{word}\" (connection.url)"))
        })?;
        let number = |name| connection.fact(name).and_then(|text| text.parse().ok());
        Ok(Self {
            product,
            quote,
            parameters: number("parameters.max").unwrap_or(FEWEST_PARAMETERS).max(1),
            bytes: number("bytes.max").unwrap_or(FEWEST_BYTES).max(1),
        })
    }

    /// Which database it is.
    pub fn product(&self) -> Product {
        self.product
    }

    /// An identifier as it stands in a statement, whatever it contains. Without quotes only where none are wanted
    /// *and* it is a plain word: a name can never become more than a name.
    pub fn quote(&self, name: &str) -> String {
        let mut sql = String::with_capacity(name.len() + 2);
        self.push_quoted(&mut sql, name);
        sql
    }

    /// The same, at the end of a statement.
    pub fn push_quoted(&self, sql: &mut String, name: &str) {
        if !self.quote && names::is_plain(name) {
            sql.push_str(name);
            return;
        }
        let quote = self.product.quote();
        sql.push(quote);
        for character in name.chars() {
            if character == quote {
                sql.push(quote);
            }
            sql.push(character);
        }
        sql.push(quote);
    }

    /// A table with the catalog and the schema that it was given.
    pub fn table(&self, table: &TableName) -> String {
        let mut sql = String::new();
        let qualifiers = [&table.catalog, &table.schema];
        for part in qualifiers.into_iter().flatten().chain([&table.name]) {
            if !sql.is_empty() {
                sql.push('.');
            }
            self.push_quoted(&mut sql, part);
        }
        sql
    }

    /// The parameter of this number, from 1.
    pub fn placeholder(&self, number: usize) -> String {
        match self.product {
            Product::Postgres => format!("${number}"),
            Product::Sqlite | Product::Mysql | Product::Mariadb => "?".to_owned(),
        }
    }

    /// A name as people write it: `table`, `schema.table`, `"odd.name"`. In MySQL and MariaDB what stands before the
    /// table is the database, in PostgreSQL the schema, in SQLite a dot belongs to the name unless `main` stands
    /// before it.
    pub fn parse_table(&self, text: &str) -> Result<TableName> {
        names::parse(self.product, &names::written(text)).map_err(|why| unreadable(text, &why))
    }

    /// The table of a topic by a format such as `${topic}` or `"kafka"."${topic}"`. Quotes of the format are syntax,
    /// quotes of the topic are not; a dot of the topic separates unless the format quotes it.
    pub fn table_of_topic(&self, format: &str, topic: &str) -> Result<TableName> {
        let shown = || format.replace(names::TOPIC, topic);
        let table =
            names::parse(self.product, &names::filled(format, topic)).map_err(|why| unreadable(&shown(), &why))?;
        self.check_length(&table.name)?;
        Ok(table)
    }

    /// A name as the database keeps it, for a look into its catalogue.
    pub fn stored(&self, name: &str) -> String {
        if self.product == Product::Postgres && !self.quote && names::is_plain(name) {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        }
    }

    /// The same of each part of a table's name.
    pub fn stored_table(&self, table: &TableName) -> TableName {
        TableName {
            catalog: table.catalog.as_deref().map(|name| self.stored(name)),
            schema: table.schema.as_deref().map(|name| self.stored(name)),
            name: self.stored(&table.name),
        }
    }

    /// PostgreSQL cuts longer names without an error, so that two of them may end as one.
    pub fn check_length(&self, name: &str) -> Result<()> {
        const LONGEST: usize = 63;
        if self.product == Product::Postgres && name.len() > LONGEST {
            return Err(Failure::config(format!(
                "The name \"{name}\" has {} bytes, PostgreSQL keeps {LONGEST}: choose a shorter one \
                 (table.name.format, topics.to.tables.mapping, or a transform)",
                name.len()
            )));
        }
        Ok(())
    }
}

/// How people see a table in messages: as written, without quotes.
pub fn shown(table: &TableName) -> String {
    let parts = [table.catalog.as_deref(), table.schema.as_deref(), Some(table.name.as_str())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(".")
}

fn unreadable(text: &str, why: &str) -> Failure {
    Failure::config(format!(
        "\"{text}\" is not a table name: {why} (table.name.format; table.name.normalize and \
         topics.to.tables.mapping help with topics that are no table names)"
    ))
}
