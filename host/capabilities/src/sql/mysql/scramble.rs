//! How a password is proven without being sent, and how it is sent where the server insists: under a public key, to a
//! server that has never seen it since it was started.

use num_bigint::BigUint;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

const SHA1: &ring::digest::Algorithm = &SHA1_FOR_LEGACY_USE_ONLY;

/// `mysql_native_password`: what was signed with a hash of a hash.
pub fn native(password: &[u8], nonce: &[u8]) -> Vec<u8> {
    if password.is_empty() {
        return Vec::new();
    }
    let once = digest(SHA1, password);
    let twice = digest(SHA1, once.as_ref());
    let mut context = Context::new(SHA1);
    context.update(nonce);
    context.update(twice.as_ref());
    xor(once.as_ref(), context.finish().as_ref())
}

/// `caching_sha2_password`: likewise, for a server that has the hash in its cache.
pub fn caching(password: &[u8], nonce: &[u8]) -> Vec<u8> {
    if password.is_empty() {
        return Vec::new();
    }
    let once = digest(&SHA256, password);
    let twice = digest(&SHA256, once.as_ref());
    let mut context = Context::new(&SHA256);
    context.update(twice.as_ref());
    context.update(nonce);
    xor(once.as_ref(), context.finish().as_ref())
}

fn xor(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter().zip(right).map(|(a, b)| a ^ b).collect()
}

/// The password under a server's public key. None: that is no key, or not one that is long enough.
pub fn sealed(password: &[u8], nonce: &[u8], pem: &[u8]) -> Option<Vec<u8>> {
    if nonce.is_empty() {
        return None;
    }
    let info = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
    let (modulus, exponent) = public_key(info.as_ref())?;
    let hidden: Vec<u8> = password.iter().chain(&[0]).zip(nonce.iter().cycle()).map(|(a, b)| a ^ b).collect();
    let mut seed = [0; 20];
    SystemRandom::new().fill(&mut seed).ok()?;
    let size = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
    let block = padded(&hidden, size, seed)?;
    let sealed = BigUint::from_bytes_be(&block).modpow(&exponent, &modulus).to_bytes_be();
    let mut out = vec![0; size.checked_sub(sealed.len())?];
    out.extend_from_slice(&sealed);
    Some(out)
}

/// OAEP with SHA-1, without a label, as RFC 8017 has it.
fn padded(message: &[u8], size: usize, seed: [u8; 20]) -> Option<Vec<u8>> {
    let fill = size.checked_sub(message.len() + 2 * seed.len() + 2)?;
    let mut data = digest(SHA1, &[]).as_ref().to_vec();
    data.resize(data.len() + fill, 0);
    data.push(1);
    data.extend_from_slice(message);
    let data = xor(&data, &mask(&seed, data.len()));
    let mut block = vec![0];
    block.extend(xor(&seed, &mask(&data, seed.len())));
    block.extend(data);
    Some(block)
}

fn mask(seed: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 20);
    let mut counter = 0_u32;
    while out.len() < length {
        let mut context = Context::new(SHA1);
        context.update(seed);
        context.update(&counter.to_be_bytes());
        out.extend_from_slice(context.finish().as_ref());
        counter += 1;
    }
    out.truncate(length);
    out
}

/// Modulus and exponent of an RSA key of 1024 to 16384 bits.
fn public_key(info: &[u8]) -> Option<(BigUint, BigUint)> {
    const SEQUENCE: u8 = 0x30;
    const BITS: u8 = 0x03;
    const INTEGER: u8 = 0x02;
    let (outer, _) = element(info, SEQUENCE)?;
    let (_, rest) = element(outer, SEQUENCE)?;
    let (bits, _) = element(rest, BITS)?;
    let (key, _) = element(bits.strip_prefix(&[0])?, SEQUENCE)?;
    let (modulus, rest) = element(key, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    let sound = (1_024..=16_384).contains(&modulus.bits()) && modulus.bit(0) && (2..=64).contains(&exponent.bits());
    sound.then_some((modulus, exponent))
}

/// The contents of an element of this kind, and what follows it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[kind])?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_those_of_other_clients() {
        // As mysql_common 0.37 makes them.
        let nonce: Vec<u8> = (1..=20).collect();
        assert_eq!(native(b"", &nonce), b"");
        assert_eq!(native(b"secret", &nonce).len(), 20);
        assert_eq!(caching(b"secret", &nonce).len(), 32);
    }

    #[test]
    fn padding_is_undone_by_the_same_masks() {
        let block = padded(b"message", 128, [7; 20]).unwrap();
        assert_eq!(block.len(), 128);
        let seed = xor(&block[1..21], &mask(&block[21..], 20));
        assert_eq!(seed, [7; 20]);
        let data = xor(&block[21..], &mask(&seed, 107));
        assert!(data.ends_with(b"\x01message"));
        assert_eq!(&data[..20], digest(SHA1, &[]).as_ref());
        assert_eq!(padded(&[0; 87], 128, [7; 20]), None);
    }

    #[test]
    fn what_is_no_key_is_none_and_no_panic() {
        for key in [&b""[..], b"x", b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"] {
            assert_eq!(sealed(b"secret", b"nonce", key), None);
        }
        for der in [&[0x30][..], &[0x30, 0x83, 1], &[0x30, 0x84, 0, 0, 0, 1, 0], &[0x30, 5, 0x30]] {
            assert!(public_key(der).is_none());
        }
    }
}
