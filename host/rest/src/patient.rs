//! Patience with clients that do not read.
//!
//! An answer that nobody takes stays in memory. So a write that waits has a deadline: some seconds, and more for what
//! was taken meanwhile at a rate that any link has. Reads need none here: headers and bodies have deadlines of their
//! own, and while a request is under way nothing is expected from the client.
//!
//! A client that is gone will not read either. While an answer is being found nobody reads from the socket, for a client
//! may end its side and wait; so a connection that was reset would not be noticed unless it was looked for.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes a second that a client must take on average, once `patience` is over.
const LEAST_RATE: u64 = 10 * 1024;

/// What lies below, and whether the other side has torn it down.
pub(crate) trait Socket {
    /// Completes when the connection was reset.
    fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<io::Error>;
}

impl Socket for TcpStream {
    fn poll_reset(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        // A reset can be read, too.
        match self.poll_read_ready(cx).map(|_| self.take_error()) {
            Poll::Ready(Ok(Some(error)) | Err(error)) => Poll::Ready(error),
            Poll::Ready(Ok(None)) | Poll::Pending => Poll::Pending,
        }
    }
}

/// A stream whose writes do not wait for ever.
pub(crate) struct Patient<S> {
    stream: S,
    patience: Duration,
    waiting: Option<Waiting>,
}

struct Waiting {
    begun: Instant,
    taken: u64,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Patient { stream, patience, waiting: None }
    }

    /// `wanted` bytes were offered, and this came of it.
    fn after(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Ready(Ok(count)) if count < wanted => {
                if let Some(waiting) = &mut self.waiting {
                    waiting.taken += count as u64;
                    let earned = Duration::from_secs(waiting.taken / LEAST_RATE);
                    let deadline = waiting.begun + self.patience + earned;
                    waiting.deadline.as_mut().reset(deadline);
                }
                Poll::Ready(Ok(count))
            }
            Poll::Ready(done) => {
                self.waiting = None;
                Poll::Ready(done)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    /// All that was offered before is taken.
    fn done(&mut self, done: io::Result<()>) -> Poll<io::Result<()>> {
        self.waiting = None;
        Poll::Ready(done)
    }

    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| {
            let begun = Instant::now();
            Waiting { begun, taken: 0, deadline: Box::pin(sleep_until(begun + patience)) }
        });
        ready!(waiting.deadline.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, to)
    }
}

impl<S: AsyncWrite + Socket + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write(cx, from);
        this.after(cx, from.len(), wrote)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wrote = Pin::new(&mut this.stream).poll_write_vectored(cx, from);
        this.after(cx, from.iter().map(|slice| slice.len()).sum(), wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            Poll::Pending => this.wait(cx),
            Poll::Ready(Ok(())) => match this.stream.poll_reset(cx) {
                Poll::Ready(error) => this.done(Err(error)),
                Poll::Pending => this.done(Ok(())),
            },
            Poll::Ready(done) => this.done(done),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_shutdown(cx) {
            Poll::Pending => this.wait(cx),
            Poll::Ready(done) => this.done(done),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    impl Socket for DuplexStream {
        fn poll_reset(&mut self, _: &mut Context<'_>) -> Poll<io::Error> {
            Poll::Pending
        }
    }

    /// Whose flushes wait, as those of TLS may.
    struct Flushing(DuplexStream, bool);

    impl Socket for Flushing {
        fn poll_reset(&mut self, _: &mut Context<'_>) -> Poll<io::Error> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Flushing {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(cx, from)
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            if self.1 { Poll::Ready(Ok(())) } else { Poll::Pending }
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    const PATIENCE: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_client_that_never_reads_is_given_up() {
        let (ours, _theirs) = duplex(16);
        let error = Patient::new(ours, PATIENCE).write_all(&[0; 1000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_reads_drop_by_drop_is_given_up_too() {
        let (ours, mut theirs) = duplex(16);
        let drip = tokio::spawn(async move {
            let mut byte = [0];
            while theirs.read(&mut byte).await.is_ok_and(|count| count > 0) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let begun = Instant::now();
        let error = Patient::new(ours, PATIENCE).write_all(&[0; 10_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() < Duration::from_secs(10));
        drip.abort();
    }

    #[tokio::test]
    async fn what_was_waited_for_before_is_forgotten_when_all_is_taken() {
        let (ours, mut theirs) = duplex(16);
        let mut ours = Patient::new(Flushing(ours, false), PATIENCE);
        let early = tokio::time::timeout(PATIENCE / 4, ours.flush()).await;
        assert!(early.is_err(), "it waits");
        ours.stream.1 = true;
        ours.flush().await.unwrap();
        tokio::time::sleep(PATIENCE).await;
        let reader = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE / 2).await;
            let mut all = [0; 32];
            theirs.read_exact(&mut all).await.unwrap();
        });
        ours.write_all(&[0; 32]).await.unwrap();
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn a_slow_start_is_borne() {
        let (ours, mut theirs) = duplex(16);
        let reader = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE / 2).await;
            let mut all = Vec::new();
            theirs.read_to_end(&mut all).await.unwrap();
            all.len()
        });
        let mut ours = Patient::new(ours, PATIENCE);
        ours.write_all(&[0; 10_000]).await.unwrap();
        drop(ours);
        assert_eq!(reader.await.unwrap(), 10_000);
    }
}
