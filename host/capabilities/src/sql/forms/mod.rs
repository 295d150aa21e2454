//! How values cross to a guest and back, as the contract's forms say it, for every driver alike. Decoding runs once
//! for each value of each row, so what is here allocates nothing but what the guest is handed.

pub mod civil;
pub mod clock;
pub mod decimal;
pub mod faults;
pub mod notation;
pub mod zone;

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

pub use clock::{Clock, Unit};
pub use zone::Zone;

/// What a value is made of when it is read, or what a node means when it is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// As it comes, or by the kind of the node.
    Natural,
    /// Boolean.
    Boolean,
    /// Integer of 64 bits.
    Integer,
    /// Float.
    Float,
    /// The database's own notation.
    Text,
    /// Bytes.
    Bytes,
    /// Text in plain notation, exact.
    Decimal,
    /// The unscaled number, big-endian, for this many digits after the point.
    Unscaled(i32),
    /// Days since the epoch.
    Date,
    /// Since midnight.
    Time(Unit),
    /// Since the epoch; the zone is that of clocks that have none.
    Timestamp(Unit, Zone),
    /// Elements of one dimension.
    Array(Box<Form>),
}

/// A form that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// No such form.
    #[error(
        "there is no form '{0}': known are boolean, integer, float, text, bytes, decimal[:SCALE], date, time[:UNIT], \
         timestamp[:UNIT][@ZONE] and array:FORM"
    )]
    Unknown(String),
    /// Not millis, micros or nanos.
    #[error("'{0}' is no unit of time: known are millis, micros and nanos")]
    Unit(String),
    /// Not in the time zone database.
    #[error("'{0}' is no time zone: names are those of the IANA database, such as Europe/Berlin")]
    Zone(String),
}

impl FromStr for Form {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, FormError> {
        let unknown = || FormError::Unknown(text.to_owned());
        Ok(match text {
            "" => Self::Natural,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "text" => Self::Text,
            "bytes" => Self::Bytes,
            "decimal" => Self::Decimal,
            "date" => Self::Date,
            _ => {
                if let Some(scale) = text.strip_prefix("decimal:") {
                    let scale: i32 = scale.parse().map_err(|_| unknown())?;
                    if !decimal::SCALES.contains(&scale) {
                        return Err(unknown());
                    }
                    Self::Unscaled(scale)
                } else if let Some(unit) = text.strip_prefix("time") {
                    match unit.strip_prefix("stamp") {
                        None => Self::Time(Unit::suffix(unit).ok_or_else(unknown)??),
                        Some(rest) => {
                            let (unit, zone) = rest.split_once('@').map_or((rest, None), |(u, z)| (u, Some(z)));
                            let zone = zone.map_or(Ok(Zone::UTC), Zone::parse)?;
                            Self::Timestamp(Unit::suffix(unit).ok_or_else(unknown)??, zone)
                        }
                    }
                } else if let Some(element) = text.strip_prefix("array:") {
                    match element.parse()? {
                        Self::Natural | Self::Array(_) => return Err(unknown()),
                        form => Self::Array(Box::new(form)),
                    }
                } else {
                    return Err(unknown());
                }
            }
        })
    }
}

impl Display for Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Natural => Ok(()),
            Self::Boolean => f.write_str("boolean"),
            Self::Integer => f.write_str("integer"),
            Self::Float => f.write_str("float"),
            Self::Text => f.write_str("text"),
            Self::Bytes => f.write_str("bytes"),
            Self::Decimal => f.write_str("decimal"),
            Self::Unscaled(scale) => write!(f, "decimal:{scale}"),
            Self::Date => f.write_str("date"),
            Self::Time(unit) => write!(f, "time:{unit}"),
            Self::Timestamp(unit, zone) if zone.is_utc() => write!(f, "timestamp:{unit}"),
            Self::Timestamp(unit, zone) => write!(f, "timestamp:{unit}@{zone}"),
            Self::Array(element) => write!(f, "array:{element}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_contract_is_read_and_written() {
        for (text, full) in [
            ("", ""),
            ("boolean", "boolean"),
            ("integer", "integer"),
            ("float", "float"),
            ("text", "text"),
            ("bytes", "bytes"),
            ("decimal", "decimal"),
            ("decimal:2", "decimal:2"),
            ("decimal:-3", "decimal:-3"),
            ("date", "date"),
            ("time", "time:millis"),
            ("time:micros", "time:micros"),
            ("timestamp", "timestamp:millis"),
            ("timestamp:nanos", "timestamp:nanos"),
            ("timestamp@Europe/Berlin", "timestamp:millis@Europe/Berlin"),
            ("timestamp:micros@America/New_York", "timestamp:micros@America/New_York"),
            ("timestamp@UTC", "timestamp:millis"),
            ("array:decimal:2", "array:decimal:2"),
            ("array:timestamp:micros", "array:timestamp:micros"),
        ] {
            assert_eq!(text.parse::<Form>().unwrap().to_string(), full);
        }
    }

    #[test]
    fn what_is_no_form_is_refused_by_name() {
        for text in ["int", "decimal:", "decimal:x", "decimal:99999999", "timer", "dates", "array:", "array:array:text"]
        {
            assert!(matches!(text.parse::<Form>(), Err(FormError::Unknown(_))), "{text}");
        }
        assert_eq!("time:days".parse::<Form>(), Err(FormError::Unit("days".into())));
        assert_eq!("timestamp@Mars/Base".parse::<Form>(), Err(FormError::Zone("Mars/Base".into())));
    }
}
