//! Numbers and strings as the protocol packs them, read from a server that may send anything: every read says whether
//! there was enough.

use super::trouble::Trouble;

const SHORT: Trouble = Trouble::Protocol("a packet that ends too early");

/// What is left of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// So many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Trouble> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A fixed number of bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Trouble> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Trouble> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, Trouble> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, Trouble> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, Trouble> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number of one to nine bytes.
    pub fn number(&mut self) -> Result<u64, Trouble> {
        match self.byte()? {
            small @ 0..=0xfa => Ok(small.into()),
            0xfc => self.u16().map(u64::from),
            0xfd => self.array::<3>().map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xfe => self.u64(),
            _ => Err(Trouble::Protocol("a length that is none")),
        }
    }

    /// Bytes after their number.
    pub fn counted(&mut self) -> Result<&'a [u8], Trouble> {
        let count = self.number()?;
        self.take(usize::try_from(count).map_err(|_| SHORT)?)
    }

    /// A name after its number of bytes. What is no UTF-8 is replaced, and what no name has of length is left out.
    pub fn name(&mut self) -> Result<String, Trouble> {
        self.counted().map(shown)
    }

    /// Bytes up to a zero, or all there are.
    pub fn until_zero(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == 0);
        let (taken, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        taken
    }
}

/// Text of a server's choice, as far as anybody reads it.
pub fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 4_096;
    String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]).into_owned()
}

/// Appends a number of one to nine bytes.
pub fn push_number(out: &mut Vec<u8>, number: u64) {
    let bytes = number.to_le_bytes();
    match number {
        0..=0xfa => out.push(bytes[0]),
        0xfb..=0xffff => {
            out.push(0xfc);
            out.extend_from_slice(&bytes[..2]);
        }
        0x1_0000..=0xff_ffff => {
            out.push(0xfd);
            out.extend_from_slice(&bytes[..3]);
        }
        _ => {
            out.push(0xfe);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Appends bytes after their number.
pub fn push_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    push_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for number in [0, 250, 251, 255, 65_535, 65_536, 16_777_215, 16_777_216, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            let mut bytes = Bytes(&out);
            assert_eq!(bytes.number().unwrap(), number);
            assert!(bytes.0.is_empty());
        }
    }

    #[test]
    fn what_ends_too_early_is_an_error_and_no_panic() {
        for packet in [
            &[][..],
            &[0xfc, 1],
            &[0xfe, 1, 2, 3],
            &[5, 1, 2],
            &[0xfe, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0xff],
        ] {
            assert!(Bytes(packet).counted().is_err(), "{packet:?}");
        }
        assert_eq!(Bytes(b"ab\0c").until_zero(), b"ab");
        assert_eq!(Bytes(b"ab").until_zero(), b"ab");
    }
}
