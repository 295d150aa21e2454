//! What proves to a worker that a worker of its cluster asks (KIP-507): a message authentication code of the body, made
//! with a key that only those have who may read the config topic. Without it, whoever reaches the REST interface
//! could give tasks any settings.

pub mod key;
mod mac;
#[cfg(test)]
mod tests;

use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{DecodeError, Engine as _, alphabet};

use crate::herder::{HerderError, Internal};

use super::colleagues::Signature;

pub use mac::{Algorithm, UnknownAlgorithm};

/// Java takes codes without padding, and bits at the end that mean nothing.
const AS_JAVA: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Signs a body; an empty one where there is none.
///
/// # Errors
/// There is no such algorithm.
pub fn sign(key: &[u8], algorithm: &str, body: &[u8]) -> Result<Signature, UnknownAlgorithm> {
    let code = algorithm.parse::<Algorithm>()?.code(key, body);
    Ok(Signature { algorithm: algorithm.to_owned(), code: STANDARD.encode(code) })
}

/// Whether a worker of the cluster asks. `key` is the session key, if there is one yet; `allowed` is
/// `inter.worker.verification.algorithms`. To be asked before anything else is looked at.
///
/// # Errors
/// It is not proved, in Kafka's words.
pub fn verify(request: &Internal, key: Option<&[u8]>, allowed: &[String]) -> Result<(), HerderError> {
    let (Some(algorithm), Some(signature)) = (&request.algorithm, &request.signature) else {
        return Err(HerderError::BadRequest("Internal request missing required signature".to_owned()));
    };
    let known: Algorithm = algorithm.parse().map_err(|error: UnknownAlgorithm| bad(&error))?;
    let signature = decode(signature).map_err(HerderError::BadRequest)?;
    if !allowed.contains(algorithm) {
        return Err(HerderError::BadRequest(format!(
            "This worker does not support the '{algorithm}' key signing algorithm used by other workers. This worker is \
             currently configured to use: [{}]. Check that all workers' configuration files permit the same set of \
             signature algorithms, and correct any misconfigured worker and restart it.",
            allowed.join(", ")
        )));
    }
    let Some(key) = key else {
        return Err(HerderError::Unavailable(
            "This worker is still starting up and has not been able to read a session key from the config topic yet"
                .to_owned(),
        ));
    };
    if known.is_code(key, &request.body, &signature) {
        return Ok(());
    }
    Err(HerderError::Forbidden("Internal request contained invalid signature.".to_owned()))
}

fn bad(error: &UnknownAlgorithm) -> HerderError {
    HerderError::BadRequest(error.to_string())
}

/// The errors are Java's.
fn decode(text: &str) -> Result<Vec<u8>, String> {
    if text.len() == 1 {
        return Err("Input byte[] should at least have 2 bytes for base64 bytes".to_owned());
    }
    let is_padded_wrongly = text.contains('=') && !text.len().is_multiple_of(4);
    let bad_end = || "Input byte array has wrong 4-byte ending unit".to_owned();
    AS_JAVA
        .decode(text)
        .map_err(|error| match error {
            DecodeError::InvalidByte(_, byte) if byte != b'=' => format!("Illegal base64 character {byte:x}"),
            DecodeError::InvalidLength(_) => "Last unit does not have enough valid bits".to_owned(),
            _ => bad_end(),
        })
        .and_then(|code| if is_padded_wrongly { Err(bad_end()) } else { Ok(code) })
}
