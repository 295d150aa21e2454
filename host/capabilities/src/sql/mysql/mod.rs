//! MySQL and MariaDB. One connection is one session of one server: its packets ([`wire`]), commands ([`session`]) and
//! statements, which are always prepared, so that no text of a guest is ever more than one statement. The server is no
//! more trusted than the guest: it gets no file, no password that somebody else could read, and no memory for what it
//! only announces.

mod answer;
mod bind;
mod bytes;
mod catalog;
mod column;
mod connection;
mod declared;
mod decode;
mod ending;
mod executions;
mod greeting;
mod login;
mod moment;
mod rows;
mod scramble;
mod session;
mod sign_in;
mod socket;
mod statements;
#[cfg(test)]
mod tests;
mod transaction;
mod trouble;
mod wire;

use watertight_sandbox::sql::{Fault, SqlConnection, SqlLimits, code};

use super::url::{MysqlSettings, ZeroDates};
use crate::files::FileRoots;
use crate::net::NetPolicy;
use crate::sql::forms::Zone;
use column::Taste;
use connection::Connection;
use moment::Zeros;
use rows::Manners;

/// A connection by these settings, to hosts that the network policy grants.
///
/// # Errors
/// Which setting is at fault, or that nobody answers.
pub async fn open(
    settings: MysqlSettings,
    net: &NetPolicy,
    files: &FileRoots,
    limits: &SqlLimits,
) -> Result<Box<dyn SqlConnection>, Fault> {
    let zone = match settings.time_zone.as_deref() {
        // Sessions are in UTC, whatever the server is in.
        None | Some("SERVER") => Zone::UTC,
        Some(name) => Zone::parse(name)
            .map_err(|error| Fault::new(code::CONFIG, format!("connectionTimeZone in connection.url: {error}")))?,
    };
    let zeros = match settings.zero_dates {
        ZeroDates::Refuse => Zeros::Refuse,
        ZeroDates::Null => Zeros::Null,
        ZeroDates::Round => Zeros::Round,
    };
    let taste = Taste { tiny_is_bit: settings.tiny_int_is_bit, year_is_date: settings.year_is_date };
    let manners = Manners { taste, zeros, zone, row: limits.row };
    let session = login::open(&settings, net, files, limits.row).await?;
    Ok(Box::new(Connection::new(session, manners, &settings, limits.statement)))
}
