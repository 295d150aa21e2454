//! JAAS files: `Name { module.Class flag option="value" ...; ... };`, with C's and C++'s comments.

/// All that stands between a name's braces.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) modules: Vec<Module>,
}

/// A login module with its options.
pub(super) struct Module {
    pub(super) class: String,
    options: Vec<(String, String)>,
}

impl Module {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

const FLAGS: [&str; 4] = ["required", "requisite", "sufficient", "optional"];

/// Reads a file's text. The error says what was expected and where, and shows no value.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, String> {
    let mut tokens = Tokens::of(text)?;
    let mut sections = Vec::new();
    while let Some(name) = tokens.word_or_end("the name of an entry")? {
        tokens.expect('{')?;
        let mut modules = Vec::new();
        while !tokens.take('}') {
            modules.push(module(&mut tokens)?);
        }
        tokens.expect(';')?;
        sections.push(Section { name, modules });
    }
    Ok(sections)
}

fn module(tokens: &mut Tokens) -> Result<Module, String> {
    let class = tokens.word("the class of a login module, or `}`")?;
    let line = tokens.line();
    let flag = tokens.word("a flag such as `required`")?;
    if !FLAGS.iter().any(|known| flag.eq_ignore_ascii_case(known)) {
        return Err(format!("line {line}: a flag is expected behind {class}: one of {}", FLAGS.join(", ")));
    }
    let mut options = Vec::new();
    while !tokens.take(';') {
        let key = tokens.word("an option, or `;`")?;
        tokens.expect('=')?;
        options.push((key, tokens.word("an option's value")?));
    }
    Ok(Module { class, options })
}

enum Token {
    Word(String),
    Sign(char),
}

/// What the file consists of, each with its line.
struct Tokens {
    rest: std::iter::Peekable<std::vec::IntoIter<(usize, Token)>>,
    last: usize,
}

impl Tokens {
    fn of(text: &str) -> Result<Self, String> {
        let mut found = Vec::new();
        let mut line = 1;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let at = line;
            match c {
                '\n' => line += 1,
                c if c.is_whitespace() => {}
                '/' if chars.peek() == Some(&'/') => while chars.next_if(|next| *next != '\n').is_some() {},
                '/' if chars.next_if_eq(&'*').is_some() => {
                    let mut last = ' ';
                    loop {
                        let next = chars.next().ok_or_else(|| format!("line {at}: a comment is not closed"))?;
                        line += usize::from(next == '\n');
                        if last == '*' && next == '/' {
                            break;
                        }
                        last = next;
                    }
                }
                '"' | '\'' => {
                    let mut word = String::new();
                    loop {
                        match chars.next() {
                            Some(end) if end == c => break,
                            Some('\\') => word.extend(chars.next().map(escaped)),
                            None | Some('\n') => return Err(format!("line {at}: a quote is not closed")),
                            Some(other) => word.push(other),
                        }
                    }
                    found.push((at, Token::Word(word)));
                }
                '{' | '}' | ';' | '=' => found.push((at, Token::Sign(c))),
                c => {
                    let ends = |c: char| c.is_whitespace() || "{};=\"'".contains(c);
                    let mut word = String::from(c);
                    while let Some(next) = chars.next_if(|next| !ends(*next)) {
                        word.push(next);
                    }
                    found.push((at, Token::Word(word)));
                }
            }
        }
        Ok(Tokens { rest: found.into_iter().peekable(), last: line })
    }

    fn line(&mut self) -> usize {
        self.rest.peek().map_or(self.last, |(line, _)| *line)
    }

    fn word(&mut self, what: &str) -> Result<String, String> {
        self.word_or_end(what)?.ok_or_else(|| format!("line {}: {what} is expected, but the file ends", self.last))
    }

    fn word_or_end(&mut self, what: &str) -> Result<Option<String>, String> {
        match self.rest.next() {
            None => Ok(None),
            Some((_, Token::Word(word))) => Ok(Some(word)),
            Some((line, Token::Sign(sign))) => Err(format!("line {line}: {what} is expected, not `{sign}`")),
        }
    }

    fn take(&mut self, sign: char) -> bool {
        self.rest.next_if(|(_, token)| matches!(token, Token::Sign(found) if *found == sign)).is_some()
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        let line = self.line();
        if self.take(sign) { Ok(()) } else { Err(format!("line {line}: `{sign}` is expected")) }
    }
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
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn entries_modules_and_options_are_read() {
        let text = "// who\nA {\n  a.B required x=\"1;2\" y=z; /* and\n*/ a.C optional;\n};\nB { };\n";
        let sections = parse(text).unwrap();
        assert_eq!(sections.iter().map(|section| section.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
        let [first, second] = sections[0].modules.as_slice() else { panic!() };
        assert_eq!((first.class.as_str(), first.option("x"), first.option("y")), ("a.B", Some("1;2"), Some("z")));
        assert_eq!((second.class.as_str(), second.option("x")), ("a.C", None));
        assert!(sections[1].modules.is_empty());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, error) in [
            ("A {\n a.B required x=\"1\"", "line 2: an option, or `;` is expected, but the file ends"),
            ("A {\n a.B must;\n};", "line 2: a flag is expected behind a.B"),
            ("A {\n a.B required x;\n};", "line 2: `=` is expected"),
            ("A {\n a.B required x=\"1;\n};", "line 2: a quote is not closed"),
            ("A a.B required;", "line 1: `{` is expected"),
            ("A { a.B required; }", "line 1: `;` is expected"),
            ("/* A", "line 1: a comment is not closed"),
            ("};", "line 1: the name of an entry is expected, not `}`"),
        ] {
            let told = parse(text).err().unwrap();
            assert!(told.starts_with(error), "{text:?}: {told}");
        }
    }
}
