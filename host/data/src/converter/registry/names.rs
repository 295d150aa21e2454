//! Names that are taken from Connect and must be names in a schema's language.

/// `scrub.invalid.names`: URL encoding, then an underscore for whatever is still not allowed. With what a name may
/// begin is each format's own matter.
pub(in crate::converter) fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => out.push(char::from(byte)),
            b' ' | b'-' | b'.' | b'*' => out.push('_'),
            other => out.push_str(&format!("_{other:02X}")),
        }
    }
    out
}
