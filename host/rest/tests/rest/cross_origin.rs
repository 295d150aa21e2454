//! Which pages in a browser may read answers, and headers that every answer gets.

use axum::body::Body;
use axum::http::Request;
use watertight_rest::RestOptions;
use watertight_worker::entities::ConfigMap;

use crate::client::{Answer, Client};

fn options(settings: &[(&str, &str)]) -> Result<RestOptions, String> {
    let settings: ConfigMap = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    RestOptions::from_properties(&settings).map_err(|error| error.to_string())
}

fn client(settings: &[(&str, &str)]) -> Client {
    Client { options: options(settings).unwrap(), ..Client::default() }
}

async fn from(client: &Client, origin: &str, line: &str, more: &[(&str, &str)]) -> Answer {
    let (method, uri) = line.split_once(' ').unwrap();
    let request = Request::builder().method(method).uri(uri).header("origin", origin);
    let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    client.send(request.body(Body::empty()).unwrap()).await
}

async fn is_allowed(client: &Client, origin: &str) -> bool {
    let answer = from(client, origin, "GET /", &[]).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["vary"]), (200, &"Origin".parse().unwrap()));
    let allowed = answer.headers.get("access-control-allow-origin");
    assert!(allowed.is_none_or(|allowed| allowed == origin), "{allowed:?}");
    allowed.is_some()
}

const ORIGINS: &str = "access.control.allow.origin";
const METHODS: &str = "access.control.allow.methods";
const HEADERS: &str = "response.http.headers.config";

#[tokio::test]
async fn without_a_setting_nothing_is_said_about_origins() {
    for settings in [&[][..], &[(ORIGINS, " "), (METHODS, "GET")]] {
        let answer = from(&client(settings), "http://a.example", "GET /", &[]).await;
        assert!(answer.headers.get("vary").is_none() && answer.headers.get("access-control-allow-origin").is_none());
    }
}

#[tokio::test]
async fn origins_are_patterns_for_the_whole_in_any_case() {
    let client = client(&[(ORIGINS, r"http://a.example, https://.*\.b\.example,,")]);
    for origin in
        ["http://a.example", "HTTP://A.EXAMPLE", "http://aXexample", "https://x.b.example", "x http://a.example"]
    {
        assert!(is_allowed(&client, origin).await, "{origin}");
    }
    for origin in ["https://b.example", "https://xxbxexample", "http://a.example.evil", "null", "", "http://b"] {
        assert!(!is_allowed(&client, origin).await, "{origin}");
    }
}

#[tokio::test]
async fn a_star_allows_everybody() {
    let client = client(&[(ORIGINS, "http://a.example,*")]);
    for origin in ["http://evil.example", "null"] {
        assert!(is_allowed(&client, origin).await, "{origin}");
    }
}

#[tokio::test]
async fn errors_can_be_read_too() {
    let client = client(&[(ORIGINS, "*")]);
    for line in ["GET /nothing", "GET /connectors/x", "PUT /connectors", "GET /connectors//"] {
        let answer = from(&client, "http://a", line, &[]).await;
        assert_eq!(answer.headers["access-control-allow-origin"], "http://a", "{line}");
        assert_eq!(answer.headers["content-type"], "application/json", "{line}");
    }
}

#[tokio::test]
async fn a_preflight_tells_methods_and_headers() {
    let preflight = [("access-control-request-method", "PATCH"), ("access-control-request-headers", "x-a")];
    for (methods, told) in [(None, "HEAD,POST,GET"), (Some("GET, PUT ,PATCH"), "GET,PUT,PATCH")] {
        let mut settings = vec![(ORIGINS, "http://a")];
        settings.extend(methods.map(|methods| (METHODS, methods)));
        let client = client(&settings);
        let answer = from(&client, "http://a", "OPTIONS /connectors", &preflight).await;
        assert_eq!(answer.status, 200);
        for (name, value) in [
            ("vary", "Origin"),
            ("access-control-allow-origin", "http://a"),
            ("access-control-allow-methods", told),
            ("access-control-allow-headers", "Content-Type"),
            ("access-control-max-age", "60"),
            ("allow", "HEAD,POST,GET,OPTIONS"),
        ] {
            assert_eq!(answer.headers[name], value);
        }
        for (origin, line, more) in [
            ("http://evil", "OPTIONS /connectors", &preflight[..]),
            ("http://a", "OPTIONS /connectors", &[][..]),
            ("http://a", "GET /connectors", &preflight[..]),
        ] {
            let answer = from(&client, origin, line, more).await;
            assert!(answer.headers.get("access-control-allow-methods").is_none(), "{origin} {line}");
        }
    }
}

#[tokio::test]
async fn every_answer_gets_the_headers_of_the_setting() {
    let rules = r#"set X-One: 1, add X-One: two, "add Cache-Control: no-cache, no-store", set Content-Type: text/foo,
        add Vary: zzz, setDate Expires: 0"#;
    let client = client(&[(HEADERS, rules), (ORIGINS, "*")]);
    for line in ["GET /", "GET /nothing", "DELETE /connectors/file-source", "OPTIONS /", "HEAD /connectors"] {
        let answer = client.ask(line).await;
        let all = |name: &str| -> Vec<_> {
            answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(all("x-one"), ["1", "two"], "{line}");
        assert_eq!(all("cache-control"), ["no-cache, no-store"], "{line}");
        assert_eq!(all("vary"), ["Origin", "zzz"], "{line}");
        assert_eq!(all("expires").len(), 1, "{line}");
        let kind = match line {
            "DELETE /connectors/file-source" => "text/foo",
            "OPTIONS /" => "text/plain",
            _ => "application/json",
        };
        assert_eq!(all("content-type"), [kind], "{line}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused_with_their_name() {
    for (key, value, message) in [
        (
            HEADERS,
            "set X",
            "Invalid format of header name and header value pair 'X'. Expected: '[header name]:[header value]' \
             (in 'response.http.headers.config')",
        ),
        (ORIGINS, "http://(", "Invalid value http://( for configuration access.control.allow.origin: "),
        (ORIGINS, "a)|(b", "Invalid value a)|(b for configuration access.control.allow.origin: "),
    ] {
        let refused = options(&[(key, value)]).unwrap_err();
        assert!(refused.starts_with(message), "{refused}");
    }
    let refused = options(&[(ORIGINS, "*"), (METHODS, "GET,P T")]).unwrap_err();
    assert!(refused.starts_with("Invalid value GET,P T for configuration access.control.allow.methods"), "{refused}");
}
