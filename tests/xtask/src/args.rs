//! Words of a command line: a handful of options, so no library.

use anyhow::Context as _;

/// Takes `--name` out of the words.
pub fn flag(words: &mut Vec<String>, name: &str) -> bool {
    let before = words.len();
    words.retain(|w| w != name);
    words.len() < before
}

/// Takes `--name VALUE` or `--name=VALUE` out of the words.
pub fn option<T: std::str::FromStr>(words: &mut Vec<String>, name: &str) -> anyhow::Result<Option<T>> {
    let with_value = format!("{name}=");
    let Some(at) = words.iter().position(|w| w == name || w.starts_with(&with_value)) else {
        return Ok(None);
    };
    let word = words.remove(at);
    let value = match word.strip_prefix(&with_value) {
        Some(value) => value.to_owned(),
        None if at < words.len() => words.remove(at),
        None => anyhow::bail!("{name} wants a value"),
    };
    value.parse().ok().with_context(|| format!("{name} cannot be `{value}`")).map(Some)
}

/// An error where words are left that nobody took.
pub fn none_left(words: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(words.is_empty(), "unknown: {}\n{}", words.join(" "), crate::USAGE);
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn options_are_taken_in_both_spellings_and_the_rest_is_left() {
        let mut w = words("a --port 7 --rest=8 --yes");
        assert_eq!(option::<u16>(&mut w, "--port").unwrap(), Some(7));
        assert_eq!(option::<u16>(&mut w, "--rest").unwrap(), Some(8));
        assert!(flag(&mut w, "--yes"));
        assert_eq!(w, ["a"]);
        assert!(none_left(&w).is_err());
        assert!(option::<u16>(&mut words("--port x"), "--port").is_err());
        assert!(option::<u16>(&mut words("--port"), "--port").is_err());
    }
}
