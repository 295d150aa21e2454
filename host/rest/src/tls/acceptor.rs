//! The server's side of TLS.

use std::io;
use std::task::{Context, Poll};

use openssl::error::ErrorStack;
use openssl::ssl::{
    Ssl, SslAcceptor, SslAcceptorBuilder, SslContext, SslMethod, SslMode, SslOptions, SslSessionCacheMode,
    SslVerifyMode,
};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509Name};
use tokio::net::TcpStream;
use watertight_worker::entities::ConfigMap;
use watertight_worker::tls::{SettingsError, TlsStream, show};

use crate::linger::linger;
use crate::patient::Socket;

use super::context::{first, speak, unusable};
use super::settings::{ClientAuth, ServerSettings, TlsSettings};

/// What an HTTPS listener shows and whom it lets in. Read once: a new certificate needs a new start.
#[derive(Clone)]
pub struct ServerTls(SslContext);

/// A connection after its handshake.
type Stream = TlsStream<TcpStream>;

impl Socket for Stream {
    fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        self.get_mut().poll_reset(cx)
    }
}

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerTls")
    }
}

impl ServerTls {
    /// Reads the settings under the prefix, or, where there is not one, the worker's own.
    ///
    /// # Errors
    /// A store that cannot be opened, or a value that cannot be meant or kept: the error names the setting.
    pub fn from_properties(properties: &ConfigMap, prefix: &str) -> Result<Self, SettingsError> {
        let settings = TlsSettings::read(properties, prefix)?;
        let server = settings.of_server(properties, prefix)?;
        let unusable = |key: &str, error: &ErrorStack| unusable(&settings.prefix, key, error);
        // Mozilla's recommendation: forward secrecy, and no cipher that is known to be weak.
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())
            .map_err(|error| unusable("ssl.protocol", &error))?;
        show(&mut builder, &server.chain, &server.key).map_err(|error| unusable("ssl.keystore.location", &error))?;
        trust(&mut builder, &server).map_err(|error| unusable("ssl.truststore.location", &error))?;
        speak(&mut builder, &settings)?;
        bound(&mut builder).map_err(|error| unusable("ssl.protocol", &error))?;
        Ok(ServerTls(builder.build().into_context()))
    }

    /// The handshake; the error is for the log.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Result<Stream, String> {
        let ssl = Ssl::new(&self.0).map_err(|error| first(&error))?;
        let mut stream = TlsStream::new(ssl, stream).map_err(|error| first(&error))?;
        match stream.accept().await {
            Ok(()) => Ok(stream),
            Err(error) => {
                linger(stream.get_mut()).await;
                Err(error.ssl_error().map_or_else(|| error.to_string(), first))
            }
        }
    }
}

fn trust(builder: &mut SslAcceptorBuilder, settings: &ServerSettings) -> Result<(), ErrorStack> {
    let mode = match settings.client_auth {
        ClientAuth::None => {
            builder.set_verify(SslVerifyMode::NONE);
            return Ok(());
        }
        ClientAuth::Requested => SslVerifyMode::PEER,
        ClientAuth::Required => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
    };
    let mut store = X509StoreBuilder::new()?;
    let mut hints = Stack::<X509Name>::new()?;
    for certificate in X509::stack_from_pem(settings.ca.as_bytes())? {
        hints.push(X509Name::from_der(&certificate.subject_name().to_der()?)?)?;
        store.add_cert(certificate)?;
    }
    // As in Java: what stands in the store is trusted, whoever signed it.
    store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    builder.set_verify_cert_store(store.build())?;
    builder.set_client_ca_list(hints);
    builder.set_verify(mode);
    Ok(())
}

/// What a connection may cost: no buffers while it is idle, no sessions kept for clients that may never come back,
/// no second handshake in a connection.
fn bound(builder: &mut SslAcceptorBuilder) -> Result<(), ErrorStack> {
    builder.set_mode(SslMode::RELEASE_BUFFERS);
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_session_id_context(b"watertight")?;
    builder.set_options(SslOptions::NO_RENEGOTIATION);
    Ok(())
}
