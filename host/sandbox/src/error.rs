//! What can go wrong with a guest, in words that name the call, and the setting where a limit was broken.

use std::time::Duration;

use crate::bindings::watertight::types::common;
use crate::limits::key;

/// A call into a guest, for messages and deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Call {
    Instantiate,
    Describe,
    Validate,
    ExactlyOnceSupport,
    CanDefineTransactionBoundaries,
    AlterOffsets,
    Start,
    TaskConfigs,
    Check,
    Poll,
    Acknowledge,
    Committed,
    Open,
    Put,
    PreCommit,
    Configure,
    Apply,
    Test,
    FromConnect,
    ToConnect,
    Close,
    Stop,
}

impl Call {
    /// The function's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Call::Instantiate => "instantiate",
            Call::Describe => "describe",
            Call::Validate => "validate",
            Call::ExactlyOnceSupport => "exactly-once-support",
            Call::CanDefineTransactionBoundaries => "can-define-transaction-boundaries",
            Call::AlterOffsets => "alter-offsets",
            Call::Start => "start",
            Call::TaskConfigs => "task-configs",
            Call::Check => "check",
            Call::Poll => "poll",
            Call::Acknowledge => "acknowledge",
            Call::Committed => "committed",
            Call::Open => "open",
            Call::Put => "put",
            Call::PreCommit => "pre-commit",
            Call::Configure => "configure",
            Call::Apply => "apply",
            Call::Test => "test",
            Call::FromConnect => "from-connect",
            Call::ToConnect => "to-connect",
            Call::Close => "close",
            Call::Stop => "stop",
        }
    }

    /// The setting that bounds its wall time.
    pub fn wall_key(self) -> &'static str {
        match self {
            Call::Describe => key::WALL_DESCRIBE,
            Call::Validate | Call::ExactlyOnceSupport | Call::CanDefineTransactionBoundaries => key::WALL_VALIDATE,
            Call::Stop | Call::Close => key::WALL_STOP,
            Call::Instantiate
            | Call::AlterOffsets
            | Call::Start
            | Call::TaskConfigs
            | Call::Check
            | Call::Poll
            | Call::Acknowledge
            | Call::Committed
            | Call::Open
            | Call::Put
            | Call::PreCommit
            | Call::Configure
            | Call::Apply
            | Call::Test
            | Call::FromConnect
            | Call::ToConnect => key::WALL_CALL,
        }
    }
}

/// Why a call into a guest did not give what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuestError {
    /// The guest itself said no, in an orderly way. Its instance may be called again.
    #[error("{message}")]
    Failure {
        /// For machines; see the contract.
        code: String,
        /// For people.
        message: String,
        /// Of the guest's making.
        trace: Option<String>,
        /// The same call may work later.
        retriable: bool,
        /// After so long, if the guest knows.
        retry_after: Option<Duration>,
    },
    /// A limit of the sandbox. The instance is gone.
    #[error("the plugin broke a limit in {call}: {what} (setting {key} = {limit})")]
    Limit {
        /// Which call.
        call: &'static str,
        /// The setting.
        key: &'static str,
        /// Its value.
        limit: u64,
        /// What it did.
        what: String,
        /// Guest backtrace, where there is one.
        trace: Option<String>,
    },
    /// The guest's code trapped. The instance is gone.
    #[error("the plugin trapped in {call}: {reason}")]
    Trap {
        /// Which call.
        call: &'static str,
        /// wasmtime's reason.
        reason: String,
        /// Guest backtrace.
        trace: Option<String>,
    },
    /// What the guest answered breaks the contract. The instance is not used again.
    #[error("the plugin answered {call} against the contract: {what}")]
    Contract {
        /// Which call.
        call: &'static str,
        /// What is wrong with the answer.
        what: String,
    },
    /// The instance trapped, timed out or was cut off before.
    #[error("the plugin's instance is gone since an earlier call; {call} was not made")]
    Gone {
        /// Which call.
        call: &'static str,
    },
    /// Any of the above but a failure, in one of the several plugins that a task may have.
    #[error("{place}: {error}")]
    In {
        /// Role and class.
        place: String,
        /// What it is.
        error: Box<GuestError>,
    },
}

impl GuestError {
    /// The same, saying which plugin of the task it was. A failure is the plugin's own word and stays as it is.
    pub fn at(self, place: impl FnOnce() -> String) -> Self {
        match self {
            failure @ GuestError::Failure { .. } => failure,
            named @ GuestError::In { .. } => named,
            other => GuestError::In { place: place(), error: Box::new(other) },
        }
    }

    /// Whether the same call may be made again.
    pub fn retriable(&self) -> bool {
        matches!(self, GuestError::Failure { retriable: true, .. })
    }

    /// How long the guest asks to be left alone, if it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            GuestError::Failure { retry_after, .. } => *retry_after,
            GuestError::Limit { .. }
            | GuestError::Trap { .. }
            | GuestError::Contract { .. }
            | GuestError::Gone { .. }
            | GuestError::In { .. } => None,
        }
    }

    /// For `trace` in the status: the message, then whatever the guest or its stack says.
    pub fn trace(&self) -> String {
        match self.details() {
            Some(details) => format!("{self}\n{details}"),
            None => self.to_string(),
        }
    }

    fn details(&self) -> Option<&str> {
        match self {
            GuestError::Failure { trace, .. } | GuestError::Limit { trace, .. } | GuestError::Trap { trace, .. } => {
                trace.as_deref()
            }
            GuestError::In { error, .. } => error.details(),
            GuestError::Contract { .. } | GuestError::Gone { .. } => None,
        }
    }
}

impl From<common::Failure> for GuestError {
    fn from(failure: common::Failure) -> Self {
        let common::Failure { code, message, trace, retriable, retry_after_ms } = failure;
        GuestError::Failure { code, message, trace, retriable, retry_after: retry_after_ms.map(Duration::from_millis) }
    }
}
