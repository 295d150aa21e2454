use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::*;
use crate::settings::{SettingsError, jaas};

const HANDLER: (&str, &str) = (
    "sasl.login.callback.handler.class",
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
);

fn source(options: &str, keys: &[(&str, &str)]) -> Result<OAuth, SettingsError> {
    let keys: BTreeMap<String, String> =
        keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let entry = jaas::parse(&format!("a.OAuthBearerLoginModule required {options};")).unwrap();
    OAuth::read(&keys, &entry, &mut Vec::new())
}

fn jwt(claims: &str) -> String {
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
}

/// Answers each request with the next of these; what was asked comes out of the channel.
fn provider(answers: Vec<(u16, String)>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let (asked, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while !complete(&seen) {
                let count = stream.read(&mut buffer).unwrap();
                seen.extend_from_slice(&buffer[..count]);
            }
            asked.send(String::from_utf8(seen).unwrap()).unwrap();
            let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    (url, requests)
}

fn complete(seen: &[u8]) -> bool {
    let text = String::from_utf8_lossy(seen).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    body.len() >= length
}

#[test]
fn unsecured_tokens_hold_what_the_options_say() {
    let options = r#"unsecuredLoginStringClaim_sub="thePrincipal" unsecuredLoginListClaim_scope=",a,b"
        unsecuredLoginNumberClaim_n="7" unsecuredLoginExtension_logicalCluster="lkc-1""#;
    let oauth = source(options, &[]).unwrap();
    let token = oauth.token().unwrap();
    assert_eq!(token.principal, "thePrincipal");
    assert_eq!(oauth.extensions(), [("logicalCluster".to_owned(), "lkc-1".to_owned())]);
    let mut parts = token.value.split('.');
    assert_eq!(URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap(), br#"{"alg":"none"}"#);
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap()).unwrap();
    assert_eq!(claims["scope"], serde_json::json!(["a", "b"]));
    assert_eq!(claims["n"], serde_json::json!(7.0));
    assert_eq!(parts.next(), Some(""));
    assert!(token.expires > token::now() + 3_500_000);
    assert!(oauth.token().unwrap() == token, "it is used again while it is fresh");
}

#[test]
fn client_credentials_are_exchanged_for_a_token() {
    let token = jwt(r#"{"sub":"me","exp":4102444800}"#);
    let (url, requests) = provider(vec![
        (503, "busy".to_owned()),
        (200, format!(r#"{{"access_token":"{token}","token_type":"bearer"}}"#)),
    ]);
    allow_token_endpoints([url.clone()]);
    let keys = [HANDLER, ("sasl.oauthbearer.token.endpoint.url", url.as_str())];
    let oauth = source(r#"clientId="id" clientSecret="hush" scope="a b""#, &keys).unwrap();
    let got = oauth.token().unwrap();
    assert_eq!((got.value, got.principal, got.expires), (token, "me".to_owned(), 4_102_444_800_000));
    let _after_the_first_failed = requests.recv().unwrap();
    let request = requests.recv().unwrap();
    assert!(request.starts_with("POST /token "), "{request}");
    assert!(request.to_ascii_lowercase().contains("authorization: basic awq6ahvzaa=="), "{request}");
    assert!(request.ends_with("grant_type=client_credentials&scope=a%20b"), "{request}");
}

#[test]
fn a_refusal_is_final_and_shows_no_secret() {
    let body = r#"{"error":"invalid_client","error_description":"who?"}"#.to_owned();
    let (url, _requests) = provider(vec![(401, body)]);
    allow_token_endpoints([url.clone()]);
    let keys = [
        HANDLER,
        ("sasl.oauthbearer.token.endpoint.url", url.as_str()),
        ("sasl.oauthbearer.client.credentials.client.id", "id"),
        ("sasl.oauthbearer.client.credentials.client.secret", "hush"),
    ];
    let error = source("", &keys).unwrap().token().err().unwrap();
    assert_eq!(error, format!("no token from {url}: it answered with status 401 invalid_client: who?"));
}

#[test]
fn an_absent_provider_is_given_up_in_time() {
    let url = "http://127.0.0.1:1/token";
    allow_token_endpoints([url]);
    let keys = [HANDLER, ("sasl.oauthbearer.token.endpoint.url", url), ("sasl.login.retry.backoff.max.ms", "500")];
    let start = std::time::Instant::now();
    let error = source("clientId=a clientSecret=hush", &keys).unwrap().token().err().unwrap();
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{error}");
    assert!(error.contains(url) && !error.contains("hush"), "{error}");
}

#[test]
fn tokens_that_are_none_are_refused() {
    for (claims, missing) in [(r#"{"sub":"me"}"#, "exp"), (r#"{"exp":4102444800}"#, "sub"), ("nothing", "JSON")] {
        let (url, _requests) = provider(vec![(200, format!(r#"{{"access_token":"{}"}}"#, jwt(claims)))]);
        allow_token_endpoints([url.clone()]);
        let keys = [HANDLER, ("sasl.oauthbearer.token.endpoint.url", url.as_str())];
        let error = source("clientId=a clientSecret=b", &keys).unwrap().token().err().unwrap();
        assert!(error.contains(missing), "{error}");
    }
}

#[test]
fn a_file_may_hold_the_token() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", jwt(r#"{"sub":"me","exp":4102444800}"#))).unwrap();
    let url = format!("file:{}", file.path().display());
    let keys = [HANDLER, ("sasl.oauthbearer.token.endpoint.url", url.as_str())];
    let error = source("", &keys).err().unwrap().to_string();
    assert!(error.contains("cannot be accessed due to restrictions"), "{error}");
    allow_token_endpoints([url.clone()]);
    assert_eq!(source("", &keys).unwrap().token().unwrap().principal, "me");
}

#[test]
fn what_no_token_can_be_made_of_is_refused() {
    let url = ("sasl.oauthbearer.token.endpoint.url", "https://nobody.allowed/this");
    for (options, keys, expected) in [
        ("", vec![], "unsecuredLoginStringClaim_sub"),
        ("unsecuredLoginNumberClaim_n=x", vec![], "unsecuredLoginNumberClaim_n is not a number"),
        ("unsecuredLoginColour=x", vec![], "the option unsecuredLoginColour is not known"),
        ("unsecuredLoginStringClaim_sub=a unsecuredLoginExtension_auth=x", vec![], "Extension name auth is invalid"),
        ("", vec![HANDLER], "sasl.oauthbearer.token.endpoint.url"),
        ("clientId=a clientSecret=b", vec![HANDLER, url], "org.apache.kafka.sasl.oauthbearer.allowed.urls"),
        ("", vec![("sasl.login.callback.handler.class", "io.strimzi.Handler")], "it needs a JVM"),
        (
            "",
            vec![HANDLER, url, ("sasl.oauthbearer.jwt.retriever.class", "a.JwtBearerJwtRetriever")],
            "JwtBearerJwtRetriever is not available",
        ),
    ] {
        let error = source(options, &keys).err().unwrap().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}
