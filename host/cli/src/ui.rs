//! How things look to a person: tables that fit the terminal, colours only where there is one, and nothing from
//! outside that could steer it.

pub(crate) mod confirm;
pub(crate) mod look;
pub(crate) mod stop;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod watch;

use std::io::Write as _;

use crate::failure::Failure;

/// To standard output, now. A reader that is gone is a [`Failure::Gone`].
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Whether nobody can read any more what we write: who waits for something to show has no other way to notice.
pub(crate) fn is_unread() -> bool {
    let mut output = libc::pollfd { fd: libc::STDOUT_FILENO, events: 0, revents: 0 };
    // SAFETY: one valid entry, which the call fills; it does not wait.
    unsafe { libc::poll(&mut output, 1, 0) > 0 && output.revents & (libc::POLLERR | libc::POLLHUP) != 0 }
}

/// A line for the person at the terminal, not for what reads the output.
pub(crate) fn note(text: &str) {
    let mut lines = text::block(text).join("\n");
    lines.push('\n');
    // Where nobody hears it, there is nobody to tell.
    let _ = std::io::stderr().lock().write_all(lines.as_bytes());
}
