//! Days and dates of the proleptic Gregorian calendar, for any year that 64 bits have a use for: the databases reach
//! from 4713 BC to 294276 AD, further than the calendars of most libraries.

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Days of 400 years, after which the calendar repeats, days of the week included.
pub const CYCLE: i64 = 146_097;
/// Years that are calculated with. More would not fit into milliseconds, but this is enough for every database.
const YEARS: std::ops::RangeInclusive<i64> = -999_999..=999_999;

/// Days since 1970-01-01. None: there is no such date.
pub fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    if !YEARS.contains(&year) || !(1..=12).contains(&month) || day < 1 || day > length(year, month) {
        return None;
    }
    // Years begin in March here, so that the leap day is the last of its year.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (cycle, of_cycle) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * i64::from((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    Some(cycle * CYCLE + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - 719_468)
}

/// Year, month and day, so many days after 1970-01-01.
pub fn date(days: i64) -> (i64, u32, u32) {
    let days = days.saturating_add(719_468);
    let (cycle, day) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + cycle * 400 + i64::from(month <= 2);
    (year, u32::try_from(month).unwrap_or(1), u32::try_from(of_month).unwrap_or(1))
}

fn length(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_from_ten_thousand_years_before_to_a_hundred_thousand_after_has_its_date() {
        let (first, last) = (days(-9_999, 1, 1), days(99_999, 12, 31));
        assert_eq!((first, last), (Some(-4_371_587), Some(35_804_721)));
        let mut before = date(-4_371_588);
        for day in -4_371_587..=35_804_721 {
            let now = date(day);
            assert_eq!(days(now.0, now.1, now.2), Some(day));
            assert!(now > before);
            before = now;
        }
    }

    #[test]
    fn days_that_people_know_are_where_they_belong() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(1582, 10, 15), Some(-141_427));
        assert_eq!(days(0, 1, 1), Some(-719_528));
        assert_eq!(date(-719_162), (1, 1, 1));
    }

    #[test]
    fn days_that_are_not_are_none() {
        for (year, month, day) in
            [(1900, 2, 29), (2023, 2, 29), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0)]
        {
            assert_eq!(days(year, month, day), None);
        }
        assert_eq!(days(i64::MAX, 1, 1), None);
    }
}
