//! `jdbc:postgresql://HOST[:PORT][,...]/[DATABASE][?PARAMETERS]` and `jdbc:postgresql:[DATABASE]`.

use std::time::Duration;

use super::gather::{Gathered, Reading};
use super::split::{Plus, decoded, hosts, parameters, query};
use super::{Host, PostgresSettings, SettingsError, Target};
use crate::sql::tls::{TlsSettings, TlsWish};

const PORT: u16 = 5432;
const CONNECT: Duration = Duration::from_secs(10);

pub(super) fn read(rest: &str, reading: Reading<'_>) -> Result<PostgresSettings, SettingsError> {
    let (server, query) = query(rest);
    let (hosts, database) = server_and_database(server).map_err(|reason| reading.invalid(reason))?;
    let given = reading.gather(parameters(query, Plus::Space).map_err(|reason| reading.invalid(reason))?)?;
    let user = given.text("user").ok_or_else(|| {
        let prefix = reading.prefix;
        SettingsError::new(format!("Missing configuration \"{prefix}user\": PostgreSQL has no anonymous user."))
    })?;
    let (application_name, search_path) = (given.text("ApplicationName"), search_path(&given)?);
    let targets = [
        ("any", Target::Any),
        ("primary", Target::Primary),
        ("master", Target::Primary),
        ("secondary", Target::Secondary),
        ("slave", Target::Secondary),
        ("preferPrimary", Target::PreferPrimary),
        ("preferSecondary", Target::PreferSecondary),
        ("preferSlave", Target::PreferSecondary),
    ];
    Ok(PostgresSettings {
        hosts,
        database: if database.is_empty() { user.clone() } else { database },
        user,
        password: given.password(),
        tls: tls(&given)?,
        connect_timeout: given.seconds("connectTimeout")?.unwrap_or(Some(CONNECT)),
        login_timeout: given.seconds("loginTimeout")?.flatten(),
        socket_timeout: given.seconds("socketTimeout")?.flatten(),
        application_name,
        search_path,
        target: given.word("targetServerType", &targets)?.unwrap_or(Target::Any),
        read_only: given.flag("readOnly")?.unwrap_or(false),
    })
}

fn server_and_database(server: &str) -> Result<(Vec<Host>, String), String> {
    let local = || hosts("localhost", PORT);
    let Some(rest) = server.strip_prefix("//") else {
        if server.starts_with('/') {
            return Err(String::from("two slashes stand before the host"));
        }
        return Ok((local()?, decoded(server, Plus::Space, "the database")?));
    };
    if rest.is_empty() || rest == "/" {
        return Ok((local()?, String::new()));
    }
    let Some((authority, database)) = rest.split_once('/') else {
        return Err(String::from("a '/' must end host and port, as in jdbc:postgresql://db.example.com:5432/orders"));
    };
    if authority.contains('@') {
        return Err(String::from(
            "PostgreSQL's driver takes no user and password before the host; give connection.user and \
             connection.password",
        ));
    }
    if database.contains('/') {
        return Err(String::from("it has too many '/'; one in the name of a database is written as %2F"));
    }
    Ok((hosts(authority, PORT)?, decoded(database, Plus::Space, "the database")?))
}

fn tls(given: &Gathered) -> Result<TlsSettings, SettingsError> {
    let modes = [
        ("disable", TlsWish::Disable),
        ("allow", TlsWish::Allow),
        ("prefer", TlsWish::Prefer),
        ("require", TlsWish::Require),
        ("verify-ca", TlsWish::VerifyCa),
        ("verify-full", TlsWish::VerifyFull),
    ];
    // `?ssl` alone says true.
    let ssl = given.get("ssl").is_some() && given.flag("ssl")?.unwrap_or(true);
    let unsaid = if ssl { TlsWish::VerifyFull } else { TlsWish::Prefer };
    let wish = given.word("sslmode", &modes)?.unwrap_or(unsaid);
    let roots = given.file("sslrootcert")?;
    Ok(TlsSettings {
        wish: wish.with(roots.as_ref()),
        roots,
        certificate: given.file("sslcert")?,
        key: given.file("sslkey")?,
    })
}

/// Of `options`, which could set anything in the session, only this.
fn search_path(given: &Gathered) -> Result<Option<String>, SettingsError> {
    let schema = given.text("currentSchema");
    let Some(options) = given.filled("options") else {
        return Ok(schema);
    };
    let text = options.text().trim();
    let setting = text.strip_prefix("-c").map(str::trim_start).or_else(|| text.strip_prefix("--"));
    let path = setting
        .and_then(|setting| setting.strip_prefix("search_path"))
        .and_then(|setting| setting.trim_start().strip_prefix('='))
        .map(str::trim)
        .filter(|path| !path.is_empty() && !path.contains(|c: char| c.is_whitespace() || c == '\\'));
    let Some(path) = path else {
        return Err(options.fail("only -c search_path=NAME,... is supported, without spaces; see also currentSchema"));
    };
    if schema.is_some() {
        return Err(options.fail("currentSchema says the search path, too"));
    }
    Ok(Some(path.to_owned()))
}
