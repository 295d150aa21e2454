//! The keys of the sink, those that only Confluent's connector has and those that only Aiven's has alike.

use watertight_sdk::{ConfigKey, Importance, Kind, Width};

use crate::connection;
use crate::dialect::keys;

const DATABASE: &str = connection::GROUP;
const WRITES: &str = "Writes";
const MAPPING: &str = "Data Mapping";
const TABLES: &str = "DDL Support";
const RETRIES: &str = "Retries";

/// `dialect.name`.
pub const DIALECT: ConfigKey = keys::DIALECT.group(DATABASE, 6);
/// `quote.sql.identifiers`.
pub const QUOTE: ConfigKey = keys::QUOTE.group(DATABASE, 7);
/// `sql.quote.identifiers`, Aiven's.
pub const QUOTE_AIVEN: ConfigKey = keys::QUOTE_AIVEN.group(DATABASE, 8);
/// `table.types`.
pub const KINDS: ConfigKey = ConfigKey::new("table.types", Kind::List)
    .default_value("TABLE")
    .importance(Importance::Low)
    .group(DATABASE, 9)
    .width(Width::Medium)
    .display_name("Table Types")
    .documentation(
        "What may be written into, in JDBC's words: TABLE, PARTITIONED TABLE, VIEW, separated by commas. A table of \
         another kind is an error.",
    );

/// `insert.mode`.
pub const INSERT_MODE: ConfigKey = ConfigKey::new("insert.mode", Kind::String)
    .default_value("insert")
    .importance(Importance::High)
    .group(WRITES, 1)
    .width(Width::Medium)
    .display_name("Insert Mode")
    .attributes(&[
        ("one-of-ignoring-case", "insert"),
        ("one-of-ignoring-case", "multi"),
        ("one-of-ignoring-case", "upsert"),
        ("one-of-ignoring-case", "update"),
    ])
    .documentation(
        "insert: each record is a new row; one that comes again after a failure is a second row or an error. upsert: \
         the row with the record's key is updated, or inserted if there is none, so that it does not matter how often \
         a record comes. update: the row with the record's key is updated if there is one. multi, Aiven's: as insert, \
         which writes many rows with one statement anyway.",
    );
/// `batch.size`.
pub const BATCH_SIZE: ConfigKey = ConfigKey::new("batch.size", Kind::Int)
    .default_value("3000")
    .group(WRITES, 2)
    .width(Width::Short)
    .display_name("Batch Size")
    .attributes(&[("min", "0")])
    .documentation(
        "At most so many records are sent to the database at once. All records that the task got with one call are \
         one transaction, however many batches they make.",
    );
/// `delete.enabled`.
pub const DELETE: ConfigKey = ConfigKey::new("delete.enabled", Kind::Boolean)
    .default_value("false")
    .group(WRITES, 3)
    .width(Width::Short)
    .display_name("Enable deletes")
    .dependents(&["pk.mode"])
    .documentation(
        "Whether a record with a null value deletes the row of its key; otherwise such a record is an error. Needs \
         pk.mode=record_key.",
    );

/// `table.name.format`.
pub const TABLE_FORMAT: ConfigKey = ConfigKey::new("table.name.format", Kind::String)
    .default_value("${topic}")
    .group(MAPPING, 1)
    .width(Width::Long)
    .display_name("Table Name Format")
    .attributes(&[("non-empty", "")])
    .documentation(
        "The table of a topic, whose name goes where ${topic} stands. A dot parts schema (or database) and table, \
         also one in the name of the topic; in quotes, as in \"${topic}\", it belongs to the name.",
    );
/// `table.name.normalize`, Aiven's.
pub const NORMALIZE: ConfigKey = ConfigKey::new("table.name.normalize", Kind::Boolean)
    .default_value("false")
    .group(MAPPING, 2)
    .width(Width::Short)
    .display_name("Table Name Normalize")
    .documentation("Whether every character of a table's name but letters, digits (both of ASCII) and _ becomes _.");
/// `topics.to.tables.mapping`, Aiven's.
pub const TOPICS: ConfigKey = ConfigKey::new("topics.to.tables.mapping", Kind::List)
    .default_value("")
    .group(MAPPING, 3)
    .width(Width::Long)
    .display_name("Topics To Tables Mapping")
    .documentation("Tables of single topics, as TOPIC:TABLE, ...; other topics go by table.name.format.");
/// `pk.mode`.
pub const PK_MODE: ConfigKey = ConfigKey::new("pk.mode", Kind::String)
    .default_value("none")
    .importance(Importance::High)
    .group(MAPPING, 4)
    .width(Width::Medium)
    .display_name("Primary Key Mode")
    .dependents(&["pk.fields"])
    .attributes(&[
        ("one-of-ignoring-case", "none"),
        ("one-of-ignoring-case", "kafka"),
        ("one-of-ignoring-case", "record_key"),
        ("one-of-ignoring-case", "record_value"),
    ])
    .documentation(
        "What identifies a row. none: nothing. kafka: topic, partition and offset of the record. record_key: fields of \
         the record's key, or the key itself if it is no struct. record_value: fields of the record's value.",
    );
/// `pk.fields`.
pub const PK_FIELDS: ConfigKey = ConfigKey::new("pk.fields", Kind::List)
    .default_value("")
    .group(MAPPING, 5)
    .width(Width::Long)
    .display_name("Primary Key Fields")
    .documentation(
        "Names for pk.mode. kafka: three columns, by default __connect_topic, __connect_partition and \
         __connect_offset. record_key: fields of the key, by default all of them; the one column of a key that is no \
         struct. record_value: fields of the value, by default all of them. none: not used.",
    );
