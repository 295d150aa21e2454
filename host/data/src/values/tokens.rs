//! `Values.Parser`: pieces of a text, which are single delimiters and whatever stands between them.

/// The pieces, with one that was looked at and may still be taken.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    ahead: Option<&'a str>,
}

const DELIMITERS: [char; 7] = [',', '"', ':', '[', ']', '{', '}'];

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, ahead: None }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Where the next piece begins.
    pub(super) fn mark(&self) -> usize {
        self.at - self.ahead.map_or(0, str::len)
    }

    pub(super) fn rewind(&mut self, mark: usize) {
        self.at = mark;
        self.ahead = None;
    }

    pub(super) fn has_next(&self) -> bool {
        self.ahead.is_some() || self.more()
    }

    fn more(&self) -> bool {
        self.at < self.text.len()
    }

    /// The next piece; empty at the end.
    pub(super) fn next(&mut self) -> &'a str {
        match self.ahead.take() {
            Some(token) => token,
            None => self.read(),
        }
    }

    /// The text of the next pieces, if there are so many; if not, nothing is taken.
    pub(super) fn next_pieces(&mut self, count: usize) -> Option<&'a str> {
        let start = self.mark();
        for _ in 0..count {
            if !self.has_next() {
                self.rewind(start);
                return None;
            }
            self.next();
        }
        Some(&self.text[start..self.at])
    }

    /// Takes the next piece if it is this, white space around it aside. A piece of nothing but white space is
    /// passed over, whether or not what follows is wanted.
    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let mut token = match self.ahead {
            Some(token) => token,
            None if self.more() => self.read(),
            None => return false,
        };
        while is_blank(token) && self.more() {
            token = self.read();
        }
        let found = trim(token) == wanted;
        self.ahead = if found { None } else { Some(token) };
        found
    }

    fn read(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let mut escaped = false;
        let end = if rest.starts_with(DELIMITERS) {
            1
        } else {
            rest.find(|c| {
                let ends = !escaped && DELIMITERS.contains(&c);
                escaped = c == '\\' && !escaped;
                ends
            })
            .unwrap_or(rest.len())
        };
        self.at += end;
        &rest[..end]
    }
}

/// `String.trim`.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

pub(super) fn is_blank(text: &str) -> bool {
    trim(text).is_empty()
}
