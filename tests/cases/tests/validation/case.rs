//! A case: a config, the plugin that it is sent to, and what is said of it, as the `.txt` files beside this one hold
//! them.
//!
//! ```text
//! == A sentence
//! source at PLUGIN             a good file source; `sink`: a good file sink; `nothing`: no settings; another path
//! - key                        without this setting
//! key = value
//! key : null
//! differs: why                 ours says something else on purpose, which follows; Kafka is not asked
//! > key: message               200, with these errors in this order and no others
//! ! 400 message                no answer but an error
//! !here message                400, and a message that begins so. Kafka means 400 too, and gives 500 with the name of a
//!                              Java class in front
//! ```
//!
//! Texts may hold `{dir}`, a folder that the worker may read and write; `{version}`, the version of its connectors;
//! `{own}`, that of the plugins that ship with it; `{connect}`, the package of Kafka's classes; `\n` and `\uXXXX`.

use anyhow::Context as _;
use watertight_harness::worker::{FILE_SINK, FILE_SOURCE};

/// What is wanted, of both workers if nothing else is said.
#[derive(Debug, Clone)]
pub enum Want {
    /// Setting and message.
    Says(Vec<(String, String)>),
    Refused(u16, String),
    RefusedHere(String),
}

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    /// In the path.
    pub plugin: String,
    /// None for null.
    pub config: Vec<(String, Option<String>)>,
    pub want: Want,
    /// Nothing is wanted of the genuine worker.
    pub differs: bool,
}

/// All cases of a file.
pub fn cases(text: &str) -> anyhow::Result<Vec<Case>> {
    let blocks = text.split("== ").map(str::trim_start).filter(|block| !block.is_empty());
    blocks.map(|block| read(block).with_context(|| format!("in the case {block}"))).collect()
}

fn read(block: &str) -> anyhow::Result<Case> {
    let mut lines = block.trim_end().lines();
    let name = lines.next().context("no name")?.to_owned();
    let kind = lines.next().context("no kind")?;
    let (kind, at) = kind.split_once(" at ").map_or((kind, None), |(kind, at)| (kind, Some(at)));
    let (plugin, begin): (&str, &[(&str, &str)]) = match kind {
        "nothing" => (FILE_SOURCE, &[]),
        "source" => {
            (FILE_SOURCE, &[("name", "x"), ("connector.class", FILE_SOURCE), ("topic", "t"), ("file", "{dir}/x.txt")])
        }
        "sink" => {
            (FILE_SINK, &[("name", "x"), ("connector.class", FILE_SINK), ("topics", "t"), ("file", "{dir}/y.txt")])
        }
        other => anyhow::bail!("{other} is no kind"),
    };
    let begin = begin.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())));
    let plugin = at.map_or_else(|| plugin.to_owned(), unescape);
    let mut case = Case { name, plugin, config: begin.collect(), want: Want::Says(Vec::new()), differs: false };
    for line in lines {
        case.line(line).with_context(|| format!("in the line {line}"))?;
    }
    Ok(case)
}

impl Case {
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        if let Some(key) = line.strip_prefix("- ") {
            self.config.retain(|(known, _)| known != key);
        } else if line.starts_with("differs: ") {
            self.differs = true;
        } else if let Some(message) = line.strip_prefix("!here ") {
            self.want = Want::RefusedHere(unescape(message));
        } else if let Some(refusal) = line.strip_prefix("! ") {
            let (status, message) = refusal.split_once(' ').context("no message")?;
            self.want = Want::Refused(status.parse()?, unescape(message));
        } else if let Some(said) = line.strip_prefix("> ") {
            let (key, message) = said.split_once(": ").context("no message")?;
            let Want::Says(all) = &mut self.want else { anyhow::bail!("errors and a refusal") };
            all.push((key.to_owned(), unescape(message)));
        } else if let Some(key) = line.strip_suffix(" : null") {
            self.put(key, None);
        } else {
            let (key, value) = line.split_once(" =").context("no setting")?;
            self.put(key, Some(unescape(value.strip_prefix(' ').unwrap_or(value))));
        }
        Ok(())
    }

    fn put(&mut self, key: &str, value: Option<String>) {
        match self.config.iter_mut().find(|(known, _)| known == key) {
            Some(known) => known.1 = value,
            None => self.config.push((key.to_owned(), value)),
        }
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.strip_prefix('u').and_then(|digits| u32::from_str_radix(digits.get(..4)?, 16).ok());
        rest = match (code.and_then(char::from_u32), after.strip_prefix('n')) {
            (Some(letter), _) => {
                out.push(letter);
                &after[5..]
            }
            (None, Some(after)) => {
                out.push('\n');
                after
            }
            (None, None) => {
                out.push('\\');
                after.strip_prefix('\\').unwrap_or(after)
            }
        };
    }
    out + rest
}

#[test]
fn escapes_are_read() {
    assert_eq!(unescape("\\u0020a\\u0001b\\nc\\\\d"), " a\u{1}b\nc\\d");
}