/// `fields.whitelist`.
pub const WHITELIST: ConfigKey = ConfigKey::new("fields.whitelist", Kind::List)
    .default_value("")
    .group(MAPPING, 6)
    .width(Width::Long)
    .display_name("Fields Whitelist")
    .documentation("Fields of the value that are written, beside those of the key. Empty: all of them.");
/// `db.timezone`.
pub const TIMEZONE: ConfigKey = ConfigKey::new("db.timezone", Kind::String)
    .default_value("UTC")
    .group(MAPPING, 7)
    .width(Width::Medium)
    .display_name("DB Time Zone")
    .attributes(&[("non-empty", "")])
    .documentation(
        "The time zone, by its IANA name, whose clock timestamps show in columns that have no time zone of their own.",
    );
/// `date.timezone`.
pub const DATE_TIMEZONE: ConfigKey = ConfigKey::new("date.timezone", Kind::String)
    .default_value("DB_TIMEZONE")
    .group(MAPPING, 8)
    .width(Width::Medium)
    .display_name("Date Time Zone")
    .attributes(&[("one-of-ignoring-case", "DB_TIMEZONE"), ("one-of-ignoring-case", "UTC")])
    .documentation(
        "Accepted as it is set elsewhere. A date has no time zone: the day of the record is the day of the row with \
         either value.",
    );
/// `timestamp.precision.mode`.
pub const PRECISION: ConfigKey = ConfigKey::new("timestamp.precision.mode", Kind::String)
    .default_value("microseconds")
    .group(MAPPING, 9)
    .width(Width::Medium)
    .display_name("Timestamp Precision Mode")
    .attributes(&[("one-of-ignoring-case", "microseconds"), ("one-of-ignoring-case", "nanoseconds")])
    .documentation("What the numbers count that stand in fields of timestamp.fields.list.");
/// `timestamp.fields.list`.
pub const TIMESTAMP_FIELDS: ConfigKey = ConfigKey::new("timestamp.fields.list", Kind::List)
    .default_value("")
    .group(MAPPING, 10)
    .width(Width::Long)
    .display_name("Timestamp Fields List")
    .documentation(
        "Fields of type INT64 or STRING that hold points in time: numbers since 1970 as timestamp.precision.mode says, \
         or ISO 8601.",
    );
/// `replace.null.with.default`.
pub const NULL_TO_DEFAULT: ConfigKey = ConfigKey::new("replace.null.with.default", Kind::Boolean)
    .default_value("true")
    .importance(Importance::Low)
    .group(MAPPING, 11)
    .width(Width::Short)
    .display_name("Replace Null With Default")
    .documentation("Whether a null in a field whose schema has a default is written as that default.");

/// `auto.create`.
pub const AUTO_CREATE: ConfigKey = ConfigKey::new("auto.create", Kind::Boolean)
    .default_value("false")
    .group(TABLES, 1)
    .width(Width::Short)
    .display_name("Auto-Create")
    .documentation("Whether a table that does not exist is created, with the columns of the first record for it.");
/// `auto.evolve`.
pub const AUTO_EVOLVE: ConfigKey = ConfigKey::new("auto.evolve", Kind::Boolean)
    .default_value("false")
    .group(TABLES, 2)
    .width(Width::Short)
    .display_name("Auto-Evolve")
    .documentation(
        "Whether columns are added for fields that a table does not have: those that are optional or have a default. \
         Nothing is ever removed or changed.",
    );

/// `max.retries`.
pub const MAX_RETRIES: ConfigKey = ConfigKey::new("max.retries", Kind::Int)
    .default_value("10")
    .group(RETRIES, 1)
    .width(Width::Short)
    .display_name("Maximum Retries")
    .attributes(&[("min", "0")])
    .documentation(
        "How often records are tried again after an error that may pass: a lost connection, a deadlock, a full disk. \
         Then the task fails.",
    );
/// `retry.backoff.ms`.
pub const BACKOFF: ConfigKey = ConfigKey::new("retry.backoff.ms", Kind::Int)
    .default_value("3000")
    .group(RETRIES, 2)
    .width(Width::Short)
    .display_name("Retry Backoff (millis)")
    .attributes(&[("min", "0")])
    .documentation("How long to wait before records are tried again, in milliseconds.");
/// `trim.sensitive.log`.
pub const TRIM: ConfigKey = ConfigKey::new("trim.sensitive.log", Kind::Boolean)
    .default_value("false")
    .importance(Importance::Low)
    .group(RETRIES, 3)
    .width(Width::Short)
    .display_name("Trim Sensitive Logs")
    .documentation(
        "Whether the database's own words, which may quote values, are left out of errors: what remains is the \
         SQLSTATE, the error code and the names of table, column and constraint.",
    );

/// All of them.
pub const ALL: &[ConfigKey] = &[
    connection::URL,
    connection::USER,
    connection::PASSWORD,
    connection::ATTEMPTS,
    connection::BACKOFF,
    DIALECT,
    QUOTE,
    QUOTE_AIVEN,
    KINDS,
    INSERT_MODE,
    BATCH_SIZE,
    DELETE,
    TABLE_FORMAT,
    NORMALIZE,
    TOPICS,
    PK_MODE,
    PK_FIELDS,
    WHITELIST,
    TIMEZONE,
    DATE_TIMEZONE,
    PRECISION,
    TIMESTAMP_FIELDS,
    NULL_TO_DEFAULT,
    AUTO_CREATE,
    AUTO_EVOLVE,
    MAX_RETRIES,
    BACKOFF,
    TRIM,
];
