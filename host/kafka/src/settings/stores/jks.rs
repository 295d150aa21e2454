//! Java's own key store format of before version 9.
//!
//! Small and frozen: a list of entries, a SHA-1 over the password and everything, and a stream cipher made of SHA-1
//! around each private key. It is read for those whose stores are old; nothing here writes it.

use sha1::{Digest as _, Sha1};

use super::{Entry, Trouble};

pub(super) const MAGIC: [u8; 4] = [0xFE, 0xED, 0xFE, 0xED];
pub(super) const JCEKS_MAGIC: [u8; 4] = [0xCE, 0xCE, 0xCE, 0xCE];

const DIGEST: usize = 20;
/// The format's own salt.
const WHITENER: &[u8] = b"Mighty Aphrodite";
/// The object id of the key protector, 1.3.6.1.4.1.42.2.17.1.1, in DER.
const PROTECTOR: [u8; 12] = [0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x2A, 0x02, 0x11, 0x01, 0x01];

/// All entries. Without a password the store's integrity is not checked, as in Java; without one for the keys they
/// are left out of their entries.
pub(super) fn read(bytes: &[u8], password: Option<&str>, key_password: Option<&str>) -> Result<Vec<Entry>, Trouble> {
    let split = bytes.len().checked_sub(DIGEST).ok_or_else(damaged)?;
    let (content, digest) = bytes.split_at(split);
    if let Some(password) = password {
        let sum = Sha1::new().chain_update(utf16(password)).chain_update(WHITENER).chain_update(content).finalize();
        if sum.as_slice() != digest {
            return Err(Trouble::Password);
        }
    }
    let mut reader = Reader(content);
    reader.take(4)?;
    let version = reader.number()?;
    if !(1..=2).contains(&version) {
        return Err(Trouble::Content(format!("JKS version {version} is not known")));
    }
    let count = reader.number()?;
    let mut out = Vec::new();
    for _ in 0..count {
        let tag = reader.number()?;
        reader.text()?;
        reader.take(8)?;
        match tag {
            1 => {
                let sealed = reader.bytes()?;
                let length = reader.number()?;
                let chain = (0..length).map(|_| certificate(&mut reader, version)).collect::<Result<Vec<_>, _>>()?;
                let key = key_password.map_or(Ok(Vec::new()), |password| open_key(sealed, password))?;
                out.push(Entry::Key { key, chain });
            }
            2 => out.push(Entry::Trusted(certificate(&mut reader, version)?)),
            _ => return Err(damaged()),
        }
    }
    Ok(out)
}

fn damaged() -> Trouble {
    Trouble::Content("it is damaged".to_owned())
}

fn certificate(reader: &mut Reader<'_>, version: u32) -> Result<Vec<u8>, Trouble> {
    if version == 2 && reader.text()? != b"X.509" {
        return Err(Trouble::Content("it holds a certificate that is not X.509".to_owned()));
    }
    reader.bytes().map(<[u8]>::to_vec)
}

/// Salt, key XOR stream, check. The stream's first block is the hash of password and salt, each next one that of
/// password and the block before.
fn open_key(sealed: &[u8], password: &str) -> Result<Vec<u8>, Trouble> {
    let body = protected(sealed).ok_or_else(|| {
        Trouble::Content("a private key in it is protected in an unknown way; convert the store to PKCS12".to_owned())
    })?;
    let length = body.len().checked_sub(2 * DIGEST).ok_or_else(damaged)?;
    let (salt, rest) = body.split_at(DIGEST);
    let (hidden, check) = rest.split_at(length);
    let password = utf16(password);
    let mut block = Sha1::new().chain_update(&password).chain_update(salt).finalize();
    let mut plain = Vec::with_capacity(length);
    for chunk in hidden.chunks(DIGEST) {
        plain.extend(chunk.iter().zip(block.iter()).map(|(a, b)| a ^ b));
        block = Sha1::new().chain_update(&password).chain_update(block).finalize();
    }
    let sum = Sha1::new().chain_update(&password).chain_update(&plain).finalize();
    if sum.as_slice() != check {
        return Err(Trouble::KeyPassword);
    }
    Ok(plain)
}

/// The octets inside `SEQUENCE { SEQUENCE { protector, NULL }, OCTET STRING }`.
fn protected(der: &[u8]) -> Option<&[u8]> {
    let (outer, _) = element(der, 0x30)?;
    let (algorithm, rest) = element(outer, 0x30)?;
    if !algorithm.starts_with(&PROTECTOR) {
        return None;
    }
    element(rest, 0x04).map(|(octets, _)| octets)
}

/// A DER element of this tag: its content and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = match first {
        0..=0x7F => usize::from(first),
        0x81..=0x84 => {
            let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7F))?;
            rest = after;
            bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
        }
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

/// A password as its Java characters, high byte first.
fn utf16(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Trouble> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Trouble> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Trouble> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| damaged())?)
    }

    fn text(&mut self) -> Result<&'a [u8], Trouble> {
        let length = self.take(2)?;
        self.take(usize::from(length[0]) << 8 | usize::from(length[1]))
    }
}
