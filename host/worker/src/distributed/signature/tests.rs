//! Codes and errors as Java 17 gives them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

const BODY: &str = "[{\"task.class\":\"a.B\",\"x\":\"é\"}]";

/// Of [`BODY`], of nothing, and of [`BODY`] with a key longer than a block.
const CODES: [(&str, &str, &str, &str); 7] = [
    ("HmacSHA1", "2kPn/7XE2tLPEbU86n3kI/01gb4=", "37DghpRDj2MDy6PXCG00ymficVE=", "ZZ5/PSlAX8GmSy/LYAZGRGbZazk="),
    (
        "HmacSHA224",
        "5/TZlOu/knseHYl2D5+0iQbB2yIrwyWf4MobXA==",
        "C1aLg2MDgoCCG7HIj4nRKtxf5VfPJmRU/nL3Og==",
        "wB457YCQLxdnBG8rOK0+KiuWxmBeGv0Gd8khiw==",
    ),
    (
        "HmacSHA256",
        "IsPLMAeNii8XsvuT4+hUzanb709/ystoL5rnNkDTyM0=",
        "0ONW2gmLA63bsSUBxHpnFIJuzP6vGtaFPUZM1klJaVM=",
        "hTazRhd99jyHtK2SLlwCO0xYNOXm5265Qpdn4j4iBLg=",
    ),
    (
        "HmacSHA384",
        "cREwnGnYc6Fcr327D0s4iuJ0jNL3R3R2i6APwx7avTZOHZgx6XPLxhqdehv4J0a9",
        "+FBCsoFN0rGvM6r/ML5ufEEyeKGJZ/LxcpC7seMpNsaYA8N810+STJH8ZdWRo56+",
        "ln3ZW6n94wOMxQmPaciVUie5thyxp7LqosExcPCGe1446BF+NzgFEcp8QekCllKf",
    ),
    (
        "HmacSHA512",
        "KanBkaTp5MeZQ/v3UhYTtwR2T/WniGB5K8cqvY69n0NyOnrVT66gRlNqqBaRaotsxOwnfM79h9kWQVMMMegZGg==",
        "jt55+cpCl4FB+GxCOvdSfW6HrjxU3+1GTsmtD3EprxOH1GqfXiQF3oSKWHYdnpbulweTWzEzOUHX7ZZBeJIJow==",
        "aly1n+8oj6u9b4ge+fPdqfPZ+uo9pEwpciekqAMdrMqQFIArizaS6TEfFXOxPQjTYxrmMzFxm88yN+uQ6WHN7g==",
    ),
    (
        "HmacSHA512/224",
        "lDjaYvRqIkwt5KvxOydaAcc1Oe7lbj1BX5zBBQ==",
        "F+beMmD6wR/phr+JPzzPne+eS1hP9kwosdtD5w==",
        "DTpXlSS6754rJfjS089/lIiEZIM6WToxf0wGTA==",
    ),
    (
        "HmacSHA512/256",
        "mDU5S9CZ7zQXgcHIET27LFz6yghcFNhnjvxyr78qn7Q=",
        "JTSu4f1mFs7BXFr6DbBe79sZrzGh3xynPc1EtKpQCTI=",
        "n6xao+IhOvS8X+SDQ7A9tW5ptiWezMkFocPRMP20IbE=",
    ),
];

fn key() -> Vec<u8> {
    (0..32u8).map(|at| at.wrapping_mul(7)).collect()
}

