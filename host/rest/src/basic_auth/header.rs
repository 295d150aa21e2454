//! The `Authorization` header.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// As lenient as Java's decoder.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Who a client says it is.
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Credentials {
    /// None where the header is missing, there are several, or it is not one of `Basic`.
    pub(super) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (all.next(), all.next()) else {
            return None;
        };
        let (method, token) = value.to_str().ok()?.split_once(' ')?;
        if !method.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = BASE64.decode(token).ok()?;
        let decoded = String::from_utf8_lossy(&decoded);
        let (user, password) = decoded.split_once(':').filter(|(user, _)| !user.is_empty())?;
        Some(Credentials { user: user.to_owned(), password: password.to_owned() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        Credentials::from_headers(&headers).map(|credentials| (credentials.user, credentials.password))
    }

    fn pair(user: &str, password: &str) -> Option<(String, String)> {
        Some((user.to_owned(), password.to_owned()))
    }

    #[test]
    fn user_and_password_are_read() {
        for value in ["Basic dXNlcjpwYXNzd29yZA==", "basic dXNlcjpwYXNzd29yZA", "BASIC dXNlcjpwYXNzd29yZB=="] {
            assert_eq!(read(&[value]), pair("user", "password"), "{value}");
        }
        assert_eq!(read(&["Basic Y29sb246YTpi"]), pair("colon", "a:b"));
        assert_eq!(read(&["Basic asO2cmc6cMOkc3M="]), pair("jörg", "päss"));
        assert_eq!(read(&["Basic ZW1wdHk6"]), pair("empty", ""));
    }

    #[test]
    fn anything_else_names_nobody() {
        for value in ["Bearer x", "Basic", "Basic !!!", "Basic dXNlcg==", "Basic OnBhc3N3b3Jk", "", " "] {
            assert_eq!(read(&[value]), None, "{value}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["Basic dXNlcjpwYXNzd29yZA==", "Basic dXNlcjpwYXNzd29yZA=="]), None);
    }
}
