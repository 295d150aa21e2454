//! `Long.parseLong`, `Double.parseDouble` and `Float.parseFloat`.
//!
//! Rust's own readers differ at the edges: they know `inf`, do not know `1.5f`, and do not trim. Java's
//! hexadecimal floats (`0x1p3`) are not read here; nobody writes them into data.

use super::digits;

/// `Long.parseLong`: a sign or none, and digits of any script.
pub fn integer(text: &str) -> Option<i64> {
    digits::to_ascii(text).parse().ok()
}

/// `Double.parseDouble`.
pub fn double(text: &str) -> Option<f64> {
    let text = trimmed(text);
    special(text).or_else(|| plain(text)?.parse().ok())
}

/// `Float.parseFloat`.
pub fn float(text: &str) -> Option<f32> {
    let text = trimmed(text);
    special(text).map(|n| n as f32).or_else(|| plain(text)?.parse().ok())
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

fn special(text: &str) -> Option<f64> {
    let negative = text.starts_with('-');
    match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "NaN" => Some(f64::NAN),
        "Infinity" if negative => Some(f64::NEG_INFINITY),
        "Infinity" => Some(f64::INFINITY),
        _ => None,
    }
}

/// The number without its type suffix; none if it is spelt as no Java number is.
fn plain(text: &str) -> Option<&str> {
    let digits = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)).then_some(digits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_java() {
        for (text, number) in [
            (" 1.5 ", 1.5),
            ("1.5f", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1e3D", -1000.0),
            ("+7", 7.0),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(double(text), Some(number), "{text}");
            assert_eq!(float(text), Some(number as f32), "{text}");
        }
        assert!(double("NaN").is_some_and(f64::is_nan));
        for text in ["", " ", "inf", "nan", "1e", "1_0", "1.2.3", "abc", "infinity", "d"] {
            assert_eq!(double(text), None, "{text}");
        }
        assert_eq!((integer("+5"), integer("-5"), integer(" 5"), integer("")), (Some(5), Some(-5), None, None));
    }
}
