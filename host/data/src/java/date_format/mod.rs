//! `java.text.SimpleDateFormat` in UTC, with English names: what TimestampConverter and TimestampRouter read and
//! write dates with.
//!
//! Reading is as lenient as Java's: a month 13 is next year's January, text after the last field is ignored,
//! fields without a delimiter between them take as many digits as the pattern has letters, all others as many
//! as there are. Zones are read as offsets, `UTC`, `GMT` or `Z`, not as the names that Java's tables have.

mod fields;
mod pattern;
mod read;
mod write;

use self::pattern::Piece;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY: i64 = 86_400_000;

/// A pattern, taken apart.
#[derive(Debug, Clone)]
pub struct DateFormat {
    pattern: String,
    pieces: Vec<Piece>,
}

impl DateFormat {
    /// From a pattern.
    ///
    /// # Errors
    /// With the words of Java's `IllegalArgumentException`.
    pub fn new(pattern: &str) -> Result<Self, String> {
        Ok(Self { pattern: pattern.to_owned(), pieces: pattern::parse(pattern)? })
    }

    /// The pattern (`toPattern`).
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Milliseconds since the epoch as text.
    pub fn format(&self, millis: i64) -> String {
        write::write(&self.pieces, millis)
    }

    /// Text as milliseconds since the epoch; none if it does not match. `now` decides which century a year of
    /// two digits is in.
    pub fn parse(&self, text: &str, now: i64) -> Option<i64> {
        read::read(&self.pieces, text, now)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn written(pattern: &str, millis: i64) -> String {
        DateFormat::new(pattern).unwrap().format(millis)
    }

    fn read(pattern: &str, text: &str) -> Option<i64> {
        DateFormat::new(pattern).unwrap().parse(text, NOW)
    }

    #[test]
    fn every_letter_writes_its_field() {
        // Tuesday
        let millis = 1_700_000_000_123;
        for (pattern, text) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2023-11-14T22:13:20.123Z"),
            ("yy y yyyyy", "23 2023 02023"),
            ("EEE EEEE MMM MMMM LLL", "Tue Tuesday Nov November Nov"),
            ("h K k H a G u", "10 10 22 22 PM AD 2"),
            ("D w W F Y", "318 46 3 2 2023"),
            ("z Z X zzzz", "UTC +0000 Z Coordinated Universal Time"),
            ("S SS SSSSSS", "123 123 000123"),
            ("'it''s' ''", "it's '"),
        ] {
            assert_eq!(written(pattern, millis), text, "{pattern}");
        }
        assert_eq!(written("kk hh", 0), "24 12");
    }

    #[test]
    fn what_was_written_is_read_again() {
        for pattern in [
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "yyyyMMddHHmmssSSS",
            "EEE, d MMM yyyy hh:mm:ss.SSS a z",
            "D yyyy HH:mm:ss.SSS",
            "YYYY w u HH:mm:ss.SSS",
        ] {
            for millis in [0, 1_700_000_000_123, 951_782_400_000, 1_704_067_199_999] {
                assert_eq!(read(pattern, &written(pattern, millis)), Some(millis), "{pattern}");
            }
        }
    }

    #[test]
    fn reading_is_lenient() {
        for (pattern, text, millis) in [
            ("yyyy-MM-dd", "1970-13-01", Some(31_536_000_000)),
            ("yyyy-MM-dd", "1970-1-2 and more", Some(86_400_000)),
            ("yyyy-MM-dd", " 1970-  1-2", Some(86_400_000)),
            ("yyyy-MM-dd", "70-01-01", Some(-59_958_316_800_000)),
            ("yyyy-MM-dd", "x", None),
            ("yyyyMMdd", "19700", None),
            ("HH:mm", "25:61", Some(93_660_000)),
            ("yy-MM-dd", "70-01-01", Some(0)),
            ("HH Z", "02 +0200", Some(0)),
            ("HH X", "02 -02", Some(14_400_000)),
            ("HH z", "02 GMT+02:00", Some(0)),
            ("MMM yyyy", "jAnUary 1970", Some(0)),
        ] {
            assert_eq!(read(pattern, text), millis, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for (pattern, message) in [
            ("yyyy-bb", "Illegal pattern character 'b'"),
            ("'open", "Unterminated quote"),
            ("XXXX", "invalid ISO 8601 format: length=4"),
        ] {
            assert_eq!(DateFormat::new(pattern).unwrap_err(), message);
        }
    }
}
