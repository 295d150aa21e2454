//! Whom to trust and what to show when the worker's address begins with https.

use std::path::Path;

use ureq::tls::{Certificate, ClientCert, RootCerts, TlsConfig};
use watertight_kafka::https;

use crate::args::Worker;
use crate::failure::Failure;

/// Without `--cacert`, the system's authorities.
pub(super) fn config(options: &Worker) -> Result<TlsConfig, Failure> {
    let roots = match &options.cacert {
        Some(file) => Some(certificates(file)?),
        None => openssl_probe::probe().cert_file.and_then(|file| certificates(&file).ok()),
    };
    let shown = match (&options.cert, &options.key) {
        (Some(chain), Some(key)) => {
            let pem = read(key)?;
            let chain = certificates(chain)?;
            let fitting = https::private_key(&pem, &chain)
                .map_err(|why| Failure::Usage(format!("{}: its private key cannot be used: {why}", key.display())))?;
            Some(ClientCert::new_with_certs(&chain, fitting))
        }
        _ => None,
    };
    let config = TlsConfig::builder().client_cert(shown).disable_verification(options.insecure);
    Ok(match roots {
        Some(roots) => config.root_certs(RootCerts::from(roots.into_iter())),
        None => config.root_certs(RootCerts::WebPki),
    }
    .build())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let unusable = |why: String| Failure::Usage(format!("{}: {why}", file.display()));
    let found = https::certificates(&read(file)?).map_err(unusable)?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it (PEM is wanted)".to_owned()));
    }
    Ok(found)
}
