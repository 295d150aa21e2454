//! Messages over a stream. What comes waits in the socket until somebody asks for it: nothing is read ahead but one
//! buffer, so that a result of any length takes no more memory than its largest row, and that is bounded too. What is
//! longer is refused by its length, before it is here.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use futures::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWrite as _};
use tokio::time::Instant;
use watertight_sandbox::limits::key;
use watertight_sandbox::sql::{Fault, code};

use super::cancel::Canceller;
use super::errors::Complaint;
use super::message::{Body, put_text, write};
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

    /// The next message, if all of it is here.
    pub(super) fn peek(&mut self) -> Result<Option<Head>, Fault> {
        loop {
            let Some((header, _)) = self.input[self.start..].split_first_chunk::<5>() else { return Ok(None) };
            let [tag, length @ ..] = *header;
            let Some(length) = usize::try_from(i32::from_be_bytes(length)).ok().filter(|length| *length >= 4) else {
                return Err(self.nonsense());
            };
            let most = if tag == b'D' { self.row.saturating_add(AROUND) } else { SHORT.max(self.row) };
            if length > most {
                return Err(self.too_long(tag, length));
            }
            let head = Head { tag, length: length + 1 };
            if self.input.len() - self.start < head.length {
                return Ok(None);
            }
            match tag {
                // Notices, and what others notify: nobody listens.
                b'N' | b'A' => self.start += head.length,
                b'S' => {
                    self.learn(head)?;
                    self.start += head.length;
                }
                _ => return Ok(Some(head)),
            }
        }
    }

    fn too_long(&mut self, tag: u8, length: usize) -> Fault {
        let what = if tag == b'D' { "a row" } else { "a message" };
        self.lose(format!("{what} was too long"));
        let text = format!(
            "{what} of {length} bytes is more than {} = {}; the connection was closed. Select less of it, or raise the \
             limit",
            key::SQL_ROW,
            self.row
        );
        Fault { lost: true, ..Fault::new(code::LIMIT, text) }
    }

    /// A setting of the session that the server reports.
    fn learn(&mut self, head: Head) -> Result<(), Fault> {
        let mut body = Body(self.body(head));
        let (Some(name), Some(value)) = (body.text(), body.text()) else { return Err(self.nonsense()) };
        match name.as_str() {
            "server_version" => self.version = value,
            "client_encoding" if value != "UTF8" => {
                let why = format!("client_encoding was set to {value}; only UTF8 can be read");
                return Err(Fault { retriable: false, ..self.broken(why) });
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn body(&self, head: Head) -> &[u8] {
        &self.input[self.start + 5..self.start + head.length]
    }

    /// Goes on to what follows.
    pub(super) fn consume(&mut self, head: Head) {
        if head.tag == b'Z' {
            self.status = self.body(head).first().copied().unwrap_or(b'I');
            self.answers = self.answers.saturating_sub(1);
        }
        self.start += head.length;
        if self.start == self.input.len() {
            self.start = 0;
            self.input.clear();
            self.input.shrink_to(KEPT);
        }
    }

    /// An answer that ends all others is yet to come.
    pub(super) fn awaits(&self) -> bool {
        self.answers > 0
    }

    /// The next message. Whoever stops waiting has lost nothing.
    pub(super) async fn head(&mut self) -> Result<Head, Fault> {
        loop {
            if let Some(head) = self.peek()? {
                return Ok(head);
            }
            self.more().await?;
        }
    }

    /// Sends what is to be sent and reads what comes next.
    pub(super) async fn more(&mut self) -> Result<(), Fault> {
        if self.lost.is_some() {
            return Err(self.gone());
        }
        if !self.send().await? {
            return Ok(());
        }
        let (silence, heard) = (self.silence, self.heard);
        let read = poll_fn(|context| self.poll_fill(context));
        let read = match silence {
            None => read.await,
            Some(silence) => match tokio::time::timeout_at(heard + silence, read).await {
                Ok(read) => read,
                Err(_) => {
                    let why = format!("it was silent for {} ms (socketTimeout)", silence.as_millis());
                    return Err(self.broken(why));
                }
            },
        };
        self.heard = Instant::now();
        match read {
            Ok(0) => Err(self.closed()),
            Ok(_) => Ok(()),
            Err(error) => Err(self.broken(error.to_string())),
        }
    }

    fn closed(&mut self) -> Fault {
        self.broken("the server closed it")
    }

    /// Sends, and reads meanwhile: a server that is not listened to does not listen either. False: so much has come that
    /// it must be looked at before there is more.
    pub(super) async fn send(&mut self) -> Result<bool, Fault> {
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
    pub(super) fn nudge(&mut self) -> Result<(), Fault> {
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

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
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

/// Ends in the server what nobody waits for any more.
impl Drop for Wire {
    fn drop(&mut self) {
        if self.answers > 0 {
            let canceller = self.canceller.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move { canceller.cancel().await });
            }
        } else if self.lost.is_none() {
            self.output.clear();
            write(&mut self.output, b'X', |_| {});
            let _ = self.nudge();
        }
    }
}
