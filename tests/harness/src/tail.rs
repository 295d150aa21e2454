//! Watches a file grow and remembers when how many lines were there; with the writer's moments that gives
//! the time a line takes through the whole pipeline.

use crate::paced::Moments;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(2);

/// A thread that watches. Dropping it stops it.
#[derive(Debug)]
pub struct Tail {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Moments>>,
}

impl Tail {
    /// From the file's beginning; it need not be there yet.
    pub fn start(path: &Path) -> Self {
        let path = path.to_path_buf();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let (mut file, mut count, mut moments) = (None, 0, Vec::new());
            let mut piece = vec![0; 1 << 20];
            loop {
                let last_look = stopped.load(Ordering::Relaxed);
                if file.is_none() {
                    file = std::fs::File::open(&path).ok();
                }
                let read = file.as_mut().and_then(|f: &mut std::fs::File| f.read(&mut piece).ok()).unwrap_or(0);
                if read > 0 {
                    count += piece[..read].iter().filter(|b| **b == b'\n').count() as u64;
                    moments.push((count, Instant::now()));
                } else if last_look {
                    return moments;
                } else {
                    std::thread::sleep(STEP);
                }
            }
        });
        Self { stop, thread: Some(thread) }
    }

    /// Looks a last time and tells.
    pub fn stop(mut self) -> Moments {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().and_then(|t| t.join().ok()).unwrap_or_default()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// How long lines took: one value for each moment of writing whose lines arrived. Sorted.
///
/// Only true where each line arrives once and in order, as lines are matched by count.
pub fn delays(written: &Moments, seen: &Moments) -> Vec<Duration> {
    let mut arrived = seen.iter().peekable();
    let mut delays: Vec<Duration> = written
        .iter()
        .filter_map(|(count, when)| {
            while arrived.peek().is_some_and(|(c, _)| c < count) {
                arrived.next();
            }
            Some(arrived.peek()?.1.saturating_duration_since(*when))
        })
        .collect();
    delays.sort();
    delays
}

/// The `q`-quantile of sorted values, 0.99 for p99.
pub fn quantile(sorted: &[Duration], q: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * q).round() as usize).copied().unwrap_or_default()
}

/// Lines per second that arrived between two moments.
pub fn rate(seen: &Moments, from: Instant, to: Instant) -> f64 {
    let at = |when: Instant| seen.iter().take_while(|(_, t)| *t <= when).last().map_or(0, |(count, _)| *count);
    at(to).saturating_sub(at(from)) as f64 / to.saturating_duration_since(from).as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_counted_to_the_moment_when_the_line_was_there() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let written = vec![(10, at(0)), (20, at(10)), (30, at(20))];
        let seen = vec![(5, at(1)), (20, at(15)), (25, at(30))];
        let ms: Vec<u128> = delays(&written, &seen).iter().map(Duration::as_millis).collect();
        assert_eq!(ms, [5, 15], "the lines of the third moment never came");
        assert_eq!(quantile(&delays(&written, &seen), 0.99), Duration::from_millis(15));
        assert_eq!(rate(&seen, at(0), at(20)) as u64, 1000);
    }
}
