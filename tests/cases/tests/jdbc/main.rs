//! JDBC connectors and real databases: PostgreSQL and MariaDB from Debian's packages, SQLite files. Clients write while
//! workers are killed; databases go away, fill up, forget their tables and say no.
//!
//! Counts are the full ones in `soak`.

mod ground;
mod modes;
mod names;
mod outages;
mod sinks;
mod sizes;
mod sources;
mod sqlite;
mod tables;
mod topic;
mod types;
mod words;
mod writes;
