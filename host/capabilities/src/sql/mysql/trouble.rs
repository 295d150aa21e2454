//! What can go wrong between here and a server, and what it means to a guest: whether another attempt can help,
//! whether the connection is still good, and which setting is at fault. Nothing in here ever holds a password.

use std::time::Duration;

use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Fault, code};

/// What the server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The server's number of it.
    pub number: u16,
    /// Five characters.
    pub state: String,
    /// In its own words.
    pub message: String,
}

/// Why there is no answer, or none that helps.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The server refused; the connection is still good, mostly.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The socket broke.
    #[error("the connection to the database broke: {0}")]
    Broken(#[from] std::io::Error),
    /// The server closed it.
    #[error("the database closed the connection")]
    Closed,
    /// It keeps silent.
    #[error("the database has not sent anything for {} ms (socketTimeout)", .0.as_millis())]
    Silent(Duration),
    /// It does not speak the protocol.
    #[error("the database sent something that its protocol does not know: {0}")]
    Protocol(&'static str),
    /// A row or answer above the limit.
    #[error("the database sent a row of more than {} = {limit} bytes: it was refused", key::SQL_ROW)]
    Large {
        /// The limit.
        limit: usize,
    },
    /// A statement that the server would not take.
    #[error(
        "the statement and its values have {size} bytes, and the database takes {limit} (its max_allowed_packet): \
         send less at a time, or raise it there"
    )]
    Long {
        /// What it has.
        size: usize,
        /// What the server takes.
        limit: usize,
    },
    /// It asks for a file of this machine.
    #[error(
        "the database asked for a file of this machine (LOAD DATA LOCAL); it got nothing, and the connection was closed"
    )]
    File,
    /// Settings do not lead to a connection.
    #[error("{0}")]
    Settings(String),
}

impl Trouble {
    /// Whether the connection is of no more use.
    pub fn ends(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.ends(),
            Self::Long { .. } => false,
            Self::Broken(_)
            | Self::Closed
            | Self::Silent(_)
            | Self::Protocol(_)
            | Self::Large { .. }
            | Self::File
            | Self::Settings(_) => true,
        }
    }

    /// The transaction is gone, whatever the guest thinks.
    pub fn rolled_back(&self) -> bool {
        matches!(self, Self::Refused(Refusal { number: 1180 | 1213 | 1614 | 3101, .. }))
    }

    /// The server's number.
    pub fn number(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.number),
            _ => None,
        }
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        let message = trouble.to_string();
        match trouble {
            Trouble::Refused(refusal) => refusal.into(),
            Trouble::Broken(_) | Trouble::Closed => Self::gone(message),
            Trouble::Silent(_) => Self { retriable: true, lost: true, ..Self::new(code::TIMEOUT, message) },
            Trouble::Protocol(_) => Self { lost: true, ..Self::new(code::UNAVAILABLE, message) },
            Trouble::Large { .. } => Self { lost: true, ..Self::new(code::LIMIT, message) },
            Trouble::Long { .. } => Self::new(code::LIMIT, message),
            Trouble::File => Self { lost: true, ..Self::new(code::DENIED, message) },
            Trouble::Settings(_) => Self { lost: true, ..Self::new(code::CONFIG, message) },
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.number {
            1969 | 3024 => code::TIMEOUT,
            1040 | 1203 | 1226 => code::UNAVAILABLE,
            1295 => code::UNSUPPORTED,
            _ if refusal.ends() => code::UNAVAILABLE,
            _ => code::SQL,
        };
        let mut details = Vec::new();
        if let Some(name) = refusal.constraint() {
            details.push(("constraint".to_owned(), name.to_owned()));
        }
        Self {
            sqlstate: Some(refusal.state.clone()),
            vendor_code: Some(refusal.number.into()),
            retriable: refusal.retriable(),
            lost: refusal.ends(),
            details,
            // State and number have places of their own.
            ..Self::new(code, refusal.message)
        }
    }
}

