//! The hash of a server's certificate, by which SCRAM binds itself to the TLS connection (RFC 5929,
//! `tls-server-end-point`): made by the hash function that the certificate itself is signed with.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// None: the certificate is signed in a way for which no hash is defined, such as Ed25519.
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    // SHA-1 and MD5 are replaced by SHA-256, as the RFC has it.
    Some(match algorithm(certificate)? {
        // RSA: md5, sha1, sha256; ECDSA: sha1, sha256.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04 | 0x05 | 0x0b]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Sha256::digest(certificate).to_vec(),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => {
            Sha384::digest(certificate).to_vec()
        }
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => {
            Sha512::digest(certificate).to_vec()
        }
        _ => return None,
    })
}

/// The object identifier of the signature: certificate { what is signed, algorithm { identifier, ... }, ... }.
fn algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (content, _) = element(certificate, 0x30)?;
    let (_, rest) = element(content, 0x30)?;
    let (algorithm, _) = element(rest, 0x30)?;
    element(algorithm, 0x06).map(|(identifier, _)| identifier)
}

/// Content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_first_chunk::<2>()?;
    let [found, length] = *head;
    if found != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], content].concat()
    }

    fn signed_with(identifier: &[u8]) -> Vec<u8> {
        let algorithm = der(0x30, &der(0x06, identifier));
        der(0x30, &[der(0x30, &[0; 300]), algorithm, der(0x03, &[0; 256])].concat())
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let rsa = |last| signed_with(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last]);
        for (last, length) in [(0x05, 32), (0x0b, 32), (0x0c, 48), (0x0d, 64)] {
            assert_eq!(hash(&rsa(last)).unwrap().len(), length);
        }
        assert_eq!(hash(&signed_with(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03])).unwrap().len(), 48);
        assert_eq!(hash(&signed_with(&[0x2b, 0x65, 0x70])), None);
    }

    #[test]
    fn the_certificate_of_the_tests_with_a_server_has_one() {
        use rustls::pki_types::{CertificateDer, pem::PemObject as _};
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/certificates/server.pem");
        assert!(hash(&CertificateDer::from_pem_file(file).unwrap()).is_some());
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x03\x30\x01\x00", &[0x30; 40]] {
            assert_eq!(hash(bytes), None);
        }
    }
}
