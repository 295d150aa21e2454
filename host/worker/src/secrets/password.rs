//! Which settings are passwords although no plugin says so: those of Kafka's clients and of the Schema Registry.

/// Keys of type PASSWORD in the definitions of Kafka's clients, and what registry clients know, after any prefix.
const KEYS: &[&str] = &[
    "sasl.jaas.config",
    "ssl.key.password",
    "ssl.keystore.password",
    "ssl.truststore.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.truststore.certificates",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "basic.auth.user.info",
    "bearer.auth.token",
    "bearer.auth.client.secret",
    "apicurio.auth.client.secret",
    "apicurio.auth.password",
];

/// Options of a JAAS line whose value is a secret.
const OPTIONS: &[&str] = &["password", "clientSecret"];

/// Whether a setting of a client or converter is a password, whatever stands in front of its key.
pub fn is_password(key: &str) -> bool {
    KEYS.iter().any(|known| key.strip_suffix(known).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.')))
}

/// The passwords in a JAAS line; nothing for other text.
pub fn parts(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for option in OPTIONS {
        let mut rest = value;
        while let Some((_, after)) = rest.split_once(option) {
            rest = after;
            let Some(after) = after.trim_start().strip_prefix('=').map(str::trim_start) else { continue };
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let end = match quote {
                Some(quote) => after.get(1..).and_then(|inner| inner.split(quote).next()),
                None => after.split(|c: char| c.is_whitespace() || c == ';').next(),
            };
            found.extend(end.filter(|part| !part.is_empty()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_passwords_are_known_under_any_prefix() {
        assert!(is_password("sasl.jaas.config"));
        assert!(is_password("producer.override.sasl.jaas.config"));
        assert!(is_password("value.converter.basic.auth.user.info"));
        assert!(!is_password("ssl.keystore.location"));
        assert!(!is_password("notssl.key.passwords"));
        assert!(!is_password("xssl.key.password"));
    }

    #[test]
    fn passwords_are_found_in_a_jaas_line() {
        assert_eq!(parts("x required username=\"u\" password=\"p w\" ;"), ["p w"]);
        assert_eq!(parts("x required clientId=a clientSecret=b;"), ["b"]);
        assert_eq!(parts("x required password='q'"), ["q"]);
        assert!(parts("my-password").is_empty());
    }
}
