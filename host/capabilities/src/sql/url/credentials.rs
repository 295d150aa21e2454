//! A URL for eyes that must not see its secrets. It need not be one that can be used: whoever mistypes a URL still
//! had a password in it. Where it cannot be told what is what, everything after the scheme is left out.

use percent_encoding::percent_decode_str;

/// Does it hold a secret, or could it?
pub fn has_credentials(url: &str) -> bool {
    without_credentials(url) != url
}

/// The URL without user and password before its host, and without parameters that hold secrets. One that holds none
/// is returned as it is.
pub fn without_credentials(url: &str) -> String {
    let (scheme, rest) = scheme(url);
    let clear = if scheme.eq_ignore_ascii_case("jdbc:sqlite:") { file(rest) } else { server(rest) };
    match clear {
        Some(clear) => format!("{scheme}{clear}"),
        None => format!("{scheme}..."),
    }
}

/// `jdbc:NAME:`, or whatever stands before `//`; and the rest.
fn scheme(url: &str) -> (&str, &str) {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b':');
    let end = match url.get(..5).filter(|start| start.eq_ignore_ascii_case("jdbc:")) {
        Some(_) => url[5..].find(':').map_or(5, |colon| 5 + colon + 1),
        None => url.find("//").unwrap_or(0),
    };
    if plain(&url[..end]) { url.split_at(end) } else { ("", url) }
}

/// A path may contain anything; its parameters are the only place for a secret.
fn file(rest: &str) -> Option<String> {
    match rest.split_once('?') {
        Some((path, query)) => Some(joined(path, &parameters(query)?)),
        None => Some(rest.to_owned()),
    }
}

fn server(rest: &str) -> Option<String> {
    let (server, query) = rest.split_once('?').map_or((rest, None), |(server, query)| (server, Some(query)));
    let server = match server.strip_prefix("//") {
        Some(server) => {
            let (authority, path) = server.split_at(server.find('/').unwrap_or(server.len()));
            let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
            (plain_hosts(hosts) && plain_path(path)).then(|| format!("//{hosts}{path}"))?
        }
        None => plain_path(server).then(|| server.to_owned())?,
    };
    match query {
        Some(query) => Some(joined(&server, &parameters(query)?)),
        None => Some(server),
    }
}

/// Hosts and ports, and nothing that could be half of a password.
fn plain_hosts(hosts: &str) -> bool {
    hosts.split(',').all(|host| {
        let (name, port) = match host.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
            Some((name, port)) => (name, port),
            None => (host, ""),
        };
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        port.bytes().all(|byte| byte.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte))
    })
}

/// A database: without what other drivers put there (`;password=`, `(password=)`, `scott/tiger@`).
fn plain_path(path: &str) -> bool {
    !path.contains(['@', ';', '=', '(', ')', '#', '&', ' ']) && !path.trim_start_matches('/').contains([':', '/'])
}

/// Those that hold no secret. None if one of them does not look like a parameter.
fn parameters(query: &str) -> Option<Vec<&str>> {
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(name).decode_utf8().ok()?.to_ascii_lowercase();
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
            return None;
        }
        if secret(&name) {
            continue;
        }
        // An address after an unescaped `?` in a password, or another driver's separators.
        if value.contains(['@', ';', '?']) && name != "user" {
            return None;
        }
        kept.push(pair);
    }
    Some(kept)
}

fn secret(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["pass", "pwd", "secret", "token", "credential", "accesskey", "apikey", "privatekey", "passphrase"];
    // The names of files and switches that sound like it.
    const NONE: [&str; 6] = [
        "sslpasswordcallback",
        "disconnectonexpiredpasswords",
        "passwordcharacterencoding",
        "credentialtype",
        "allowpublickeyretrieval",
        "jdbc.credentials.provider.class",
    ];
    WORDS.iter().any(|word| name.contains(word)) && !NONE.contains(&name)
}

fn joined(before: &str, parameters: &[&str]) -> String {
    if parameters.is_empty() { before.to_owned() } else { format!("{before}?{}", parameters.join("&")) }
}
