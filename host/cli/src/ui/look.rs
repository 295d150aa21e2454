//! What the output goes to: how wide it is, and whether it has colours.

use std::io::IsTerminal as _;

/// How to show things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Of a terminal; none for files and pipes, where nothing is cut off.
    pub(crate) size: Option<Size>,
    colours: bool,
}

/// Of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Signs in a line.
    pub(crate) columns: usize,
    /// Lines.
    pub(crate) rows: usize,
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tint {
    /// Nothing in particular.
    Plain,
    /// The head of a table.
    Head,
    /// As it should be.
    Good,
    /// On its way, or put aside by somebody.
    Aside,
    /// Broken.
    Bad,
    /// Less important.
    Faint,
}

impl Look {
    /// Of standard output.
    pub(crate) fn of_stdout() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_none_or(|term| term == "dumb");
        Self { size: terminal.then(size), colours: terminal && !dumb && set("NO_COLOR").is_none() }
    }

    /// Of a file.
    #[cfg(test)]
    pub(crate) fn plain() -> Self {
        Self { size: None, colours: false }
    }

    /// Of a terminal of this width.
    #[cfg(test)]
    pub(crate) fn terminal(columns: usize, colours: bool) -> Self {
        Self { size: Some(Size { columns, rows: 24 }), colours }
    }

    /// The same, with nothing cut off: for what a person wants to read whole.
    pub(crate) fn uncut(self) -> Self {
        Self { size: None, ..self }
    }

    /// For running text.
    pub(crate) fn columns(&self) -> usize {
        self.size.map_or(100, |size| size.columns)
    }

    /// The text in its colour.
    pub(crate) fn paint(&self, tint: Tint, text: &str) -> String {
        let code = match tint {
            _ if !self.colours || text.is_empty() => return text.to_owned(),
            Tint::Plain => return text.to_owned(),
            Tint::Head => "1",
            Tint::Good => "32",
            Tint::Aside => "33",
            Tint::Bad => "31",
            Tint::Faint => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// A state's colour.
pub(crate) fn of_state(state: &str) -> Tint {
    match state {
        "RUNNING" => Tint::Good,
        "FAILED" => Tint::Bad,
        _ => Tint::Aside,
    }
}

fn size() -> Size {
    // SAFETY: an all-zero winsize is a valid value, and the call only fills it.
    let (result, found) = unsafe {
        let mut found: libc::winsize = std::mem::zeroed();
        (libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &mut found), found)
    };
    let known = |value: u16, usual: usize| if result == 0 && value > 0 { usize::from(value) } else { usual };
    Size { columns: known(found.ws_col, 80), rows: known(found.ws_row, 24) }
}
