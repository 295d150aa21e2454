//! Numbered lines whose whole text follows from their number, and the count of what became of them: gaps,
//! duplicates, order, torn and foreign lines are counted, never guessed.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;

/// Bytes of a line, without its end.
pub const WIDTH: usize = 100;

const DIGITS: usize = 10;
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Line number `n`. The filler differs from line to line, so that two lines run into one are noticed.
pub fn line(n: u64) -> String {
    let mut text = String::with_capacity(WIDTH + 1);
    text.push_str(&format!("{n:0DIGITS$}|"));
    let shift = (n % 62) as usize;
    let filler = (0..WIDTH - DIGITS - 2).map(|i| char::from(LETTERS[(shift * 7 + i) % LETTERS.len()]));
    text.extend(filler);
    text.push('.');
    text
}

/// Writes lines `from..to`, each with its end, in large pieces that end with a line.
pub fn write(out: &mut impl Write, from: u64, to: u64) -> std::io::Result<()> {
    let mut piece = String::with_capacity(1 << 16);
    for n in from..to {
        piece.push_str(&line(n));
        piece.push('\n');
        if piece.len() >= (1 << 16) - 2 * WIDTH {
            out.write_all(piece.as_bytes())?;
            piece.clear();
        }
    }
    out.write_all(piece.as_bytes())
}

/// Appends lines `from..to` to a file, which is made if it is not there.
pub fn append(path: &Path, from: u64, to: u64) -> std::io::Result<()> {
    write(&mut std::fs::OpenOptions::new().create(true).append(true).open(path)?, from, to)
}

/// What a file holds of the lines `0..expected`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines of any sort.
    pub lines: u64,
    /// Numbers seen at least once.
    pub distinct: u64,
    /// Numbers seen again.
    pub duplicates: u64,
    /// Numbers never seen.
    pub missing: u64,
    /// The first of them.
    pub first_missing: Option<u64>,
    /// Numbers whose first appearance came after that of a greater one.
    pub out_of_order: u64,
    /// Beginnings of lines, as a kill in the middle of a write leaves them.
    pub fragments: u64,
    /// Lines nobody wrote.
    pub foreign: u64,
    /// The first of them, shortened.
    pub first_foreign: Option<String>,
    /// The last line has no end.
    pub unfinished: bool,
}

impl Tally {
    /// Every line once, in order, and nothing else.
    pub fn is_exact(&self) -> bool {
        self.is_complete() && self.duplicates == 0 && self.fragments == 0
    }

    /// Every line at least once and whole, first appearances in order, nothing foreign: at-least-once.
    pub fn is_complete(&self) -> bool {
        self.missing == 0 && self.out_of_order == 0 && self.foreign == 0 && !self.unfinished
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} lines: {} distinct, {} missing, {} duplicates, {} out of order, {} fragments, {} foreign",
            self.lines, self.distinct, self.missing, self.duplicates, self.out_of_order, self.fragments, self.foreign
        )?;
        if let Some(n) = self.first_missing {
            write!(f, ", first missing {n}")?;
        }
        if let Some(text) = &self.first_foreign {
            write!(f, ", first foreign {text:?}")?;
        }
        if self.unfinished {
            write!(f, ", the last line has no end")?;
        }
        Ok(())
    }
}

/// Counts a file. A file that is not there holds nothing.
pub fn tally(path: &Path, expected: u64) -> std::io::Result<Tally> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Tally { missing: expected, first_missing: (expected > 0).then_some(0), ..Tally::default() });
        }
        Err(e) => return Err(e),
    };
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let mut counter = Counter::default();
    let mut text = Vec::with_capacity(2 * WIDTH);
    loop {
        text.clear();
        if reader.read_until(b'\n', &mut text)? == 0 {
            return Ok(counter.finish(expected));
        }
        let whole = text.pop_if(|last| *last == b'\n').is_some();
        counter.take(&text, whole);
    }
}

#[derive(Default)]
struct Counter {
    tally: Tally,
    /// All numbers below this were seen or are in `holes`.
    next: u64,
    holes: BTreeSet<u64>,
}

impl Counter {
    fn take(&mut self, text: &[u8], whole: bool) {
        self.tally.lines += 1;
        self.tally.unfinished = !whole;
        match number(text) {
            Some(n) if whole && text == line(n).as_bytes() => self.seen(n),
            Some(n) if line(n).as_bytes().starts_with(text) => self.tally.fragments += 1,
            None if text.len() < DIGITS && text.iter().all(u8::is_ascii_digit) => self.tally.fragments += 1,
            _ => {
                self.tally.foreign += 1;
                let start = &text[..text.len().min(150)];
                self.tally.first_foreign.get_or_insert_with(|| String::from_utf8_lossy(start).into_owned());
            }
        }
    }

    fn seen(&mut self, n: u64) {
        if n >= self.next {
            self.holes.extend(self.next..n);
            self.next = n + 1;
            self.tally.distinct += 1;
        } else if self.holes.remove(&n) {
            self.tally.out_of_order += 1;
            self.tally.distinct += 1;
        } else {
            self.tally.duplicates += 1;
        }
    }

    fn finish(mut self, expected: u64) -> Tally {
        let behind = expected.saturating_sub(self.next);
        self.tally.missing = self.holes.len() as u64 + behind;
        self.tally.first_missing = self.holes.first().copied().or((behind > 0).then_some(self.next));
        self.tally
    }
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text.get(..DIGITS)?).ok()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn count(name: &str, text: &str, expected: u64) -> Tally {
        let path = crate::paths::test_dir(name).unwrap().join("lines");
        std::fs::write(&path, text).unwrap();
        tally(&path, expected).unwrap()
    }

    #[test]
    fn a_line_has_its_width_and_neighbours_differ() {
        assert_eq!(line(7).len(), WIDTH);
        assert_ne!(line(7)[11..], line(8)[11..]);
    }

    #[test]
    fn every_line_once_and_in_order_is_exact() {
        let mut text = Vec::new();
        write(&mut text, 0, 2000).unwrap();
        let t = count("tally-exact", &String::from_utf8(text).unwrap(), 2000);
        assert!(t.is_exact(), "{t}");
    }

    #[test]
    fn gaps_duplicates_order_and_fragments_are_told_apart() {
        let all = [line(0), line(0), line(3), line(1), line(4)[..40].to_owned(), "12".into(), "x".into()];
        let t = count("tally-mixed", &format!("{}\n", all.join("\n")), 6);
        assert_eq!((t.lines, t.distinct, t.duplicates, t.missing), (7, 3, 1, 3));
        assert_eq!((t.out_of_order, t.fragments, t.foreign, t.first_missing), (1, 2, 1, Some(2)));
        assert!(!t.is_complete());
    }

    #[test]
    fn two_lines_run_into_one_are_foreign_and_a_missing_end_is_noticed() {
        let t = count("tally-torn", &format!("{}{}\n{}", line(0), line(1), line(2)), 3);
        assert_eq!((t.foreign, t.distinct, t.unfinished), (1, 0, true));
    }
}
