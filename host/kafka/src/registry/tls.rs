//! Whom to trust and what to show, from the stores that Java's keys name.

use ureq::tls::{ClientCert, RootCerts, TlsConfig};

use crate::https::{certificates, private_key};
use crate::settings::stores::Pem;

/// Without a trust store, the system's authorities: the same that librdkafka's OpenSSL trusts.
pub(super) fn config(stores: &Pem) -> Result<TlsConfig, String> {
    let trusted = match &stores.ca {
        Some(pem) => certificates(pem.as_bytes())?,
        None => openssl_probe::probe()
            .cert_file
            .and_then(|path| std::fs::read_to_string(path).ok())
            .map(|pem| certificates(pem.as_bytes()))
            .transpose()?
            .unwrap_or_default(),
    };
    let shown = match (&stores.chain, &stores.key) {
        (Some(chain), Some(key)) => {
            let chain = certificates(chain.as_bytes())?;
            let key = private_key(whole(key).as_bytes(), &chain)
                .map_err(|why| format!("the private key of the key store cannot be used: {why}"))?;
            Some(ClientCert::new_with_certs(&chain, key))
        }
        _ => None,
    };
    Ok(TlsConfig::builder().root_certs(RootCerts::from(trusted.into_iter())).client_cert(shown).build())
}

/// Java's key stores leave the public half out of elliptic keys, and ring wants it: OpenSSL, where it is linked, puts it in.
#[cfg(any(feature = "tls", feature = "system-tls"))]
fn whole(pem: &str) -> String {
    use openssl::{ec::EcKey, pkey::PKey};
    let completed = || {
        let short = PKey::private_key_from_pem(pem.as_bytes())?.ec_key()?;
        // Made anew: a key that was read without its public half is written without it.
        let key = EcKey::from_private_components(short.group(), short.private_key(), short.public_key())?;
        PKey::from_ec_key(key)?.private_key_to_pem_pkcs8()
    };
    completed().ok().and_then(|pem| String::from_utf8(pem).ok()).unwrap_or_else(|| pem.to_owned())
}

#[cfg(not(any(feature = "tls", feature = "system-tls")))]
fn whole(pem: &str) -> String {
    pem.to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const CLIENT: &str = include_str!("../../tests/stores/client.pem");

    fn stores(key: &str) -> Pem {
        let chain = &CLIENT[CLIENT.find("-----BEGIN CERTIFICATE").unwrap()..];
        Pem { chain: Some(chain.to_owned()), key: Some(key.to_owned()), ..Pem::default() }
    }

    #[cfg(any(feature = "tls", feature = "system-tls"))]
    #[test]
    fn an_elliptic_key_as_javas_tools_write_it_is_shown() {
        let key = &CLIENT[..CLIENT.find("-----BEGIN CERTIFICATE").unwrap()];
        assert!(config(&stores(key)).is_ok());
    }

    #[test]
    fn a_key_that_cannot_be_used_is_an_error_and_no_panic() {
        let error = config(&stores("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")).unwrap_err();
        assert!(error.starts_with("the private key of the key store cannot be used"), "{error}");
    }
}
