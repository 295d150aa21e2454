//! Keys about the database's kind and its names: the same for source and sink, each of which has its own place for
//! them in a form.

use watertight_sdk::{ConfigKey, Importance, Kind, Width};

/// `dialect.name`.
pub const DIALECT: ConfigKey = ConfigKey::new("dialect.name", Kind::String)
    .default_value("")
    .importance(Importance::Low)
    .width(Width::Medium)
    .display_name("Database Dialect")
    .documentation(
        "The kind of database: PostgreSqlDatabaseDialect, MySqlDatabaseDialect or SqliteDatabaseDialect. Needs not to \
         be set, as the connection tells; a name that does not fit it is an error.",
    );
/// `quote.sql.identifiers`.
pub const QUOTE: ConfigKey = ConfigKey::new("quote.sql.identifiers", Kind::String)
    .default_value("ALWAYS")
    .width(Width::Medium)
    .display_name("Quote Identifiers")
    .attributes(&[("one-of-ignoring-case", "ALWAYS"), ("one-of-ignoring-case", "NEVER")])
    .documentation(
        "Whether names of tables and columns stand in quotes in statements: ALWAYS takes them as they are written, \
         NEVER leaves upper and lower case to the database. A name that is not a plain word is quoted in either case.",
    );
/// `sql.quote.identifiers`, Aiven's.
pub const QUOTE_AIVEN: ConfigKey = ConfigKey::new("sql.quote.identifiers", Kind::Boolean)
    .optional()
    .importance(Importance::Low)
    .width(Width::Short)
    .display_name("Quote SQL Identifiers")
    .documentation("Aiven's name for quote.sql.identifiers: true is ALWAYS, false is NEVER.");
