//! New session keys. The leader makes one when there is none, when the old one is out of date, and when it is of another
//! algorithm or size than the leader's properties ask for.

use super::mac::{Algorithm, UnknownAlgorithm};

/// Java makes no shorter ones.
const LEAST_BITS: u32 = 40;

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// `inter.worker.key.generation.algorithm` names none.
    #[error("{} KeyGenerator not available", .0.0)]
    Algorithm(UnknownAlgorithm),
    /// `inter.worker.key.size` is too small.
    #[error("Key length must be at least {LEAST_BITS} bits")]
    Short,
    /// The machine has no random numbers.
    #[error("no random numbers for a session key: {0}")]
    Random(String),
}

/// A key of random bytes; without a size as long as Java's of that algorithm.
///
/// # Errors
/// The algorithm or the size will not do.
pub fn generate(algorithm: &str, bits: Option<u32>) -> Result<Vec<u8>, KeyError> {
    let mut key = vec![0; length(algorithm, bits)?];
    getrandom::fill(&mut key).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(key)
}

/// How many bytes such a key has: what to look at before one is made, and how to tell a key that is not as asked for.
///
/// # Errors
/// The algorithm or the size will not do.
pub fn length(algorithm: &str, bits: Option<u32>) -> Result<usize, KeyError> {
    let algorithm: Algorithm = algorithm.parse().map_err(KeyError::Algorithm)?;
    match bits {
        Some(bits) if bits < LEAST_BITS => Err(KeyError::Short),
        Some(bits) => Ok(bits.div_ceil(8) as usize),
        None => Ok(usual(algorithm)),
    }
}

fn usual(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::HmacSha1 | Algorithm::HmacSha512 => 64,
        Algorithm::HmacSha224 | Algorithm::HmacSha512_224 => 28,
        Algorithm::HmacSha256 | Algorithm::HmacSha512_256 => 32,
        Algorithm::HmacSha384 => 48,
    }
}
