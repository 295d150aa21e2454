//! Bytes from and to the socket.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Buf as _, BytesMut};
use futures::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWrite as _};
use watertight_sandbox::sql::Fault;

use super::super::errors::Complaint;
use super::{CHUNK, FLOOD, KEPT, SHORT, Wire};

impl Wire {
    /// Sends, and reads meanwhile: a server that is not listened to does not listen either. False: so much has come that
    /// it must be looked at before there is more.
    pub(in super::super) async fn send(&mut self) -> Result<bool, Fault> {
        if self.output.is_empty() {
            return Ok(true);
        }
        match poll_fn(|context| self.poll_send(context)).await {
            Ok(true) => {
                if self.output.capacity() > KEPT {
                    self.output = BytesMut::new();
                }
                Ok(true)
            }
            Ok(false) => Ok(false),
            // What it said last is more telling than that it is gone.
            Err(error) => Err(match self.last_words() {
                Some(complaint) => complaint.fault(),
                None => self.broken(error.to_string()),
            }),
        }
    }

    /// Sends as much as goes without waiting.
    pub(in super::super) fn nudge(&mut self) -> Result<(), Fault> {
        self.send().now_or_never().map_or(Ok(()), |sent| sent.map(drop))
    }

    fn last_words(&mut self) -> Option<Complaint> {
        while let Ok(Some(head)) = self.peek() {
            if head.tag == b'E' {
                let complaint = Complaint::read(self.body(head));
                self.lose(complaint.message());
                return Some(complaint);
            }
            self.consume(head);
        }
        None
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            if self.output.is_empty() {
                return Pin::new(&mut self.stream).poll_flush(context).map_ok(|()| true);
            }
            match Pin::new(&mut self.stream).poll_write(context, &self.output) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => self.output.advance(count),
                Poll::Ready(Err(error)) => {
                    while let Poll::Ready(Ok(count)) = self.poll_fill(context)
                        && count > 0
                        && self.input.len() < FLOOD + self.row
                    {}
                    return Poll::Ready(Err(error));
                }
                Poll::Pending => {
                    // One whole message at least.
                    if self.input.len() - self.start > FLOOD + self.row {
                        return Poll::Ready(Ok(false));
                    }
                    match self.poll_fill(context)? {
                        Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                        Poll::Ready(_) => {}
                        Poll::Pending => return Poll::Pending,
                    }
                }
            }
        }
    }

    pub(super) fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.start > 0 && self.input.capacity() - self.input.len() < CHUNK {
            self.input.drain(..self.start);
            self.start = 0;
        }
        self.input.reserve(self.wanted());
        pin!(self.stream.read_buf(&mut self.input)).poll(context)
    }

    /// As much as the message that has begun still needs, and a chunk at least.
    fn wanted(&self) -> usize {
        let begun = &self.input[self.start..];
        let Some((header, _)) = begun.split_first_chunk::<5>() else { return CHUNK };
        let [_, length @ ..] = *header;
        let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(0);
        (length + 1).saturating_sub(begun.len()).clamp(CHUNK, SHORT)
    }
}
