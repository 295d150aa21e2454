//! The codes that there are, by Java's names.

use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

/// A way to make message authentication codes. As in Java, capitals in its name do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `HmacSHA1`
    HmacSha1,
    /// `HmacSHA224`
    HmacSha224,
    /// `HmacSHA256`
    HmacSha256,
    /// `HmacSHA384`
    HmacSha384,
    /// `HmacSHA512`
    HmacSha512,
    /// `HmacSHA512/224`
    HmacSha512_224,
    /// `HmacSHA512/256`
    HmacSha512_256,
}

/// A name that nobody knows. `HmacMD5`, which Java has, is too weak to prove anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Algorithm {0} not available")]
pub struct UnknownAlgorithm(pub String);

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 7] = [
        Self::HmacSha1,
        Self::HmacSha224,
        Self::HmacSha256,
        Self::HmacSha384,
        Self::HmacSha512,
        Self::HmacSha512_224,
        Self::HmacSha512_256,
    ];

    /// As Java has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HmacSHA1",
            Self::HmacSha224 => "HmacSHA224",
            Self::HmacSha256 => "HmacSHA256",
            Self::HmacSha384 => "HmacSHA384",
            Self::HmacSha512 => "HmacSHA512",
            Self::HmacSha512_224 => "HmacSHA512/224",
            Self::HmacSha512_256 => "HmacSHA512/256",
        }
    }

    pub(super) fn code(self, key: &[u8], body: &[u8]) -> Vec<u8> {
        match self {
            Self::HmacSha1 => code::<Hmac<Sha1>>(key, body),
            Self::HmacSha224 => code::<Hmac<Sha224>>(key, body),
            Self::HmacSha256 => code::<Hmac<Sha256>>(key, body),
            Self::HmacSha384 => code::<Hmac<Sha384>>(key, body),
            Self::HmacSha512 => code::<Hmac<Sha512>>(key, body),
            Self::HmacSha512_224 => code::<Hmac<Sha512_224>>(key, body),
            Self::HmacSha512_256 => code::<Hmac<Sha512_256>>(key, body),
        }
    }

    /// Takes as long for a code that is nearly right as for one that is not.
    pub(super) fn is_code(self, key: &[u8], body: &[u8], claimed: &[u8]) -> bool {
        match self {
            Self::HmacSha1 => is_code::<Hmac<Sha1>>(key, body, claimed),
            Self::HmacSha224 => is_code::<Hmac<Sha224>>(key, body, claimed),
            Self::HmacSha256 => is_code::<Hmac<Sha256>>(key, body, claimed),
            Self::HmacSha384 => is_code::<Hmac<Sha384>>(key, body, claimed),
            Self::HmacSha512 => is_code::<Hmac<Sha512>>(key, body, claimed),
            Self::HmacSha512_224 => is_code::<Hmac<Sha512_224>>(key, body, claimed),
            Self::HmacSha512_256 => is_code::<Hmac<Sha512_256>>(key, body, claimed),
        }
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let found = Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name));
        found.ok_or_else(|| UnknownAlgorithm(name.to_owned()))
    }
}

/// None never comes: such codes take keys of any length.
fn keyed<M: Mac + KeyInit>(key: &[u8], body: &[u8]) -> Option<M> {
    <M as KeyInit>::new_from_slice(key).ok().map(|mac| mac.chain_update(body))
}

fn code<M: Mac + KeyInit>(key: &[u8], body: &[u8]) -> Vec<u8> {
    keyed::<M>(key, body).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
}

fn is_code<M: Mac + KeyInit>(key: &[u8], body: &[u8], claimed: &[u8]) -> bool {
    keyed::<M>(key, body).is_some_and(|mac| mac.verify_slice(claimed).is_ok())
}
