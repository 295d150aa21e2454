//! Against stores that keytool and openssl made: `tests/stores/make.sh`.

use std::collections::BTreeMap;

use super::*;

const STORE: &str = "store-secret-1";
const KEY: &str = "key-secret-1";

fn at(name: &str) -> String {
    format!("{}/tests/stores/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Opens what these keys name; values that are files of the folder are made paths.
fn opened(keys: &[(&str, &str)]) -> Result<Pem, SettingsError> {
    let keys: BTreeMap<String, String> = keys
        .iter()
        .map(|(key, value)| {
            let value = if key.ends_with("location") { at(value) } else { (*value).to_owned() };
            ((*key).to_owned(), value)
        })
        .collect();
    open(|key| keys.get(key).map(String::as_str), "")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(at(name)).unwrap()
}

fn refusal(keys: &[(&str, &str)]) -> String {
    let error = opened(keys).unwrap_err().to_string();
    for secret in [STORE, KEY, "guessed"] {
        assert!(!error.contains(secret), "{error}");
    }
    error
}

/// Certificates and key without their line breaks.
fn bare(pem: &str) -> String {
    pem.split_whitespace().collect()
}

fn trust(name: &str, kind: &str, password: Option<&str>) -> Result<Pem, SettingsError> {
    let mut keys = vec![("ssl.truststore.location", name), ("ssl.truststore.type", kind)];
    keys.extend(password.map(|password| ("ssl.truststore.password", password)));
    opened(&keys)
}

#[test]
fn a_trust_store_is_the_same_in_all_its_forms() {
    let root = bare(&text("trust.pem"));
    for (name, kind, password) in [
        ("trust.jks", "JKS", Some(STORE)),
        ("trust.jks", "PKCS12", Some(STORE)),
        ("trust.jks", "jks", None),
        ("trust.p12", "PKCS12", Some(STORE)),
        ("trust.p12", "JKS", Some(STORE)),
        ("trust-legacy.p12", "PKCS12", Some(STORE)),
        ("trust-openssl.p12", "PKCS12", Some(STORE)),
        ("trust.pem", "PEM", None),
    ] {
        let pem = trust(name, kind, password).unwrap_or_else(|error| panic!("{name} as {kind}: {error}"));
        assert_eq!(pem.ca.as_deref().map(bare), Some(root.clone()), "{name} as {kind}");
        assert_eq!((pem.chain, pem.key), (None, None));
    }
    let one_line = text("trust.pem").replace('\n', " ");
    let inline = [("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", one_line.as_str())];
    assert_eq!(bare(&opened(&inline).unwrap().ca.unwrap()), root);
    assert_eq!(opened(&[]).unwrap(), Pem::default());
}

#[test]
fn a_key_store_is_the_same_in_all_its_forms() {
    let expected = opened(&[("ssl.keystore.location", "client.pem"), ("ssl.keystore.type", "PEM")]).unwrap();
    let key = bare(expected.key.as_deref().unwrap());
    let own = |pem: &Pem| bare(pem.chain.as_deref().unwrap()).split("-----END").next().unwrap().to_owned();
    for (name, kind, key_password) in [
        ("client.jks", "JKS", Some(KEY)),
        ("client.p12", "PKCS12", None),
        ("client.p12", "JKS", None),
        ("client-openssl.p12", "PKCS12", None),
    ] {
        let mut keys =
            vec![("ssl.keystore.location", name), ("ssl.keystore.type", kind), ("ssl.keystore.password", STORE)];
        keys.extend(key_password.map(|password| ("ssl.key.password", password)));
        let pem = opened(&keys).unwrap_or_else(|error| panic!("{name} as {kind}: {error}"));
        assert_eq!(bare(pem.key.as_deref().unwrap()), key, "{name} as {kind}");
        assert_eq!(own(&pem), own(&expected), "{name} as {kind}");
        assert!(pem.chain.unwrap().matches("BEGIN").count() >= 2, "{name}: the authority's certificate goes with it");
    }
    let sealed =
        [("ssl.keystore.location", "client-encrypted.pem"), ("ssl.keystore.type", "PEM"), ("ssl.key.password", KEY)];
    assert_eq!(bare(&opened(&sealed).unwrap().key.unwrap()), key);
    let (chain, plain) = (text("client.pem"), text("client.pem"));
    let inline = [
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", plain.as_str()),
        ("ssl.keystore.certificate.chain", &chain),
    ];
    assert_eq!(bare(&opened(&inline).unwrap().key.unwrap()), key);
    assert!(!format!("{expected:?}").contains("PRIVATE"));
}

#[test]
fn what_is_wrong_is_named_and_no_password_shown() {
    const WRONG: Option<&str> = Some("guessed");
    for name in ["trust.jks", "trust.p12", "trust-legacy.p12"] {
        let error = trust(name, "JKS", WRONG).unwrap_err().to_string();
        assert!(error.starts_with("Invalid value [hidden] for configuration ssl.truststore.password"), "{error}");
        assert!(error.contains("keystore password was incorrect") && error.contains(name), "{error}");
    }
    let error = trust("trust.p12", "PKCS12", None).unwrap_err().to_string();
    assert!(error.contains("ssl.truststore.password") && error.contains("no password is set"), "{error}");
    let error = trust("absent.jks", "JKS", None).unwrap_err().to_string();
    assert!(error.contains("ssl.truststore.location") && error.contains("absent.jks"), "{error}");
    let error = trust("trust.pem", "JKS", None).unwrap_err().to_string();
    assert!(error.contains("set ssl.truststore.type=PEM"), "{error}");
    let error = trust("trust.jks", "PEM", None).unwrap_err().to_string();
    assert!(error.contains("it is not PEM text"), "{error}");
    let error = trust("nothing.jceks", "JKS", Some(STORE)).unwrap_err().to_string();
    assert!(error.contains("JCEKS"), "{error}");
    let error = trust("make.sh", "JKS", Some(STORE)).unwrap_err().to_string();
    assert!(error.contains("neither JKS nor PKCS#12"), "{error}");
    let error = trust("trust.jks", "BKS", None).unwrap_err().to_string();
    assert!(error.starts_with("Invalid value BKS for configuration ssl.truststore.type"), "{error}");
    let error = trust("trust.pem", "PEM", Some(STORE)).unwrap_err().to_string();
    assert!(error.contains("SSL trust store password cannot be specified for PEM format."), "{error}");
}

#[test]
fn a_key_stores_faults_are_named_too() {
    let jks = ("ssl.keystore.location", "client.jks");
    let error = refusal(&[jks]);
    assert!(error.contains("SSL key store is specified, but key store password is not specified."), "{error}");
    let error = refusal(&[jks, ("ssl.keystore.password", STORE), ("ssl.key.password", "guessed")]);
    assert!(error.starts_with("Invalid value [hidden] for configuration ssl.key.password"), "{error}");
    let error = refusal(&[jks, ("ssl.keystore.password", "guessed")]);
    assert!(error.starts_with("Invalid value [hidden] for configuration ssl.keystore.password"), "{error}");
    let error = refusal(&[("ssl.keystore.location", "trust.p12"), ("ssl.keystore.password", STORE)]);
    assert!(error.contains("no private key"), "{error}");
    let sealed = [("ssl.keystore.location", "client-encrypted.pem"), ("ssl.keystore.type", "PEM")];
    let error = refusal(&sealed);
    assert!(error.contains("set ssl.key.password"), "{error}");
    let error = refusal(&[sealed[0], sealed[1], ("ssl.key.password", "guessed")]);
    assert!(error.starts_with("Invalid value [hidden] for configuration ssl.key.password"), "{error}");
    let key = text("client.pem");
    let error = refusal(&[("ssl.keystore.type", "PEM"), ("ssl.keystore.key", &key)]);
    assert!(error.contains("certificate chain is not specified"), "{error}");
    let error = refusal(&[("ssl.keystore.key", &key), ("ssl.keystore.certificate.chain", &key)]);
    assert!(error.contains("can be specified only for PEM"), "{error}");
    let error = refusal(&[("ssl.keystore.password", STORE)]);
    assert!(error.contains("SSL key store is not specified, but key store password is specified."), "{error}");
}

#[test]
fn damaged_stores_are_errors_and_nothing_worse() {
    for name in ["client.jks", "client.p12", "trust.jks", "trust-legacy.p12", "client-encrypted.pem"] {
        let whole = std::fs::read(at(name)).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[at] ^= 0x81;
            for bytes in [&whole[..at], &changed[..]] {
                let _ = jks::read(bytes, None, Some(KEY));
                let _ = jks::read(bytes, Some(STORE), Some(KEY));
                let _ = pem::file(bytes).map(|text| pem::private_key(text, Some(KEY)));
                if at % 5 == 0 {
                    let _ = pkcs12::read(bytes, Some(STORE));
                }
            }
        }
    }
}

#[test]
fn another_prefix_names_its_own_keys() {
    let error = open(|key| (key == "schema.registry.ssl.truststore.location").then_some("/absent"), "schema.registry.")
        .unwrap_err();
    assert!(error.to_string().contains("schema.registry.ssl.truststore.location"), "{error}");
}
