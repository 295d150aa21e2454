//! Which versions are wanted: `1.0` and `[1.0]` that one only, `[1.0,2.0)`, `(,1.0],[1.2,)`, and `latest` for any.

use super::Version;

/// Longer texts are no ranges of anything, and comparing them costs much more than their length.
const LONGEST: usize = 256;
/// Any version, and of several the greatest.
const LATEST: &str = "latest";

/// Versions that are wanted.
#[derive(Debug, Clone)]
pub struct VersionRange {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    low: Option<Version>,
    with_low: bool,
    high: Option<Version>,
    with_high: bool,
}

/// A text that names no versions. The words are Maven's, as a validation shows them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// It does not end.
    #[error("Unbounded range: {0}")]
    Unbounded(String),
    /// `(1.0)`
    #[error("Single version must be surrounded by []: {0}")]
    Single(String),
    /// `[2.0,1.0]`
    #[error("Range defies version ordering: {0}")]
    Order(String),
    /// `[1,2],[1.5,3]`
    #[error("Ranges overlap: {0}")]
    Overlap(String),
    /// `[1.0],2.0`
    #[error("Only fully-qualified sets allowed in multiple set scenario: {0}")]
    Mixed(String),
    /// Of so many bytes. The words are ours, Maven would read it.
    #[error("Version range of {0} bytes: there may be {LONGEST} at most")]
    Long(usize),
}

impl VersionRange {
    /// Reads a setting such as `connector.plugin.version`; none: any version will do, the latest is taken.
    ///
    /// # Errors
    /// When it is not a range.
    pub fn parse(text: Option<&str>) -> Result<Option<Self>, InvalidRange> {
        match text {
            None | Some(LATEST) => Ok(None),
            Some(text) if text.len() > LONGEST => Err(InvalidRange::Long(text.len())),
            Some(text) => {
                let text = text.trim();
                match parts(text)? {
                    Some(parts) => Ok(Some(Self { parts })),
                    // Kafka takes a bare version for that one and no other.
                    None => Ok(parts(&format!("[{text}]"))?.map(|parts| Self { parts })),
                }
            }
        }
    }

    /// Whether a version is one of them.
    pub fn contains(&self, version: &Version) -> bool {
        self.parts.iter().any(|part| part.contains(version))
    }
}

