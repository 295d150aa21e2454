//! The reader. Recursive, with Jackson's own limit on depth, so that hostile nesting is an error and not a
//! crash.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::Node;
use crate::java::decimal::MAX_DIGITS;

/// Deepest nesting (`StreamReadConstraints`).
pub const MAX_DEPTH: usize = 1000;

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    what: &'static str,
    offset: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for Error {}

/// The first value of a text; [`Node::Missing`] if there is none.
///
/// # Errors
/// When it is not JSON.
pub fn parse(text: &[u8]) -> Result<Node<'_>, Error> {
    let mut parser = Parser::new(text);
    if parser.peek().is_none() {
        return Ok(Node::Missing);
    }
    parser.root()
}

/// Walks over a text.
pub struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// At the start; a byte order mark is skipped.
    pub fn new(text: &'a [u8]) -> Self {
        let at = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Self { text, at, depth: 0 }
    }

    /// Offset of the next byte.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// The text from one offset to where the reader stands.
    pub fn since(&self, offset: usize) -> &'a [u8] {
        &self.text[offset..self.at]
    }

    /// Passes over bytes that are known.
    pub fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.text.len());
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes the next byte if it is this one, white space aside.
    pub fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
        }
        found
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, Error> {
        Err(Error { what, offset: self.at })
    }

    fn root(&mut self) -> Result<Node<'a>, Error> {
        let node = self.value()?;
        let number = matches!(node, Node::Integer(_) | Node::BigInteger(_) | Node::Decimal(_));
        if number && !matches!(self.text.get(self.at), None | Some(b' ' | b'\t' | b'\n' | b'\r')) {
            return self.fail("Expected space separating root-level values");
        }
        Ok(node)
    }

    /// One value.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&mut self) -> Result<Node<'a>, Error> {
        match self.peek() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Node::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Node::Boolean(true)),
            Some(b'f') => self.word(b"false", Node::Boolean(false)),
            Some(b'n') => self.word(b"null", Node::Null),
            Some(_) => self.fail("Unexpected character, expected a JSON value"),
            None => self.fail("Unexpected end of input, expected a JSON value"),
        }
    }

    fn word(&mut self, word: &[u8], node: Node<'a>) -> Result<Node<'a>, Error> {
        if !self.rest().starts_with(word) {
            return self.fail("Unrecognized token, expected a JSON value");
        }
        self.at += word.len();
        match self.text.get(self.at) {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..) => {
                self.fail("Unrecognized token, expected a JSON value")
            }
            _ => Ok(node),
        }
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.fail("Document nesting depth exceeds the maximum allowed (1000)")
        } else {
            Ok(())
        }
    }

    fn array(&mut self) -> Result<Node<'a>, Error> {
        self.deeper()?;
        let mut elements = Vec::new();
        if !self.eat(b']') {
            loop {
                elements.push(self.value()?);
                if self.eat(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return self.fail("Expected comma or end of array");
                }
            }
        }
        self.depth -= 1;
        Ok(Node::Array(elements))
    }

    fn object(&mut self) -> Result<Node<'a>, Error> {
        let mut fields = Vec::new();
        self.members(|parser, name| {
            fields.push((name, parser.value()?));
            Ok(())
        })?;
        Ok(Node::Object(unique(fields)))
    }

    /// The members of an object, one call each; the call reads the value.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.deeper()?;
        if !self.eat(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return self.fail("Expected a field name in double quotes");
                }
                let name = self.string()?;
                if !self.eat(b':') {
                    return self.fail("Expected a colon after a field name");
                }
                self.peek();
                member(self, name)?;
                if self.eat(b'}') {
                    break;
                }
                if !self.eat(b',') {
                    return self.fail("Expected comma or end of object");
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The string that begins at the next byte, if there is a good one.
    pub fn string_here(&mut self) -> Option<Cow<'a, str>> {
        if self.text.get(self.at) != Some(&b'"') {
            return None;
        }
        self.string().ok()
    }

    /// Takes `"name":` if it comes next and is written without escapes.
    pub fn eat_name(&mut self, name: &str) -> Option<()> {
        self.peek();
        let rest = self.rest().strip_prefix(b"\"")?.strip_prefix(name.as_bytes())?.strip_prefix(b"\"")?;
        self.at = self.text.len() - rest.len();
        self.eat(b':').then_some(())
    }

    /// Takes a word if it comes next and ends there.
    pub fn eat_word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.rest().strip_prefix(word)?;
        if !ends(rest) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// Takes a whole number of 64 bits and few digits.
    pub fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        let negative = self.text.get(start) == Some(&b'-');
        let digits = start + usize::from(negative);
        let mut at = digits;
        let mut n: i64 = 0;
        while let Some(byte) = self.text.get(at).filter(|byte| byte.is_ascii_digit()) {
            // 18 digits always fit
            n = n.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            at += 1;
        }
        if at == digits || at - digits > 18 || !ends(&self.text[at..]) {
            return None;
        }
        self.at = at;
        Some(if negative { -n } else { n })
    }

    /// Takes the text of a number.
    pub fn number_text(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.number().ok()?;
        if !ends(self.rest()) {
            return None;
        }
        std::str::from_utf8(self.since(start)).ok()
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.at += 1;
        let start = self.at;
        loop {
            self.at += plain(&self.text[self.at..]);
            match self.text.get(self.at) {
                Some(b'"') => {
                    let text = self.utf8(start)?;
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => return self.escaped(start).map(Cow::Owned),
                Some(0..0x20) => {
                    return self.fail("Illegal unquoted control character in a string");
                }
                Some(_) => self.at += 1,
                None => return self.fail("Unexpected end of input in a string"),
            }
        }
    }

    fn utf8(&self, start: usize) -> Result<&'a str, Error> {
        std::str::from_utf8(&self.text[start..self.at])
            .map_err(|cause| Error { what: "Invalid UTF-8 in a string", offset: start + cause.valid_up_to() })
    }

    fn escaped(&mut self, start: usize) -> Result<String, Error> {
        let mut out = String::from(self.utf8(start)?);
        let mut clean = self.at;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => {
                    out.push_str(self.utf8(clean)?);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(self.utf8(clean)?);
                    self.at += 1;
                    let plain = match self.text.get(self.at) {
                        Some(b'u') => {
                            self.at += 1;
                            out.push(self.character()?);
                            clean = self.at;
                            continue;
                        }
                        Some(b'"') => '"',
                        Some(b'\\') => '\\',
                        Some(b'/') => '/',
                        Some(b'b') => '\u{8}',
                        Some(b'f') => '\u{C}',
                        Some(b'n') => '\n',
                        Some(b'r') => '\r',
                        Some(b't') => '\t',
                        _ => return self.fail("Unrecognized character escape"),
                    };
                    out.push(plain);
                    self.at += 1;
                    clean = self.at;
                }
                Some(0..0x20) => {
                    return self.fail("Illegal unquoted control character in a string");
                }
                Some(_) => self.at += 1,
                None => return self.fail("Unexpected end of input in a string"),
            }
        }
    }

    /// After `\u`. Half a surrogate pair, which Java's strings can hold, becomes U+FFFD.
    fn character(&mut self) -> Result<char, Error> {
        let unit = self.unit()?;
        if (0xD800..0xDC00).contains(&unit) && self.rest().starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.unit()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.text.get(self.at).and_then(|byte| char::from(*byte).to_digit(16)) else {
                return self.fail("Expected a hex digit in a character escape");
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { self.fail("Expected a digit in a number") } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node<'a>, Error> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        self.digits()?;
        let mut whole = true;
        if self.text.get(self.at) == Some(&b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.at - start > MAX_DIGITS {
            return self.fail("Number value length exceeds the maximum allowed (1000)");
        }
        let text = self.utf8(start)?;
        Ok(match (whole, text.parse()) {
            (true, Ok(n)) => Node::Integer(n),
            (true, Err(_)) => Node::BigInteger(text),
            (false, _) => Node::Decimal(text),
        })
    }
}

/// Whether a value may end here.
fn ends(rest: &[u8]) -> bool {
    matches!(rest, [] | [b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r', ..])
}

/// How many bytes nothing need be done about: eight at a time, those that are no quote, backslash or control
/// character.
fn plain(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // the high bit of each byte that is zero, perhaps of more above it: the first is right
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut count = 0;
    for chunk in text.chunks_exact(8) {
        let Ok(bytes) = chunk.try_into() else { break };
        let word = u64::from_le_bytes(bytes);
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = quote | backslash | control;
        if found != 0 {
            return count + found.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count
}

/// The last value of a repeated name, at the first one's place.
fn unique<'a>(fields: Vec<(Cow<'a, str>, Node<'a>)>) -> Vec<(Cow<'a, str>, Node<'a>)> {
    let repeated = if fields.len() <= 16 {
        fields.iter().enumerate().any(|(index, (name, _))| fields[..index].iter().any(|(other, _)| other == name))
    } else {
        let mut seen = std::collections::HashSet::with_capacity(fields.len());
        !fields.iter().all(|(name, _)| seen.insert(name.as_ref()))
    };
    if !repeated {
        return fields;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(fields.len());
    let mut out: Vec<(Cow<'a, str>, Node<'a>)> = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match places.get(name.as_ref()) {
            Some(place) => out[*place].1 = value,
            None => {
                places.insert(name.to_string(), out.len());
                out.push((name, value));
            }
        }
    }
    out
}
