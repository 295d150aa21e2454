//! Where a transaction ends.

use std::time::Duration;

use tokio::time::Instant;

use crate::entities::ConfigMap;
use crate::failure::Failure;

const BOUNDARY: &str = "transaction.boundary";
const INTERVAL: &str = "transaction.boundary.interval.ms";

/// `transaction.boundary`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// After each poll that brought something.
    Poll,
    /// After the first poll that ends so long after the last transaction.
    Interval(Duration),
    /// Where the plugin says so.
    Connector,
}

impl Boundary {
    /// By a connector's settings. `flush_interval` is the worker's.
    ///
    /// # Errors
    /// A word or number that is none.
    pub fn of(settings: &ConfigMap, flush_interval: Duration) -> Result<Self, Failure> {
        let invalid = |key, value: &str| Failure::new(format!("Invalid value {value} for configuration {key}"));
        let word = settings.get(BOUNDARY).map_or("poll", |word| word.trim());
        match word.to_ascii_lowercase().as_str() {
            "poll" => Ok(Self::Poll),
            "connector" => Ok(Self::Connector),
            "interval" => match settings.get(INTERVAL) {
                None => Ok(Self::Interval(flush_interval)),
                Some(text) => {
                    let millis = text.trim().parse().map_err(|_| invalid(INTERVAL, text))?;
                    Ok(Self::Interval(Duration::from_millis(millis)))
                }
            },
            _ => Err(invalid(BOUNDARY, word)),
        }
    }

    /// The word in the settings, which the plugin is told.
    pub fn word(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Interval(_) => "interval",
            Self::Connector => "connector",
        }
    }
}

/// A boundary, and since when the present transaction is counted.
#[derive(Debug)]
pub(super) struct Pacer {
    pub(super) boundary: Boundary,
    since: Instant,
}

impl Pacer {
    pub(super) fn new(boundary: Boundary) -> Self {
        Self { boundary, since: Instant::now() }
    }

    /// The time that was not worked does not count.
    pub(super) fn restart(&mut self) {
        self.since = Instant::now();
    }

    /// When the present one is to end by the clock.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.boundary {
            // An interval without end has none.
            Boundary::Interval(interval) => self.since.checked_add(interval),
            Boundary::Poll | Boundary::Connector => None,
        }
    }

    /// Whether the transaction ends with a batch that has just been handed over.
    pub(super) fn ends_with_batch(&mut self) -> bool {
        match self.boundary {
            Boundary::Poll => true,
            Boundary::Connector => false,
            Boundary::Interval(_) => {
                let ends = self.due().is_some_and(|due| due <= Instant::now());
                if ends {
                    self.restart();
                }
                ends
            }
        }
    }

    /// Whether it ends where work does. What the plugin has begun, only the plugin ends.
    pub(super) fn ends_with_work(&self) -> bool {
        match self.boundary {
            Boundary::Poll | Boundary::Interval(_) => true,
            Boundary::Connector => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Result<Boundary, Failure> {
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Boundary::of(&settings, Duration::from_secs(60))
    }

    #[test]
    fn a_boundary_is_read_as_kafka_reads_it() {
        assert_eq!(of(&[]).unwrap(), Boundary::Poll);
        assert_eq!(of(&[(BOUNDARY, " Connector ")]).unwrap(), Boundary::Connector);
        assert_eq!(of(&[(BOUNDARY, "INTERVAL")]).unwrap(), Boundary::Interval(Duration::from_secs(60)));
        let own = of(&[(BOUNDARY, "interval"), (INTERVAL, "250")]).unwrap();
        assert_eq!((own, own.word()), (Boundary::Interval(Duration::from_millis(250)), "interval"));
        assert!(of(&[(BOUNDARY, "now and then")]).is_err());
        assert!(of(&[(BOUNDARY, "interval"), (INTERVAL, "-1")]).is_err());
    }

    #[test]
    fn batches_and_pauses_end_what_their_boundary_lets_them_end() {
        let mut poll = Pacer::new(Boundary::Poll);
        assert!(poll.ends_with_batch() && poll.ends_with_work() && poll.due().is_none());
        let mut connector = Pacer::new(Boundary::Connector);
        assert!(!connector.ends_with_batch() && !connector.ends_with_work());
        let mut long = Pacer::new(Boundary::Interval(Duration::from_secs(3600)));
        assert!(!long.ends_with_batch() && long.ends_with_work());
        let mut now = Pacer::new(Boundary::Interval(Duration::ZERO));
        assert!(now.ends_with_batch() && now.due().is_some());
        assert!(Pacer::new(Boundary::Interval(Duration::MAX)).due().is_none());
    }
}
