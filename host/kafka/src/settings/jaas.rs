//! `sasl.jaas.config`: a module, a flag, options, a semicolon.

/// The module's class and its options.
#[derive(PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) module: String,
    pub(crate) options: Vec<(String, String)>,
}

impl Entry {
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads one entry; the error says what was expected and never shows a value.
pub(crate) fn parse(text: &str) -> Result<Entry, String> {
    let mut tokens = tokens(text)?.into_iter();
    let Some(Token::Word(module)) = tokens.next() else {
        return Err("a login module's class is expected first".to_owned());
    };
    match tokens.next() {
        Some(Token::Word(flag))
            if ["required", "requisite", "sufficient", "optional"]
                .iter()
                .any(|known| flag.eq_ignore_ascii_case(known)) => {}
        _ => {
            return Err("a control flag such as `required` is expected after the module".to_owned());
        }
    }
    let mut options = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Semicolon) => break,
            Some(Token::Word(key)) => match (tokens.next(), tokens.next()) {
                (Some(Token::Equals), Some(Token::Word(value))) => options.push((key, value)),
                _ => return Err(format!("`{key}=VALUE` is expected")),
            },
            Some(Token::Equals) => return Err("an option's name is expected before `=`".to_owned()),
            None => return Err("it must end in `;`".to_owned()),
        }
    }
    match tokens.next() {
        None => Ok(Entry { module, options }),
        Some(_) => Err("only one login module may be given".to_owned()),
    }
}

enum Token {
    Word(String),
    Equals,
    Semicolon,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {}
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|n| *n != '\n').is_some() {},
            '/' if chars.next_if_eq(&'*').is_some() => comment(&mut chars)?,
            '=' => out.push(Token::Equals),
            ';' => out.push(Token::Semicolon),
            '"' | '\'' => {
                let mut word = String::new();
                loop {
                    match chars.next() {
                        None => return Err("a quote is not closed".to_owned()),
                        Some(end) if end == c => break,
                        Some('\\') => word.extend(chars.next().map(escaped)),
                        Some(other) => word.push(other),
                    }
                }
                out.push(Token::Word(word));
            }
            c => {
                let mut word = String::from(c);
                while let Some(next) = chars.next_if(|n| !n.is_whitespace() && !matches!(n, '=' | ';' | '"' | '\'')) {
                    word.push(next);
                }
                out.push(Token::Word(word));
            }
        }
    }
    Ok(out)
}

/// Skips to behind the comment's end.
fn comment(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<(), String> {
    while let Some(c) = chars.next() {
        if c == '*' && chars.next_if_eq(&'/').is_some() {
            return Ok(());
        }
    }
    Err("a comment is not closed".to_owned())
}

/// As Java's tokenizer has it.
fn escaped(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_escapes_and_semicolons_inside_values_are_kept() {
        let entry = parse(
            r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="a;b" password='it\'s="x"';"#,
        )
        .unwrap();
        assert_eq!(entry.option("username"), Some("a;b"));
        assert_eq!(entry.option("password"), Some("it's=\"x\""));
    }

    #[test]
    fn a_missing_end_is_named() {
        assert_eq!(parse("M required a=b").err().unwrap(), "it must end in `;`");
        assert_eq!(parse("M a=b;").err().unwrap(), "a control flag such as `required` is expected after the module");
    }

    #[test]
    fn an_entry_may_have_lines_and_comments() {
        let entry = parse(
            "org.apache.kafka.common.security.scram.ScramLoginModule required // who\n\
             \tusername=\"a//b\" /* and\n the = secret; */ password='/*\\t*/';\n",
        );
        let entry = entry.ok().unwrap();
        assert_eq!(entry.option("username"), Some("a//b"));
        assert_eq!(entry.option("password"), Some("/*\t*/"));
        assert_eq!(parse("M required /* a=b;").err().unwrap(), "a comment is not closed");
        assert_eq!(parse("M required a='b;").err().unwrap(), "a quote is not closed");
        assert_eq!(parse("M required a=b; N required;").err().unwrap(), "only one login module may be given");
        assert_eq!(parse("M required a==b;").err().unwrap(), "`a=VALUE` is expected");
    }
}
