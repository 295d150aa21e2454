//! `[2026-11-20 09:00:00,123]`, in UTC: the one thing that a calendar library would be pulled in for.

use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes it. A clock before 1970 is shown as 1970.
pub(crate) fn write(line: &mut impl Write, time: SystemTime) -> fmt::Result {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    write!(line, "[{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02},{millis:03}]")
}

/// Days since 1970-01-01 as a date. Years are counted from March, so that the leap day comes last.
fn date(days: u64) -> (u64, u64, u64) {
    /// From 0000-03-01 to 1970-01-01.
    const TO_EPOCH: u64 = 719_468;
    /// In 400 years.
    const ERA: u64 = 146_097;
    let days = days + TO_EPOCH;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn written(millis: u64) -> String {
        let mut line = String::new();
        write(&mut line, UNIX_EPOCH + Duration::from_millis(millis)).unwrap();
        line
    }

    #[test]
    fn times_are_written_as_log4j_writes_them() {
        assert_eq!(written(0), "[1970-01-01 00:00:00,000]");
        assert_eq!(written(1_795_165_200_123), "[2026-11-20 09:00:00,123]");
    }

    #[test]
    fn leap_days_are_counted() {
        assert_eq!(written(951_782_400_000), "[2000-02-29 00:00:00,000]");
        assert_eq!(written(4_107_542_399_999), "[2100-02-28 23:59:59,999]");
        assert_eq!(written(4_107_542_400_000), "[2100-03-01 00:00:00,000]");
    }
}
