//! The secrets in a URL as texts: what must not be seen in anything that is said about the connection.

use percent_encoding::percent_decode_str;

use super::has_credentials;

/// Every text in it that is or could be a password, as it stands there and as it is meant. Of a URL of which it cannot
/// be told what is what, all that follows its scheme is one of them.
pub fn secrets(url: &str) -> Vec<String> {
    if !has_credentials(url) {
        return Vec::new();
    }
    let (server, query) = url.split_once('?').unwrap_or((url, ""));
    let login = server.split_once("//").and_then(|(_, rest)| rest.rsplit_once('@')).map(|(login, _)| login);
    let mut found: Vec<&str> =
        login.and_then(|login| login.split_once(':')).map(|(_, last)| last).into_iter().collect();
    for pair in query.split(['&', ';']) {
        if let Some((name, value)) = pair.split_once('=')
            && has_credentials(&format!("jdbc:sqlite:x?{name}=x"))
        {
            found.push(value);
        }
    }
    let is_clear = login.is_some() || !found.is_empty();
    if !is_clear || found.iter().any(|text| text.contains(['@', '/', '?'])) {
        found.push(url.split_once("//").map_or(url, |(_, rest)| rest));
        found.extend(url.rsplit_once('=').map(|(_, last)| last));
    }
    let mut all: Vec<String> = Vec::with_capacity(3 * found.len());
    for text in found.into_iter().filter(|text| !text.is_empty()) {
        all.push(text.to_owned());
        all.push(percent_decode_str(text).decode_utf8_lossy().into_owned());
        all.push(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned());
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_found_wherever_a_url_may_have_them() {
        for (url, expected) in [
            ("jdbc:postgresql://h/db?user=u&password=p%26w", vec!["p%26w", "p&w"]),
            ("jdbc:postgresql://h/db?sslpassword=a+b&ssl=true&password=c", vec!["a b", "a+b", "c"]),
            ("jdbc:mysql://u:p%40w@h:3306/db?useSSL=true", vec!["p%40w", "p@w"]),
            ("jdbc:mysql://u@h/db", vec![]),
            ("jdbc:sqlite:/a/b.db?password=x", vec!["x"]),
            ("jdbc:postgresql://h/db?user=u", vec![]),
            ("jdbc:sqlite:/a/b.db", vec![]),
        ] {
            assert_eq!(secrets(url), expected, "{url}");
        }
    }

    #[test]
    fn of_a_url_that_nobody_understands_all_is_hidden() {
        for url in [
            "jdbc:mysql://u:p/w@h/db",
            "jdbc:mysql://(host=h,password=geheim)/db",
            "jdbc:sqlserver://h;password=geheim",
        ] {
            let rest = url.split_once("//").map(|(_, rest)| rest.to_owned());
            assert!(secrets(url).contains(&rest.unwrap_or_default()), "{url}: {:?}", secrets(url));
        }
    }
}
