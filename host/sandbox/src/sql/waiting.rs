//! How long a guest waits for a database: until the statement's limit, or until the worker wants it to stop.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Fault, code};
use crate::limits::key;

/// How often a waiting call looks whether the task is to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Why a call was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// The limit of a statement.
    Late(Duration),
    /// The task is to stop.
    Stopping,
}

impl From<GivenUp> for Fault {
    fn from(why: GivenUp) -> Self {
        match why {
            GivenUp::Late(limit) => Self {
                lost: true,
                retriable: true,
                ..Self::new(
                    code::TIMEOUT,
                    format!(
                        "the database did not answer within {} = {} ms; the statement was ended and the connection \
                         closed",
                        key::SQL_STATEMENT,
                        limit.as_millis()
                    ),
                )
            },
            GivenUp::Stopping => {
                Self { lost: true, ..Self::new(code::CANCELLED, "the task is to stop; the statement was ended") }
            }
        }
    }
}

/// A query that makes no rows, however often it is asked for one.
pub(super) fn no_row(limit: Duration) -> Fault {
    let limit = limit.as_millis();
    Fault {
        lost: true,
        retriable: true,
        ..Fault::new(
            code::TIMEOUT,
            format!("no row came within {} = {limit} ms; the query was ended", key::SQL_STATEMENT),
        )
    }
}

/// Waits for what reads: given up when the task is to stop.
pub(super) async fn reading<T>(
    work: impl Future<Output = T>,
    limit: Duration,
    stopping: &AtomicBool,
) -> Result<T, GivenUp> {
    tokio::select! {
        biased;
        done = tokio::time::timeout(limit, work) => done.map_err(|_| GivenUp::Late(limit)),
        () = stopped(stopping) => Err(GivenUp::Stopping),
    }
}

/// Waits for what writes: a write that is under way when the task is to stop is let through, as what it writes may
/// then be committed.
pub(super) async fn writing<T>(work: impl Future<Output = T>, limit: Duration) -> Result<T, GivenUp> {
    tokio::time::timeout(limit, work).await.map_err(|_| GivenUp::Late(limit))
}

/// Ready when the task is to stop.
pub(super) async fn stopped(stopping: &AtomicBool) {
    while !stopping.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn reading_ends_with_the_task_and_writing_does_not() {
        let stopping = AtomicBool::new(true);
        let limit = Duration::from_millis(20);
        assert_eq!(reading(pending::<()>(), Duration::from_secs(60), &stopping).await, Err(GivenUp::Stopping));
        assert_eq!(reading(ready(1), limit, &stopping).await, Ok(1));
        assert_eq!(writing(pending::<()>(), limit).await, Err(GivenUp::Late(limit)));
    }

    #[test]
    fn a_late_answer_names_the_limit() {
        let fault = Fault::from(GivenUp::Late(Duration::from_millis(7)));
        assert!(fault.message.contains("sandbox.sql.statement.ms = 7 ms"), "{}", fault.message);
        assert!(fault.lost && fault.retriable);
    }
}
