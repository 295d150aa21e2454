//! Dates, times and instants, as days and microseconds since 2000-01-01.

use bytes::{BufMut as _, BytesMut};

use super::{Unwritable, clock_of};
use crate::sql::forms::civil::DAY;
use crate::sql::forms::{Clock, Unit, Zone};
use crate::sql::postgres::decode::{BEFORE, DAYS, INFINITY, SECONDS};
use crate::sql::postgres::types::{Kind, Type};

/// 4714-11-24 BC to 5874897-12-31, as days since 2000.
const DATES: std::ops::Range<i64> = -2_451_545..2_145_031_949;
/// 4714-11-24 BC to 294276-12-31, as microseconds.
const INSTANTS: std::ops::Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;

pub(super) fn date(days: i64, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    match kind.kind {
        Kind::Date => {
            let days = days.checked_sub(DAYS).filter(|days| DATES.contains(days));
            let days = days.and_then(|days| i32::try_from(days).ok()).ok_or_else(|| Unwritable::range(kind))?;
            out.put_i32(days);
            Ok(())
        }
        _ => instant(Clock::new(days, 0, 0), kind, out),
    }
}

pub(super) fn time(count: i64, unit: Unit, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let clock = Clock::of(count, unit);
    let micros = clock.count(Unit::Micros).filter(|micros| (0..=DAY * 1_000_000).contains(micros));
    out.put_i64(micros.ok_or_else(|| Unwritable::range(kind))?);
    if matches!(kind.kind, Kind::TimeTz) {
        out.put_i32(0);
    }
    Ok(())
}

pub(super) fn timestamp(
    count: i64,
    unit: Unit,
    zone: &Zone,
    kind: &Type,
    out: &mut BytesMut,
) -> Result<(), Unwritable> {
    let instant_itself = matches!(kind.kind, Kind::TimestampTz);
    match (&kind.kind, unit) {
        (Kind::Timestamp | Kind::TimestampTz, Unit::Millis) if count >= INFINITY => out.put_i64(i64::MAX),
        (Kind::Timestamp | Kind::TimestampTz, Unit::Millis) if count <= BEFORE => out.put_i64(i64::MIN),
        (Kind::Timestamp | Kind::TimestampTz, _) => {
            instant(clock_of(count, unit, zone, !instant_itself), kind, out)?;
        }
        (Kind::Date, _) => date(clock_of(count, unit, zone, true).day().0, kind, out)?,
        _ => {
            let clock = clock_of(count, unit, zone, true);
            let of_day = Clock { seconds: clock.day().1.into(), ..clock };
            time(of_day.count(Unit::Micros).unwrap_or(0), Unit::Micros, kind, out)?;
        }
    }
    Ok(())
}

fn instant(clock: Clock, kind: &Type, out: &mut BytesMut) -> Result<(), Unwritable> {
    let since = clock.seconds.checked_sub(SECONDS).map(|seconds| Clock { seconds, ..clock });
    let micros = since.and_then(|clock| clock.count(Unit::Micros)).filter(|micros| INSTANTS.contains(micros));
    out.put_i64(micros.ok_or_else(|| Unwritable::range(kind))?);
    Ok(())
}
