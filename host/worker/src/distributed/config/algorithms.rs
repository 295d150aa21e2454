//! What internal requests may be signed with (KIP-507): Java's names, of what this worker can compute.

use watertight_data::ConfigError;
use watertight_data::config::Parsed;

/// Java's name, and how many bytes its keys have unless another size is asked for.
const SUPPORTED: &[(&str, usize)] = &[
    ("HmacSHA1", 64),
    ("HmacSHA224", 28),
    ("HmacSHA256", 32),
    ("HmacSHA384", 48),
    ("HmacSHA512", 64),
    ("HmacSHA512/224", 28),
    ("HmacSHA512/256", 32),
];
/// As of every algorithm here in Java.
const SMALLEST_KEY: i64 = 40;
/// A key travels in a record of the config topic.
const LARGEST_KEY: i64 = 65_536;

/// The name as Java spells it, whatever its case.
pub fn canonical(name: &str) -> Option<&'static str> {
    find(name).map(|(name, _)| *name)
}

fn find(name: &str) -> Option<&'static (&'static str, usize)> {
    SUPPORTED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// How many bytes a new key has.
///
/// # Errors
/// With Kafka's words, when nobody makes such keys.
pub(super) fn key_length(algorithm: &str, bits: Option<i64>) -> Result<usize, ConfigError> {
    let Some(bits) = bits else { return Ok(find(algorithm).map_or(32, |(_, length)| *length)) };
    let refuse = |reason: &str| {
        Err(ConfigError::new(format!(
            "Unable to create key generator with algorithm {algorithm} and key size {bits}: {reason}"
        )))
    };
    match usize::try_from(bits) {
        Ok(size) if (SMALLEST_KEY..=LARGEST_KEY).contains(&bits) => Ok(size.div_ceil(8)),
        _ if bits > LARGEST_KEY => refuse("Key length must be at most 65536 bits"),
        _ => refuse("Key length must be at least 40 bits"),
    }
}

/// Checks one algorithm, or each of a list.
pub(super) fn check(name: &str, value: Option<&Parsed>) -> Result<(), ConfigError> {
    let unknown = |algorithm: &str| {
        let names: Vec<&str> = SUPPORTED.iter().map(|(name, _)| *name).collect();
        let reason = format!(
            "the algorithm is not supported by this worker; the supported algorithms are: [{}]",
            names.join(", ")
        );
        ConfigError::invalid(name, algorithm, reason)
    };
    match value {
        Some(Parsed::List(list)) if list.is_empty() => {
            Err(ConfigError::invalid(name, "[]", "At least one signature verification algorithm must be provided"))
        }
        Some(Parsed::List(list)) => match list.iter().find(|algorithm| find(algorithm).is_none()) {
            Some(algorithm) => Err(unknown(algorithm)),
            None => Ok(()),
        },
        Some(Parsed::Text(algorithm)) if find(algorithm).is_none() => Err(unknown(algorithm)),
        _ => Ok(()),
    }
}
