//! `jdbc:mysql://[USER[:PASSWORD]@]HOST[:PORT][,...]/[DATABASE][?PARAMETERS]`, and the same with `mariadb`.

use std::time::Duration;

use super::gather::{Gathered, Reading};
use super::split::{Plus, decoded, hosts, parameters, query};
use super::{MysqlSettings, Password, Scheme, SettingsError, ZeroDates};
use crate::sql::tls::{Pem, TlsSettings, TlsWish};

const PORT: u16 = 3306;
const MARIADB_CONNECT: Duration = Duration::from_secs(30);

pub(super) fn read(rest: &str, scheme: Scheme, reading: Reading<'_>) -> Result<MysqlSettings, SettingsError> {
    let invalid = |reason: &str| reading.invalid(reason);
    let (server, query) = query(rest);
    let Some(server) = server.strip_prefix("//") else {
        return Err(invalid(
            "two slashes must stand before the host; load balancing, replication and other ways to choose a host are \
             not supported: several hosts are tried in turn",
        ));
    };
    let (authority, database) = server.split_once('/').unwrap_or((server, ""));
    let (login, authority) = match authority.rsplit_once('@') {
        Some((login, authority)) => (Some(login), authority),
        None => (None, authority),
    };
    if authority.contains(['(', ')', '=']) {
        return Err(invalid("hosts are written as HOST:PORT; (host=...,port=...) is not supported"));
    }
    if login.is_some_and(|login| login.contains(',')) {
        return Err(invalid(
            "user and password stand once, before all hosts, or in connection.user and connection.password",
        ));
    }
    let hosts = hosts(authority, PORT).map_err(|reason| invalid(&reason))?;
    let database = decoded(database, Plus::Plus, "the database").map_err(|reason| invalid(&reason))?;
    let given = reading.gather(parameters(query, Plus::Plus).map_err(|reason| invalid(&reason))?)?;
    let (user, password) = credentials(login, &given).map_err(|reason| invalid(&reason))?;
    let connect = if scheme == Scheme::Mariadb { Some(MARIADB_CONNECT) } else { None };
    let (zeroes, unsaid) = zero_dates(scheme);
    Ok(MysqlSettings {
        scheme,
        hosts,
        database: Some(database).filter(|database| !database.is_empty()),
        user,
        password,
        tls: tls(scheme, &given)?,
        connect_timeout: given.millis("connectTimeout")?.unwrap_or(connect),
        socket_timeout: given.millis("socketTimeout")?.flatten(),
        time_zone: time_zone(&given)?,
        zero_dates: given.word("zeroDateTimeBehavior", &zeroes)?.unwrap_or(unsaid),
        tiny_int_is_bit: given.flag("tinyInt1isBit")?.unwrap_or(true),
        year_is_date: given.flag("yearIsDateType")?.unwrap_or(true),
        retrieve_public_key: given.flag("allowPublicKeyRetrieval")?.unwrap_or(false),
    })
}

/// Before the host goes before everything else, as the driver has it.
fn credentials(login: Option<&str>, given: &Gathered) -> Result<(String, Option<Password>), String> {
    let (user, password) = match login.map(|login| login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)))) {
        Some((user, password)) => (Some(decoded(user, Plus::Plus, "the user")?), password),
        None => (None, None),
    };
    let password = password.map(|text| decoded(text, Plus::Plus, "the password").map(Password::new)).transpose()?;
    let user = user.filter(|user| !user.is_empty()).or_else(|| given.text("user")).unwrap_or_default();
    Ok((user, password.or_else(|| given.password())))
}

fn zero_dates(scheme: Scheme) -> ([(&'static str, ZeroDates); 4], ZeroDates) {
    let words = [
        ("EXCEPTION", ZeroDates::Refuse),
        ("CONVERT_TO_NULL", ZeroDates::Null),
        ("convertToNull", ZeroDates::Null),
        ("ROUND", ZeroDates::Round),
    ];
    (words, if scheme == Scheme::Mariadb { ZeroDates::Null } else { ZeroDates::Refuse })
}

fn time_zone(given: &Gathered) -> Result<Option<String>, SettingsError> {
    let Some(zone) = given.filled("connectionTimeZone") else {
        return Ok(None);
    };
    let text = zone.text().trim();
    let logical = |word: &str| text.eq_ignore_ascii_case(word);
    if logical("LOCAL") || logical("disable") {
        return Ok(None);
    }
    if logical("SERVER") || logical("auto") {
        return Ok(Some("SERVER".into()));
    }
    const LONGEST: usize = 64;
    let fits =
        text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-:".contains(&byte));
    if fits { Ok(Some(text.to_owned())) } else { Err(zone.fail("it is not the name of a time zone")) }
}

fn tls(scheme: Scheme, given: &Gathered) -> Result<TlsSettings, SettingsError> {
    let roots = match (server_certificate(given)?, given.file("trustCertificateKeyStoreUrl")?) {
        (Some(_), Some(_)) => {
            return Err(SettingsError::new("serverSslCert and trustCertificateKeyStoreUrl say the same: give one"));
        }
        (one, other) => one.or(other),
    };
    let own = given.file("clientCertificateKeyStoreUrl")?;
    let wish = wish(scheme, given)?.with(roots.as_ref());
    Ok(TlsSettings { wish, roots, certificate: own.clone(), key: own })
}

fn server_certificate(given: &Gathered) -> Result<Option<Pem>, SettingsError> {
    match given.filled("serverSslCert") {
        Some(pem) if pem.text().trim_start().starts_with("-----BEGIN ") => Ok(Some(Pem::Text(pem.text().to_owned()))),
        Some(_) | None => given.file("serverSslCert"),
    }
}

/// `sslMode`, or else the older switches as each driver translates them.
fn wish(scheme: Scheme, given: &Gathered) -> Result<TlsWish, SettingsError> {
    let modes = [
        ("DISABLED", TlsWish::Disable),
        ("PREFERRED", TlsWish::Prefer),
        ("REQUIRED", TlsWish::Require),
        ("VERIFY_CA", TlsWish::VerifyCa),
        ("VERIFY_IDENTITY", TlsWish::VerifyFull),
        ("disable", TlsWish::Disable),
        ("trust", TlsWish::Require),
        ("verify-ca", TlsWish::VerifyCa),
        ("verify-full", TlsWish::VerifyFull),
    ];
    // All of them are read, so that none that is misspelt is passed over.
    let (ssl, require) = (given.flag("useSSL")?, given.flag("requireSSL")?.unwrap_or(false));
    let verify = given.flag("verifyServerCertificate")?.unwrap_or(false);
    let trust = given.flag("trustServerCertificate")?.unwrap_or(false);
    let nameless = given.flag("disableSslHostnameVerification")?.unwrap_or(false);
    let strict = if trust {
        TlsWish::Require
    } else if nameless {
        TlsWish::VerifyCa
    } else {
        TlsWish::VerifyFull
    };
    if let Some(mode) = given.word("sslMode", &modes)? {
        return Ok(mode);
    }
    Ok(match (scheme, ssl) {
        (_, Some(false)) => TlsWish::Disable,
        (Scheme::Mariadb, Some(true)) => strict,
        (_, _) if verify => TlsWish::VerifyCa,
        (_, _) if require => TlsWish::Require,
        (Scheme::Mariadb, None) => TlsWish::Disable,
        (Scheme::Mysql, Some(true) | None) => TlsWish::Prefer,
    })
}
