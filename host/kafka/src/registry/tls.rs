//! Whom to trust and what to show, from the stores that Java's keys name.

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::settings::stores::Pem;

/// Without a trust store, the system's authorities: the same that librdkafka's OpenSSL trusts.
pub(super) fn config(stores: &Pem) -> Result<TlsConfig, String> {
    let trusted = match &stores.ca {
        Some(pem) => certificates(pem)?,
        None => openssl_probe::probe()
            .cert_file
            .and_then(|path| std::fs::read_to_string(path).ok())
            .map(|pem| certificates(&pem))
            .transpose()?
            .unwrap_or_default(),
    };
    let shown = match (&stores.chain, &stores.key) {
        (Some(chain), Some(key)) => {
            let key = PrivateKey::from_pem(key.as_bytes())
                .map_err(|_| "the private key of the key store cannot be used".to_owned())?;
            Some(ClientCert::new_with_certs(&certificates(chain)?, key))
        }
        _ => None,
    };
    Ok(TlsConfig::builder().root_certs(RootCerts::from(trusted.into_iter())).client_cert(shown).build())
}

fn certificates(pem: &str) -> Result<Vec<Certificate<'static>>, String> {
    parse_pem(pem.as_bytes())
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(format!("its certificates cannot be read: {error}"))),
        })
        .collect()
}
