//! The keys of the source, those that only Confluent's connector has and those that only Aiven's has alike.

use watertight_sdk::{ConfigKey, Importance, Kind, Width};

use crate::connection;
use crate::dialect::keys;

/// Whole tables again and again.
pub const BULK: &str = "bulk";
/// New rows by a growing number.
pub const INCREMENTING: &str = "incrementing";
/// New and changed rows by a time of change.
pub const TIMESTAMP: &str = "timestamp";
/// New and changed rows, each with a place of its own.
pub const TIMESTAMP_INCREMENTING: &str = "timestamp+incrementing";

const DATABASE: &str = connection::GROUP;
const MODES: &str = "Mode";
const CONNECTOR: &str = "Connector";

/// `table.whitelist`.
pub const WHITELIST: ConfigKey = ConfigKey::new("table.whitelist", Kind::List)
    .default_value("")
    .group(DATABASE, 6)
    .width(Width::Long)
    .display_name("Table Whitelist")
    .documentation(
        "Tables to copy, by name or by qualified name (PostgreSQL: SCHEMA.TABLE, MySQL and MariaDB: DATABASE.TABLE). \
         Excludes table.blacklist.",
    );
/// `table.blacklist`.
pub const BLACKLIST: ConfigKey = ConfigKey::new("table.blacklist", Kind::List)
    .default_value("")
    .group(DATABASE, 7)
    .width(Width::Long)
    .display_name("Table Blacklist")
    .documentation("Tables not to copy; all others are. Names as in table.whitelist, which it excludes.");
/// `table.include.list`.
pub const INCLUDE: ConfigKey = ConfigKey::new("table.include.list", Kind::List)
    .default_value("")
    .group(DATABASE, 8)
    .width(Width::Long)
    .display_name("Table Include List")
    .documentation(
        "Regular expressions for the qualified names of tables to copy; each has to match a whole name. Excludes \
         table.whitelist and table.blacklist.",
    );
/// `table.exclude.list`.
pub const EXCLUDE: ConfigKey = ConfigKey::new("table.exclude.list", Kind::List)
    .default_value("")
    .group(DATABASE, 9)
    .width(Width::Long)
    .display_name("Table Exclude List")
    .documentation("Regular expressions for tables that table.include.list would take and that are not to be copied.");
/// `catalog.pattern`.
pub const CATALOG: ConfigKey = ConfigKey::new("catalog.pattern", Kind::String)
    .optional()
    .group(DATABASE, 10)
    .width(Width::Short)
    .display_name("Catalog pattern")
    .documentation("The database whose tables are looked at, for MySQL and MariaDB. Unset: that of the connection.");
/// `schema.pattern`.
pub const SCHEMA: ConfigKey = ConfigKey::new("schema.pattern", Kind::String)
    .optional()
    .importance(Importance::High)
    .group(DATABASE, 11)
    .width(Width::Short)
    .display_name("Schema pattern")
    .documentation("Schemas whose tables are looked at, as SQL's LIKE takes them, for PostgreSQL. Unset: all schemas.");
/// `numeric.precision.mapping`.
pub const NUMERIC_PRECISION: ConfigKey = ConfigKey::new("numeric.precision.mapping", Kind::Boolean)
    .default_value("false")
    .importance(Importance::Low)
    .group(DATABASE, 12)
    .width(Width::Short)
    .display_name("Map Numeric Values By Precision (deprecated)")
    .documentation("The old way to ask for numeric.mapping=precision_only. Does nothing where numeric.mapping is set.");
/// `numeric.mapping`.
pub const NUMERIC: ConfigKey = ConfigKey::new("numeric.mapping", Kind::String)
    .optional()
    .importance(Importance::Low)
    .group(DATABASE, 13)
    .width(Width::Short)
    .display_name("Map Numeric Values, Integral or Decimal, By Precision and Scale")
    .attributes(&[
        ("one-of-ignoring-case", "none"),
        ("one-of-ignoring-case", "precision_only"),
        ("one-of-ignoring-case", "best_fit"),
        ("one-of-ignoring-case", "best_fit_eager_double"),
    ])
    .documentation(
        "What becomes of NUMERIC columns. none: Connect's Decimal, exact. precision_only: integers where there are no \
         digits after the point and at most 18 in all, else Decimal. best_fit: as before, and FLOAT64 for numbers of \
         at most 18 digits with some after the point. best_fit_eager_double: FLOAT64 wherever there are digits after \
         the point, even if it cannot hold them all.",
    );
/// `table.names.qualify`.
pub const QUALIFY: ConfigKey = ConfigKey::new("table.names.qualify", Kind::Boolean)
    .default_value("true")
    .importance(Importance::Low)
    .group(DATABASE, 14)
    .width(Width::Short)
    .display_name("Qualify table names")
    .documentation(
        "Whether statements name a table together with its schema or database. If not, the database looks the name up \
         in its own search path, and tables of the same name count as one.",
    );
