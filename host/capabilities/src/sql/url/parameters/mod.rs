//! What becomes of each parameter of the JVM drivers: the one list, for the reader and for the documentation.
//!
//! Names are compared without regard to case, and percent-decoded. A parameter that weakens nothing when it is
//! ignored is ignored; one that asks for more safety than there is here, or for a file, a class or a statement of
//! its own, is refused.

mod mysql;
#[cfg(test)]
mod page;
mod postgres;
mod sqlite;

pub use mysql::MYSQL;
pub use postgres::POSTGRES;
pub use sqlite::SQLITE;

/// All drivers and their parameters.
pub const TABLE: [(&str, &[Parameter]); 3] =
    [("SQLite", SQLITE), ("PostgreSQL", POSTGRES), ("MySQL and MariaDB", MYSQL)];

/// A parameter of a driver.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// As it is mostly written.
    pub name: &'static str,
    /// Other names for the same.
    pub aliases: &'static [&'static str],
    /// What becomes of it.
    pub effect: Effect,
}

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// It is used: for what.
    Used(&'static str),
    /// It makes no difference here: why.
    Ignored(&'static str),
    /// These values say what is so anyway; others are refused: why.
    Only(&'static [&'static str], &'static str),
    /// It is refused: why.
    Refused(&'static str),
}

impl Parameter {
    /// Does it go by this name?
    pub fn called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// The ways to say no.
const NO: &[&str] = &["false", "no", "0", "off", ""];
/// The ways to say yes.
const YES: &[&str] = &["true", "yes", "1", "on"];

const CLASS: &str = "it loads a Java class, and there is no JVM";
const TUNING: &str = "it tunes the Java driver";
const LOGGING: &str = "it is about the Java driver's log";

const fn used(name: &'static str, what: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Used(what) }
}

const fn ignored(name: &'static str, why: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Ignored(why) }
}

const fn only(name: &'static str, values: &'static [&'static str], why: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Only(values, why) }
}

const fn refused(name: &'static str, why: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Refused(why) }
}

impl Parameter {
    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}
