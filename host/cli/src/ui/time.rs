//! Times for people, in UTC, as the log has them but to the second.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::logging::timestamp;

/// `2026-11-20 09:00:00` of milliseconds since 1970.
pub(crate) fn of_millis(millis: i64) -> String {
    of(UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default()))
}

/// `09:00:00` now.
pub(crate) fn now() -> String {
    let full = of(SystemTime::now());
    full.split_once(' ').map(|(_, time)| time.to_owned()).unwrap_or(full)
}

fn of(time: SystemTime) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = timestamp::write(&mut text, time);
    let text = text.trim_matches(['[', ']']);
    text.split_once(',').map_or(text, |(whole, _)| whole).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_to_the_second() {
        assert_eq!(of_millis(951_782_399_999), "2000-02-28 23:59:59");
        assert_eq!(of_millis(-1), "1970-01-01 00:00:00");
    }
}
