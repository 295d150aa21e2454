//! An answer on its way out. What it took is taken until the client has it, and its connection is at work as long.
//!
//! It goes out in pieces: handed over whole, it would be gone from here while megabytes of it still wait for the client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::budget::Load;
use crate::connections::UnderWay;

/// So much may wait in the connection when the answer counts as given: what a socket takes at once.
const PIECE: usize = 32 * 1024;

/// A body in pieces.
pub(crate) struct Answer {
    body: Body,
    piece: Bytes,
    _taken: (Option<UnderWay>, Option<Load>),
}

impl Answer {
    /// To a request that is under way, or to one that never was.
    pub(crate) fn of(mut response: Response, under_way: Option<UnderWay>) -> hyper::Response<Answer> {
        let load = response.extensions_mut().remove::<Load>();
        response.map(|body| Answer { body, piece: Bytes::new(), _taken: (under_way, load) })
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.piece.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => this.piece = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = this.piece.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(this.piece.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.piece.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (piece, rest) = (self.piece.len() as u64, self.body.size_hint());
        let mut all = SizeHint::new();
        all.set_lower(rest.lower() + piece);
        if let Some(upper) = rest.upper() {
            all.set_upper(upper + piece);
        }
        all
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::future::poll_fn;

    use hyper::body::Body as _;

    use super::*;
    use crate::connections::Connections;

    #[tokio::test]
    async fn the_connection_is_at_work_until_the_last_piece_is_taken() {
        let connections = Connections::at_most(1);
        let place = connections.admit().unwrap();
        let text = "x".repeat(2 * PIECE + 1);
        let mut answer = Answer::of(Response::new(Body::from(text.clone())), place.seat().begin(false)).into_body();
        let mut left = text.len();
        while !answer.is_end_stream() {
            assert_eq!(answer.size_hint().exact(), Some(left as u64));
            assert!(connections.admit().is_none(), "{left} are left");
            let frame = poll_fn(|cx| Pin::new(&mut answer).poll_frame(cx)).await.unwrap().unwrap();
            let data = frame.into_data().unwrap();
            assert!(data.len() <= PIECE);
            left -= data.len();
        }
        assert_eq!(left, 0);
        drop(answer);
        assert!(connections.admit().is_some());
    }
}