/// `db.timezone`.
pub const TIMEZONE: ConfigKey = ConfigKey::new("db.timezone", Kind::String)
    .default_value("UTC")
    .group(DATABASE, 15)
    .width(Width::Medium)
    .display_name("DB time zone")
    .documentation(
        "The time zone, by its IANA name, of timestamps in columns that do not know theirs: used to read them and to \
         ask for newer ones.",
    );
/// `dialect.name`.
pub const DIALECT: ConfigKey = keys::DIALECT.group(DATABASE, 16);
/// `quote.sql.identifiers`.
pub const QUOTE: ConfigKey = keys::QUOTE.group(DATABASE, 17);
/// `sql.quote.identifiers`, Aiven's.
pub const QUOTE_AIVEN: ConfigKey = keys::QUOTE_AIVEN.group(DATABASE, 18);
/// `transaction.isolation.mode`.
pub const ISOLATION: ConfigKey = ConfigKey::new("transaction.isolation.mode", Kind::String)
    .default_value("DEFAULT")
    .importance(Importance::Low)
    .group(DATABASE, 19)
    .width(Width::Medium)
    .display_name("Transaction Isolation Mode")
    .attributes(&[
        ("one-of-ignoring-case", "DEFAULT"),
        ("one-of-ignoring-case", "READ_UNCOMMITTED"),
        ("one-of-ignoring-case", "READ_COMMITTED"),
        ("one-of-ignoring-case", "REPEATABLE_READ"),
        ("one-of-ignoring-case", "SERIALIZABLE"),
    ])
    .documentation("How far queries are kept apart from what others write. DEFAULT: as the database does by itself.");

/// `mode`.
pub const MODE: ConfigKey = ConfigKey::new("mode", Kind::String)
    .importance(Importance::High)
    .group(MODES, 1)
    .width(Width::Medium)
    .display_name("Table Loading Mode")
    .dependents(&[
        "incrementing.column.name",
        "timestamp.column.name",
        "incrementing.column.mapping",
        "timestamp.columns.mapping",
        "validate.non.null",
    ])
    .attributes(&[
        ("one-of", BULK),
        ("one-of", TIMESTAMP),
        ("one-of", INCREMENTING),
        ("one-of", TIMESTAMP_INCREMENTING),
    ])
    .documentation(
        "How rows are found that were not sent yet. bulk: every row, with every poll. incrementing: new rows, by a \
         column whose numbers only grow; changes and deletions go unseen. timestamp: new and changed rows, by a column \
         that holds the time of the last change. timestamp+incrementing: both, so that every row has a place of its \
         own to go on from.",
    );
/// `incrementing.column.name`.
pub const INCREMENTING_COLUMN: ConfigKey = ConfigKey::new("incrementing.column.name", Kind::String)
    .default_value("")
    .group(MODES, 2)
    .width(Width::Medium)
    .display_name("Incrementing Column Name")
    .documentation("The column whose numbers only grow. Empty: the one that the database itself counts up.");
/// `incrementing.column.mapping`.
pub const INCREMENTING_MAPPING: ConfigKey = ConfigKey::new("incrementing.column.mapping", Kind::List)
    .default_value("")
    .group(MODES, 3)
    .width(Width::Long)
    .display_name("Incrementing column mapping")
    .documentation(
        "Incrementing columns by table, as REGEX:COLUMN, ...; the expressions match qualified names as a whole. \
         Excludes incrementing.column.name.",
    );
/// `timestamp.column.name`.
pub const TIMESTAMP_COLUMN: ConfigKey = ConfigKey::new("timestamp.column.name", Kind::List)
    .default_value("")
    .group(MODES, 4)
    .width(Width::Medium)
    .display_name("Timestamp Column Name")
    .documentation(
        "Columns that hold the time of the last change. Of several, the first in a row that is not null counts.",
    );
/// `timestamp.columns.mapping`.
pub const TIMESTAMP_MAPPING: ConfigKey = ConfigKey::new("timestamp.columns.mapping", Kind::List)
    .default_value("")
    .group(MODES, 5)
    .width(Width::Long)
    .display_name("Timestamp columns mapping")
    .documentation(
        "Timestamp columns by table, as REGEX:[COLUMN|COLUMN], ...; the expressions match qualified names as a whole. \
         Excludes timestamp.column.name.",
    );
