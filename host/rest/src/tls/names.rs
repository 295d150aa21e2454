//! Java's names for versions and cipher suites, and what OpenSSL makes of them.

/// The versions that may be spoken, oldest and newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) oldest: Version,
    pub(super) newest: Version,
}

/// A version of TLS that is still safe to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

impl Versions {
    /// `ssl.enabled.protocols`.
    pub(super) fn read(list: &str) -> Result<Self, String> {
        let mut found: Option<Versions> = None;
        for name in list.split(',').map(str::trim) {
            let version = match name {
                "TLSv1.2" => Version::Tls12,
                "TLSv1.3" => Version::Tls13,
                "TLSv1" | "TLSv1.1" | "SSLv3" | "SSLv2Hello" => {
                    return Err(format!("{name} is broken and not offered; use TLSv1.2, TLSv1.3 or both"));
                }
                _ => return Err(format!("{name} is not known; use TLSv1.2, TLSv1.3 or both")),
            };
            let so_far = found.unwrap_or(Versions { oldest: version, newest: version });
            found = Some(Versions { oldest: so_far.oldest.min(version), newest: so_far.newest.max(version) });
        }
        found.ok_or_else(|| "name TLSv1.2, TLSv1.3 or both".to_owned())
    }
}

/// Cipher suites that were chosen by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suites {
    /// Of TLS 1.2, in OpenSSL's words.
    pub(super) older: Vec<String>,
    /// Of TLS 1.3, where everybody has the same words.
    pub(super) newer: Vec<String>,
}

impl Suites {
    /// `ssl.cipher.suites`. Those of TLS 1.3 name no key exchange, and so no `_WITH_`.
    pub(super) fn read(list: &str) -> Result<Self, String> {
        let mut suites = Suites { older: Vec::new(), newer: Vec::new() };
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let unknown = || format!("{name} is not a cipher suite that this worker has");
            let own = own_name(name).ok_or_else(unknown)?;
            if own.starts_with("TLS_") { suites.newer.push(own) } else { suites.older.push(own) }
        }
        Ok(suites)
    }

    /// The versions for which there are suites: Java speaks no other.
    pub(super) fn speak(&self, mut versions: Versions) -> Result<Versions, &'static str> {
        if self.older.is_empty() {
            versions.oldest = Version::Tls13;
        }
        if self.newer.is_empty() {
            versions.newest = Version::Tls12;
        }
        if versions.oldest > versions.newest {
            return Err("there is no suite in it for any of ssl.enabled.protocols");
        }
        Ok(versions)
    }
}

fn own_name(java: &str) -> Option<String> {
    let own = openssl::ssl::cipher_name(java);
    (own != "(NONE)").then(|| own.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const BOTH: Versions = Versions { oldest: Version::Tls12, newest: Version::Tls13 };

    #[test]
    fn versions_are_a_range() {
        assert_eq!(Versions::read("TLSv1.3, TLSv1.2").unwrap(), BOTH);
        assert_eq!(Versions::read("TLSv1.3").unwrap().oldest, Version::Tls13);
    }

    #[test]
    fn broken_versions_are_refused() {
        assert!(Versions::read("TLSv1.1,TLSv1.2").unwrap_err().contains("TLSv1.1 is broken"));
        assert!(Versions::read("bogus").unwrap_err().contains("not known"));
    }

    #[test]
    fn suites_are_found_by_javas_names() {
        let suites = Suites::read("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256").unwrap();
        assert_eq!(suites.older, ["ECDHE-RSA-AES128-GCM-SHA256"]);
        assert_eq!(suites.newer, ["TLS_AES_128_GCM_SHA256"]);
        assert!(Suites::read("TLS_BOGUS").unwrap_err().contains("TLS_BOGUS"));
    }

    #[test]
    fn a_version_without_a_suite_is_not_spoken() {
        let older = Suites::read("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256").unwrap();
        assert_eq!(older.speak(BOTH).unwrap(), Versions { newest: Version::Tls12, ..BOTH });
        let only_newer = Versions { oldest: Version::Tls13, newest: Version::Tls13 };
        assert!(older.speak(only_newer).is_err());
    }
}