impl Refusal {
    /// The same may succeed later.
    pub fn retriable(&self) -> bool {
        let by_number = match self.number {
            // Locks and deadlocks, transactions of a cluster that lost a race.
            1020 | 1205 | 1206 | 1213 | 1614 | 1637 | 3101 | 3572
            // Too many connections, or too much of something that gets less again.
            | 1040 | 1041 | 1037 | 1038 | 1203 | 1226
            // Disk or table full, errors while writing or committing.
            | 3 | 1021 | 1026 | 1114 | 1180
            // Ended by somebody or by its time limit; a definition changed meanwhile.
            | 1317 | 1969 | 3024 | 1615
            // Not the primary any more, or not yet.
            | 1836 => true,
            1290 => self.message.contains("read-only") || self.message.contains("read_only"),
            _ => self.ends(),
        };
        by_number || self.state.starts_with("40") || self.state.starts_with("08")
    }

    /// The server closes the connection after it.
    pub fn ends(&self) -> bool {
        matches!(self.number, 1053 | 1077 | 1079 | 1152 | 1153 | 1156..=1161 | 1184 | 1927 | 2006 | 2013 | 4031)
    }

    /// The key that a row violates.
    fn constraint(&self) -> Option<&str> {
        match self.number {
            1062 | 1586 => self.message.rsplit_once("for key '").and_then(|(_, rest)| rest.strip_suffix('\'')),
            1451 | 1452 => {
                let (_, rest) = self.message.split_once("CONSTRAINT `")?;
                rest.split_once('`').map(|(name, _)| name)
            }
            _ => None,
        }
    }

    /// As the answer to a sign-in: which settings it is about.
    pub fn at_login(self, user: &str) -> Fault {
        let hint = match self.number {
            1044 | 1045 | 1698 => "check connection.user and connection.password",
            1130 => "the database does not let this machine in",
            1049 => "check the database in connection.url",
            1862 => "the password has expired; check connection.user and connection.password",
            _ => return self.into(),
        };
        let mut fault = Fault::from(self);
        fault.message = format!("cannot sign in as '{user}': {}; {hint}", fault.message);
        fault.code = code::CONFIG.to_owned();
        fault.lost = true;
        fault.retriable = false;
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(number: u16, state: &str, message: &str) -> Refusal {
        Refusal { number, state: state.into(), message: message.into() }
    }

    #[test]
    fn what_may_succeed_later_is_said_to() {
        for (number, state, retriable, lost) in [
            (1205, "HY000", true, false),
            (1213, "40001", true, false),
            (1040, "08004", true, false),
            (1053, "08S01", true, true),
            (2013, "HY000", true, true),
            (1114, "HY000", true, false),
            (1021, "HY000", true, false),
            (1969, "70100", true, false),
            (1064, "42000", false, false),
            (1062, "23000", false, false),
            (1146, "42S02", false, false),
            (1142, "42000", false, false),
        ] {
            let fault = Fault::from(refusal(number, state, "x"));
            assert_eq!((fault.retriable, fault.lost), (retriable, lost), "{number}");
            assert_eq!(fault.vendor_code, Some(number.into()));
            assert_eq!(fault.sqlstate.as_deref(), Some(state));
        }
    }

    #[test]
    fn a_failed_sign_in_names_the_settings() {
        let fault =
            refusal(1045, "28000", "Access denied for user 'ann'@'localhost' (using password: YES)").at_login("ann");
        assert_eq!(fault.code, code::CONFIG);
        assert!(fault.message.ends_with("check connection.user and connection.password"), "{}", fault.message);
        assert!(!fault.retriable && fault.lost);
        // Too many connections is nobody's setting.
        assert!(refusal(1040, "08004", "Too many connections").at_login("ann").retriable);
    }

    #[test]
    fn the_violated_key_is_named() {
        let fault = Fault::from(refusal(1062, "23000", "Duplicate entry '1' for key 'PRIMARY'"));
        assert_eq!(fault.details, [("constraint".to_owned(), "PRIMARY".to_owned())]);
        let text =
            "Cannot add or update a child row: a foreign key constraint fails (`a`.`b`, CONSTRAINT `fk` FOREIGN KEY";
        let fault = Fault::from(refusal(1452, "23000", text));
        assert_eq!(fault.details, [("constraint".to_owned(), "fk".to_owned())]);
    }
}
