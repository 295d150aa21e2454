//! PEM text, as Java's parser takes it: line breaks may be spaces, and anything between blocks is left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode as _;

use super::Trouble;

/// One block: its label and what it encodes.
struct Block {
    label: String,
    der: Vec<u8>,
}

/// A file's text.
pub(super) fn file(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "it is not PEM text".to_owned())
}

/// All certificates, at least one.
pub(super) fn certificates(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let found: Vec<Vec<u8>> =
        blocks(text)?.into_iter().filter(|block| block.label == "CERTIFICATE").map(|block| block.der).collect();
    if found.is_empty() {
        return Err("at least one certificate expected, but none found".to_owned());
    }
    Ok(found)
}

/// The private key, decrypted, as PEM.
pub(super) fn private_key(text: &str, password: Option<&str>) -> Result<String, Trouble> {
    let keys: Vec<Block> = blocks(text)
        .map_err(Trouble::Content)?
        .into_iter()
        .filter(|block| block.label.ends_with("PRIVATE KEY"))
        .collect();
    let [key] = keys.as_slice() else {
        return Err(Trouble::Content(format!("exactly one private key expected, but {} found", keys.len())));
    };
    if key.label != "ENCRYPTED PRIVATE KEY" {
        return Ok(encode(&key.label, std::slice::from_ref(&key.der)));
    }
    let Some(password) = password else {
        return Err(Trouble::Content("its private key is encrypted; set ssl.key.password".to_owned()));
    };
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(&key.der).map_err(|_| {
        Trouble::Content(
            "the encryption of its private key is not known; convert it with openssl pkcs8 -topk8 -v2 aes256"
                .to_owned(),
        )
    })?;
    let plain = encrypted.decrypt(password).map_err(|_| Trouble::KeyPassword)?;
    Ok(encode("PRIVATE KEY", &[plain.as_bytes().to_vec()]))
}

/// Blocks of 64 columns.
pub(super) fn encode(label: &str, ders: &[Vec<u8>]) -> String {
    let mut out = String::new();
    for der in ders {
        out.push_str(&format!("-----BEGIN {label}-----\n"));
        let text = STANDARD.encode(der);
        for line in text.as_bytes().chunks(64) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push('\n');
        }
        out.push_str(&format!("-----END {label}-----\n"));
    }
    out
}

fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let unfinished = || "a PEM block has no end".to_owned();
        let (label, after) = after.split_once("-----").ok_or_else(unfinished)?;
        let (body, after) = after.split_once(&format!("-----END {label}-----")).ok_or_else(unfinished)?;
        if body.contains(':') {
            return Err(format!("the {label} block has headers; convert it with openssl pkcs8 -topk8 -v2 aes256"));
        }
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = STANDARD.decode(body).map_err(|_| format!("the {label} block is not base64"))?;
        out.push(Block { label: label.to_owned(), der });
        rest = after;
    }
    Ok(out)
}
