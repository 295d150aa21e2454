//! Why a connector or task ended. The text is what `trace` in the status shows.

use watertight_sandbox::error::GuestError;

/// The end of an instance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{trace}")]
pub struct Failure {
    /// For people: what happened, in which call, and what the guest's stack says.
    pub trace: String,
}

impl Failure {
    /// Of our own making.
    pub fn new(trace: impl Into<String>) -> Self {
        Self { trace: trace.into() }
    }

    /// With what was being done in front, as Java's chained exceptions read.
    pub fn caused(doing: &str, cause: impl std::fmt::Display) -> Self {
        Self { trace: format!("{doing}\nCaused by: {cause}") }
    }
}

impl From<GuestError> for Failure {
    fn from(error: GuestError) -> Self {
        Self { trace: error.trace() }
    }
}
