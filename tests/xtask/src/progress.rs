//! One line per stage: what, how many of how many, how long. On a terminal the line is redrawn; elsewhere a
//! new one is printed now and then, so that nobody looks at a silent minute.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const REDRAW: Duration = Duration::from_millis(200);
const REPEAT: Duration = Duration::from_secs(20);

/// A stage that is under way.
pub struct Progress {
    what: String,
    start: Instant,
    shown: Option<Instant>,
    terminal: bool,
}

impl Progress {
    /// A new stage; it is shown with the first [`Progress::at`].
    pub fn start(what: &str) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { what: what.to_owned(), start: Instant::now(), shown: None, terminal }
    }

    /// Where it stands, shown if it is time to.
    pub fn at(&mut self, detail: &str) {
        let pause = if self.terminal { REDRAW } else { REPEAT };
        // Elsewhere than on a terminal, a stage that ends at once needs its last line only.
        let since = self.shown.unwrap_or(self.start);
        if since.elapsed() < pause {
            return;
        }
        self.shown = Some(Instant::now());
        let line = format!("{}: {detail}, {}", self.what, time(self.start.elapsed()));
        if self.terminal {
            eprint!("\r\x1b[2K{line}");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    /// Its last line.
    pub fn done(self, detail: &str) {
        self.clear();
        eprintln!("{}: {detail}, {}", self.what, time(self.start.elapsed()));
    }

    /// Takes the line away, for an error to follow.
    pub fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
    }
}

/// `12.3 s` or `4 min 05 s`.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}
