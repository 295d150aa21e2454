//! `java.util.Date.toString`, in UTC.

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Appends e.g. `Thu Jan 01 00:00:00 UTC 1970`.
pub fn write(milliseconds: i64, out: &mut Vec<u8>) {
    let days = milliseconds.div_euclid(DAY_MS);
    let seconds = milliseconds.rem_euclid(DAY_MS) / 1000;
    let (year, month, day) = civil(days);
    let text = format!(
        "{} {} {day:02} {:02}:{:02}:{:02} UTC {year}",
        DAYS[days.rem_euclid(7) as usize],
        MONTHS[month],
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    out.extend_from_slice(text.as_bytes());
}

/// Year, month from 0 and day from 1 of a day counted from 1970. Years are counted from March here, so that the
/// leap day is the last one.
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    (year, month as usize, day)
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn dates_look_as_in_java() {
        for (milliseconds, text) in [
            (0, "Thu Jan 01 00:00:00 UTC 1970"),
            (951_782_400_000, "Tue Feb 29 00:00:00 UTC 2000"),
            (-1000, "Wed Dec 31 23:59:59 UTC 1969"),
            (1_795_132_800_000, "Fri Nov 20 00:00:00 UTC 2026"),
        ] {
            let mut out = Vec::new();
            write(milliseconds, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), text);
        }
    }
}
