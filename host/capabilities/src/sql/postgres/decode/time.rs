//! Dates and times: days, and microseconds, since 2000-01-01. The ends of time have numbers of their own.

use super::Unreadable;
use crate::sql::forms::civil::DAY;
use crate::sql::forms::{Clock, Unit, Zone};

/// Days from 1970 to 2000.
pub(crate) const DAYS: i64 = 10_957;
/// Seconds likewise.
pub(crate) const SECONDS: i64 = DAYS * DAY;
/// What PostgreSQL's own JDBC driver makes of `infinity`, in milliseconds, and takes for it.
pub(crate) const INFINITY: i64 = 9_223_372_036_825_200_000;
/// And of `-infinity`.
pub(crate) const BEFORE: i64 = -9_223_372_036_832_400_000;

const MICROS: i64 = 1_000_000;

fn days(raw: &[u8]) -> Result<i64, Unreadable> {
    let days: [u8; 4] = raw.try_into().map_err(|_| Unreadable::nonsense())?;
    match i32::from_be_bytes(days) {
        i32::MAX => Err(endless("infinity")),
        i32::MIN => Err(endless("-infinity")),
        days => Ok(i64::from(days) + DAYS),
    }
}

fn endless(value: &str) -> Unreadable {
    Unreadable::new(value, "it is no day; read it as text, or as a timestamp in milliseconds")
}

fn far(clock: Clock) -> Unreadable {
    Unreadable::new(format!("{} seconds since 1970", clock.seconds), "it is out of the range of 64 bits in this unit")
}

fn micros(raw: &[u8]) -> Result<i64, Unreadable> {
    raw.try_into().map(i64::from_be_bytes).map_err(|_| Unreadable::nonsense())
}

pub(super) fn date(raw: &[u8]) -> Result<i64, Unreadable> {
    days(raw)
}

/// The beginning of a day, where its clocks stand.
pub(super) fn midnight(raw: &[u8], unit: Unit, zone: &Zone) -> Result<i64, Unreadable> {
    match (raw, unit) {
        ([0x7f, 0xff, 0xff, 0xff], Unit::Millis) => return Ok(INFINITY),
        ([0x80, 0, 0, 0], Unit::Millis) => return Ok(BEFORE),
        _ => {}
    }
    let clock = Clock { seconds: zone.epoch(days(raw)? * DAY), nanos: 0 };
    clock.count(unit).ok_or_else(|| far(clock))
}

pub(super) fn time(raw: &[u8], unit: Unit) -> Result<i64, Unreadable> {
    Ok(in_unit(micros(raw)?, unit))
}

/// In UTC: the zone is an offset, and cannot cross otherwise.
pub(super) fn time_with_zone(raw: &[u8], unit: Unit) -> Result<i64, Unreadable> {
    let (time, zone) = raw.split_at_checked(8).ok_or_else(Unreadable::nonsense)?;
    let west: [u8; 4] = zone.try_into().map_err(|_| Unreadable::nonsense())?;
    let time = micros(time)?.wrapping_add(i64::from(i32::from_be_bytes(west)) * MICROS);
    Ok(in_unit(time.rem_euclid(DAY * MICROS), unit))
}

/// Of a time of day, which fits into any unit.
fn in_unit(micros: i64, unit: Unit) -> i64 {
    match unit {
        Unit::Millis => micros.div_euclid(1_000),
        Unit::Micros => micros,
        Unit::Nanos => micros.saturating_mul(1_000),
    }
}

pub(super) fn timestamp(raw: &[u8], unit: Unit, zone: &Zone) -> Result<i64, Unreadable> {
    let clock = match (micros(raw)?, unit) {
        (i64::MAX, Unit::Millis) => return Ok(INFINITY),
        (i64::MIN, Unit::Millis) => return Ok(BEFORE),
        (i64::MAX, _) => return Err(endless("infinity")),
        (i64::MIN, _) => return Err(endless("-infinity")),
        (micros, Unit::Millis) if zone.is_utc() => return Ok(micros.div_euclid(1_000) + SECONDS * 1_000),
        (micros, Unit::Micros) if zone.is_utc() => {
            return micros.checked_add(SECONDS * MICROS).ok_or_else(Unreadable::nonsense);
        }
        (micros, _) => clock(micros),
    };
    let clock = Clock { seconds: zone.epoch(clock.seconds), ..clock };
    clock.count(unit).ok_or_else(|| far(clock))
}