/// `timestamp.initial`.
pub const TIMESTAMP_INITIAL: ConfigKey = ConfigKey::new("timestamp.initial", Kind::Long)
    .optional()
    .importance(Importance::Low)
    .group(MODES, 6)
    .width(Width::Medium)
    .display_name("Unix time value of initial timestamp")
    .documentation(
        "Rows later than this are read when there is no stored offset, in milliseconds since 1970; -1: those from now \
         on. Unset: all rows.",
    );
/// `timestamp.initial.ms`, Aiven's.
pub const TIMESTAMP_INITIAL_AIVEN: ConfigKey = ConfigKey::new("timestamp.initial.ms", Kind::Long)
    .optional()
    .importance(Importance::Low)
    .group(MODES, 7)
    .width(Width::Medium)
    .display_name("Initial timestamp (ms since epoch, can be negative)")
    .documentation("Aiven's name for timestamp.initial; here, -1 is the last millisecond of 1969.");
/// `incrementing.initial`, Aiven's.
pub const INCREMENTING_INITIAL: ConfigKey = ConfigKey::new("incrementing.initial", Kind::Long)
    .default_value("-1")
    .importance(Importance::Low)
    .group(MODES, 8)
    .width(Width::Medium)
    .display_name("Incrementing Column Initial Value")
    .documentation("Rows with greater numbers than this are read when there is no stored offset.");
/// `validate.non.null`.
pub const VALIDATE_NON_NULL: ConfigKey = ConfigKey::new("validate.non.null", Kind::Boolean)
    .default_value("true")
    .importance(Importance::Low)
    .group(MODES, 9)
    .width(Width::Short)
    .display_name("Validate Non Null")
    .documentation(
        "Whether to refuse tables whose incrementing column may be null, or all of whose timestamp columns may: rows \
         with null there are never read.",
    );
/// `query`.
pub const QUERY: ConfigKey = ConfigKey::new("query", Kind::String)
    .default_value("")
    .group(MODES, 10)
    .width(Width::Long)
    .display_name("Query")
    .documentation(
        "A SELECT to run instead of reading whole tables. In all modes but bulk, a WHERE is put behind it, so it must \
         not end with one of its own; wrap it: SELECT * FROM (...) AS t.",
    );
/// `query.suffix`.
pub const QUERY_SUFFIX: ConfigKey = ConfigKey::new("query.suffix", Kind::String)
    .default_value("")
    .importance(Importance::Low)
    .group(MODES, 11)
    .width(Width::Medium)
    .display_name("Query suffix")
    .documentation("Put at the very end of every query for rows, such as LIMIT 1000.");
/// `query.masked`.
pub const QUERY_MASKED: ConfigKey = ConfigKey::new("query.masked", Kind::Password)
    .optional()
    .importance(Importance::Low)
    .group(MODES, 12)
    .width(Width::Short)
    .display_name("Masked query")
    .documentation(
        "Not available: a plugin never sees the text of a secret, and this one would have to be sent. Use query.",
    );
/// `query.retry.attempts`.
pub const QUERY_ATTEMPTS: ConfigKey = ConfigKey::new("query.retry.attempts", Kind::Int)
    .default_value("-1")
    .importance(Importance::Low)
    .group(MODES, 13)
    .width(Width::Short)
    .display_name("Query retry attempts")
    .attributes(&[("min", "-1")])
    .documentation(
        "How often in a row a query is tried again that failed for a reason that may pass: a lost connection, a \
         deadlock, a lock. -1: without end. What does not pass by itself, a missing column or permission, is not \
         tried again.",
    );

/// `table.types`.
pub const TABLE_TYPES: ConfigKey = ConfigKey::new("table.types", Kind::List)
    .default_value("TABLE")
    .importance(Importance::Low)
    .group(CONNECTOR, 1)
    .width(Width::Medium)
    .display_name("Table Types")
    .documentation("Kinds of tables to look at: TABLE, VIEW, PARTITIONED TABLE, MATERIALIZED VIEW, FOREIGN TABLE, ...");
/// `poll.interval.ms`.
pub const POLL_INTERVAL: ConfigKey = ConfigKey::new("poll.interval.ms", Kind::Int)
    .default_value("5000")
    .importance(Importance::High)
    .group(CONNECTOR, 2)
    .width(Width::Short)
    .display_name("Poll Interval (ms)")
    .attributes(&[("min", "0")])
    .documentation("How long to wait after a table was read before it is looked at again, in milliseconds.");
/// `batch.max.rows`.
pub const BATCH_ROWS: ConfigKey = ConfigKey::new("batch.max.rows", Kind::Int)
    .default_value("1000")
    .importance(Importance::Low)
    .group(CONNECTOR, 3)
    .width(Width::Short)
    .display_name("Max Rows Per Batch")
    .attributes(&[("min", "1")])
    .documentation("At most so many rows are handed to the worker at once.");
