//! The source: rows of tables, or of a query, as records.
//!
//! `connector` plans and watches, `task` takes turns, `reader` reads one table. A row is asked for in the forms that
//! its record needs (`fields`) and goes on as it came (`row`); only the columns that order the rows are looked at.

mod columns;
mod connector;
mod criteria;
mod fields;
mod keys;
mod moment;
mod names;
mod offset;
mod patterns;
mod reader;
mod row;
mod session;
mod settings;
mod tables;
mod task;
mod trouble;
mod validate;

#[cfg(test)]
mod tests;

pub use connector::JdbcSourceConnector;
pub use task::JdbcSourceTask;
