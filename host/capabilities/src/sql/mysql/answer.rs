//! What a server answers to a command: done, refused, or so many columns.

use super::bytes::{Bytes, shown};
use super::greeting::ability;
use super::trouble::{Refusal, Trouble};

/// More results follow this one.
const MORE_RESULTS: u16 = 1 << 3;
/// Columns a table or a result may have, in both products.
pub const MOST_COLUMNS: u64 = 4_096;

/// It is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Rows.
    pub changed: u64,
    /// Another answer follows.
    pub more: bool,
}

/// The first packet of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// No rows.
    Done(Done),
    /// Rows with so many columns.
    Columns(usize),
}

/// Reads it.
pub fn first(packet: &[u8]) -> Result<Answer, Trouble> {
    match packet.first() {
        Some(0x00) => done(&packet[1..]).map(Answer::Done),
        Some(0xff) => Err(refused(packet)),
        Some(0xfb) => Err(Trouble::File),
        _ => match Bytes(packet).number()? {
            count @ 1..=MOST_COLUMNS => Ok(Answer::Columns(usize::try_from(count).unwrap_or(0))),
            _ => Err(Trouble::Protocol("a result with more columns than there can be")),
        },
    }
}

fn done(body: &[u8]) -> Result<Done, Trouble> {
    let mut bytes = Bytes(body);
    let changed = bytes.number()?;
    bytes.number()?;
    let status = bytes.u16()?;
    Ok(Done { changed, more: status & MORE_RESULTS != 0 })
}

/// What ends rows. None: it is a row.
pub fn end_of_rows(packet: &[u8], abilities: u32) -> Result<Option<Done>, Trouble> {
    match packet.first() {
        Some(0xff) => Err(refused(packet)),
        Some(0xfe) if abilities & ability::NO_EOF != 0 => done(&packet[1..]).map(Some),
        Some(0xfe) => {
            let mut bytes = Bytes(&packet[1..]);
            bytes.u16()?;
            Ok(Some(Done { changed: 0, more: bytes.u16()? & MORE_RESULTS != 0 }))
        }
        Some(_) => Ok(None),
        None => Err(Trouble::Protocol("an empty row")),
    }
}

/// Fails where the packet is a refusal.
pub fn no_refusal(packet: &[u8]) -> Result<(), Trouble> {
    if packet.first() == Some(&0xff) { Err(refused(packet)) } else { Ok(()) }
}

/// The error in a packet that begins as one.
pub fn refused(packet: &[u8]) -> Trouble {
    let mut bytes = Bytes(packet.get(1..).unwrap_or_default());
    let Ok(number) = bytes.u16() else { return Trouble::Protocol("an error without a number") };
    let mut state = "HY000".to_owned();
    if let Some((marked, rest)) = bytes.0.split_at_checked(6)
        && marked[0] == b'#'
    {
        state =
            marked[1..].iter().map(|byte| if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '?' }).collect();
        bytes.0 = rest;
    }
    Trouble::Refused(Refusal { number, state, message: shown(bytes.0) })
}

/// A statement that was prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    /// Its number.
    pub id: u32,
    /// Columns, as far as they are known.
    pub columns: usize,
    /// Question marks.
    pub parameters: usize,
}

/// Reads it.
pub fn prepared(packet: &[u8]) -> Result<Prepared, Trouble> {
    no_refusal(packet)?;
    let mut bytes = Bytes(packet);
    if bytes.byte()? != 0 {
        return Err(Trouble::Protocol("an answer to a statement that was to be prepared"));
    }
    let id = bytes.u32()?;
    let columns = usize::from(bytes.u16()?);
    let parameters = usize::from(bytes.u16()?);
    Ok(Prepared { id, columns, parameters })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart_by_their_first_byte() {
        assert_eq!(first(&[0, 3, 0, 8, 0, 0, 0]).unwrap(), Answer::Done(Done { changed: 3, more: true }));
        assert_eq!(first(&[7]).unwrap(), Answer::Columns(7));
        assert!(matches!(first(b"\xfb/etc/passwd"), Err(Trouble::File)));
        let Err(Trouble::Refused(refusal)) = first(b"\xff\x28\x04#42000no") else { panic!() };
        assert_eq!((refusal.number, refusal.state.as_str(), refusal.message.as_str()), (1064, "42000", "no"));
    }

    #[test]
    fn a_hostile_number_of_columns_is_refused_before_anything_is_allocated() {
        for packet in [&[0xfe, 255, 255, 255, 255, 255, 255, 255, 127][..], &[0xfc, 1, 0x10], &[]] {
            assert!(matches!(first(packet), Err(Trouble::Protocol(_))), "{packet:?}");
        }
    }

    #[test]
    fn rows_end_in_either_dialect() {
        assert_eq!(
            end_of_rows(&[0xfe, 0, 0, 2, 0, 0, 0], ability::NO_EOF).unwrap(),
            Some(Done { changed: 0, more: false })
        );
        assert_eq!(end_of_rows(&[0xfe, 0, 0, 8, 0], 0).unwrap(), Some(Done { changed: 0, more: true }));
        assert_eq!(end_of_rows(&[0, 0, 1], 0).unwrap(), None);
    }
}
