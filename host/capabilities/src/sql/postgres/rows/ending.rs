//! The end of rows that nobody wants any more, in the server as well.

use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::super::message::send;
use super::super::session::Session;

/// How long rows that are given up may take to end by themselves, where ending them would end the guest's transaction.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long ending them may take at all.
const END: Duration = Duration::from_secs(10);

/// The limit of a statement, which does not hold for how long a guest takes with the rows.
pub(in super::super) const UNLIMITED: &str = "SET LOCAL statement_timeout = 0";

pub(super) fn restore(session: &Session) -> String {
    let limit = session.limits.statement.as_millis().clamp(1, i32::MAX as u128);
    format!("SET LOCAL statement_timeout = {limit}")
}

/// Ends a query half-way.
pub(super) async fn end(mut session: OwnedMutexGuard<Session>, own: bool) {
    let ended = tokio::time::timeout(END, async {
        if session.wire.is_lost() {
            return;
        }
        if session.wire.awaits() {
            let by_itself = !own && tokio::time::timeout(PATIENCE, session.settle(|_, _| Ok(()))).await.is_ok();
            if !by_itself {
                loop {
                    session.wire.canceller().clone().cancel().await;
                    // That it was cancelled is no news. A statement that had not begun yet did not hear of it.
                    if tokio::time::timeout(PATIENCE, session.settle(|_, _| Ok(()))).await.is_ok() {
                        break;
                    }
                }
            }
        }
        if own {
            session.wire.simple("COMMIT");
        } else if session.wire.in_transaction() && !session.wire.failed() {
            send::close(&mut session.wire.output, b'P', "");
            let restored = restore(&session);
            session.wire.sync();
            session.wire.simple(&restored);
        }
        if let Err(failed) = session.settle(|_, _| Ok(())).await {
            tracing::debug!("ending a query in PostgreSQL: {}", failed.fault.message);
        }
    });
    if ended.await.is_err() {
        session.wire.lose("a query that was given up did not end");
    }
}
