//! The first packets of a connection: what the server is, what both sides can do, and who signs in.

use super::bytes::{Bytes, push_counted};
use super::trouble::Trouble;

/// What the two sides may agree on.
pub mod ability {
    /// Counts of changes are of the rows that were found, as JDBC drivers have it.
    pub const FOUND_ROWS: u32 = 1 << 1;
    /// A database is named when signing in.
    pub const WITH_DATABASE: u32 = 1 << 3;
    /// The protocol since 4.1.
    pub const PROTOCOL_41: u32 = 1 << 9;
    /// TLS.
    pub const TLS: u32 = 1 << 11;
    /// Answers say whether a transaction is open.
    pub const TRANSACTIONS: u32 = 1 << 13;
    /// Passwords as since 4.1.
    pub const SECURE_CONNECTION: u32 = 1 << 15;
    /// Procedures may answer several results.
    pub const MULTI_RESULTS: u32 = 1 << 17;
    /// Prepared ones too.
    pub const PREPARED_MULTI_RESULTS: u32 = 1 << 18;
    /// Ways to sign in have names.
    pub const PLUGINS: u32 = 1 << 19;
    /// Answers to a sign-in may be long.
    pub const LONG_ANSWERS: u32 = 1 << 21;
    /// No packets that only say that something ends.
    pub const NO_EOF: u32 = 1 << 24;

    /// What this side can do. Not in it, on purpose: LOCAL INFILE, several statements at a time, compression.
    pub const OURS: u32 = FOUND_ROWS
        | PROTOCOL_41
        | TRANSACTIONS
        | SECURE_CONNECTION
        | MULTI_RESULTS
        | PREPARED_MULTI_RESULTS
        | PLUGINS
        | LONG_ANSWERS
        | NO_EOF;
}

/// `utf8mb4_general_ci`, which all versions know.
const UTF8MB4: u8 = 45;
/// Without it a server is too old.
const NEEDED: u32 = ability::PROTOCOL_41 | ability::SECURE_CONNECTION | ability::PLUGINS;

/// What a server says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// As it calls it.
    pub version: String,
    /// The connection's number.
    pub id: u32,
    /// What it can do.
    pub abilities: u32,
    /// How it would like users to sign in.
    pub plugin: String,
    /// For the answer to depend on.
    pub nonce: Vec<u8>,
}

impl Greeting {
    /// Reads it.
    pub fn read(packet: &[u8]) -> Result<Self, Trouble> {
        let mut bytes = Bytes(packet);
        if bytes.byte()? != 10 {
            return Err(Trouble::Protocol("a greeting of another protocol version than 10"));
        }
        let version = String::from_utf8_lossy(bytes.until_zero()).into_owned();
        let id = bytes.u32()?;
        let mut nonce = bytes.take(8)?.to_vec();
        bytes.byte()?;
        let low = bytes.u16()?;
        // Collation and status.
        bytes.take(3)?;
        let abilities = u32::from(low) | u32::from(bytes.u16()?) << 16;
        if abilities & NEEDED != NEEDED {
            return Err(Trouble::Settings(format!("the database is too old: it is {version}")));
        }
        let length = usize::from(bytes.byte()?);
        bytes.take(10)?;
        let second = bytes.take(length.saturating_sub(8).max(13))?;
        nonce.extend_from_slice(second.strip_suffix(&[0]).unwrap_or(second));
        let plugin = String::from_utf8_lossy(bytes.until_zero()).into_owned();
        Ok(Self { version, id, abilities, plugin, nonce })
    }

    /// Whether it is MariaDB.
    pub fn mariadb(&self) -> bool {
        self.version.contains("MariaDB")
    }

    /// Without what MariaDB puts in front of it for replicas of old.
    pub fn version(&self) -> &str {
        let version = if self.mariadb() { self.version.strip_prefix("5.5.5-") } else { None };
        version.unwrap_or(&self.version)
    }
}

