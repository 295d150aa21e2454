//! Real database servers under test, each with the same database, user and passwords, so that one case can be told of
//! several.

use std::path::PathBuf;

/// The database that every server has.
pub const NAME: &str = "shop";
/// Owns it, and is what connectors log in as.
pub const USER: &str = "connector";
/// Its password. Awkward on purpose, and nothing that occurs anywhere by chance, for cases that look for it.
pub const PASSWORD: &str = "Tr0ub4dor&3?=%41;#'\\\"geheim";
/// The administrator's, whom only the harness needs.
pub(crate) const ADMINISTRATOR: &str = "administrator-of-tests";

/// A server on a free port of 127.0.0.1; ends when it is dropped.
pub trait Database: Send + Sync {
    /// `postgresql`, `mariadb`.
    fn product(&self) -> &'static str;

    /// `127.0.0.1:PORT`, as `sandbox.net.allow` wants it.
    fn address(&self) -> String;

    /// `jdbc:...`, without user and password.
    fn url(&self) -> String;

    /// Statements as [`USER`], in [`NAME`], each by itself unless they begin a transaction. What they answer: a row a
    /// line, columns with a tab between them, `NULL` for null.
    fn sql(&self, statements: &str) -> anyhow::Result<String>;

    /// Likewise, as the administrator, in the same database.
    fn administer(&self, statements: &str) -> anyhow::Result<String>;

    /// Its process id while it runs.
    fn pid(&self) -> Option<u32>;

    /// SIGKILL.
    fn kill(&mut self);

    /// Asks it to end, with the connections that it has, and waits.
    fn stop(&mut self) -> anyhow::Result<()>;

    /// Again after [`Database::kill`] or [`Database::stop`]: same port, same data.
    fn restart(&mut self) -> anyhow::Result<()>;

    /// What it has logged.
    fn log(&self) -> PathBuf;

    /// The rows of a query.
    fn rows(&self, query: &str) -> anyhow::Result<Vec<Vec<String>>> {
        let said = self.sql(query)?;
        Ok(said.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }

    /// The one value that a query answers.
    fn value(&self, query: &str) -> anyhow::Result<String> {
        Ok(self.sql(query)?.trim_end_matches('\n').to_owned())
    }

    /// How many rows a table has; a name that needs quotes comes with them.
    fn count(&self, table: &str) -> anyhow::Result<u64> {
        Ok(self.value(&format!("SELECT COUNT(*) FROM {table};"))?.parse()?)
    }
}
