//! Verifying less than all: authorities without names, or nothing but that the server has the key of the
//! certificate that it shows. The handshake's signatures are always checked.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key,
};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};

use super::key::PublicKey;

/// Who will be believed.
#[derive(Debug)]
pub(super) enum Trust {
    /// Anyone.
    Anyone,
    /// Whoever an authority vouches for. As in Java, a certificate that is itself among the authorities needs nobody
    /// else's word: so a server's own, self-signed one can be given.
    Authorities {
        /// What may end a chain.
        anchors: RootCertStore,
        /// What was given, as it is.
        given: Vec<CertificateDer<'static>>,
        /// Must the certificate name the host?
        names: bool,
    },
}

/// Verifies as much as is wanted.
#[derive(Debug)]
pub(super) struct Verifier {
    pub(super) trust: Trust,
    pub(super) provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// A certificate of which only the key can be read, and need be.
    fn only_key<'a>(&self, certificate: &'a CertificateDer<'_>) -> Option<Result<PublicKey<'a>, Error>> {
        let old = matches!(self.trust, Trust::Anyone) && ParsedCertificate::try_from(certificate).is_err();
        old.then(|| PublicKey::of(certificate))
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust::Authorities { anchors, given, names } = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if !given.contains(end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, anchors, intermediates, now, algorithms)?;
        }
        if *names {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match self.only_key(certificate) {
            Some(key) => key?.verify(message, signed, algorithms).map(|()| HandshakeSignatureValid::assertion()),
            None => verify_tls12_signature(message, certificate, signed, algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        match self.only_key(certificate) {
            Some(key) => {
                let key = SubjectPublicKeyInfoDer::from(key?.whole);
                verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
            }
            None => verify_tls13_signature(message, certificate, signed, algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
