//! Days since the epoch as a date, as `GregorianCalendar` counts: Julian before 15 October 1582.

/// The first day of the Gregorian calendar, 15 October 1582.
const CUTOVER: i64 = -141_427;

/// Year, month from 1, day from 1. Year 0 is 1 BC.
pub fn civil(days: i64) -> (i64, u32, u32) {
    // counted from 1 March of year 0, so that the leap day is a year's last
    let (years, day_of_year) = if days >= CUTOVER {
        let shifted = days + 719_468;
        let day_of_era = shifted.rem_euclid(146_097);
        let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        (year + shifted.div_euclid(146_097) * 400, day_of_era - (365 * year + year / 4 - year / 100))
    } else {
        let shifted = days.saturating_add(719_470);
        let day_of_cycle = shifted.rem_euclid(1461);
        let year = (day_of_cycle - day_of_cycle / 1460) / 365;
        (year + shifted.div_euclid(1461) * 4, day_of_cycle - 365 * year)
    };
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    (years + i64::from(month <= 2), month, day)
}

/// The other way. Months and days beyond their range carry over, as in a lenient `SimpleDateFormat`.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let gregorian =
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468;
    if gregorian >= CUTOVER {
        return gregorian;
    }
    let julian = year * 365 + year.div_euclid(4) + day_of_year - 719_470;
    // days that were skipped count on from the last one before
    if julian < CUTOVER || year < 1582 { julian } else { gregorian.max(julian) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other_s_reverse() {
        for day in [-719_528, -141_428, -1, 0, 59, 11_016, 19_782, 2_932_896] {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, i64::from(month), i64::from(date)), day);
        }
        for day in (-1_000_000..100_000).step_by(97).chain(CUTOVER - 20..CUTOVER + 20) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, i64::from(month), i64::from(date)), day, "{year}-{month}-{date}");
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!((civil(CUTOVER), civil(CUTOVER - 1)), ((1582, 10, 15), (1582, 10, 4)));
        assert_eq!(civil(19_782), (2024, 2, 29));
    }

    #[test]
    fn months_and_days_carry_over() {
        assert_eq!(days(2020, 13, 45), days(2021, 2, 14));
    }
}
