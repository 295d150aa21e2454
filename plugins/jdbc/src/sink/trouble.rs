//! What can go wrong with a put, by what is to be done about it.

use watertight_sdk::Failure;
use watertight_sdk::sql::Fault;

use crate::connection::{failed, may_pass};

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// In the database: what was being done, and its words.
    Database(String, Fault),
    /// This record will never be written; others may be.
    Record(Failure),
    /// Nothing of this kind will be written before somebody changes something.
    Setting(Failure),
}

impl Trouble {
    /// Of a call, to be used with `map_err`.
    pub fn while_doing(doing: impl Into<String>) -> impl FnOnce(Fault) -> Self {
        let doing = doing.into();
        move |fault| Self::Database(doing, fault)
    }

    /// As the worker is told; whether to try again is decided elsewhere.
    pub fn failure(self, trim: bool) -> Failure {
        match self {
            Self::Database(doing, fault) => failed(&doing, if trim { trimmed(fault) } else { fault }),
            Self::Record(failure) | Self::Setting(failure) => failure,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Setting(failure)
    }
}

/// What kind of fault a statement met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// The same may succeed later.
    Passing,
    /// A value is at fault: the statement may succeed with other rows.
    Data,
    /// The table is not (or no longer) what it was thought to be.
    Structure,
    /// Anything else: a right, a statement, a setting.
    Other,
}

/// Errors of MySQL and MariaDB about values for which SQLSTATE says `HY000` or something as general.
const VALUES: [i64; 17] =
    [1048, 1062, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1367, 1406, 1411, 1416, 1452, 3140, 3819, 4025];

/// Sorts a fault by its SQLSTATE.
pub fn nature(fault: &Fault) -> Nature {
    if may_pass(fault) {
        return Nature::Passing;
    }
    if matches!(fault.code.as_str(), "data" | "limit") {
        return Nature::Data;
    }
    let state = fault.sqlstate.as_deref().unwrap_or_default();
    if matches!(state, "42P01" | "42703" | "42S02" | "42S22" | "3F000" | "42704") || is_missing_in_sqlite(fault) {
        return Nature::Structure;
    }
    // Data, constraints, check options, more than one row per key, what a trigger raised, too long for an index.
    let class = state.get(..2).unwrap_or_default();
    if matches!(class, "22" | "23" | "44" | "21" | "45") || matches!(state, "P0001" | "54000") {
        return Nature::Data;
    }
    if fault.vendor_code.is_some_and(|code| VALUES.contains(&code)) {
        return Nature::Data;
    }
    Nature::Other
}

/// SQLite has one code for all of these; they are told apart by its words only.
fn is_missing_in_sqlite(fault: &Fault) -> bool {
    fault.vendor_code == Some(1)
        && ["no such table", "no such column", "has no column named"].iter().any(|words| fault.message.contains(words))
}

/// The fault without the database's words, which may quote values.
pub fn trimmed(mut fault: Fault) -> Fault {
    if fault.code != "sql" && fault.code != "data" {
        return fault;
    }
    let kept = |name: &str| matches!(name, "constraint" | "table" | "column");
    fault.details.retain(|(name, _)| kept(name));
    fault.message = "the database refused (its own words are left out because of trim.sensitive.log)".to_owned();
    fault
}
