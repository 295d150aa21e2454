//! Names that people and topics bring.
//!
//! A name is read character by character, and each character knows whether it was written by whoever configured the
//! connector or came with a topic. Only the former can open or close a quotation.

use watertight_sdk::sql::TableName;

use super::Product;

/// Where the topic goes.
pub const TOPIC: &str = "${topic}";

/// A character, and whether it came with the topic.
pub type Letter = (char, bool);

/// A name that somebody wrote.
pub fn written(text: &str) -> Vec<Letter> {
    text.chars().map(|letter| (letter, false)).collect()
}

/// A format with the topic put in.
pub fn filled(format: &str, topic: &str) -> Vec<Letter> {
    let mut letters = Vec::with_capacity(format.len() + topic.len());
    for (index, piece) in format.split(TOPIC).enumerate() {
        if index > 0 {
            letters.extend(topic.chars().map(|letter| (letter, true)));
        }
        letters.extend(piece.chars().map(|letter| (letter, false)));
    }
    letters
}

/// A word that means the same with and without quotes, but for its case.
pub fn is_plain(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Takes a name apart.
pub fn parse(product: Product, letters: &[Letter]) -> Result<TableName, String> {
    let parts = match product {
        Product::Sqlite => without_main(parts(product, letters)?, letters),
        Product::Postgres | Product::Mysql | Product::Mariadb => parts(product, letters)?,
    };
    let mut parts = parts.into_iter();
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    if parts.next().is_some() {
        return Err(too_many(product));
    }
    let table = match (first, second, third) {
        (Some(name), None, _) => TableName { catalog: None, schema: None, name },
        (Some(outer), Some(name), None) if product.is_mysql() => TableName { catalog: Some(outer), schema: None, name },
        (Some(outer), Some(name), None) => TableName { catalog: None, schema: Some(outer), name },
        (catalog, schema, Some(name)) if product == Product::Postgres => TableName { catalog, schema, name },
        (None, _, _) => return Err("it is empty".to_owned()),
        (Some(_), Some(_), Some(_)) => return Err(too_many(product)),
    };
    let all = [table.catalog.as_deref(), table.schema.as_deref(), Some(table.name.as_str())];
    if all.into_iter().flatten().any(str::is_empty) {
        return Err("a part of it is empty".to_owned());
    }
    if all.into_iter().flatten().any(|part| part.contains('\0')) {
        return Err("it contains a NUL character".to_owned());
    }
    Ok(table)
}

fn too_many(product: Product) -> String {
    let most = match product {
        Product::Postgres => "catalog, schema and table",
        Product::Mysql | Product::Mariadb => "database and table",
        Product::Sqlite => "a table",
    };
    format!("it has more parts than {} has: {most}", product.name())
}

/// SQLite has no schemas that a sandboxed connector could use, so dots stay.
fn without_main(parts: Vec<String>, letters: &[Letter]) -> Vec<String> {
    match parts.as_slice() {
        [main, name] if main.eq_ignore_ascii_case("main") => vec![name.clone()],
        [_, _, ..] => vec![letters.iter().map(|(letter, _)| letter).collect()],
        _ => parts,
    }
}

/// What stands between the dots.
fn parts(product: Product, letters: &[Letter]) -> Result<Vec<String>, String> {
    let mut parts = Vec::new();
    let mut at = 0;
    loop {
        let (part, end) = match letters.get(at) {
            Some((letter, false)) if is_quote(product, *letter) => quoted(letters, at + 1, *letter)?,
            _ => bare(letters, at),
        };
        parts.push(part);
        match letters.get(end) {
            None => return Ok(parts),
            Some(_) => at = end + 1,
        }
    }
}

/// MySQL's own, and the standard's everywhere.
fn is_quote(product: Product, letter: char) -> bool {
    letter == '"' || letter == product.quote()
}

fn bare(letters: &[Letter], at: usize) -> (String, usize) {
    let rest = letters.get(at..).unwrap_or_default();
    let length = rest.iter().position(|(letter, _)| *letter == '.').unwrap_or(rest.len());
    (rest.iter().take(length).map(|(letter, _)| letter).collect(), at + length)
}

fn quoted(letters: &[Letter], begun: usize, quote: char) -> Result<(String, usize), String> {
    let mut part = String::new();
    let mut at = begun;
    while let Some(&(letter, of_topic)) = letters.get(at) {
        at += 1;
        if letter != quote || of_topic {
            part.push(letter);
        } else if letters.get(at) == Some(&(quote, false)) {
            part.push(quote);
            at += 1;
        } else {
            return match letters.get(at) {
                None | Some(('.', _)) => Ok((part, at)),
                Some(_) => Err("something follows a closing quotation mark".to_owned()),
            };
        }
    }
    Err("a quotation mark is not closed".to_owned())
}
