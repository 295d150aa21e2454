//! The public key in a certificate that is too old for the TLS library: version 1, without extensions, as the
//! recipe in PostgreSQL's manual made them for many years. No authority's word is taken for such a one, but where
//! anyone is believed, encryption need not fail because of it. All that is read is where the key stands.

use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::{CertificateError, DigitallySignedStruct, Error};
use rustls_pki_types::CertificateDer;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const VERSION: u8 = 0xa0;

/// A public key, as TLS has it beside an algorithm.
pub(super) struct PublicKey<'a> {
    /// With everything, as it stands in the certificate.
    pub(super) whole: &'a [u8],
    algorithm: &'a [u8],
    bits: &'a [u8],
}

impl<'a> PublicKey<'a> {
    /// The key of a certificate.
    pub(super) fn of(certificate: &'a CertificateDer<'_>) -> Result<Self, Error> {
        find(certificate).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
    }

    /// Did it sign this, in TLS 1.2?
    pub(super) fn verify(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        let bad = || Error::InvalidCertificate(CertificateError::BadSignature);
        let (_, fitting) = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme).ok_or_else(bad)?;
        let own = fitting.iter().find(|algorithm| algorithm.public_key_alg_id().as_ref() == self.algorithm);
        own.ok_or_else(bad)?.verify_signature(self.bits, message, signed.signature()).map_err(|_| bad())
    }
}

fn find(certificate: &[u8]) -> Option<PublicKey<'_>> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (body, _) = element(certificate, SEQUENCE)?;
    let rest = element(body, VERSION).map_or(body, |(_, rest)| rest);
    let (_, mut rest) = element(rest, INTEGER)?;
    // Algorithm of the signature, issuer, validity, subject.
    for _ in 0..4 {
        rest = element(rest, SEQUENCE)?.1;
    }
    let (key, after) = element(rest, SEQUENCE)?;
    let whole = rest.get(..rest.len().checked_sub(after.len())?)?;
    let (algorithm, bits) = element(key, SEQUENCE)?;
    // The first byte counts the bits that do not belong to it.
    let bits = element(bits, BITS)?.0.strip_prefix(&[0])?;
    Some(PublicKey { whole, algorithm, bits })
}

/// What is in an element of DER, and what follows it.
fn element(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = input.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if first == tag { rest.split_at_checked(length) } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rustls_pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn a_certificate_cut_off_anywhere_or_with_any_byte_changed_harms_nobody() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates/old.pem");
        let whole = CertificateDer::from_pem_file(path).unwrap();
        let key = find(&whole).unwrap();
        assert!(key.whole.ends_with(key.bits) && key.bits.len() == 65);
        for length in 0..whole.len() {
            // The signature of whoever signed it is not looked at, so that its end may be missing, but no more.
            assert!(find(&whole[..length]).is_none(), "{length}");
        }
        for place in 0..whole.len() {
            for value in [0, 0x7f, 0x80, 0x83, 0x84, 0xff] {
                let mut changed = whole.to_vec();
                changed[place] = value;
                let _ = find(&changed);
            }
        }
    }
}
