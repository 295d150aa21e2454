//! What is tried again, for how long, and what is tolerated.

use std::time::Duration;

use tokio::time::Instant;

use crate::entities::ConfigMap;
use crate::task::{Order, TaskContext};

/// First pause between attempts; it doubles from there.
const FIRST: Duration = Duration::from_millis(300);

/// `errors.retry.timeout`, `errors.retry.delay.max.ms`, `errors.tolerance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `errors.tolerance=all`
    pub tolerant: bool,
    /// How long one operation is tried; none: without end.
    pub timeout: Option<Duration>,
    /// Longest pause between two attempts.
    pub max_delay: Duration,
}

/// How a pause before another attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Try again.
    Over,
    /// There is no time left: the last error stands.
    TooLate,
    /// The task is told to stop; the record is neither done nor failed, and comes again.
    Stopped,
}

impl Policy {
    /// From a connector's settings, which have been validated.
    pub fn of(settings: &ConfigMap) -> Self {
        let number = |key: &str| settings.get(key).and_then(|value| value.trim().parse::<i64>().ok());
        let timeout = match number("errors.retry.timeout") {
            Some(ms) => u64::try_from(ms).ok().map(Duration::from_millis),
            None => Some(Duration::ZERO),
        };
        Self {
            tolerant: settings.get("errors.tolerance").is_some_and(|value| value.trim().eq_ignore_ascii_case("all")),
            timeout,
            max_delay: Duration::from_millis(number("errors.retry.delay.max.ms").unwrap_or(60_000).max(0) as u64),
        }
    }

    /// Whether anything is ever tried again.
    pub fn retries(&self) -> bool {
        self.timeout != Some(Duration::ZERO)
    }

    /// Waits after failed attempt number `attempt` (from 1) of an operation that began at `began`. Whoever tries so
    /// many records again counts them; the last failure is counted where it is settled.
    pub async fn pause(&self, attempt: u32, began: Instant, context: &mut TaskContext) -> Pause {
        let spent = began.elapsed();
        if self.timeout.is_some_and(|limit| spent >= limit) {
            return Pause::TooLate;
        }
        let mut delay = self.delay(attempt);
        if let Some(limit) = self.timeout {
            delay = delay.min(limit - spent);
        }
        let until = Instant::now() + delay;
        while context.order() != Order::Stop && Instant::now() < until {
            context.rest(until.saturating_duration_since(Instant::now())).await;
        }
        if context.order() == Order::Stop {
            return Pause::Stopped;
        }
        Pause::Over
    }

    fn delay(&self, attempt: u32) -> Duration {
        let delay = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(30));
        if delay <= self.max_delay { delay } else { self.max_delay.mul_f64(fraction()) }
    }
}

/// Spreads the attempts of many tasks; nothing depends on how well.
fn fraction() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(0_u8) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn kafkas_defaults_tolerate_nothing_and_try_once() {
        let policy = Policy::of(&ConfigMap::new());
        assert!(!policy.tolerant && !policy.retries());
        assert_eq!(policy.max_delay, Duration::from_secs(60));
    }

    #[test]
    fn minus_one_tries_without_end() {
        assert_eq!(Policy::of(&settings(&[("errors.retry.timeout", "-1")])).timeout, None);
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_are_random_beyond() {
        let policy = Policy::of(&settings(&[("errors.retry.delay.max.ms", "1000")]));
        assert_eq!(policy.delay(1), Duration::from_millis(300));
        assert_eq!(policy.delay(2), Duration::from_millis(600));
        for attempt in 3..40 {
            assert!(policy.delay(attempt) <= Duration::from_secs(1));
        }
    }
}