fn allowed(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn request(signature: Option<&str>, algorithm: Option<&str>) -> Internal {
    Internal { body: BODY.into(), signature: signature.map(str::to_owned), algorithm: algorithm.map(str::to_owned) }
}

fn refusal(signature: Option<&str>, algorithm: Option<&str>, key: Option<&[u8]>) -> HerderError {
    verify(&request(signature, algorithm), key, &allowed(&["HmacSHA256", "HmacSHA1"])).unwrap_err()
}

#[test]
fn codes_are_those_of_java() {
    let long: Vec<u8> = (0..200).collect();
    for (algorithm, of_body, of_nothing, with_a_long_key) in CODES {
        let code = |key: &[u8], body: &str| sign(key, algorithm, body.as_bytes()).unwrap();
        assert_eq!(code(&key(), BODY), Signature { algorithm: algorithm.to_owned(), code: of_body.to_owned() });
        assert_eq!(code(&key(), "").code, of_nothing);
        assert_eq!(code(&long, BODY).code, with_a_long_key);
        let signed = request(Some(of_body), Some(algorithm));
        assert_eq!(verify(&signed, Some(&key()), &allowed(&[algorithm])), Ok(()), "{algorithm}");
        assert!(verify(&signed, Some(&long), &allowed(&[algorithm])).is_err(), "{algorithm}");
    }
    assert_eq!(CODES.len(), Algorithm::ALL.len());
}

#[test]
fn a_request_without_a_signature_is_refused_first() {
    let missing = HerderError::BadRequest("Internal request missing required signature".to_owned());
    assert_eq!(refusal(None, None, None), missing);
    assert_eq!(refusal(Some(CODES[2].1), None, Some(&key())), missing);
    assert_eq!(refusal(None, Some("HmacSHA256"), Some(&key())), missing);
}

#[test]
fn an_algorithm_that_is_not_known_is_refused_next() {
    for name in ["bogus", "", " HmacSHA256", "HmacMD5"] {
        let unknown = HerderError::BadRequest(format!("Algorithm {name} not available"));
        assert_eq!(refusal(Some("*"), Some(name), None), unknown);
    }
}

#[test]
fn a_code_that_is_not_base64_is_refused_in_javas_words() {
    let refused = [
        ("a", "Input byte[] should at least have 2 bytes for base64 bytes"),
        ("=", "Input byte[] should at least have 2 bytes for base64 bytes"),
        ("abcde", "Last unit does not have enough valid bits"),
        ("ab=", "Input byte array has wrong 4-byte ending unit"),
        ("====", "Input byte array has wrong 4-byte ending unit"),
        ("ab=c", "Input byte array has wrong 4-byte ending unit"),
        ("a-bc", "Illegal base64 character 2d"),
        ("ab cd", "Illegal base64 character 20"),
    ];
    for (code, words) in refused {
        assert_eq!(refusal(Some(code), Some("HmacSHA512"), None), HerderError::BadRequest(words.to_owned()), "{code}");
    }
    for (code, bytes) in [("", &[][..]), ("ab", &[105]), ("ab==", &[105]), ("abc", &[105, 183]), ("abc=", &[105, 183])]
    {
        assert_eq!(decode(code).unwrap(), bytes, "{code}");
    }
}

#[test]
fn an_algorithm_that_is_not_allowed_is_refused_by_name() {
    for name in ["HmacSHA512", "hmacsha256"] {
        let words = format!(
            "This worker does not support the '{name}' key signing algorithm used by other workers. This worker is \
             currently configured to use: [HmacSHA256, HmacSHA1]. Check that all workers' configuration files permit \
             the same set of signature algorithms, and correct any misconfigured worker and restart it."
        );
        assert_eq!(refusal(Some(CODES[2].1), Some(name), None), HerderError::BadRequest(words));
    }
}

#[test]
fn without_a_key_nobody_can_be_believed_yet() {
    let words =
        "This worker is still starting up and has not been able to read a session key from the config topic yet";
    assert_eq!(refusal(Some(""), Some("HmacSHA256"), None), HerderError::Unavailable(words.to_owned()));
}

#[test]
fn a_code_of_another_body_key_or_length_is_forbidden() {
    let forbidden = HerderError::Forbidden("Internal request contained invalid signature.".to_owned());
    for code in ["", "IsPLMA==", CODES[0].1, CODES[2].2, CODES[2].3] {
        assert_eq!(refusal(Some(code), Some("HmacSHA256"), Some(&key())), forbidden, "{code}");
    }
    assert_eq!(refusal(Some(CODES[2].1), Some("HmacSHA1"), Some(&key())), forbidden);
    assert_eq!(refusal(Some(CODES[2].1), Some("HmacSHA256"), Some(b"other")), forbidden);
}

#[test]
fn keys_are_as_long_as_those_of_java_and_never_the_same() {
    for (algorithm, length) in [("HmacSHA1", 64), ("HmacSHA224", 28), ("HmacSHA256", 32), ("HmacSHA384", 48)] {
        assert_eq!(key::generate(algorithm, None).unwrap().len(), length, "{algorithm}");
    }
    for (bits, length) in [(40, 5), (41, 6), (256, 32)] {
        assert_eq!(key::generate("HmacSHA512", Some(bits)).unwrap().len(), length);
    }
    assert_ne!(key::generate("HmacSHA256", None), key::generate("HmacSHA256", None));
    let words = |error: key::KeyError| error.to_string();
    assert_eq!(words(key::generate("HmacSHA256", Some(39)).unwrap_err()), "Key length must be at least 40 bits");
    assert_eq!(words(key::generate("bogus", None).unwrap_err()), "bogus KeyGenerator not available");
}
