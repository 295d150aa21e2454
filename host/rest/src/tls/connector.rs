//! The client's side of TLS, for requests to other workers. As in Kafka, it has the certificates that the listeners have:
//! all workers of a cluster are set up alike.

use openssl::error::ErrorStack;
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslRef};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509VerifyResult};
use tokio::net::TcpStream;
use watertight_worker::entities::ConfigMap;
use watertight_worker::tls::{SettingsError, TlsStream, show};

use super::LISTENERS;
use super::context::{first, speak, unusable};
use super::settings::TlsSettings;

/// Whom a request to another worker trusts, and what it shows.
pub(crate) struct ClientTls {
    connector: SslConnector,
    prefix: String,
    verifies_name: bool,
}

/// A connection after its handshake.
pub(crate) type Stream = TlsStream<TcpStream>;

impl ClientTls {
    /// Reads the listeners' settings, or, where there is not one, the worker's own.
    ///
    /// # Errors
    /// A store that cannot be opened, or a value that cannot be meant or kept: the error names the setting.
    pub(crate) fn from_properties(properties: &ConfigMap) -> Result<Self, SettingsError> {
        let settings = TlsSettings::read(properties, LISTENERS)?;
        let verifies_name = settings.verifies_name(properties)?;
        let unusable = |key: &str, error: &ErrorStack| unusable(&settings.prefix, key, error);
        let mut builder =
            SslConnector::builder(SslMethod::tls_client()).map_err(|error| unusable("ssl.protocol", &error))?;
        trust(&mut builder, settings.pem.ca.as_deref()).map_err(|error| unusable("ssl.truststore.location", &error))?;
        if let (Some(chain), Some(key)) = (&settings.pem.chain, &settings.pem.key) {
            show(&mut builder, chain, key).map_err(|error| unusable("ssl.keystore.location", &error))?;
        }
        speak(&mut builder, &settings)?;
        Ok(ClientTls { connector: builder.build(), prefix: settings.prefix, verifies_name })
    }

    /// The handshake with the worker of this name; the error is for a person.
    pub(crate) async fn connect(&self, host: &str, stream: TcpStream) -> Result<Stream, String> {
        let one = self.connector.configure().map_err(|error| first(&error))?;
        let ssl = one.verify_hostname(self.verifies_name).into_ssl(host).map_err(|error| first(&error))?;
        let mut stream = TlsStream::new(ssl, stream).map_err(|error| first(&error))?;
        match stream.connect().await {
            Ok(()) => Ok(stream),
            Err(error) => Err(match error.ssl_error() {
                Some(stack) => self.why(stream.ssl(), stack, host),
                None => format!("the TLS handshake broke off: {error}"),
            }),
        }
    }

    fn why(&self, ssl: &SslRef, stack: &ErrorStack, host: &str) -> String {
        let (verdict, prefix) = (ssl.verify_result(), &self.prefix);
        if verdict == X509VerifyResult::OK {
            return format!("the TLS handshake failed: {}", first(stack));
        }
        let named = verdict.error_string();
        if named.contains("hostname mismatch") || named.contains("IP address mismatch") {
            return format!(
                "the other worker's certificate is not for {host}: {named}; let workers advertise a name that their \
                 certificates hold (rest.advertised.host.name), or set {prefix}ssl.endpoint.identification.algorithm to \
                 nothing"
            );
        }
        format!(
            "the other worker's certificate is not trusted: {named}; look at {prefix}ssl.truststore.location of this \
             worker"
        )
    }
}

/// Only what was named, or else the system's authorities.
fn trust(builder: &mut SslConnectorBuilder, named: Option<&str>) -> Result<(), ErrorStack> {
    let Some(pem) = named else {
        let found = openssl_probe::probe();
        return match (found.cert_file, found.cert_dir.into_iter().next()) {
            (Some(file), _) => builder.load_verify_locations(Some(&file), None),
            (None, Some(directory)) => builder.load_verify_locations(None, Some(&directory)),
            (None, None) => builder.set_default_verify_paths(),
        };
    };
    let mut store = X509StoreBuilder::new()?;
    for certificate in X509::stack_from_pem(pem.as_bytes())? {
        store.add_cert(certificate)?;
    }
    // As in Java: what stands in the store is trusted, whoever signed it.
    store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    builder.set_cert_store(store.build());
    Ok(())
}
