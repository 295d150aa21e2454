//! SCRAM (RFC 5802), the client's half: who knows the password proves it without saying it, and the broker proves
//! that it knows it too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use pbkdf2::pbkdf2_hmac;
use sha2::{Digest as _, Sha256, Sha512};

use crate::settings::security::Hash;

/// Kafka's least; fewer would make a stolen exchange easy to guess from.
const LEAST: u32 = 4096;
/// More is an attack on our time.
const MOST: u32 = 1_000_000;

/// One exchange.
pub(super) struct Scram {
    hash: Hash,
    password: String,
    nonce: String,
    first_bare: String,
}

/// What to send last, and what must come back.
pub(super) struct Final {
    pub(super) message: String,
    expected: Vec<u8>,
}

impl Scram {
    /// With a nonce of its own for each exchange.
    pub(super) fn new(hash: Hash, user: &str, password: &str) -> Result<Self, String> {
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(|error| format!("no random numbers: {error}"))?;
        Ok(Self::with_nonce(hash, user, password, STANDARD.encode(random)))
    }

    fn with_nonce(hash: Hash, user: &str, password: &str, nonce: String) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        let first_bare = format!("n={user},r={nonce}");
        Self { hash, password: password.to_owned(), nonce, first_bare }
    }

    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.first_bare)
    }

    /// Answers the broker's first message. Takes milliseconds of computing.
    pub(super) fn answer(&self, server_first: &str) -> Result<Final, String> {
        let field = |name: &str| server_first.split(',').find_map(|part| part.strip_prefix(name));
        let malformed = || "the broker's SCRAM message makes no sense".to_owned();
        let nonce = field("r=").ok_or_else(malformed)?;
        if !nonce.starts_with(&self.nonce) || nonce.len() == self.nonce.len() {
            return Err("the broker's SCRAM nonce is not for this exchange".to_owned());
        }
        let salt = field("s=").and_then(|salt| STANDARD.decode(salt).ok()).ok_or_else(malformed)?;
        let iterations: u32 = field("i=").and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
        if !(LEAST..=MOST).contains(&iterations) {
            return Err(format!("the broker asks for {iterations} SCRAM iterations; {LEAST} to {MOST} are accepted"));
        }
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{},{server_first},{without_proof}", self.first_bare);
        let salted = self.salted(&salt, iterations);
        let client_key = self.mac(&salted, b"Client Key");
        let signature = self.mac(&self.digest(&client_key), signed.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server_key = self.mac(&salted, b"Server Key");
        Ok(Final {
            message: format!("{without_proof},p={}", STANDARD.encode(proof)),
            expected: self.mac(&server_key, signed.as_bytes()),
        })
    }

    fn salted(&self, salt: &[u8], iterations: u32) -> Vec<u8> {
        let password = self.password.as_bytes();
        match self.hash {
            Hash::Sha256 => {
                let mut out = vec![0; 32];
                pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut out);
                out
            }
            Hash::Sha512 => {
                let mut out = vec![0; 64];
                pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut out);
                out
            }
        }
    }

    fn mac(&self, key: &[u8], data: &[u8]) -> Vec<u8> {
        // A key of any length is taken; the empty answer would fail the exchange, not pass it.
        match self.hash {
            Hash::Sha256 => {
                Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
            }
            Hash::Sha512 => {
                Hmac::<Sha512>::new_from_slice(key).map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
            }
        }
        .unwrap_or_default()
    }

    fn digest(&self, data: &[u8]) -> Vec<u8> {
        match self.hash {
            Hash::Sha256 => Sha256::digest(data).to_vec(),
            Hash::Sha512 => Sha512::digest(data).to_vec(),
        }
    }
}

impl Final {
    /// Whether the broker knows the password as well.
    pub(super) fn verify(&self, server_final: &str) -> Result<(), String> {
        if let Some(error) = server_final.strip_prefix("e=") {
            return Err(format!("the broker refused: {error}"));
        }
        let signature = server_final.split(',').find_map(|part| part.strip_prefix("v="));
        let signature = signature.and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        if signature.is_empty() || signature != self.expected {
            return Err("the broker could not prove that it knows the password".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7677's example.
    fn exchange() -> Scram {
        Scram::with_nonce(Hash::Sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO".to_owned())
    }

    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    #[test]
    fn the_example_of_the_rfc_is_met() {
        assert_eq!(exchange().first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let last = exchange().answer(SERVER_FIRST).unwrap();
        assert_eq!(
            last.message,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert_eq!(last.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
        for wrong in ["v=AAAA", "v=", "", "e=other-error"] {
            assert!(last.verify(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_broker_that_weakens_the_exchange_is_refused() {
        assert!(exchange().answer(&SERVER_FIRST.replace("i=4096", "i=1")).is_err());
        assert!(exchange().answer(&SERVER_FIRST.replace("i=4096", "i=2000000000")).is_err());
        assert!(exchange().answer("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").is_err());
        assert!(exchange().answer("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").is_err());
        assert!(exchange().answer("nonsense").is_err());
    }

    #[test]
    fn names_with_commas_are_escaped() {
        let first = Scram::with_nonce(Hash::Sha512, "a=b,c", "p", "N".to_owned()).first();
        assert_eq!(first, "n,,n=a=3Db=2Cc,r=N");
    }
}
