//! Who we are to the worker: what the command line says goes before the environment, that before the address, that
//! before a netrc file.

use std::path::{Path, PathBuf};

use super::address::Base;
use crate::args::Worker;
use crate::failure::Failure;

/// For basic authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) name: String,
    pub(super) password: String,
}

/// The login in force, if there is one.
pub(super) fn find(options: &Worker, base: &Base) -> Result<Option<Login>, Failure> {
    let given = match &options.user {
        Some(user) => match user.split_once(':') {
            Some((name, password)) => Some((name.to_owned(), Some(password.to_owned()))),
            None => Some((user.clone(), None)),
        },
        None => base.login().cloned(),
    };
    if let Some((name, password)) = given {
        let password = password.or_else(|| std::env::var("WATERTIGHT_PASSWORD").ok());
        let password = password.ok_or_else(|| {
            Failure::Usage(format!("there is no password for {name}: --user {name}:PASSWORD, or WATERTIGHT_PASSWORD"))
        })?;
        return Ok(Some(Login { name, password }));
    }
    let file = match (&options.netrc_file, options.netrc) {
        (Some(file), _) => file.clone(),
        (None, true) => usual_netrc().ok_or_else(|| Failure::Usage("--netrc: there is no home directory".into()))?,
        (None, false) => return Ok(None),
    };
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))?;
    match netrc(&text, base.host()) {
        Some(login) => Ok(Some(login)),
        None => Err(Failure::Usage(format!("{} has no entry for machine {}", file.display(), base.host()))),
    }
}

fn usual_netrc() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NETRC").map(PathBuf::from).or_else(|| Some(Path::new(&set("HOME")?).join(".netrc")))
}

/// The entry for a machine, or the default one.
fn netrc(text: &str, host: &str) -> Option<Login> {
    let mut words =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace).peekable();
    while let Some(word) = words.next() {
        let ours = match word {
            "machine" => words.next() == Some(host),
            "default" => true,
            _ => false,
        };
        let (mut name, mut password) = (None, None);
        while ours && words.peek().is_some_and(|word| !["machine", "default", "macdef"].contains(word)) {
            match words.next() {
                Some("login") => name = words.next(),
                Some("password") => password = words.next(),
                _ => {}
            }
        }
        if let (Some(name), Some(password)) = (name, password) {
            return Some(Login { name: name.to_owned(), password: password.to_owned() });
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_netrc_file_is_searched_for_the_machine_then_for_the_default() {
        let text = "# mine\nmachine a login x\n  password 1\nmachine b password 2 login y account z\ndefault login d password 3";
        for (host, name, password) in [("a", "x", "1"), ("b", "y", "2"), ("c", "d", "3")] {
            assert_eq!(netrc(text, host).unwrap(), Login { name: name.into(), password: password.into() });
        }
        assert_eq!(netrc("machine a login x password 1", "b"), None);
    }
}
