//! `response.http.headers.config`: headers that every answer gets, such as those that security scanners ask for.
//!
//! Rules are separated by commas, `[action] [header name]:[header value]`; a rule with a comma in it stands in double
//! quotes, where a backslash takes the next character as it is. Actions are `set`, `add`, `setDate` and `addDate`;
//! the value of the latter two is milliseconds from now. Refusals are in Kafka's words.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Key of the worker's properties.
pub(crate) const KEY: &str = "response.http.headers.config";

/// These say how the answer is cut into pieces; only the server knows.
const FRAMING: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION];

/// Rules, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HeaderRules(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// Beside what is there, or in its place.
    adds: bool,
    name: HeaderName,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(HeaderValue),
    /// Milliseconds from now.
    Date(i64),
}

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRuleError {
    /// No blank in it.
    #[error("Invalid format of header config '{0}'. Expected: '[action] [header name]:[header value]'")]
    Format(String),
    /// None of the four.
    #[error("Invalid header config action: '{0}'. Expected one of [set, add, setDate, addDate]")]
    Action(String),
    /// Not exactly one colon with something on both sides.
    #[error("Invalid format of header name and header value pair '{0}'. Expected: '[header name]:[header value]'")]
    Pair(String),
    /// Empty, or with blanks in it.
    #[error("Invalid header name '{0}'. The '[header name]' cannot contain whitespace")]
    Name(String),
    /// HTTP has no such name.
    #[error("Invalid header name '{0}': HTTP does not allow it")]
    NotHttp(String),
    /// It would break the answer.
    #[error("Invalid header name '{0}': the server sets it by itself")]
    Framing(String),
    /// Control characters.
    #[error("Invalid value '{value}' of header '{name}': HTTP does not allow it")]
    Value {
        /// Whose.
        name: String,
        /// As given.
        value: String,
    },
    /// Not milliseconds.
    #[error("Invalid value '{value}' of header '{name}': a date is a number of milliseconds from now")]
    Date {
        /// Whose.
        name: String,
        /// As given.
        value: String,
    },
}

impl HeaderRules {
    /// Reads the setting's value; a blank one has no rules.
    pub(crate) fn parse(text: &str) -> Result<Self, HeaderRuleError> {
        split(text).iter().map(|rule| parse_rule(rule)).collect::<Result<_, _>>().map(HeaderRules)
    }

    /// True where nothing is to be done.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Does what the rules say.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for Rule { adds, name, value } in &self.0 {
            let value = match value {
                Value::Text(value) => value.clone(),
                Value::Date(offset) => match date(*offset) {
                    Some(date) => date,
                    None => continue,
                },
            };
            if *adds {
                headers.append(name, value);
            } else {
                headers.insert(name, value);
            }
        }
    }
}

/// None beyond what HTTP can write.
fn date(offset: i64) -> Option<HeaderValue> {
    let distance = Duration::from_millis(offset.unsigned_abs());
    let now = SystemTime::now();
    let time = if offset < 0 { now.checked_sub(distance) } else { now.checked_add(distance) }?;
    let is_writable = time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() < 253_402_300_800);
    if is_writable { HeaderValue::try_from(httpdate::fmt_http_date(time)).ok() } else { None }
}

fn parse_rule(rule: &str) -> Result<Rule, HeaderRuleError> {
    let rule = rule.trim();
    let Some((action, pair)) = rule.split_once(char::is_whitespace) else {
        return Err(HeaderRuleError::Format(rule.to_owned()));
    };
    let (adds, is_date) = match action.to_ascii_lowercase().as_str() {
        "set" => (false, false),
        "add" => (true, false),
        "setdate" => (false, true),
        "adddate" => (true, true),
        _ => return Err(HeaderRuleError::Action(action.to_owned())),
    };
    let pair = pair.trim();
    // Kafka counts colons but for those at the end.
    let (name, value) = match pair.split_once(':') {
        Some((name, value)) if pair.trim_end_matches(':').matches(':').count() == 1 => (name.trim(), value.trim()),
        _ => return Err(HeaderRuleError::Pair(pair.to_owned())),
    };
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(HeaderRuleError::Name(name.to_owned()));
    }
    let of = |value: &str| (name.to_owned(), value.to_owned());
    let header = HeaderName::try_from(name).map_err(|_| HeaderRuleError::NotHttp(name.to_owned()))?;
    if FRAMING.contains(&header) {
        return Err(HeaderRuleError::Framing(name.to_owned()));
    }
    let value = if is_date {
        let (name, text) = of(value);
        Value::Date(value.parse().map_err(|_| HeaderRuleError::Date { name, value: text })?)
    } else {
        let (name, text) = of(value);
        Value::Text(HeaderValue::try_from(value).map_err(|_| HeaderRuleError::Value { name, value: text })?)
    };
    Ok(Rule { adds, name: header, value })
}

