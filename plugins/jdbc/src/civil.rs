//! Days and dates.

/// Year, month and day of a day since 1970, in the proleptic Gregorian calendar: counted in eras of 400 years that
/// begin in March, so that the leap day is the last of its year.
pub fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    let since = days + 719_468;
    let era = since.div_euclid(DAYS_PER_ERA);
    let of_era = since.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
