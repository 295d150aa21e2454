//! Time zones, for clocks that do not say where they stand. Offsets come from the bundled IANA database, so that a
//! value does not depend on what the machine has installed. Where a clock shows an hour twice or jumps over it, and
//! before 1900, the answer is `java.util.GregorianCalendar`'s, as JDBC drivers have it: the second of two readings
//! (standard time), the offset before a jump, and the zone's present standard time instead of local mean times.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::FormError;
use super::civil::{CYCLE, DAY};

/// 1900-01-01 and 2400-01-01, as seconds.
const EARLY: i64 = -2_208_988_800;
const LATE: i64 = 13_569_465_600;

/// Where clocks without a zone stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(Option<Arc<Known>>);

#[derive(Debug, PartialEq, Eq)]
struct Known {
    name: String,
    zone: TimeZone,
    /// Seconds east before 1900.
    early: i64,
}

impl Zone {
    /// Clocks that need no conversion.
    pub const UTC: Self = Self(None);

    /// By its IANA name; `UTC`, `GMT` and `Z` need no table, and offsets such as `+02:00` are zones as well.
    pub fn parse(name: &str) -> Result<Self, FormError> {
        if matches!(name, "UTC" | "Z" | "GMT" | "Etc/UTC" | "Etc/GMT") {
            return Ok(Self::UTC);
        }
        let unknown = || FormError::Zone(name.to_owned());
        let zone = match super::notation::offset(name) {
            Some(seconds) => TimeZone::fixed(Offset::from_seconds(seconds).map_err(|_| unknown())?),
            None => TimeZone::get(name).map_err(|_| unknown())?,
        };
        // Of winter and summer of some recent year, the one that is not daylight saving time.
        let early = [1_767_225_600_i64, 1_782_864_000]
            .into_iter()
            .filter_map(|second| Timestamp::from_second(second).ok())
            .map(|instant| zone.to_offset_info(instant))
            .find(|info| info.dst() == jiff::tz::Dst::No)
            .map_or(0, |info| i64::from(info.offset().seconds()));
        Ok(Self(Some(Arc::new(Known { name: name.to_owned(), zone, early }))))
    }

    /// Whether nothing is converted.
    pub fn is_utc(&self) -> bool {
        self.0.is_none()
    }

    /// Seconds since the epoch, of what a clock there shows.
    pub fn epoch(&self, local: i64) -> i64 {
        let Some(known) = &self.0 else { return local };
        if local < EARLY {
            return local.saturating_sub(known.early);
        }
        let (local, years) = fold(local);
        let Ok(as_utc) = Timestamp::from_second(local) else { return local };
        let offset = match known.zone.to_ambiguous_timestamp(Offset::UTC.to_datetime(as_utc)).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } => before,
            AmbiguousOffset::Fold { after, .. } => after,
        };
        (local - i64::from(offset.seconds())).saturating_add(years)
    }

    /// What a clock there shows, so many seconds after the epoch.
    pub fn local(&self, epoch: i64) -> i64 {
        let Some(known) = &self.0 else { return epoch };
        if epoch.saturating_add(known.early) < EARLY {
            return epoch.saturating_add(known.early);
        }
        let (epoch, years) = fold(epoch);
        let Ok(instant) = Timestamp::from_second(epoch) else { return epoch };
        (epoch + i64::from(known.zone.to_offset(instant).seconds())).saturating_add(years)
    }
}

/// Rules of far years are those of the same year four centuries earlier, as often as it takes: the calendar repeats.
fn fold(seconds: i64) -> (i64, i64) {
    if seconds < LATE {
        return (seconds, 0);
    }
    let cycle = CYCLE * DAY;
    let years = ((seconds - LATE) / cycle) * cycle;
    (seconds - years, years)
}

impl Display for Zone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("UTC", |known| &known.name))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What `java.util.GregorianCalendar` of JDK 17 says.
    #[test]
    fn gaps_and_overlaps_are_resolved_as_in_java() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let york = Zone::parse("America/New_York").unwrap();
        let moscow = Zone::parse("Europe/Moscow").unwrap();
        // 2024-10-27T02:30, shown twice, and 2024-03-31T02:30, never shown.
        assert_eq!(berlin.epoch(1_729_996_200), 1_729_992_600);
        assert_eq!(berlin.epoch(1_711_852_200), 1_711_848_600);
        // 2024-11-03T01:30.
        assert_eq!(york.epoch(1_730_597_400), 1_730_615_400);
        // 2014-10-26T01:30: the country changed its standard time.
        assert_eq!(moscow.epoch(1_414_287_000), 1_414_276_200);
    }

    #[test]
    fn far_years_have_the_rules_of_today_and_early_ones_the_standard_time_as_in_java() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        // 1800-01-01 and 12024-07-01.
        assert_eq!(berlin.epoch(-5_364_662_400), -5_364_666_000);
        assert_eq!(berlin.epoch(317_289_312_000), 317_289_304_800);
        assert_eq!(berlin.local(317_289_304_800), 317_289_312_000);
        assert_eq!(berlin.local(-5_364_666_000), -5_364_662_400);
    }

    #[test]
    fn instants_come_back_from_every_hour_that_is_shown_once() {
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "-03:30"] {
            let zone = Zone::parse(name).unwrap();
            // Four years in steps of 61 minutes: an hour is shown twice once a year.
            let twice = (0..34_000).map(|i| 1_700_000_000 + i * 3_660).filter(|at| zone.epoch(zone.local(*at)) != *at);
            assert!(twice.count() <= 5, "{name}");
        }
    }

    #[test]
    fn utc_by_any_name_converts_nothing() {
        for name in ["UTC", "Z", "GMT", "Etc/UTC"] {
            assert!(Zone::parse(name).unwrap().is_utc());
        }
        assert_eq!(Zone::UTC.epoch(i64::MIN), i64::MIN);
        assert!(Zone::parse("Europe/Berlin").unwrap().epoch(i64::MAX) > 0);
    }
}
