//! Appends numbered lines to a file at a steady rate, and remembers when each was written.

use crate::lines;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(10);

/// "So many lines were there at that moment", in order.
pub type Moments = Vec<(u64, Instant)>;

/// A thread that writes. Dropping it stops it.
#[derive(Debug)]
pub struct PacedWriter {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    thread: Option<JoinHandle<std::io::Result<Moments>>>,
}

impl PacedWriter {
    /// From line `first` on, `rate` lines a second, until stopped.
    pub fn start(path: &Path, first: u64, rate: u64) -> std::io::Result<Self> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(first)));
        let (stopped, count) = (stop.clone(), written.clone());
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            let (mut next, mut moments) = (first, Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                let due = first + (start.elapsed().as_secs_f64() * rate as f64) as u64;
                if due > next {
                    lines::write(&mut file, next, due)?;
                    next = due;
                    count.store(next, Ordering::Release);
                    moments.push((next, Instant::now()));
                }
                std::thread::sleep(TICK);
            }
            file.flush()?;
            Ok(moments)
        });
        Ok(Self { stop, written, thread: Some(thread) })
    }

    /// The number of the next line: all below were written.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Stops; how many lines there are, and when they were written.
    pub fn stop(mut self) -> anyhow::Result<(u64, Moments)> {
        self.stop.store(true, Ordering::Relaxed);
        let moments = match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result?,
            Some(Err(_)) => anyhow::bail!("the paced writer panicked"),
            None => Vec::new(),
        };
        Ok((self.written(), moments))
    }
}

impl Drop for PacedWriter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
