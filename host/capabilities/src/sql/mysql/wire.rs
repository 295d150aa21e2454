//! Packets on a socket. Why not an existing client: what is said about a connection here has to hold against a hostile
//! server and a hostile statement. The clients that exist always announce LOCAL INFILE and several statements at a
//! time, allocate what a server announces, and read a result that nobody wants to its end.
//!
//! A packet is looked at in the buffer where it arrived. Its length is known before its bytes are: one above the limit
//! is refused before it is in memory. Reading may be given up at any point and taken up again; nothing is lost.

use std::time::Duration;

use futures::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::time::timeout;

use super::socket::Socket;
use super::trouble::Trouble;

/// Bytes of a packet after which another must follow.
const CHUNK: usize = 0xff_ffff;
const HEADER: usize = 4;
/// What is asked of the socket at a time.
const READ: usize = 64 * 1024;
/// A buffer larger than this is given back when its packet is done with.
const KEEP: usize = 1024 * 1024;

/// The two directions of a connection.
pub struct Wire {
    reader: ReadHalf<Socket>,
    writer: WriteHalf<Socket>,
    input: Input,
    output: Vec<u8>,
    sequence: u8,
    silence: Option<Duration>,
    /// What the server takes at a time.
    pub most: usize,
    /// A command is under way.
    pub busy: bool,
}

/// Without what passes over it.
impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("busy", &self.busy).finish_non_exhaustive()
    }
}

impl Wire {
    /// Over a socket on which nothing was read yet. No packet above `limit`.
    pub fn new(socket: Socket, limit: usize, silence: Option<Duration>) -> Self {
        let (reader, writer) = tokio::io::split(socket);
        Self {
            reader,
            writer,
            input: Input::new(limit),
            output: Vec::new(),
            sequence: 0,
            silence,
            most: usize::MAX,
            busy: false,
        }
    }

    /// With packets numbered from here on.
    #[must_use]
    pub fn after(mut self, sequence: u8) -> Self {
        self.sequence = sequence;
        self
    }

    /// The socket again, for TLS to begin on it. None: bytes have come that TLS would not have protected.
    pub fn into_socket(self) -> Option<Socket> {
        if !self.input.is_empty() {
            return None;
        }
        // Both halves are of one socket.
        let Self { reader, writer, .. } = self;
        Some(reader.unsplit(writer))
    }

    /// The next packet.
    pub async fn packet(&mut self) -> Result<&[u8], Trouble> {
        while !self.input.complete(&mut self.sequence)? {
            match self.silence {
                None => self.fill().await?,
                Some(limit) => timeout(limit, self.fill()).await.map_err(|_| Trouble::Silent(limit))??,
            }
        }
        Ok(self.input.packet())
    }

    /// The next packet, if it has come.
    pub fn packet_at_hand(&mut self) -> Result<Option<&[u8]>, Trouble> {
        while !self.input.complete(&mut self.sequence)? {
            match self.fill().now_or_never() {
                None => return Ok(None),
                Some(filled) => filled?,
            }
        }
        Ok(Some(self.input.packet()))
    }

    /// Waits for more bytes. May be given up.
    pub async fn fill(&mut self) -> Result<(), Trouble> {
        self.input.room();
        match self.reader.read_buf(&mut self.input.buffer).await? {
            0 => Err(Trouble::Closed),
            _ => Ok(()),
        }
    }

    /// How long a server may keep silent.
    pub fn silence(&self) -> Option<Duration> {
        self.silence
    }

