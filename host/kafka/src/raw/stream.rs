//! What a connection's bytes go through: TCP, or TLS over it.
//!
//! TLS is OpenSSL here too, because librdkafka's is: the same authorities, ciphers, key formats and rules for names
//! hold for the data clients and for this module, and nothing is linked that is not there already.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::RawError;
use crate::settings::SettingsError;
use crate::settings::security::Tls;

/// Bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// Connects within the time limit.
pub(super) async fn connect(
    address: &str,
    connector: Option<&Connector>,
    limit: Duration,
) -> Result<Box<dyn Stream>, RawError> {
    let broken = |reason: String| RawError::Connection { address: address.to_owned(), request: "connecting", reason };
    let answer = timeout(limit, async {
        let stream = TcpStream::connect(address).await.map_err(|error| broken(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| broken(error.to_string()))?;
        match connector {
            None => Ok(Box::new(stream) as Box<dyn Stream>),
            Some(connector) => connector.over(stream, address).await,
        }
    });
    answer.await.unwrap_or_else(|_| Err(broken(format!("no answer within {}s", limit.as_secs()))))
}

#[cfg(any(feature = "tls", feature = "system-tls"))]
pub(super) use openssl_based::{Connector, refusal};

#[cfg(any(feature = "tls", feature = "system-tls"))]
mod openssl_based {
    use openssl::error::ErrorStack;
    use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVersion};
    use openssl::x509::store::X509StoreBuilder;
    use openssl::x509::{X509, X509VerifyResult};

    use super::{RawError, SettingsError, Stream, TcpStream, Tls};
    use crate::tls_stream::{TlsStream, show};

    /// Makes TLS connections of one kind.
    pub(in crate::raw) struct Connector {
        connector: SslConnector,
        verify_name: bool,
    }

    impl Connector {
        pub(in crate::raw) fn new(tls: &Tls) -> Result<Self, SettingsError> {
            let mut builder =
                SslConnector::builder(SslMethod::tls_client()).map_err(|e| unusable("ssl.protocol", &e))?;
            builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(|e| unusable("ssl.protocol", &e))?;
            if let Some(ciphers) = &tls.ciphers {
                builder.set_cipher_list(ciphers).map_err(|e| unusable("ssl.cipher.suites", &e))?;
            }
            trust(&mut builder, tls).map_err(|e| unusable("ssl.truststore.location", &e))?;
            if let (Some(chain), Some(key)) = (&tls.pem.chain, &tls.pem.key) {
                show(&mut builder, chain, key).map_err(|e| unusable("ssl.keystore.location", &e))?;
            }
            Ok(Self { connector: builder.build(), verify_name: tls.verify_name })
        }

        pub(super) async fn over(&self, stream: TcpStream, address: &str) -> Result<Box<dyn Stream>, RawError> {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let failed = |reason: String| RawError::Tls { address: address.to_owned(), reason };
            let ssl = self
                .connector
                .configure()
                .and_then(|one| one.verify_hostname(self.verify_name).into_ssl(host))
                .map_err(|error| failed(error.to_string()))?;
            let mut stream = TlsStream::new(ssl, stream).map_err(|error| failed(error.to_string()))?;
            match stream.connect().await {
                Ok(()) => Ok(Box::new(stream)),
                Err(error) => match error.ssl_error() {
                    Some(stack) => Err(failed(why(stream.ssl(), stack, host))),
                    None => Err(RawError::Connection {
                        address: address.to_owned(),
                        request: "TLS handshake",
                        reason: format!("{error} (does this listener speak TLS?)"),
                    }),
                },
            }
        }
    }

    fn unusable(key: &str, error: &ErrorStack) -> SettingsError {
        SettingsError::Invalid { key: key.to_owned(), value: "[hidden]".to_owned(), reason: first(error) }
    }

    /// Only what was named, or else the system's authorities.
    fn trust(builder: &mut SslConnectorBuilder, tls: &Tls) -> Result<(), ErrorStack> {
        let Some(pem) = &tls.pem.ca else {
            return match &tls.system {
                Some(path) if path.is_dir() => builder.load_verify_locations(None, Some(path)),
                Some(path) => builder.load_verify_locations(Some(path), None),
                None => builder.set_default_verify_paths(),
            };
        };
        let mut store = X509StoreBuilder::new()?;
        for certificate in X509::stack_from_pem(pem.as_bytes())? {
            store.add_cert(certificate)?;
        }
        builder.set_cert_store(store.build());
        Ok(())
    }

    /// In words: what is wrong with the certificate, if that is it, and which setting mends it.
    fn why(ssl: &openssl::ssl::SslRef, stack: &ErrorStack, host: &str) -> String {
        let verdict = ssl.verify_result();
        if verdict == X509VerifyResult::OK {
            return first(stack);
        }
        let named = verdict.error_string();
        if named.contains("hostname mismatch") || named.contains("IP address mismatch") {
            return format!(
                "the broker's certificate is not for {host}: {named}; connect by a name it holds, or leave \
                 ssl.endpoint.identification.algorithm empty"
            );
        }
        format!("the broker's certificate is not trusted: {named}; look at ssl.truststore.location")
    }

    fn first(stack: &ErrorStack) -> String {
        stack
            .errors()
            .first()
            .and_then(|error| error.reason_code().ne(&0).then(|| error.reason()).flatten())
            .map_or_else(|| stack.to_string(), str::to_owned)
    }

    /// What the broker's TLS had against us, where an error of reading or writing is that: with TLS 1.3 it says so
    /// only after the handshake.
    pub(in crate::raw) fn refusal(error: &std::io::Error) -> Option<String> {
        let inner = error.get_ref()?.downcast_ref::<openssl::ssl::Error>()?;
        inner.ssl_error().map(first)
    }
}

#[cfg(not(any(feature = "tls", feature = "system-tls")))]
pub(super) struct Connector(std::convert::Infallible);

#[cfg(not(any(feature = "tls", feature = "system-tls")))]
impl Connector {
    pub(super) fn new(_tls: &Tls) -> Result<Self, SettingsError> {
        Err(SettingsError::Refused {
            key: "security.protocol".to_owned(),
            reason: "this binary was built without TLS".to_owned(),
        })
    }

    async fn over(&self, _stream: TcpStream, _address: &str) -> Result<Box<dyn Stream>, RawError> {
        match self.0 {}
    }
}

#[cfg(not(any(feature = "tls", feature = "system-tls")))]
pub(super) fn refusal(_error: &std::io::Error) -> Option<String> {
    None
}