fn clock(micros: i64) -> Clock {
    let clock = Clock::of(micros, Unit::Micros);
    Clock { seconds: clock.seconds + SECONDS, ..clock }
}

fn shown(raw: &[u8], zone: &Zone) -> Result<Clock, Unreadable> {
    match micros(raw)? {
        i64::MAX => Err(endless("infinity")),
        i64::MIN => Err(endless("-infinity")),
        micros => {
            let clock = clock(micros);
            Ok(Clock { seconds: zone.local(clock.seconds), ..clock })
        }
    }
}

pub(super) fn date_of(raw: &[u8], zone: &Zone) -> Result<i64, Unreadable> {
    Ok(shown(raw, zone)?.day().0)
}

pub(super) fn time_of(raw: &[u8], unit: Unit, zone: &Zone) -> Result<i64, Unreadable> {
    let clock = shown(raw, zone)?;
    let of_day = Clock { seconds: clock.day().1.into(), ..clock };
    of_day.count(unit).ok_or_else(|| far(of_day))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(micros: i64) -> [u8; 8] {
        micros.to_be_bytes()
    }

    #[test]
    fn instants_before_1970_and_after_9999_are_read_exactly() {
        for (micros, millis) in [
            (0, 946_684_800_000),
            (-946_684_800_000_001, -1),
            // 4714-11-24 BC and 294276-12-31, the ends of what there is.
            (-211_813_488_000_000_000, -210_866_803_200_000),
            (9_223_371_331_199_999_999, 9_224_318_015_999_999),
        ] {
            assert_eq!(timestamp(&at(micros), Unit::Millis, &Zone::UTC).unwrap(), millis);
        }
        assert!(timestamp(&at(9_223_371_331_199_999_999), Unit::Micros, &Zone::UTC).is_err());
        assert!(timestamp(&at(9_000_000_000_000_000_000), Unit::Nanos, &Zone::UTC).is_err());
    }

    #[test]
    fn the_ends_of_time_are_what_jdbc_has_for_them_or_an_error() {
        assert_eq!(timestamp(&at(i64::MAX), Unit::Millis, &Zone::UTC).unwrap(), INFINITY);
        assert_eq!(timestamp(&at(i64::MIN), Unit::Millis, &Zone::UTC).unwrap(), BEFORE);
        assert_eq!(timestamp(&at(i64::MAX), Unit::Micros, &Zone::UTC).unwrap_err().value, "infinity");
        assert!(date(&i32::MAX.to_be_bytes()).is_err() && date(&i32::MIN.to_be_bytes()).is_err());
    }

    #[test]
    fn clocks_without_zone_stand_where_the_form_says() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        // 2024-07-01 12:00.
        let noon = at((1_719_835_200 - SECONDS) * MICROS + 1_234);
        assert_eq!(timestamp(&noon, Unit::Millis, &berlin).unwrap(), 1_719_828_000_001);
        assert_eq!(timestamp(&noon, Unit::Nanos, &Zone::UTC).unwrap(), 1_719_835_200_001_234_000);
        assert_eq!(date_of(&noon, &Zone::UTC).unwrap(), 19_905);
        assert_eq!(time_of(&noon, Unit::Micros, &Zone::UTC).unwrap(), 43_200_001_234);
        assert_eq!(midnight(&0_i32.to_be_bytes(), Unit::Millis, &berlin).unwrap(), 946_681_200_000);
    }

    #[test]
    fn times_with_an_offset_are_in_utc() {
        // 01:00+02 is 23:00 of the day before.
        let raw = [at(3_600_000_000).as_slice(), &(-7_200_i32).to_be_bytes()].concat();
        assert_eq!(time_with_zone(&raw, Unit::Millis).unwrap(), 82_800_000);
        assert_eq!(time(&at(86_399_999_999), Unit::Millis).unwrap(), 86_399_999);
    }
}
