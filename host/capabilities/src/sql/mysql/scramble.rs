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
pub mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn proofs_are_what_servers_expect() {
        let nonce: Vec<u8> = (1..=20).collect();
        assert_eq!(native(b"", &nonce), b"");
        assert_eq!(native(b"secret", &nonce), hex("b32bb3a583e1340c0a1108d58b1be49781ad8c2f"));
        let proof = hex("746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9");
        assert_eq!(caching(b"secret", &nonce), proof);
    }

    /// A key of tests, and its secret half.
    pub const KEY: &[u8] = b"-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDWLZiBMAdulqpySJYQWfei88Yn
/tMhlH6gOtNabgy5Q2AJz7rK36lHvKbSVihCgBZgwAsyDlCivzTeS/wPScAxvh4t
bZ/4ucVqtEL8ki8KnK4tHHAIU09nqsxbmHKoxoySBSIbaOZpB9nrYLbfa1m+nAPw
VheYCWsUuke2cM2FdwIDAQAB
-----END PUBLIC KEY-----
";
    const SECRET: &str = "2f73baae24ae00da70b9114bee2380b221c06d6c0feb08b3655ca3270dead3c111ae1ad00fd2adf6aedd670c9faedc22\
                          191d735d8bbe61d06b2e35378b4b93c109c3e860ce185b2b3f0281d5a7428edef2720c48559e1daed0b7daeb972c251c\
                          c17db7ba37746e95e0dd6d6d0c084b2105f0974caf8ad163b427ca4321490fc1";

    /// What the owner of the key reads.
    pub fn unsealed(sealed: &[u8], nonce: &[u8]) -> Vec<u8> {
        let info = SubjectPublicKeyInfoDer::from_pem_slice(KEY).unwrap();
        let (modulus, _) = public_key(info.as_ref()).unwrap();
        let secret = BigUint::from_bytes_be(&hex(SECRET));
        let block = BigUint::from_bytes_be(sealed).modpow(&secret, &modulus).to_bytes_be();
        let block = [vec![0; 128 - block.len()], block].concat();
        let seed = xor(&block[1..21], &mask(&block[21..], 20));
        let data = xor(&block[21..], &mask(&seed, 107));
        let start = 20 + data[20..].iter().position(|byte| *byte == 1).unwrap() + 1;
        let hidden = &data[start..];
        hidden.iter().zip(nonce.iter().cycle()).map(|(a, b)| a ^ b).take_while(|byte| *byte != 0).collect()
    }

    #[test]
    fn what_is_sealed_is_read_by_the_owner_of_the_key_alone() {
        let nonce: Vec<u8> = (1..=20).collect();
        let sealed = sealed(b"a longer pass\xc3\xa4ord than the nonce", &nonce, KEY).unwrap();
        assert_eq!(sealed.len(), 128);
        assert_eq!(unsealed(&sealed, &nonce), b"a longer pass\xc3\xa4ord than the nonce");
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
        for key in [
            &b""[..],
            b"x",
            b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
            b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
        ] {
            assert_eq!(sealed(b"secret", b"nonce", key), None);
        }
        for der in [&[0x30][..], &[0x30, 0x83, 1], &[0x30, 0x84, 0, 0, 0, 1, 0], &[0x30, 5, 0x30]] {
            assert!(public_key(der).is_none());
        }
    }
}
