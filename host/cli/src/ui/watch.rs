//! Looking again and again. A terminal is redrawn in place; what goes into a pipe is written when it has changed. A
//! worker that is away for a while is waited for: that is when one watches.

use std::time::{Duration, Instant};

use super::look::{Look, Tint};
use super::{print, stop, text, time};
use crate::failure::Failure;

/// Clears the screen and goes to its top.
const CLEAR: &str = "\x1b[2J\x1b[H";
/// To the top; what stands there is written over, line by line.
const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// How soon it is noticed that nobody reads any more.
const STEP: Duration = Duration::from_millis(200);

/// Shows what `page` gives: once, or until Ctrl-C.
pub(crate) fn show(
    every: Option<Duration>,
    of: &str,
    mut page: impl FnMut(&Look) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let Some(every) = every else {
        return print(&page(&Look::of_stdout())?);
    };
    stop::on_stop(|| std::process::exit(0));
    let mut last = String::new();
    let mut away: Option<Instant> = None;
    let mut first = true;
    loop {
        let look = Look::of_stdout();
        let remark = match page(&look) {
            Ok(now) => {
                let changed = std::mem::replace(&mut last, now) != last;
                let back = away.take().is_some();
                if look.size.is_none() && (changed || back || first) {
                    print(&last)?;
                }
                String::new()
            }
            // The first look finds out whether there is anything to watch.
            Err(failure) if !failure.is_passing() || first => return Err(failure),
            Err(failure) => {
                let since = *away.get_or_insert_with(|| {
                    if look.size.is_none() {
                        super::note(&format!("watertight: {failure}"));
                    }
                    Instant::now()
                });
                let why = failure.to_string();
                let why = why.lines().next().unwrap_or_default();
                format!("for {} s: {why}", since.elapsed().as_secs())
            }
        };
        if look.size.is_some() {
            let head = format!("every {} s  {of}  {} UTC", every.as_secs_f64(), time::now());
            print(&screen(&look, first, &head, &remark, &last))?;
        }
        first = false;
        let until = Instant::now() + every;
        while Instant::now() < until {
            if super::is_unread() {
                return Err(Failure::Gone);
            }
            std::thread::sleep(until.saturating_duration_since(Instant::now()).min(STEP));
        }
    }
}

fn screen(look: &Look, first: bool, head: &str, remark: &str, page: &str) -> String {
    let rows = look.size.map_or(usize::MAX, |size| size.rows.max(4));
    let mut out = String::from(if first { CLEAR } else { HOME });
    let mut put = |line: &str| {
        out.push_str(line);
        out.push_str(REST_OF_LINE);
        out.push('\n');
    };
    let fit = |text: &str| text::cut(&text::safe(text), look.columns()).into_owned();
    put(&look.paint(Tint::Faint, &fit(head)));
    put(&look.paint(Tint::Bad, &fit(remark)));
    let lines: Vec<&str> = page.lines().collect();
    let room = rows - 3;
    if lines.len() > room {
        lines.iter().take(room - 1).for_each(|line| put(line));
        put(&look.paint(Tint::Faint, &format!("and {} more lines", lines.len() - room + 1)));
    } else {
        lines.iter().for_each(|line| put(line));
    }
    out.push_str(REST_OF_SCREEN);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_holds_no_more_than_fits_and_says_what_is_left_out() {
        let look = Look::terminal(20, false);
        let page: String = (0..30).map(|n| format!("line {n}\n")).collect();
        let shown = screen(&look, true, "head", "", &page);
        assert_eq!(shown.lines().count(), 24);
        assert!(shown.contains("and 10 more lines") && shown.starts_with(CLEAR) && shown.ends_with(REST_OF_SCREEN));
    }
}
