//! Whom to trust and what to show when the worker's address begins with https.

use std::path::Path;

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

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
            let key = PrivateKey::from_pem(&read(key)?)
                .map_err(|error| Failure::Usage(format!("{}: no private key to use: {error}", key.display())))?;
            Some(ClientCert::new_with_certs(&certificates(chain)?, key))
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
    let found = parse_pem(&read(file)?)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(unusable(format!("its certificates cannot be read: {error}")))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it (PEM is wanted)".to_owned()));
    }
    Ok(found)
}
