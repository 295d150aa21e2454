//! A text in the user's editor.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Before a complaint; it and the lines after it are not part of the text.
const MARK: &str = "# ";

/// A text that is being edited, in a file that nobody else may read: settings may hold passwords.
pub(crate) struct Draft {
    file: NamedTempFile,
    /// JSON has no remarks.
    takes_remarks: bool,
}

impl Draft {
    /// A file with this text.
    pub(crate) fn new(name: &str, json: bool, text: &str) -> Result<Self, Failure> {
        let suffix = if json { ".json" } else { ".properties" };
        let mut file = tempfile::Builder::new().prefix(&format!("{name}-")).suffix(suffix).tempfile()?;
        file.write_all(text.as_bytes())?;
        file.flush()?;
        Ok(Self { file, takes_remarks: !json })
    }

    /// Runs the editor and waits for its end.
    pub(crate) fn open(&self) -> Result<(), Failure> {
        let named = ["VISUAL", "EDITOR"].iter().filter_map(|name| std::env::var(name).ok());
        let editor = named.into_iter().find(|editor| !editor.trim().is_empty()).unwrap_or_else(|| "vi".to_owned());
        // As git does: the setting may hold options.
        let status =
            Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(self.file.path()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Failure::Other(format!(
                "the editor '{editor}' ended with {status}; nothing was changed. EDITOR names another"
            ))),
            Err(error) => Err(Failure::Other(format!("the editor '{editor}' cannot be started: {error}"))),
        }
    }

    /// What stands there now.
    pub(crate) fn read(&self) -> Result<String, Failure> {
        // Editors may put a new file in the place of the old one.
        let bytes = std::fs::read(self.file.path())?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::Invalid("what you wrote is not UTF-8".to_owned()))?;
        Ok(if self.takes_remarks { without_remarks(&text) } else { text })
    }

    /// Whether something else stands there now than this.
    pub(crate) fn differs_from(&self, text: &str) -> bool {
        match self.read() {
            Ok(read) => read != text,
            // There and no text, or not there at all.
            Err(_) => self.file.path().exists(),
        }
    }

    /// Puts a complaint above the text.
    pub(crate) fn remark(&mut self, lines: &[String]) -> Result<(), Failure> {
        if !self.takes_remarks {
            return Ok(());
        }
        let text = self.read()?;
        let above: String = lines.iter().map(|line| format!("{MARK}{line}\n")).collect();
        std::fs::write(self.file.path(), format!("{above}{END}\n{text}"))?;
        Ok(())
    }

    /// Leaves the file where it is.
    pub(crate) fn keep(self) -> Result<PathBuf, Failure> {
        let (_, path) = self.file.keep().map_err(|error| Failure::Other(error.to_string()))?;
        Ok(path)
    }
}

/// After the complaint.
const END: &str = "# ---- the settings ----";

/// What follows the last complaint.
fn without_remarks(text: &str) -> String {
    match text.rfind(END) {
        Some(at) => text[at + END.len()..].trim_start_matches(['\r', '\n']).to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_stands_above_the_text_and_is_no_part_of_it() {
        let mut draft = Draft::new("a", false, "name=a\n").unwrap();
        for _ in 0..2 {
            draft.remark(&["file: is missing".to_owned()]).unwrap();
            let there = std::fs::read_to_string(draft.file.path()).unwrap();
            assert!(there.starts_with("# file: is missing\n# ----") && there.ends_with("\nname=a\n"), "{there}");
            assert_eq!(draft.read().unwrap(), "name=a\n");
        }
    }

    #[test]
    fn what_was_typed_is_told_from_what_was_there() {
        let mut draft = Draft::new("a", false, "name=a\n").unwrap();
        draft.remark(&["file: is missing".to_owned()]).unwrap();
        assert!(!draft.differs_from("name=a\n"));
        std::fs::write(draft.file.path(), b"name=\xff\n").unwrap();
        assert!(draft.differs_from("name=a\n"));
        std::fs::remove_file(draft.file.path()).unwrap();
        assert!(!draft.differs_from("name=a\n"));
    }

    #[test]
    fn json_stays_json() {
        let mut draft = Draft::new("a", true, "{}\n").unwrap();
        draft.remark(&["no".to_owned()]).unwrap();
        assert_eq!(std::fs::read_to_string(draft.file.path()).unwrap(), "{}\n");
    }

    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let draft = Draft::new("a", false, "").unwrap();
        assert_eq!(draft.file.path().metadata().unwrap().permissions().mode() & 0o077, 0);
    }
}