/// The parts of a range; none: it is a bare version.
fn parts(spec: &str) -> Result<Option<Vec<Part>>, InvalidRange> {
    let mut parts: Vec<Part> = Vec::new();
    let mut left = spec;
    while left.starts_with(['[', '(']) {
        let end = left.find([')', ']']).ok_or_else(|| InvalidRange::Unbounded(spec.to_owned()))?;
        let (own, after) = left.split_at(end + 1);
        let part = Part::parse(own)?;
        if let Some(before) = parts.last()
            && let Some(high) = &before.high
            && part.low.as_ref().is_none_or(|low| low < high)
        {
            return Err(InvalidRange::Overlap(spec.to_owned()));
        }
        parts.push(part);
        left = after.trim();
        left = left.strip_prefix(',').map_or(left, str::trim);
    }
    match (left.is_empty(), parts.is_empty()) {
        (true, false) => Ok(Some(parts)),
        (false, false) => Err(InvalidRange::Mixed(spec.to_owned())),
        (_, true) => Ok(None),
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, InvalidRange> {
        let (with_low, with_high) = (text.starts_with('['), text.ends_with(']'));
        let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default().trim();
        let Some((low, high)) = inner.split_once(',') else {
            if !with_low || !with_high {
                return Err(InvalidRange::Single(text.to_owned()));
            }
            let version = Version::new(inner);
            return Ok(Self { low: Some(version.clone()), with_low, high: Some(version), with_high });
        };
        let bound = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(Version::new);
        let (low, high) = (bound(low), bound(high));
        if let (Some(low), Some(high)) = (&low, &high)
            && (high < low || (high == low && !(with_low && with_high)))
        {
            return Err(InvalidRange::Order(text.to_owned()));
        }
        Ok(Self { low, with_low, high, with_high })
    }

    fn contains(&self, version: &Version) -> bool {
        let above = self.low.as_ref().is_none_or(|low| low < version || (self.with_low && low == version));
        let below = self.high.as_ref().is_none_or(|high| version < high || (self.with_high && high == version));
        above && below
    }
}

impl std::fmt::Display for VersionRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            let bound = |version: &Option<Version>| version.as_ref().map_or_else(String::new, ToString::to_string);
            f.write_str(if at > 0 { "," } else { "" })?;
            f.write_str(if part.with_low { "[" } else { "(" })?;
            write!(f, "{},{}", bound(&part.low), bound(&part.high))?;
            f.write_str(if part.with_high { "]" } else { ")" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written_as_maven_does() {
        for (text, shown) in [
            ("1.0", "[1.0,1.0]"),
            ("[1.0]", "[1.0,1.0]"),
            ("[1.0,2.0)", "[1.0,2.0)"),
            ("(,1.0],[1.2,)", "(,1.0],[1.2,)"),
            ("[1.0],", "[1.0,1.0]"),
            ("", "[,]"),
            ("abc", "[abc,abc]"),
            (" [ 1.0 , 2.0 ] ", "[1.0,2.0]"),
            ("[1.0] ,[2.0]", "[1.0,1.0],[2.0,2.0]"),
            ("[1,2],[2,3]", "[1,2],[2,3]"),
            ("1.0,2.0", "[1.0,2.0]"),
        ] {
            assert_eq!(VersionRange::parse(Some(text)).unwrap().unwrap().to_string(), shown, "{text}");
        }
        assert!(VersionRange::parse(Some("latest")).unwrap().is_none());
        assert!(VersionRange::parse(None).unwrap().is_none());
    }

    #[test]
    fn what_is_no_range_is_refused_in_mavens_words() {
        for (text, error) in [
            ("[1.0,2.0", "Unbounded range: [1.0,2.0"),
            ("(1.0)", "Single version must be surrounded by []: (1.0)"),
            ("[2.0,1.0]", "Range defies version ordering: [2.0,1.0]"),
            ("[1,1)", "Range defies version ordering: [1,1)"),
            ("[1,2],[1.5,3]", "Ranges overlap: [1,2],[1.5,3]"),
            ("[1.0],3", "Only fully-qualified sets allowed in multiple set scenario: [1.0],3"),
        ] {
            assert_eq!(VersionRange::parse(Some(text)).unwrap_err().to_string(), error);
        }
    }

    #[test]
    fn what_is_too_long_is_refused_and_not_repeated() {
        let long = format!("[{}]", "-".repeat(255));
        assert_eq!(VersionRange::parse(Some(&long)).unwrap_err(), InvalidRange::Long(257));
        let text = VersionRange::parse(Some(&"-".repeat(2_000_000))).unwrap_err().to_string();
        assert_eq!(text, "Version range of 2000000 bytes: there may be 256 at most");
        assert!(VersionRange::parse(Some(&"-".repeat(256))).is_ok());
    }

    #[test]
    fn bounds_belong_to_a_range_or_not() {
        let has = |range: &str, version: &str| {
            VersionRange::parse(Some(range)).unwrap().unwrap().contains(&Version::new(version))
        };
        assert!(has("[1.0,2.0)", "1") && has("[1.0,2.0)", "1.9.9") && !has("[1.0,2.0)", "2.0.0"));
        assert!(
            !has("(1.0,)", "1.0") && has("(1.0,)", "7") && has("(,1.0],[1.2,)", "1.2") && !has("(,1.0],[1.2,)", "1.1")
        );
        assert!(has("1.0", "1.0.0") && !has("1.0", "1.0.1"));
    }
}
