//! Cuts bytes into lines and knows how many bytes each took.
//!
//! Kafka's task decodes first and counts characters, then skips as many *bytes* after a restart, so that any
//! non-ASCII text before the position makes it resume in the wrong place. Here bytes are cut and counted, and only
//! whole lines are decoded.

use memchr::memchr2;

/// The longest line that is carried, without its end. Anything longer fails the task rather than being cut or
/// skipped, as nothing may be lost and memory must have a bound. Kafka's own default for a record is 1 MiB.
pub const LONGEST_LINE: usize = 8 << 20;

/// A line was longer than [`LONGEST_LINE`].
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

/// Bytes that were read and not yet given out as lines.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// First byte of the first line not given out.
    start: usize,
    /// Up to here no line end was found.
    searched: usize,
}

impl Lines {
    /// Bytes read but not given out.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Takes in what was read next.
    pub fn feed(&mut self, chunk: Vec<u8>) {
        self.searched -= self.start;
        if self.pending() == 0 {
            self.buffer = chunk;
        } else {
            self.buffer.drain(..self.start);
            self.buffer.extend_from_slice(&chunk);
        }
        self.start = 0;
    }

    /// The next whole line without its end, and how many bytes it took with its end. `\n`, `\r` and `\r\n` end a
    /// line; a `\r` in the last place is not yet known to be either, so it waits for its next byte, as in Kafka.
    pub fn next_line(&mut self) -> Result<Option<(&[u8], usize)>, TooLong> {
        let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            return if self.pending() > LONGEST_LINE { Err(TooLong) } else { Ok(None) };
        };
        let line_end = self.searched + found;
        self.searched = line_end;
        if line_end - self.start > LONGEST_LINE {
            return Err(TooLong);
        }
        let mut next = line_end + 1;
        if self.buffer[line_end] == b'\r' {
            if next == self.buffer.len() {
                return Ok(None);
            }
            if self.buffer[next] == b'\n' {
                next += 1;
            }
        }
        let line = self.start..line_end;
        let taken = next - self.start;
        self.start = next;
        self.searched = next;
        Ok(Some((&self.buffer[line], taken)))
    }
}
