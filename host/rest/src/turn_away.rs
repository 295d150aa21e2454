//! A connection too many gets 503, in time and without taking part in anything.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::error::ErrorBody;
use crate::linger::linger;
use crate::seldom::Seldom;

/// So many are told at once; more are just closed.
const AT_ONCE: usize = 64;

/// Tells clients to come back later.
pub(crate) struct TurnAway {
    answer: Arc<str>,
    /// Through TLS nothing can be said before a handshake, which is what there is no room for.
    is_mute: bool,
    busy: Arc<Semaphore>,
    complaints: Mutex<Seldom>,
    limit: usize,
}

impl TurnAway {
    pub(crate) fn new(limit: usize, is_mute: bool) -> Self {
        let message =
            format!("All {limit} connections that 'rest.max.connections' allows are at work: try again later");
        let body = serde_json::to_string(&ErrorBody { error_code: 503, message }).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             retry-after: 1\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let busy = Arc::new(Semaphore::new(AT_ONCE));
        TurnAway { answer: answer.into(), is_mute, busy, complaints: Mutex::default(), limit }
    }

    pub(crate) fn tell(&self, mut stream: TcpStream) {
        if self.complaints.lock().unwrap_or_else(PoisonError::into_inner).is_due() {
            let limit = self.limit;
            tracing::warn!(
                "REST turns clients away: all {limit} connections that rest.max.connections allows are at work"
            );
        }
        if self.is_mute {
            return;
        }
        let Ok(permit) = Arc::clone(&self.busy).try_acquire_owned() else {
            return;
        };
        let answer = Arc::clone(&self.answer);
        tokio::spawn(async move {
            // A new connection takes so little at once, or it is gone.
            if stream.try_write(answer.as_bytes()).is_ok() {
                linger(&mut stream).await;
            }
            drop(permit);
        });
    }
}
