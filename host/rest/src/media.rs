//! Media types: everything here is JSON, and nothing else is taken or given.
//!
//! Strict as Kafka's worker is, also for requests whose body nobody reads: a page in a browser can send forms and plain
//! text to any address, but JSON only where CORS lets it.

use axum::http::{HeaderMap, header};

/// Whether the client takes JSON. No `Accept` at all means anything will do.
pub(crate) fn accepts_json(headers: &HeaderMap) -> bool {
    accepts(headers, "application", "json")
}

/// Whether the client takes this type.
pub(crate) fn accepts(headers: &HeaderMap, kind: &str, subtype: &str) -> bool {
    let mut said_something = false;
    for value in headers.get_all(header::ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            let range = without_parameters(range);
            if is_within(range, kind, subtype) {
                return true;
            }
            said_something |= !range.is_empty();
        }
    }
    !said_something
}

/// Whether the body says that it is JSON, or nothing.
pub(crate) fn is_json_body(headers: &HeaderMap) -> bool {
    let is_json = |value: &str| without_parameters(value).eq_ignore_ascii_case("application/json");
    headers.get(header::CONTENT_TYPE).is_none_or(|value| value.to_str().is_ok_and(is_json))
}

fn without_parameters(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

/// Whether `kind/subtype` lies in a media range.
fn is_within(range: &str, kind: &str, subtype: &str) -> bool {
    let same = |word: &str, ours: &str| word == "*" || word.eq_ignore_ascii_case(ours);
    match range.split_once('/') {
        Some((of_kind, of_subtype)) => same(of_kind, kind) && same(of_subtype, subtype),
        None => range == "*",
    }
}