    /// Adds a command to what is sent next; its answer is to begin with this number.
    pub fn command(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Trouble> {
        self.put(0, write)
    }

    /// Adds the next packet of a conversation.
    pub fn reply(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Trouble> {
        let sequence = self.sequence;
        self.put(sequence, write)
    }

    fn put(&mut self, sequence: u8, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), Trouble> {
        let start = self.output.len();
        self.output.extend_from_slice(&[0; HEADER]);
        write(&mut self.output);
        let size = self.output.len() - start - HEADER;
        if size > self.most {
            self.output.truncate(start);
            return Err(Trouble::Long { size, limit: self.most });
        }
        let mut sequence = sequence;
        let mut header = |length: usize| {
            let bytes = u32::try_from(length).unwrap_or(0).to_le_bytes();
            let made = [bytes[0], bytes[1], bytes[2], sequence];
            sequence = sequence.wrapping_add(1);
            made
        };
        if size < CHUNK {
            self.output[start..start + HEADER].copy_from_slice(&header(size));
        } else {
            let body = self.output.split_off(start + HEADER);
            self.output.truncate(start);
            for chunk in body.chunks(CHUNK) {
                self.output.extend_from_slice(&header(chunk.len()));
                self.output.extend_from_slice(chunk);
            }
            if body.len().is_multiple_of(CHUNK) {
                self.output.extend_from_slice(&header(0));
            }
        }
        self.sequence = sequence;
        Ok(())
    }

    /// Bytes that wait to be sent.
    pub fn waiting(&self) -> usize {
        self.output.len()
    }

    /// Forgets what waits behind the first so many bytes.
    pub fn discard(&mut self, kept: usize) {
        self.output.truncate(kept);
    }

    /// Sends what was put; the connection is busy from now on.
    pub async fn send(&mut self) -> Result<(), Trouble> {
        self.busy = true;
        self.writer.write_all(&self.output).await?;
        self.writer.flush().await?;
        self.sent();
        Ok(())
    }

    /// Sends what was put while answers are read: neither side waits for the other to make room.
    pub async fn send_and_fill(&mut self) -> Result<(), Trouble> {
        self.busy = true;
        let Self { reader, writer, input, output, .. } = self;
        let sending = async {
            writer.write_all(output).await?;
            writer.flush().await
        };
        let reading = async {
            loop {
                if input.full() {
                    return std::future::pending().await;
                }
                input.room();
                match reader.read_buf(&mut input.buffer).await {
                    Ok(0) => return Err(Trouble::Closed),
                    Ok(_) => {}
                    Err(error) => return Err(Trouble::from(error)),
                }
            }
        };
        tokio::select! {
            biased;
            sent = sending => sent?,
            Err::<(), _>(trouble) = reading => return Err(trouble),
        }
        self.sent();
        Ok(())
    }

    fn sent(&mut self) {
        if self.output.capacity() > KEEP {
            self.output = Vec::new();
        } else {
            self.output.clear();
        }
    }

    /// Says good-bye, without waiting for it to be heard.
    pub async fn quit(&mut self) {
        const QUIT: u8 = 1;
        self.discard(0);
        if self.command(|out| out.push(QUIT)).is_ok() && self.send().await.is_ok() {
            let _ = self.writer.shutdown().await;
        }
        self.busy = false;
    }
}

/// What has come, of which a part is the present packet.
struct Input {
    buffer: Vec<u8>,
    /// Where what was not looked at begins.
    next: usize,
    packet: std::ops::Range<usize>,
    /// A packet of several chunks.
    large: Vec<u8>,
    in_large: Part,
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Packets of one chunk.
    None,
    /// More chunks follow.
    Some,
    /// The present packet stands there.
    All,
}

impl Input {
    fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), next: 0, packet: 0..0, large: Vec::new(), in_large: Part::None, limit }
    }

    fn is_empty(&self) -> bool {
        self.next >= self.buffer.len() && self.in_large != Part::Some
    }

    /// Enough has come for the time being.
    fn full(&self) -> bool {
        self.buffer.len() - self.next > self.limit.max(KEEP)
    }

    /// Makes room for more at the end; the present packet is over.
    fn room(&mut self) {
        if self.next > 0 {
            self.buffer.drain(..self.next);
            self.next = 0;
            self.packet = 0..0;
        }
        if self.buffer.len() < READ && self.buffer.capacity() > KEEP {
            self.buffer.shrink_to(2 * READ);
        }
        self.buffer.reserve(READ);
    }

    /// Whether the next packet is there. Counts its chunks.
    fn complete(&mut self, sequence: &mut u8) -> Result<bool, Trouble> {
        if self.in_large == Part::All {
            self.large = Vec::new();
            self.in_large = Part::None;
        }
        loop {
            let rest = &self.buffer[self.next..];
            let Some(&[a, b, c, number]) = rest.first_chunk::<HEADER>() else { return Ok(false) };
            let length = u32::from_le_bytes([a, b, c, 0]) as usize;
            if self.large.len() + length > self.limit {
                return Err(Trouble::Large { limit: self.limit });
            }
            if rest.len() < HEADER + length {
                return Ok(false);
            }
            let start = self.next + HEADER;
            self.next = start + length;
            *sequence = number.wrapping_add(1);
            if self.in_large == Part::None && length < CHUNK {
                self.packet = start..self.next;
                return Ok(true);
            }
            self.large.extend_from_slice(&self.buffer[start..self.next]);
            self.in_large = if length < CHUNK { Part::All } else { Part::Some };
            if self.in_large == Part::All {
                return Ok(true);
            }
        }
    }

    fn packet(&self) -> &[u8] {
        match self.in_large {
            Part::All => &self.large,
            Part::None | Part::Some => &self.buffer[self.packet.clone()],
        }
    }
}