/// Entries between commas. One that begins with a double quote ends with the next, and what is behind that up to the
/// comma is nothing. A comma at the very end begins no further entry.
fn split(text: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let behind = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (entry, behind) = unquote(quoted);
                entries.push(entry);
                behind.find(',').map_or("", |comma| &behind[comma + 1..])
            }
            None => {
                let (entry, behind) = rest.split_once(',').unwrap_or((rest, ""));
                entries.push(entry.trim_end().to_owned());
                behind
            }
        };
        rest = behind.trim_start();
    }
    entries
}

/// Up to the closing quote, or all where there is none, and what follows.
fn unquote(text: &str) -> (String, &str) {
    let mut entry = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (entry, &text[at + 1..]),
            '\\' => entry.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => entry.push(character),
        }
    }
    (entry, "")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn headers(text: &str) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        HeaderRules::parse(text).unwrap().apply(&mut headers);
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
    }

    fn refusal(text: &str) -> String {
        HeaderRules::parse(text).unwrap_err().to_string()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn nothing_asks_for_nothing() {
        assert!(HeaderRules::parse(" ").unwrap().is_empty());
    }

    #[test]
    fn headers_are_set_and_added_in_order() {
        let found = headers("set X-A: 1, add X-A: 2 ,SET  X-B :  x y ,add X-C:z,");
        assert_eq!(found, [pair("x-a", "1"), pair("x-a", "2"), pair("x-b", "x y"), pair("x-c", "z")]);
        assert_eq!(headers("add X: 1, set X: 2"), [pair("x", "2")]);
    }

    #[test]
    fn a_rule_in_quotes_may_have_commas_and_quotes() {
        let text = r#""add Cache-Control: no-cache, no-store" ignored, "set X: \"a\"" , "set Y: b"#;
        assert_eq!(headers(text), [pair("cache-control", "no-cache, no-store"), pair("x", "\"a\""), pair("y", "b")]);
    }

    #[test]
    fn dates_are_counted_from_now() {
        let found = headers("setDate Expires: 31540000000, addDate Expires:-1000");
        let times: Vec<_> = found.iter().map(|(_, value)| httpdate::parse_http_date(value).unwrap()).collect();
        let apart = times[0].duration_since(times[1]).unwrap().as_secs();
        assert!((31_540_000..=31_540_002).contains(&apart), "{apart}");
        assert_eq!(headers("setDate Expires: 9223372036854775807, setDate E:-9223372036854775808"), []);
    }

    #[test]
    fn refusals_are_in_kafkas_words() {
        let pair = |text: &str| {
            format!(
                "Invalid format of header name and header value pair '{text}'. Expected: '[header name]:[header value]'"
            )
        };
        assert_eq!(refusal("set X"), pair("X"));
        assert_eq!(refusal("set X:1:2"), pair("X:1:2"));
        assert_eq!(refusal("set X:"), pair("X:"));
        assert_eq!(headers("set X:1:")[0].1, "1:");
        assert_eq!(
            refusal("foo X:1"),
            "Invalid header config action: 'foo'. Expected one of [set, add, setDate, addDate]"
        );
        assert_eq!(refusal("set A B:1"), "Invalid header name 'A B'. The '[header name]' cannot contain whitespace");
        assert_eq!(refusal("set :1"), "Invalid header name ''. The '[header name]' cannot contain whitespace");
        let format = "Invalid format of header config ''. Expected: '[action] [header name]:[header value]'";
        for empty in [",", "set X:1,,add Y:2", "\"\",set X:1"] {
            assert_eq!(refusal(empty), format, "{empty}");
        }
    }

    #[test]
    fn what_would_break_an_answer_is_refused_at_the_start() {
        assert_eq!(
            refusal("set Content-Length: 1"),
            "Invalid header name 'Content-Length': the server sets it by itself"
        );
        assert_eq!(refusal("set a(b: 1"), "Invalid header name 'a(b': HTTP does not allow it");
        assert_eq!(
            refusal("setDate Expires: tomorrow"),
            "Invalid value 'tomorrow' of header 'Expires': a date is a number of milliseconds from now"
        );
        assert!(refusal("set X: a\u{7}b").contains("of header 'X': HTTP does not allow it"));
    }
}
