//! What an answer must be. A body is compared as text wherever clients see the order of keys, so that a key that
//! moved is found too; `<*>` stands for any text.

use serde_json::Value;
use watertight_harness::http::Response;

/// Any text, in patterns and in JSON strings.
const ANY: &str = "<*>";

/// Of a body.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nobody looks.
    Anything,
    /// Nothing at all.
    Empty,
    /// This text.
    Text(String),
    /// The same JSON, whatever the order of its keys.
    Json(Value),
    /// JSON that has at least this; lists have at least these.
    Has(Value),
    /// Text in which none of these is.
    Lacks(Vec<String>),
    /// A list of objects whose `name` is this, in this order.
    Names(Vec<String>),
}

/// Of an answer.
#[derive(Debug, Clone)]
pub struct Want {
    status: u16,
    body: Body,
    headers: Vec<(String, Option<String>)>,
}

impl Want {
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    /// Connect's shape of an error, with this message.
    pub fn error(status: u16, message: &str) -> Self {
        let message = Value::from(message);
        Self::new(status, Body::Text(format!(r#"{{"error_code":{status},"message":{message}}}"#)))
    }

    /// `None`: there must be no such header.
    pub fn header(&mut self, name: &str, pattern: Option<&str>) {
        self.headers.push((name.to_owned(), pattern.map(str::to_owned)));
    }

    /// With what stands for words in braces.
    pub fn filled(&self, fill: impl Fn(&str) -> String) -> Self {
        let body = match &self.body {
            Body::Text(text) => Body::Text(fill(text)),
            Body::Json(value) => Body::Json(filled(value, &fill)),
            Body::Has(value) => Body::Has(filled(value, &fill)),
            other => other.clone(),
        };
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), value.as_deref().map(&fill))).collect();
        Self { status: self.status, body, headers }
    }

    /// What is wrong with an answer, if anything.
    pub fn check(&self, answer: &Response) -> Result<(), String> {
        let shown = || format!("got {} {:?} {}", answer.status, answer.headers, shortened(&answer.body));
        if answer.status != self.status {
            return Err(format!("wanted {}, {}", self.status, shown()));
        }
        for (name, pattern) in &self.headers {
            let fits = match (answer.header(name), pattern) {
                (None, None) => true,
                (Some(value), Some(pattern)) if name == "allow" || name == "access-control-allow-methods" => {
                    same_set(pattern, value)
                }
                (Some(value), Some(pattern)) if name == "location" => decoded(pattern) == decoded(value),
                (Some(value), Some(pattern)) => matches(pattern, value),
                _ => false,
            };
            if !fits {
                return Err(format!("wanted header {name}: {pattern:?}, {}", shown()));
            }
        }
        let fits = match &self.body {
            Body::Anything => true,
            Body::Empty => answer.body.is_empty(),
            // Jackson escapes what is beyond the basic plane; the same JSON in other letters is the same.
            Body::Text(pattern) => {
                matches(pattern, &answer.body) || answer.json().is_ok_and(|found| matches(pattern, &found.to_string()))
            }
            Body::Json(value) => answer.json().is_ok_and(|found| same(value, &found)),
            Body::Has(value) => answer.json().is_ok_and(|found| has(value, &found)),
            Body::Lacks(texts) => !texts.iter().any(|text| answer.body.contains(text)),
            Body::Names(names) => answer.json().is_ok_and(|found| {
                let found: Vec<&str> =
                    found.as_array().into_iter().flatten().filter_map(|o| o["name"].as_str()).collect();
                found == *names
            }),
        };
        if fits { Ok(()) } else { Err(format!("wanted {}, {}", self.body, shown())) }
    }
}

impl std::fmt::Display for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Anything => write!(f, "anything"),
            Self::Empty => write!(f, "no body"),
            Self::Text(text) => write!(f, "{text}"),
            Self::Json(value) => write!(f, "the JSON {value}"),
            Self::Has(value) => write!(f, "JSON with {value}"),
            Self::Lacks(texts) => write!(f, "a body without {texts:?}"),
            Self::Names(names) => write!(f, "a list of {names:?}"),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(1500).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn filled(value: &Value, fill: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text)),
        Value::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Value::Object(fields) => fields.iter().map(|(key, value)| (fill(key), filled(value, fill))).collect(),
        other => other.clone(),
    }
}

/// Whether a text fits a pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split(ANY);
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The value of `Allow` is a set: neither worker promises an order.
fn same_set(wanted: &str, found: &str) -> bool {
    let set = |text: &str| text.split(',').map(|m| m.trim().to_owned()).collect::<std::collections::BTreeSet<_>>();
    set(wanted) == set(found)
}

/// A place is where it leads to: which letters are encoded without need is nobody's business.
fn decoded(url: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = url.as_bytes();
    while let [first, more @ ..] = rest {
        let digits = more.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    bytes
}

fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::String(pattern), Value::String(text)) => matches(pattern, text),
        (Value::String(pattern), Value::Number(_)) => pattern == ANY,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => wanted == found,
    }
}

fn has(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Array(a), Value::Array(b)) => a.iter().all(|a| b.iter().any(|b| has(a, b))),
        (Value::Object(a), Value::Object(b)) => a.iter().all(|(key, a)| b.get(key).is_some_and(|b| has(a, b))),
        _ => same(wanted, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: vec![("allow".into(), "GET, HEAD".into())], body: body.into() }
    }

    #[test]
    fn a_case_notices_another_status_text_order_or_header() {
        let want = Want::new(200, Body::Text(r#"{"a":"<*>","b":1}"#.into()));
        assert!(want.check(&answer(200, r#"{"a":"x","b":1}"#)).is_ok());
        for (status, body) in
            [(201, r#"{"a":"x","b":1}"#), (200, r#"{"b":1,"a":"x"}"#), (200, r#"{"a":"x","b":1,"c":2}"#)]
        {
            assert!(want.check(&answer(status, body)).is_err(), "{status} {body}");
        }
        let mut want = Want::new(200, Body::Empty);
        assert!(want.check(&answer(200, "x")).is_err());
        want.header("allow", Some("HEAD,GET"));
        assert!(want.check(&answer(200, "")).is_ok());
        want.header("x-date", Some("<*>"));
        assert!(want.check(&answer(200, "")).is_err());
        let mut want = Want::new(200, Body::Empty);
        want.header("allow", None);
        assert!(want.check(&answer(200, "")).is_err());
    }

    #[test]
    fn json_is_compared_as_a_whole_or_in_part() {
        assert!(same(&json!({"a": "<*>", "b": [1]}), &json!({"b": [1], "a": "x"})));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(has(&json!({"a": [{"x": 1}]}), &json!({"a": [{"y": 2}, {"x": 1, "z": 3}], "b": 2})));
        assert!(!has(&json!({"a": [{"x": 1}]}), &json!({"a": [{"x": 2}]})));
    }

    #[test]
    fn an_error_is_exactly_its_code_and_its_message() {
        let want = Want::error(404, "Connector x not found");
        assert!(want.check(&answer(404, r#"{"error_code":404,"message":"Connector x not found"}"#)).is_ok());
        assert!(
            want.check(&answer(404, r#"{"error_code":404,"message":"Connector x not found","trace":""}"#)).is_err()
        );
    }
}
