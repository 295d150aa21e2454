//! A pattern, taken apart: fields and the text between them.

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// A letter, and how often it stands there.
    Field(char, usize),
    /// Text that stands for itself.
    Text(String),
}

const LETTERS: &str = "GyMdkHmsSEDFwWahKzZYuXL";

pub(super) fn parse(pattern: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' if chars.next_if_eq(&'\'').is_some() => text(&mut pieces, '\''),
            '\'' => quoted(&mut chars, &mut pieces)?,
            c if c.is_ascii_alphabetic() => {
                if !LETTERS.contains(c) {
                    return Err(format!("Illegal pattern character '{c}'"));
                }
                let mut count = 1;
                while chars.next_if_eq(&c).is_some() {
                    count += 1;
                }
                if c == 'X' && count > 3 {
                    return Err(format!("invalid ISO 8601 format: length={count}"));
                }
                pieces.push(Piece::Field(c, count));
            }
            c => text(&mut pieces, c),
        }
    }
    Ok(pieces)
}

/// Up to the closing quote; two quotes are one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, pieces: &mut Vec<Piece>) -> Result<(), String> {
    loop {
        match chars.next() {
            None => return Err("Unterminated quote".to_owned()),
            Some('\'') if chars.next_if_eq(&'\'').is_some() => text(pieces, '\''),
            Some('\'') => return Ok(()),
            Some(c) => text(pieces, c),
        }
    }
}

fn text(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    }
}
