//! From Java's dialect to the engine's, character by character, with the errors of Java's own parser.

use super::PatternError;
use super::class;

/// Everything that ends a line, for `.` without flags.
const NOT_LINE_END: &str = "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]";
const LINE_END: &str = "(?:\\r\\n|[\\n\\x0B\\x0C\\r\\x{85}\\x{2028}\\x{2029}])";

/// A pattern in the engine's dialect.
pub(super) struct Translated {
    pub(super) text: String,
    pub(super) names: Vec<(String, usize)>,
    pub(super) groups: usize,
}

pub(super) fn translate(pattern: &str) -> Result<Translated, PatternError> {
    let mut parser = Parser::new(pattern);
    parser.alternatives()?;
    if parser.peek().is_some() {
        return Err(parser.error_at("Unmatched closing ')'", parser.position() - 1));
    }
    Ok(Translated { text: parser.out, names: parser.names, groups: parser.groups })
}

/// Flags. None is handed on: the engine's meaning or reach is another.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    unicode_case: bool,
    dot_all: bool,
    unix_lines: bool,
    multi_line: bool,
    comments: bool,
}

pub(super) struct Parser<'a> {
    pattern: &'a str,
    chars: Vec<char>,
    at: usize,
    pub(super) out: String,
    names: Vec<(String, usize)>,
    groups: usize,
    flags: Flags,
    pub(super) depth: usize,
}

/// Groups in groups, or sets in sets; Java has no limit but its stack.
const MAX_DEPTH: usize = 100;

impl<'a> Parser<'a> {
    fn new(pattern: &'a str) -> Self {
        Self {
            pattern,
            chars: pattern.chars().collect(),
            at: 0,
            out: String::with_capacity(pattern.len() + 16),
            names: Vec::new(),
            groups: 0,
            flags: Flags::default(),
            depth: 0,
        }
    }

    /// Java reports the character before the one that it stopped at.
    pub(super) fn error(&self, description: impl Into<String>) -> PatternError {
        self.error_at(description, self.at as isize)
    }

    pub(super) fn error_at(&self, description: impl Into<String>, at: isize) -> PatternError {
        let index = usize::try_from(at).ok();
        let units = |count: usize| -> usize {
            self.chars.iter().take(count).map(|c| c.len_utf16()).sum::<usize>() + count.saturating_sub(self.chars.len())
        };
        PatternError { description: description.into(), index: index.map(units), pattern: self.pattern.to_owned() }
    }

