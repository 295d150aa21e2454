//! A request's body on its way in. Until it is here, nothing is done for the client, and its place may be given to
//! another: bodies that do not come must keep nobody out.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::connections::Seat;

/// Why there is no more of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReceiveError {
    #[error(
        "The connection's place was wanted before the request's body had come, since there are more than the {0} \
         connections that 'rest.max.connections' allows: try again later"
    )]
    Dismissed(usize),
    #[error(transparent)]
    Broken(#[from] hyper::Error),
}

/// Tells its connection's seat when it is here, or nobody wants it.
pub(crate) struct Received {
    body: Incoming,
    seat: Seat,
}

impl Received {
    pub(crate) fn new(body: Incoming, seat: Seat) -> Self {
        Received { body, seat }
    }

    fn dismissed<T>(&self) -> Option<Result<T, ReceiveError>> {
        Some(Err(ReceiveError::Dismissed(self.seat.limit())))
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = ReceiveError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ReceiveError>>> {
        let this = self.get_mut();
        if this.seat.poll_dismissed(cx) {
            return Poll::Ready(this.dismissed());
        }
        Poll::Ready(match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
            Some(frame) => Some(frame.map_err(ReceiveError::from)),
            None if this.seat.received() => None,
            None => this.dismissed(),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // Whoever does not read it answers at once.
        let _ = self.seat.received();
    }
}