/// `max.buffer.size`.
pub const BUFFER: ConfigKey = ConfigKey::new("max.buffer.size", Kind::Int)
    .default_value("0")
    .importance(Importance::Low)
    .group(CONNECTOR, 4)
    .width(Width::Short)
    .display_name("Maximum buffer size")
    .attributes(&[("min", "0")])
    .documentation(
        "Like batch.max.rows, the smaller of both counts; 0: no limit of its own. Rows are never held back.",
    );
/// `poll.linger.ms`.
pub const LINGER: ConfigKey = ConfigKey::new("poll.linger.ms", Kind::Long)
    .default_value("5000")
    .importance(Importance::Low)
    .group(CONNECTOR, 5)
    .width(Width::Short)
    .display_name("Poll linger (ms)")
    .attributes(&[("min", "1")])
    .documentation("The longest wait of one poll for rows of a query that is under way, in milliseconds.");
/// `table.poll.interval.ms`.
pub const TABLE_POLL_INTERVAL: ConfigKey = ConfigKey::new("table.poll.interval.ms", Kind::Long)
    .default_value("60000")
    .importance(Importance::Low)
    .group(CONNECTOR, 6)
    .width(Width::Short)
    .display_name("Metadata Change Monitoring Interval (ms)")
    .attributes(&[("min", "1")])
    .documentation(
        "How often to look for new and removed tables, in milliseconds. Tasks are planned anew if there are.",
    );
/// `topic.prefix`.
pub const TOPIC_PREFIX: ConfigKey = ConfigKey::new("topic.prefix", Kind::String)
    .importance(Importance::High)
    .group(CONNECTOR, 7)
    .width(Width::Medium)
    .display_name("Topic Prefix")
    .documentation("Put before a table's name to name its topic. With query it is the topic's whole name.");
/// `timestamp.delay.interval.ms`.
pub const TIMESTAMP_DELAY: ConfigKey = ConfigKey::new("timestamp.delay.interval.ms", Kind::Long)
    .default_value("0")
    .importance(Importance::High)
    .group(CONNECTOR, 8)
    .width(Width::Medium)
    .display_name("Delay Interval (ms)")
    .attributes(&[("min", "0")])
    .documentation(
        "Rows younger than this are left for later, in milliseconds: a row that a long transaction commits after \
         younger rows were read would be missed. Set it to longer than the longest transaction lasts.",
    );
/// `timestamp.granularity`.
pub const GRANULARITY: ConfigKey = ConfigKey::new("timestamp.granularity", Kind::String)
    .default_value("connect_logical")
    .importance(Importance::Low)
    .group(CONNECTOR, 9)
    .width(Width::Medium)
    .display_name("Timestamp granularity for timestamp columns")
    .attributes(&[
        ("one-of-ignoring-case", "connect_logical"),
        ("one-of-ignoring-case", "micros_long"),
        ("one-of-ignoring-case", "micros_string"),
        ("one-of-ignoring-case", "micros_iso_datetime_string"),
        ("one-of-ignoring-case", "nanos_long"),
        ("one-of-ignoring-case", "nanos_string"),
        ("one-of-ignoring-case", "nanos_iso_datetime_string"),
    ])
    .documentation(
        "What timestamps become. connect_logical: Connect's Timestamp, in milliseconds. The others: micro- or \
         nanoseconds since 1970 as a number, the same as text, or date and time in UTC, 2026-11-20T23:11:00.123456.",
    );

/// All of them.
pub const ALL: &[ConfigKey] = &[
    connection::URL,
    connection::USER,
    connection::PASSWORD,
    connection::ATTEMPTS,
    connection::BACKOFF,
    WHITELIST,
    BLACKLIST,
    INCLUDE,
    EXCLUDE,
    CATALOG,
    SCHEMA,
    NUMERIC_PRECISION,
    NUMERIC,
    QUALIFY,
    TIMEZONE,
    DIALECT,
    QUOTE,
    QUOTE_AIVEN,
    ISOLATION,
    MODE,
    INCREMENTING_COLUMN,
    INCREMENTING_MAPPING,
    TIMESTAMP_COLUMN,
    TIMESTAMP_MAPPING,
    TIMESTAMP_INITIAL,
    TIMESTAMP_INITIAL_AIVEN,
    INCREMENTING_INITIAL,
    VALIDATE_NON_NULL,
    QUERY,
    QUERY_SUFFIX,
    QUERY_MASKED,
    QUERY_ATTEMPTS,
    TABLE_TYPES,
    POLL_INTERVAL,
    BATCH_ROWS,
    BUFFER,
    LINGER,
    TABLE_POLL_INTERVAL,
    TOPIC_PREFIX,
    TIMESTAMP_DELAY,
    GRANULARITY,
];
