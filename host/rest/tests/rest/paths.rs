//! Unknown paths, slashes, percent signs, length.

use crate::client::Client;

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let client = Client::default();
    for path in ["/nothing", "/Connectors", "/connectors/a/b", "/connectors/a/tasks-config", "/connectors/a/tasks/0"] {
        let answer = client.ask(&format!("GET {path}")).await;
        assert_eq!(answer.error(404), "HTTP 404 Not Found", "{path}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let client = Client::default();
    for path in [
        "/connectors/",
        "/connector-plugins/",
        "/connectors/file-source/",
        "/connectors/file-source/status/",
        "/connectors/file-source/tasks/0/status/",
    ] {
        assert_eq!(client.ask(&format!("GET {path}")).await.status, 200, "{path}");
    }
    let answer = client.tell("POST /connectors/", r#"{"name":"a","config":{}}"#).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn names_are_decoded_with_their_slashes_and_spaces() {
    let client = Client::default();
    let answer = client.ask("GET /connectors/a%2Fb%20c+d%C3%BC/status").await;
    assert_eq!(answer.error(404), "No status found for connector a/b c+dü");
}

#[tokio::test]
async fn a_name_that_is_no_text_is_refused() {
    let message = Client::default().ask("GET /connectors/%ff").await.error(400);
    assert!(message.starts_with("The name in the URL cannot be decoded"), "{message}");
}

#[tokio::test]
async fn a_path_that_cannot_be_read_in_one_way_only_is_refused() {
    let client = Client::default();
    for path in ["//", "//connectors", "/connectors//", "/connectors//status", "/nothing//"] {
        assert_eq!(client.ask(&format!("GET {path}")).await.error(400), "Ambiguous URI empty segment", "{path}");
    }
    for path in ["/connectors/%", "/connectors/a%2", "/connectors/%zz/status", "/%é"] {
        let message = client.ask(&format!("GET {path}")).await.error(400);
        assert!(message.contains("two hexadecimal digits"), "{path}: {message}");
    }
    for path in ["/connectors/a%00b", "/connectors/%0A", "/connectors/%7f/status"] {
        let message = client.ask(&format!("GET {path}")).await.error(400);
        assert!(message.contains("control characters"), "{path}: {message}");
    }
    assert!(client.asked().is_empty());
}

#[tokio::test]
async fn dots_and_encoded_signs_are_names_like_any_other() {
    let client = Client::default();
    for (path, name) in [
        (".", "."),
        ("..", ".."),
        ("%2e", "."),
        ("%2F", "/"),
        ("a%25b", "a%b"),
        ("a%5Cb", "a\\b"),
        ("a;b", "a;b"),
        ("%20", " "),
        ("a:b@c", "a:b@c"),
    ] {
        let message = client.ask(&format!("GET /connectors/{path}")).await.error(404);
        assert_eq!(message, format!("Connector {name} not found"), "{path}");
    }
}

#[tokio::test]
async fn a_url_that_is_too_long_is_refused_with_its_length() {
    let client = Client::default();
    let ask = |length: usize| format!("GET /connectors/{}", "a".repeat(length - 12));
    assert_eq!(client.ask(&ask(8192)).await.status, 404);
    let message = client.ask(&ask(8193)).await.error(414);
    assert_eq!(message, "The URL has 8193 bytes; at most 8192 are read");
    let query = format!("GET /connectors?{}", "a".repeat(10_000));
    client.ask(&query).await.error(414);
}

#[tokio::test]
async fn queries_are_read_as_far_as_they_can_be() {
    let client = Client::default();
    for query in ["x=%zz", "&&", "=", "expand", "EXPAND=info", "forward=maybe", "a=b#c"] {
        assert_eq!(client.ask(&format!("GET /connectors?{query}")).await.status, 200, "{query}");
    }
}
