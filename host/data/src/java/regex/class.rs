//! Sets of characters: `[...]`, `\d` and its like, `\p{...}`; and single characters behind a backslash.

use super::PatternError;
use super::translate::Parser;

/// What stands in brackets, the opening one already read.
pub(super) fn class(parser: &mut Parser<'_>) -> Result<String, PatternError> {
    parser.deeper()?;
    let class = bracketed(parser)?;
    parser.depth -= 1;
    Ok(class)
}

fn bracketed(parser: &mut Parser<'_>) -> Result<String, PatternError> {
    let mut out = String::from("[");
    if parser.take('^') {
        out.push('^');
    }
    let mut empty = true;
    loop {
        parser.skip();
        match parser.next() {
            None => return Err(parser.error_at("Unclosed character class", parser_end(parser))),
            Some(']') if !empty => {
                out.push(']');
                return Ok(out);
            }
            Some('[') => out.push_str(&class(parser)?),
            Some('&') if parser.peek() == Some('&') => {
                while parser.take('&') {}
                // nothing on the left is everything
                if !empty && parser.peek() != Some(']') {
                    out.push_str("&&");
                }
                if empty {
                    continue;
                }
            }
            Some('\\') if parser.peek() == Some('Q') => {
                parser.next();
                quotation(parser, &mut out);
            }
            Some('\\') => match set(parser)? {
                Some(set) => out.push_str(&set),
                None => {
                    let from = character(parser)?;
                    range(parser, &mut out, from)?;
                }
            },
            Some(from) => range(parser, &mut out, from)?,
        }
        empty = false;
    }
}

fn parser_end(parser: &Parser<'_>) -> isize {
    parser.length() as isize - 1
}

fn quotation(parser: &mut Parser<'_>, out: &mut String) {
    while let Some(c) = parser.next() {
        if c == '\\' && parser.take('E') {
            return;
        }
        push(out, c);
    }
    parser.back();
}

/// One character, or from it to another.
fn range(parser: &mut Parser<'_>, out: &mut String, from: char) -> Result<(), PatternError> {
    if parser.peek() != Some('-') || matches!(parser.ahead(1), Some(']' | '[')) {
        push(out, from);
        return Ok(());
    }
    parser.next();
    let to = match parser.next() {
        Some('\\') if parser.peek().is_some_and(|c| "dDwWsShHvVpPR".contains(c)) => {
            return Err(parser.error_at("Illegal character range", parser.position()));
        }
        Some('\\') => character(parser)?,
        Some(to) => to,
        None => return Err(parser.error_at("Illegal character range", parser.length() as isize)),
    };
    if to < from {
        return Err(parser.error_at("Illegal character range", parser.position() - 1));
    }
    // a minus at either end would be read as an operator
    let (first, last) = (if from == '-' { '.' } else { from }, if to == '-' { ',' } else { to });
    if (first, last) != (from, to) {
        push(out, '-');
    }
    if first <= last {
        out.push_str(&format!("[\\x{{{:x}}}-\\x{{{:x}}}]", u32::from(first), u32::from(last)));
    }
    Ok(())
}

/// One character. Those that mean something twice over, or before a colon, stand in a set of their own: the
/// engine forgets that they were escaped.
fn push(out: &mut String, c: char) {
    if matches!(c, '-' | '&' | '~' | ':') {
        out.extend(['[', c, ']']);
    } else {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    }
}

/// A letter that stands for a set, the backslash already read; none if it stands for one character.
pub(super) fn set(parser: &mut Parser<'_>) -> Result<Option<String>, PatternError> {
    let set = match parser.peek() {
        Some('d') => "[0-9]",
        Some('D') => "[^0-9]",
        Some('w') => "[a-zA-Z_0-9]",
        Some('W') => "[^a-zA-Z_0-9]",
        Some('s') => "[ \\t\\n\\x0B\\x0C\\r]",
        Some('S') => "[^ \\t\\n\\x0B\\x0C\\r]",
        Some('h') => "[ \\t\\x{A0}\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}]",
        Some('H') => "[^ \\t\\x{A0}\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}]",
        Some('v') => "[\\n\\x0B\\x0C\\r\\x{85}\\x{2028}\\x{2029}]",
        Some('V') => "[^\\n\\x0B\\x0C\\r\\x{85}\\x{2028}\\x{2029}]",
        Some('p' | 'P') => return property(parser).map(Some),
        _ => return Ok(None),
    };
    parser.next();
    Ok(Some(set.to_owned()))
}

