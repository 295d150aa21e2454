//! Messages of the protocol, version 3: what comes is read in place, what goes is written into one buffer.

use bytes::{BufMut as _, BytesMut};
use watertight_sandbox::sql::{Fault, code};

/// What is left of a message.
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl<'a> Body<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Up to a zero.
    pub(super) fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Some(text)
    }

    /// A length and so many bytes; a length of -1 is null.
    pub(super) fn value(&mut self) -> Option<Option<&'a [u8]>> {
        match self.i32()? {
            -1 => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }
}

/// A message with a tag, its length filled in afterwards.
pub(super) fn write(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    sized(out, body);
}

/// A length that counts itself, and what it counts.
pub(super) fn sized(out: &mut BytesMut, body: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_i32(0);
    body(out);
    // What is longer than this is refused before it is sent.
    let length = i32::try_from(out.len() - start).unwrap_or(i32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// A text with its zero. Callers have seen to it that there is none inside.
pub(super) fn put_text(out: &mut BytesMut, text: &str) {
    out.put_slice(text.as_bytes());
    out.put_u8(0);
}

/// PostgreSQL's texts end at a zero, so that none can have one.
pub(super) fn without_nul<'a>(what: &str, text: &'a str) -> Result<&'a str, Fault> {
    if text.contains('\0') {
        return Err(Fault::new(
            code::DATA,
            format!("{what} has a NUL character (U+0000), which PostgreSQL cannot take"),
        ));
    }
    Ok(text)
}

/// Statements as they are sent one at a time.
pub(super) mod send {
    use super::{put_text, write};
    use bytes::{BufMut as _, BytesMut};

    /// Prepares a statement, whose parameters have the types that the server finds.
    pub(crate) fn parse(out: &mut BytesMut, name: &str, sql: &str) {
        write(out, b'P', |out| {
            put_text(out, name);
            put_text(out, sql);
            out.put_i16(0);
        });
    }

    /// Asks what a statement needs and answers.
    pub(crate) fn describe(out: &mut BytesMut, name: &str) {
        write(out, b'D', |out| {
            out.put_u8(b'S');
            put_text(out, name);
        });
    }

    /// Forgets a statement (`S`) or portal (`P`).
    pub(crate) fn close(out: &mut BytesMut, what: u8, name: &str) {
        write(out, b'C', |out| {
            out.put_u8(what);
            put_text(out, name);
        });
    }

    /// Runs the portal for so many rows; 0: to the end.
    pub(crate) fn execute(out: &mut BytesMut, rows: u32) {
        write(out, b'E', |out| {
            put_text(out, "");
            out.put_u32(rows.min(i32::MAX as u32));
        });
    }
}
