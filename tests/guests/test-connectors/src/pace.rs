//! A stated rate without sleeping: how many records are due, and when the next one is.

use std::time::Instant;

/// Counts records since its start against the clock.
pub struct Pace {
    start: Instant,
    /// Records per second; none for as fast as possible.
    rate: Option<f64>,
    sent: u64,
}

impl Pace {
    /// A rate of zero or less means no limit, as in Kafka's throttler.
    pub fn new(rate: f64) -> Self {
        Self { start: Instant::now(), rate: (rate > 0.0).then_some(rate), sent: 0 }
    }

    /// How many records may go now.
    pub fn due(&self) -> u64 {
        match self.rate {
            None => u64::MAX,
            Some(rate) => ((self.start.elapsed().as_secs_f64() * rate) as u64 + 1).saturating_sub(self.sent),
        }
    }

    /// So many went.
    pub fn went(&mut self, count: usize) {
        self.sent += count as u64;
    }

    /// Milliseconds until the next record is due.
    pub fn wait_ms(&self) -> u64 {
        match self.rate {
            None => 0,
            Some(rate) => {
                let next = self.sent as f64 / rate;
                ((next - self.start.elapsed().as_secs_f64()) * 1000.0).ceil().clamp(0.0, 60_000.0) as u64
            }
        }
    }
}