/// `\p{...}` or `\pL`; where case does not count, `\p{Lower}` knows both.
fn property(parser: &mut Parser<'_>) -> Result<String, PatternError> {
    let negated = parser.next() == Some('P');
    let name = if parser.take('{') {
        let mut name = String::new();
        loop {
            match parser.next() {
                Some('}') => break,
                Some(c) => name.push(c),
                None => return Err(parser.error_at("Unclosed character family", parser.length() as isize)),
            }
        }
        if name.is_empty() {
            return Err(parser.error("Empty character family"));
        }
        name
    } else {
        // Java reads its own end mark
        parser.next().map_or_else(|| "\0".to_owned(), String::from)
    };
    let posix = match name.as_str() {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => "\\x00-\\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => "!-/:-@\\x{5b}-`\\x{7b}-~",
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => " \\t",
        "Cntrl" => "\\x00-\\x1F\\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => " \\t\\n\\x0B\\x0C\\r",
        "javaLowerCase" | "IsLowercase" => "\\p{Lowercase}",
        "javaUpperCase" | "IsUppercase" => "\\p{Uppercase}",
        "javaLetter" => "\\p{L}",
        "javaDigit" | "IsDigit" => "\\p{Nd}",
        "javaLetterOrDigit" => "\\p{L}\\p{Nd}",
        "javaAlphabetic" | "IsAlphabetic" => "\\p{Alphabetic}",
        other => return unicode(parser, other, negated),
    };
    Ok(format!("[{}{posix}]", if negated { "^" } else { "" }))
}

/// General categories and scripts, under the names that both sides have.
fn unicode(parser: &Parser<'_>, name: &str, negated: bool) -> Result<String, PatternError> {
    const CATEGORIES: &str = " L Lu Ll Lt LC Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl \
                              Zp C Cc Cf Co Cn ";
    let bare = name.strip_prefix("Is").unwrap_or(name);
    let letter = if negated { 'P' } else { 'p' };
    let known = |list: &str, name: &str| list.contains(&format!(" {name} ")) && !name.contains(' ');
    if known(CATEGORIES, bare) {
        return Ok(format!("\\{letter}{{{bare}}}"));
    }
    let script = name.strip_prefix("Is").or(name.strip_prefix("script=")).or(name.strip_prefix("sc="));
    if let Some(script) = script.filter(|script| script.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_'))
    {
        let set = format!("\\{letter}{{sc={script}}}");
        if fancy_regex::Regex::new(&set).is_ok() {
            return Ok(set);
        }
    }
    if name.starts_with("java") || name.starts_with("In") || name.contains('=') {
        return Err(parser.unsupported(&format!("\\{letter}{{{name}}}")));
    }
    Err(parser.error_at(format!("Unknown character property name {{{name}}}"), parser.position() - 1))
}

/// What stands behind a backslash for one character.
pub(super) fn character(parser: &mut Parser<'_>) -> Result<char, PatternError> {
    let Some(c) = parser.next() else {
        return Err(parser.error_at("Unexpected internal error", parser.position() - 1));
    };
    Ok(match c {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'e' => '\u{1b}',
        '0' => return octal(parser),
        'x' => return hexadecimal(parser),
        'u' => return code_unit(parser),
        'c' => match parser.next() {
            Some(control) => char::from_u32(u32::from(control) ^ 64).unwrap_or(control),
            None => return Err(parser.error("Illegal control escape sequence")),
        },
        c if c.is_ascii_alphanumeric() => {
            return Err(parser.error_at("Illegal/unsupported escape sequence", parser.position() - 1));
        }
        c => c,
    })
}

fn digits(parser: &mut Parser<'_>, radix: u32, most: usize) -> (u32, usize) {
    let (mut n, mut count) = (0, 0);
    while count < most
        && let Some(digit) = parser.peek().and_then(|c| c.to_digit(radix))
    {
        n = n * radix + digit;
        count += 1;
        parser.next();
    }
    (n, count)
}

fn octal(parser: &mut Parser<'_>) -> Result<char, PatternError> {
    let most = if parser.peek().is_some_and(|c| c <= '3') { 3 } else { 2 };
    match digits(parser, 8, most) {
        (_, 0) => Err(parser.error("Illegal octal escape sequence")),
        (n, _) => Ok(char::from_u32(n).unwrap_or_default()),
    }
}

fn hexadecimal(parser: &mut Parser<'_>) -> Result<char, PatternError> {
    let made = if parser.take('{') {
        let (n, count) = digits(parser, 16, 6);
        (count > 0 && parser.take('}')).then_some(n)
    } else {
        match digits(parser, 16, 2) {
            (n, 2) => Some(n),
            _ => None,
        }
    };
    made.and_then(char::from_u32).ok_or_else(|| parser.error("Illegal hexadecimal escape sequence"))
}

fn code_unit(parser: &mut Parser<'_>) -> Result<char, PatternError> {
    let illegal = |parser: &Parser<'_>| parser.error("Illegal Unicode escape sequence");
    let (high, 4) = digits(parser, 16, 4) else {
        return Err(illegal(parser));
    };
    if let Some(c) = char::from_u32(high) {
        return Ok(c);
    }
    if parser.take('\\') && parser.take('u') {
        let (low, 4) = digits(parser, 16, 4) else {
            return Err(illegal(parser));
        };
        if let Some(Ok(c)) = char::decode_utf16([high as u16, low as u16]).next() {
            return Ok(c);
        }
    }
    Err(parser.unsupported("Half of a surrogate pair"))
}
