//! Transactions. Autocommit is off while one is open, as JDBC drivers have it: when a deadlock ends a transaction behind
//! everybody's back, what follows is then a transaction as well, and goes with it. And what was ended like that is not
//! committed as if nothing had happened.

use watertight_sandbox::sql::{Fault, code};

use super::trouble::Trouble;

/// Where a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transaction {
    /// Each statement is one.
    #[default]
    None,
    /// One is open.
    Open,
    /// One was open, and the server has undone it.
    Undone,
}

impl Transaction {
    /// After a statement failed.
    pub fn failed(&mut self, trouble: &Trouble) {
        if *self == Self::Open && trouble.rolled_back() {
            *self = Self::Undone;
        }
    }

    /// Whether there is one to end.
    pub fn check(self) -> Result<(), Fault> {
        match self {
            Self::None => Err(Fault::new(code::SQL, "there is no transaction to end: call begin first")),
            Self::Open | Self::Undone => Ok(()),
        }
    }
}

/// What a commit of a transaction answers that is no more.
pub fn undone() -> Fault {
    Fault {
        sqlstate: Some("40001".into()),
        retriable: true,
        ..Fault::new(
            code::SQL,
            "the database had already undone this transaction, after a deadlock: nothing was committed",
        )
    }
}

/// What makes the next transaction so.
pub fn isolation(name: &str) -> Result<&'static str, Fault> {
    Ok(match name {
        "READ_UNCOMMITTED" => "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
        "READ_COMMITTED" => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "REPEATABLE_READ" => "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SERIALIZABLE" => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        other => {
            let text = format!(
                "there is no isolation level {other}: known are READ_UNCOMMITTED, READ_COMMITTED, REPEATABLE_READ and \
                 SERIALIZABLE"
            );
            return Err(Fault::new(code::UNSUPPORTED, text));
        }
    })
}
