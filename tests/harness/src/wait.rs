//! Waiting with a deadline, and saying at its end what was last seen: "timed out" alone helps nobody.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const STEP: Duration = Duration::from_millis(20);

/// Looks again and again until `look` returns `Ok(T)`; its `Err` says what it saw instead. After the
/// deadline the last of these is the error.
pub fn until<T>(what: &str, deadline: Duration, mut look: impl FnMut() -> Result<T, String>) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        match look() {
            Ok(found) => return Ok(found),
            Err(seen) if start.elapsed() >= deadline => {
                anyhow::bail!("waited {:.1} s for {what}; last seen: {seen}", start.elapsed().as_secs_f64())
            }
            Err(_) => std::thread::sleep(STEP),
        }
    }
}

/// [`until`] for a plain condition; returns how long it took.
pub fn until_true(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) -> anyhow::Result<Duration> {
    let start = Instant::now();
    until(what, deadline, || condition().then_some(()).ok_or_else(|| "not so".to_owned()))?;
    Ok(start.elapsed())
}
