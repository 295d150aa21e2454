//! Waiting for a lock that another connection has: a little at a time, so that whoever waits for the statement may go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::control::Control;

const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(50);

/// Waits at most so long, and not longer than the statement may take.
pub fn wait(connection: &mut Connection, control: &Arc<Control>, most: Duration) -> rusqlite::Result<()> {
    let control = Arc::clone(control);
    let mut since = Instant::now();
    connection.busy_handler(Some(move |times: i32| {
        if times == 0 {
            since = Instant::now();
        }
        let left = most.saturating_sub(since.elapsed());
        if left.is_zero() || control.over().is_some() {
            return false;
        }
        let pause = SHORTEST.saturating_mul(u32::try_from(times).unwrap_or(u32::MAX).saturating_add(1)).min(LONGEST);
        std::thread::sleep(pause.min(left));
        true
    }))
}
