//! The replacement text of `Matcher.replaceFirst`: `$1`, `${name}`, and a backslash that takes both meanings away.

use crate::error::DataError;

/// A replacement, taken apart. What is wrong with it shows when it is used, as in Java.
#[derive(Debug, Clone)]
pub struct Replacement {
    parts: Vec<Part>,
    fault: Option<DataError>,
}

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Group(usize),
}

fn illegal(message: impl Into<String>) -> DataError {
    DataError::new(message).with_class("java.lang.IllegalArgumentException")
}

impl Replacement {
    pub(super) fn new(text: &str, groups: usize, names: &[(String, usize)]) -> Self {
        let mut made = Self { parts: Vec::new(), fault: None };
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match made.next(c, rest, groups, names) {
                Ok(left) => rest = left,
                Err(fault) => {
                    made.fault = Some(fault);
                    break;
                }
            }
        }
        made
    }

    /// Reads what begins with `c`; gives what follows.
    fn next<'a>(
        &mut self,
        c: char,
        rest: &'a str,
        groups: usize,
        names: &[(String, usize)],
    ) -> Result<&'a str, DataError> {
        let after = rest.chars().next();
        match (c, after) {
            ('\\', None) => Err(illegal("character to be escaped is missing")),
            ('\\', Some(escaped)) => {
                self.text(escaped);
                Ok(&rest[escaped.len_utf8()..])
            }
            ('$', None) => Err(illegal("Illegal group reference: group index is missing")),
            ('$', Some('{')) => {
                let rest = &rest[1..];
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let name = &rest[..end];
                if name.is_empty() || !rest[end..].starts_with('}') {
                    return Err(illegal("named capturing group is missing trailing '}'"));
                }
                if name.starts_with(|c: char| c.is_ascii_digit()) {
                    return Err(illegal(format!("capturing group name {{{name}}} starts with digit character")));
                }
                let Some((_, group)) = names.iter().find(|(known, _)| known == name) else {
                    return Err(illegal(format!("No group with name {{{name}}}")));
                };
                self.parts.push(Part::Group(*group));
                Ok(&rest[end + 1..])
            }
            ('$', Some(_)) => self.numbered(rest, groups),
            (c, _) => {
                self.text(c);
                Ok(rest)
            }
        }
    }

    /// The first digit is always a group; further ones belong to it as long as there is such a group.
    fn numbered<'a>(&mut self, rest: &'a str, groups: usize) -> Result<&'a str, DataError> {
        let mut digits = rest.chars().map_while(|c| c.to_digit(10)).map(|digit| digit as usize);
        let Some(mut group) = digits.next() else {
            return Err(illegal("Illegal group reference"));
        };
        let mut length = 1;
        for digit in digits {
            let longer = group * 10 + digit;
            if longer > groups {
                break;
            }
            group = longer;
            length += 1;
        }
        if group > groups {
            return Err(DataError::new(format!("No group {group}")).with_class("java.lang.IndexOutOfBoundsException"));
        }
        self.parts.push(Part::Group(group));
        Ok(&rest[length..])
    }

    fn text(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.parts.push(Part::Text(c.to_string())),
        }
    }

    /// Appends it, with the groups of a match filled in.
    pub(super) fn push<'t>(&self, out: &mut String, group: &dyn Fn(usize) -> Option<&'t str>) -> Result<(), DataError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(index) => out.push_str(group(*index).unwrap_or_default()),
            }
        }
        Ok(())
    }
}
