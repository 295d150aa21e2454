//! Why a command for people did not do what it should: what went wrong, where, and what mends it; and the exit code
//! that scripts decide by.

use std::io;

use crate::connector_file::ConnectorFileError;

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The worker answered with an error.
    #[error("{message}{}{hint}", code(*status, message))]
    Refused {
        /// HTTP's.
        status: u16,
        /// The worker's words.
        message: String,
        /// What may help; empty, or begins with a line break.
        hint: String,
    },
    /// Nobody answered.
    #[error("cannot reach a worker at {url}: {reason}{hint}")]
    Unreachable {
        /// Whom we asked.
        url: String,
        /// Why not.
        reason: String,
        /// What may help.
        hint: &'static str,
    },
    /// Something answered that is no Connect worker, or not one that we understand.
    #[error(
        "{url} does not answer as a Connect worker does: {reason}\nIs this the REST address of a worker? --url or WATERTIGHT_URL names another"
    )]
    Strange {
        /// Whom we asked.
        url: String,
        /// What it did.
        reason: String,
    },
    /// A connector file that cannot be used.
    #[error(transparent)]
    File(#[from] ConnectorFileError),
    /// Settings with errors.
    #[error("{0}")]
    Invalid(String),
    /// Options or the environment make no sense.
    #[error("{0}")]
    Usage(String),
    /// What was named is not there.
    #[error("{0}")]
    Missing(String),
    /// No broker could be reached.
    #[error("{0}")]
    NoBroker(String),
    /// Anything else: a finished sentence.
    #[error("{0}")]
    Other(String),
    /// Nobody reads any more what we write: no reason to complain.
    #[error("nobody reads any more")]
    Gone,
}

impl Failure {
    /// What the shell gets; see `watertight --help`.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Gone => 0,
            Failure::Refused { status: 404, .. } | Failure::Missing(_) => 4,
            Failure::Refused { status: 409, .. } => 5,
            Failure::Refused { status: 400, message, .. } if message.starts_with(INVALID) => 3,
            Failure::Refused { .. } | Failure::Strange { .. } | Failure::Other(_) => 1,
            Failure::Unreachable { .. } | Failure::NoBroker(_) => 6,
            Failure::File(_) | Failure::Invalid(_) => 3,
            Failure::Usage(_) => crate::exit::USAGE,
        }
    }

    /// What a worker said with an error status. `message` is its `message`, or whatever else came.
    pub(crate) fn refused(status: u16, message: &str) -> Self {
        let message = message.trim();
        let message = if message.is_empty() { "the worker gave no reason" } else { message };
        Failure::Refused { status, message: message.to_owned(), hint: hint(status, message) }
    }

    /// Whether whoever watches should go on: the worker is away, or starts, or the connector will come back. Not where
    /// nobody but the person can mend it.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Failure::Unreachable { .. } | Failure::Strange { .. } => true,
            Failure::Refused { status, .. } => ![400, 401, 403].contains(status),
            Failure::File(_)
            | Failure::Invalid(_)
            | Failure::Usage(_)
            | Failure::Missing(_)
            | Failure::NoBroker(_)
            | Failure::Other(_)
            | Failure::Gone => false,
        }
    }
}

/// How Kafka's message about settings begins.
const INVALID: &str = "Connector configuration is invalid";

/// Behind the worker's words, unless these are a list.
fn code(status: u16, message: &str) -> String {
    if message.contains('\n') { String::new() } else { format!(" ({status})") }
}

fn hint(status: u16, message: &str) -> String {
    let hint = match status {
        400 if message.contains("Ambiguous") => {
            "This worker cannot be asked about names with a slash or a percent sign: Kafka Connect's server refuses them"
        }
        404 if message.starts_with("invalid log level") => "Levels are TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF",
        401 => "This worker wants to know who asks: --user NAME:PASSWORD, WATERTIGHT_USER, or --netrc",
        403 if !message.contains("opic tracking") => "This worker does not allow it to this user",
        404 if message.starts_with("HTTP 404") => {
            "This worker does not know the request: an older Kafka Connect, or not the address of a worker"
        }
        404 if message.contains("onnector") || message.contains("status for") => {
            "'watertight connectors' lists those there are"
        }
        404 if message.contains("plugin") => "'watertight plugins --all' lists those there are",
        404 if message.contains("ogger") => "'watertight loggers' lists those there are",
        405 => "This worker does not know the request: an older Kafka Connect?",
        409 if message.contains("already exists") => {
            "'watertight create --replace FILE' gives it the settings of the file"
        }
        409 => "Try again in a moment",
        400 if message.contains("must be in the STOPPED state") => "That is: watertight stop CONNECTOR",
        500 if message.contains("timed out") => "The worker is busy or hangs: 'watertight health' asks how it is",
        _ => return String::new(),
    };
    format!("\n{hint}")
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Gone,
            _ => Failure::Other(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_apart_what_scripts_have_to_tell_apart() {
        for (status, message, code) in [
            (404, "Connector a not found", 4),
            (409, "Connector a already exists", 5),
            (400, "Connector configuration is invalid and contains the following 1 error(s):\nx", 3),
            (400, "Connectors must be in the STOPPED state before their offsets can be modified.", 1),
            (500, "Request timed out", 1),
            (401, "User cannot access the resource.", 1),
        ] {
            assert_eq!(Failure::refused(status, message).code(), code, "{status} {message}");
        }
        assert_eq!(Failure::Gone.code(), 0);
    }

    #[test]
    fn a_refusal_names_the_way_out_where_there_is_one() {
        let text = Failure::refused(404, "Connector zz not found").to_string();
        assert_eq!(text, "Connector zz not found (404)\n'watertight connectors' lists those there are");
        assert_eq!(Failure::refused(500, " ").to_string(), "the worker gave no reason (500)");
    }
}
