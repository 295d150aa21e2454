//! Messages over a stream. What comes waits in the socket until somebody asks for it: nothing is read ahead but one
//! buffer, so that a result of any length takes no more memory than its largest row, and that is bounded too. What is
//! longer is refused by its length, before it is here.

mod receive;
mod transfer;

use std::time::Duration;

use bytes::BytesMut;
use tokio::time::Instant;
use watertight_sandbox::sql::Fault;

use super::cancel::Canceller;
use super::message::{put_text, write};
use super::stream::Stream;

/// What is read at a time.
const CHUNK: usize = 64 * 1024;
/// More than this of either buffer is given back after use.
const KEPT: usize = 1024 * 1024;
/// Answers that may wait here while a request is not sent yet.
const FLOOD: usize = 16 * 1024 * 1024;
/// What a row's message has besides its values: four bytes for each of at most 1,664 columns.
const AROUND: usize = 8 * 1024;
/// Messages other than rows are short, unless somebody made them long.
const SHORT: usize = 1024 * 1024;

/// When a statement is ended for the second time.
const AGAIN: Duration = Duration::from_secs(2);

/// A whole message in the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) tag: u8,
    length: usize,
}

/// One connection's stream, and what is known of the server's state.
pub(super) struct Wire {
    stream: Stream,
    input: Vec<u8>,
    start: usize,
    pub(super) output: BytesMut,
    row: usize,
    silence: Option<Duration>,
    heard: Instant,
    canceller: Canceller,
    answers: usize,
    status: u8,
    lost: Option<String>,
    version: String,
}

impl Wire {
    pub(super) fn new(stream: Stream, canceller: Canceller, row: usize, silence: Option<Duration>) -> Self {
        Self {
            stream,
            input: Vec::new(),
            start: 0,
            output: BytesMut::new(),
            row,
            silence,
            heard: Instant::now(),
            canceller,
            answers: 0,
            status: b'I',
            lost: None,
            version: String::new(),
        }
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) fn canceller(&mut self) -> &mut Canceller {
        &mut self.canceller
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// A transaction is open, failed or not.
    pub(super) fn in_transaction(&self) -> bool {
        self.status != b'I'
    }

    /// The transaction has failed, and takes nothing but its end.
    pub(super) fn failed(&self) -> bool {
        self.status == b'E'
    }

    /// Nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.answers == 0 && self.output.is_empty()
    }

    /// The connection broke, or is not to be used any more.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// When the server last said something, or was asked.
    pub(super) fn heard(&self) -> Instant {
        self.heard
    }

    pub(super) fn lose(&mut self, why: impl Into<String>) {
        self.lost.get_or_insert(why.into());
    }

    /// Why there is no connection any more.
    pub(super) fn gone(&self) -> Fault {
        let why = self.lost.as_deref().unwrap_or("it was given up");
        Fault::gone(format!("the connection to PostgreSQL at {} is lost: {why}", self.canceller.address))
    }

    fn broken(&mut self, why: impl Into<String>) -> Fault {
        self.lose(why);
        self.gone()
    }

    /// The server said what it may not say.
    pub(super) fn nonsense(&mut self) -> Fault {
        self.broken("the server's answer is not PostgreSQL's protocol")
    }

    /// A Sync, after which the server answers everything that was asked.
    pub(super) fn sync(&mut self) {
        write(&mut self.output, b'S', |_| {});
        self.asked();
    }

    /// Statements of ours that have no parameters and whose rows are not wanted.
    pub(super) fn simple(&mut self, sql: &str) {
        write(&mut self.output, b'Q', |out| put_text(out, sql));
        self.asked();
    }

    fn asked(&mut self) {
        self.answers += 1;
        self.heard = Instant::now();
    }
}

/// Ends in the server what nobody waits for any more.
impl Drop for Wire {
    fn drop(&mut self) {
        if self.answers > 0 {
            let canceller = self.canceller.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    canceller.cancel().await;
                    // Once more, for a statement that the server had not come to yet.
                    tokio::time::sleep(AGAIN).await;
                    canceller.cancel().await;
                });
            }
        } else if self.lost.is_none() {
            self.output.clear();
            write(&mut self.output, b'X', |_| {});
            let _ = self.nudge();
        }
    }
}
