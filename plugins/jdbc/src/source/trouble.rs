//! What can go wrong with a query: what the database said, which the task weighs, and what nobody but a person mends.

use watertight_sdk::Failure;
use watertight_sdk::sql::Fault;

/// Why a query did not go on.
#[derive(Debug)]
pub enum Trouble {
    /// The database's word, or the worker's.
    Fault(Fault),
    /// Final.
    Failure(Failure),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}
