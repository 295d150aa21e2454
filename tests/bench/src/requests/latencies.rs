//! Times of one kind of request.

use std::time::Duration;

/// In seconds, in the order they were taken.
#[derive(Debug, Default)]
pub struct Latencies(Vec<f64>);

impl Latencies {
    /// One more.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64());
    }

    /// The `q`-quantile in seconds, 0.99 for p99; not a number where nothing was measured.
    pub fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get((last as f64 * q).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_sorted_times() {
        let mut times = Latencies::default();
        (0..=100).rev().for_each(|ms| times.push(Duration::from_millis(ms)));
        assert_eq!((times.quantile(0.5), times.quantile(0.99)), (0.05, 0.099));
        assert!(Latencies::default().quantile(0.5).is_nan());
    }
}