    pub(super) fn unsupported(&self, what: &str) -> PatternError {
        self.error(format!("{what} is not supported here"))
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub(super) fn ahead(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += 1;
        c
    }

    /// How many characters were read.
    pub(super) fn position(&self) -> isize {
        self.at as isize
    }

    /// How many there are.
    pub(super) fn length(&self) -> usize {
        self.chars.len()
    }

    pub(super) fn back(&mut self) {
        self.at -= 1;
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// White space and comments, under `(?x)`.
    pub(super) fn skip(&mut self) {
        while self.flags.comments {
            match self.peek() {
                Some(' ' | '\t'..='\r') => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n' && c != '\r') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// One character that stands for itself.
    pub(super) fn literal(&mut self, c: char) {
        if self.flags.ignore_case && c.is_ascii_alphabetic() {
            self.out.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
        } else if self.flags.ignore_case && self.flags.unicode_case && !c.is_ascii() {
            self.out.extend(["(?i:", c.encode_utf8(&mut [0; 4]), ")"]);
        } else if c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii() {
            self.out.push(c);
        } else {
            self.out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
        }
    }

    /// A set or a reference, which the engine itself reads without regard to case where that is asked for.
    fn either_case(&mut self, piece: &str) {
        if self.flags.ignore_case {
            self.out.extend(["(?i:", piece, ")"]);
        } else {
            self.out.push_str(piece);
        }
    }

    /// One level down; the caller comes up again.
    pub(super) fn deeper(&mut self) -> Result<(), PatternError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unsupported("A pattern of so many levels"));
        }
        Ok(())
    }

    fn alternatives(&mut self) -> Result<(), PatternError> {
        self.deeper()?;
        self.sequence()?;
        while self.take('|') {
            self.out.push('|');
            self.sequence()?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn sequence(&mut self) -> Result<(), PatternError> {
        loop {
            self.skip();
            match self.peek() {
                None | Some('|' | ')') => return Ok(()),
                _ => {}
            }
            let start = self.out.len();
            let atom = self.atom()?;
            self.skip();
            if atom {
                self.quantifier(start)?;
            }
        }
    }

    /// One thing that may be repeated; false if it was a flag or a quotation, after which nothing is.
    fn atom(&mut self) -> Result<bool, PatternError> {
        match self.next() {
            Some('(') => return self.group(),
            Some('[') => {
                let class = class::class(self)?;
                self.either_case(&class);
            }
            Some('\\') => return self.escape(),
            Some('.') => self.out.push_str(match (self.flags.dot_all, self.flags.unix_lines) {
                (true, _) => "(?s:.)",
                (false, true) => "[^\\n]",
                (false, false) => NOT_LINE_END,
            }),
            Some('^') => self.out.push_str(if self.flags.multi_line { "(?m:^)" } else { "\\A" }),
            Some('$') => self.out.push_str(if self.flags.multi_line { "(?m:$)" } else { "\\z" }),
            Some(c @ ('*' | '+' | '?')) => {
                return Err(self.error_at(format!("Dangling meta character '{c}'"), self.at as isize - 1));
            }
            // of nothing
            Some('{') => self.back(),
            Some(c) => self.literal(c),
            None => {}
        }
        Ok(true)
    }

    fn quantifier(&mut self, start: usize) -> Result<(), PatternError> {
        let symbol = match self.peek() {
            Some(c @ ('*' | '+' | '?')) => {
                self.at += 1;
                c.to_string()
            }
            Some('{') => self.counted()?,
            _ => return Ok(()),
        };
        let suffix = match self.peek() {
            Some(c @ ('+' | '?')) => {
                self.at += 1;
                c
            }
            _ => '\0',
        };
        // a group of its own keeps the engine from reading two things as one
        let atom = self.out.split_off(start);
        match suffix {
            // however often, nothing is nothing
            _ if atom.is_empty() => {}
            '+' => self.out.push_str(&format!("(?>(?:{atom}){symbol})")),
            '?' => self.out.push_str(&format!("(?:{atom}){symbol}?")),
            _ => self.out.push_str(&format!("(?:{atom}){symbol}")),
        }
        self.skip();
        match self.peek() {
            // a quantifier of a quantifier
            Some(c @ ('*' | '+' | '?')) => Err(self.error(format!("Dangling meta character '{c}'"))),
            _ => Ok(()),
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`.
    fn counted(&mut self) -> Result<String, PatternError> {
        if !self.ahead(1).is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.error_at("Illegal repetition", self.position() + 1));
        }
        self.at += 1;
        let least = self.count()?;
        let mut text = format!("{{{least}");
        if self.take(',') {
            text.push(',');
            if self.peek() != Some('}') {
                let most = self.count()?;
                if most < least {
                    return Err(self.error("Illegal repetition range"));
                }
                text.push_str(&most.to_string());
            }
        }
        if !self.take('}') {
            return Err(self.error("Unclosed counted closure"));
        }
        text.push('}');
        Ok(text)
    }

    fn count(&mut self) -> Result<u32, PatternError> {
        let mut count: u32 = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let longer = count.checked_mul(10).and_then(|n| n.checked_add(digit)).filter(|n| *n <= i32::MAX as u32);
            count = longer.ok_or_else(|| self.error("Illegal repetition range"))?;
            self.at += 1;
        }
        Ok(count)
    }

    fn group(&mut self) -> Result<bool, PatternError> {
        let flags = self.flags;
        let look = |parser: &mut Self, length: usize, open: &str| {
            parser.at += length;
            parser.out.push_str(open);
        };
        if self.peek() == Some('?') {
            match (self.ahead(1), self.ahead(2)) {
                (Some(':'), _) => look(self, 2, "(?:"),
                (Some('='), _) => look(self, 2, "(?="),
                (Some('!'), _) => look(self, 2, "(?!"),
                (Some('>'), _) => look(self, 2, "(?>"),
                (Some('<'), Some('=')) => look(self, 3, "(?<="),
                (Some('<'), Some('!')) => look(self, 3, "(?<!"),
                (Some('<'), _) => self.named()?,
                _ => {
                    self.at += 1;
                    self.change_flags()?;
                    match self.next() {
                        // for the rest of the group around
                        Some(')') => return Ok(false),
                        Some(':') => self.out.push_str("(?:"),
                        _ => return Err(self.error_at("Unknown inline modifier", self.at as isize - 1)),
                    }
                }
            }
        } else {
            self.groups += 1;
            self.out.push('(');
        }
        self.alternatives()?;
        if !self.take(')') {
            return Err(self.error("Unclosed group"));
        }
        self.out.push(')');
        self.flags = flags;
        Ok(true)
    }

    fn named(&mut self) -> Result<(), PatternError> {
        self.at += 2;
        let name = self.group_name()?;
        if self.names.iter().any(|(known, _)| *known == name) {
            let defined = format!("Named capturing group <{name}> is already defined");
            return Err(self.error_at(defined, self.position() - 1));
        }
        self.groups += 1;
        self.names.push((name, self.groups));
        // the engine counts groups too; names are looked up here
        self.out.push('(');
        Ok(())
    }

    fn group_name(&mut self) -> Result<String, PatternError> {
        if !self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
            return Err(self.error("capturing group name does not start with a Latin letter"));
        }
        let mut name = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_alphanumeric) {
            name.push(c);
            self.at += 1;
        }
        if !self.take('>') {
            return Err(self.error("named capturing group is missing trailing '>'"));
        }
        Ok(name)
    }

    /// Flags up to a colon or a parenthesis.
    fn change_flags(&mut self) -> Result<(), PatternError> {
        let mut value = true;
        while let Some(c) = self.peek() {
            match c {
                'i' => self.flags.ignore_case = value,
                'u' => self.flags.unicode_case = value,
                'm' => self.flags.multi_line = value,
                's' => self.flags.dot_all = value,
                'd' => self.flags.unix_lines = value,
                'x' => self.flags.comments = value,
                'U' | 'c' => return Err(self.unsupported(&format!("The flag (?{c})"))),
                '-' => value = false,
                _ => break,
            }
            self.at += 1;
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<bool, PatternError> {
        let Some(c) = self.next() else {
            return Err(self.error_at("Unexpected internal error", self.length() as isize));
        };
        match c {
            'Q' => return self.quotation(),
            'A' | 'G' => self.out.push_str("\\A"),
            'z' | 'Z' => self.out.push_str("\\z"),
            'b' if self.peek() == Some('{') => return Err(self.unsupported("\\b{g}")),
            'b' | 'B' => self.out.push_str(if c == 'b' { "\\b" } else { "\\B" }),
            'R' => self.out.push_str(LINE_END),
            'X' | 'N' => return Err(self.unsupported(&format!("\\{c}"))),
            'k' => {
                if !self.take('<') {
                    return Err(self.error("\\k is not followed by '<' for named capturing group"));
                }
                let name = self.group_name()?;
                let Some((_, group)) = self.names.iter().find(|(known, _)| *known == name) else {
                    let missing = format!("named capturing group <{name}> does not exist");
                    return Err(self.error_at(missing, self.position() - 1));
                };
                let reference = format!("(?:\\{group})");
                self.either_case(&reference);
            }
            '1'..='9' => self.back_reference(c),
            _ => {
                self.back();
                if let Some(set) = class::set(self)? {
                    self.either_case(&set);
                } else {
                    let c = class::character(self)?;
                    self.literal(c);
                }
            }
        }
        Ok(true)
    }

    /// As many digits as make a group that is there already.
    fn back_reference(&mut self, first: char) {
        let mut group = first.to_digit(10).unwrap_or_default() as usize;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let longer = group * 10 + digit as usize;
            if longer > self.groups {
                break;
            }
            group = longer;
            self.at += 1;
        }
        if group <= self.groups {
            self.either_case(&format!("(?:\\{group})"));
        } else {
            // a group that is not there never matches
            self.out.push_str("(?:[^\\s\\S])");
        }
    }

    /// Up to `\E` or the end; a quantifier after it is for its last character.
    fn quotation(&mut self) -> Result<bool, PatternError> {
        let mut quoted = Vec::new();
        while let Some(c) = self.next() {
            if c == '\\' && self.peek() == Some('E') {
                self.at += 1;
                break;
            }
            quoted.push(c);
        }
        self.at = self.at.min(self.chars.len());
        let Some(last) = quoted.pop() else {
            return Ok(false);
        };
        for c in quoted {
            self.literal(c);
        }
        let start = self.out.len();
        self.literal(last);
        self.skip();
        self.quantifier(start)?;
        Ok(false)
    }
}
