//! Asking before something is lost: only where somebody is there to answer.

use std::io::{IsTerminal as _, Write as _};

use super::text;
use crate::failure::Failure;

/// Whether a person sits before us.
pub(crate) fn is_attended() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Goes on after a yes, or where nobody is there to ask.
pub(crate) fn ask(sure: bool, question: &str) -> Result<(), Failure> {
    if sure || !is_attended() || answer(&format!("{question} [y/N]"), false) {
        return Ok(());
    }
    Err(Failure::Other("nothing was changed".to_owned()))
}

/// Yes or no; the answer to an empty line is given.
pub(crate) fn answer(question: &str, usual: bool) -> bool {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{} ", text::safe(question));
    let _ = err.flush();
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(0) | Err(_) => false,
        Ok(_) => match line.trim().to_lowercase().as_str() {
            "" => usual,
            said => ["y", "yes"].contains(&said),
        },
    }
}