/// What both sides can do.
pub fn agreed(greeting: &Greeting, database: bool, tls: bool) -> u32 {
    let named = if database { ability::WITH_DATABASE } else { 0 };
    let secured = if tls { ability::TLS } else { 0 };
    greeting.abilities & (ability::OURS | named | secured)
}

/// Appends the beginning of an answer, which alone asks for TLS.
pub fn push_request(out: &mut Vec<u8>, abilities: u32, limit: usize) {
    out.extend_from_slice(&abilities.to_le_bytes());
    out.extend_from_slice(&u32::try_from(limit).unwrap_or(u32::MAX).to_le_bytes());
    out.push(UTF8MB4);
    out.extend_from_slice(&[0; 23]);
}

/// Appends who signs in, and how.
pub fn push_answer(out: &mut Vec<u8>, abilities: u32, who: &Who<'_>) {
    out.extend_from_slice(who.user.as_bytes());
    out.push(0);
    if abilities & ability::LONG_ANSWERS != 0 {
        push_counted(out, who.answer);
    } else {
        out.push(u8::try_from(who.answer.len()).unwrap_or(0));
        out.extend_from_slice(who.answer);
    }
    if abilities & ability::WITH_DATABASE != 0 {
        out.extend_from_slice(who.database.as_bytes());
        out.push(0);
    }
    out.extend_from_slice(who.plugin.as_bytes());
    out.push(0);
}

/// Who signs in.
pub struct Who<'a> {
    /// By this name.
    pub user: &'a str,
    /// Into this database.
    pub database: &'a str,
    /// In this way.
    pub plugin: &'a str,
    /// With this answer.
    pub answer: &'a [u8],
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub mod tests {
    use super::*;

    /// A greeting as a server sends it.
    pub fn greeting(version: &str, abilities: u32, plugin: &str) -> Vec<u8> {
        let mut out = vec![10];
        out.extend_from_slice(version.as_bytes());
        out.push(0);
        out.extend_from_slice(&7_u32.to_le_bytes());
        out.extend_from_slice(b"12345678\0");
        out.extend_from_slice(&abilities.to_le_bytes()[..2]);
        out.extend_from_slice(&[45, 2, 0]);
        out.extend_from_slice(&abilities.to_le_bytes()[2..]);
        out.push(21);
        out.extend_from_slice(&[0; 10]);
        out.extend_from_slice(b"abcdefghijkl\0");
        out.extend_from_slice(plugin.as_bytes());
        out.push(0);
        out
    }

    #[test]
    fn greetings_of_both_products_are_read() {
        let read =
            Greeting::read(&greeting("5.5.5-10.11.6-MariaDB-0+deb12u1", u32::MAX, "mysql_native_password")).unwrap();
        assert!(read.mariadb());
        assert_eq!(
            (read.version(), read.id, read.nonce.as_slice()),
            ("10.11.6-MariaDB-0+deb12u1", 7, &b"12345678abcdefghijkl"[..])
        );
        assert_eq!(read.plugin, "mysql_native_password");
        let read = Greeting::read(&greeting("8.4.3", u32::MAX, "mysql_native_password")).unwrap();
        assert_eq!((read.mariadb(), read.version()), (false, "8.4.3"));
    }

    #[test]
    fn neither_local_files_nor_several_statements_are_ever_announced() {
        const LOCAL_FILES: u32 = 1 << 7;
        const MULTI_STATEMENTS: u32 = 1 << 16;
        const COMPRESS: u32 = 1 << 5;
        let read = Greeting::read(&greeting("8.4.3", u32::MAX, "mysql_native_password")).unwrap();
        assert_eq!(agreed(&read, true, true) & (LOCAL_FILES | MULTI_STATEMENTS | COMPRESS), 0);
    }

    #[test]
    fn no_part_of_a_greeting_makes_a_panic() {
        let whole = greeting("8.4.3", u32::MAX, "mysql_native_password");
        for length in 0..whole.len() - 35 {
            assert!(Greeting::read(&whole[..length]).is_err(), "{length}");
        }
        assert!(
            Greeting::read(&greeting("4.0.1", 0, "mysql_native_password")).unwrap_err().to_string().contains("too old")
        );
    }
}
